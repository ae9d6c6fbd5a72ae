"""Views of a fleet: pure functions of its state and its facts."""
