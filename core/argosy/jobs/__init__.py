"""Run work over a selection: read data, cut the work into chunks, run them, keep the results."""
