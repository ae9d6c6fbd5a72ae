"""What a fleet says of itself: pure functions of its state and its facts."""
