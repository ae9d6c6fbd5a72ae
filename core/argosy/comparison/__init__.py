"""Compare a champion with its challengers on the same rows, and decide over the whole fleet."""
