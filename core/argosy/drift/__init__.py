"""Check drift: compare current with reference rows, and alert only on what is true fleet-wide."""
