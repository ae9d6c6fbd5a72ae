"""Rules that changes must keep where a fleet requires them."""
