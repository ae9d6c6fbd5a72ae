"""The story: some nights of a fleet of recommenders, and what the clock-watcher sees of each."""
