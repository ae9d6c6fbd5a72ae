"""A/B tests that may be peeked at, over thousands of models at once.

`rates` follows tests of a rate from look to look; `means` compares numbers such as revenue.
Maintainers also want `e_process` (the evidence of one test) and `e_bh` (which discoveries stand).
"""
