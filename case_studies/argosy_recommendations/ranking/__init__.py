"""How good ranked lists are, and whether one ranking is better than another."""
