"""What was suggested to whom, kept for good, and joined with what was bought later.

`log` keeps exposures, `credit` gives each the purchases that followed it and sums up, `customers`
counts customers per test group, as an A/B test must.
"""
