"""Around a change or a run: policies may refuse it, listeners and sinks hear of it."""
