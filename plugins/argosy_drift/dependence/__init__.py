"""How rows of a column depend on each other, and how many of them count as one.

In reading order: `row_order` says which rows stand beside each other, `rank_steps` makes coarse
ranks of values; `lag_sums` and `code_sums` add up their products over lags, of numbers and of
categories; `lag_records` keeps what a side says of itself, `inflation` makes tau of both sides';
`row_records` does it for the columns of a dataset.
"""
