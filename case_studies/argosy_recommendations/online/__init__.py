"""Comparing online: A/B tests that may be peeked at, and bandits, over thousands of models at once.

`experiment` follows A/B tests from look to look; `means` does so for numbers such as revenue;
`bandit` shares traffic among arms, and `replay` tries it on a log. Maintainers also want
`proportions` (the e-process of one test) and `fleetwide` (which discoveries stand).
"""
