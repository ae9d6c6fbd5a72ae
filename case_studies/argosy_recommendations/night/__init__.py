"""One night of the whole fleet: fetch, retrain, evaluate, compare, promote in waves, rank.

`cycle` is the night, step by step; `once` lets it be begun again after a kill; `opening` makes the
fleet before the first night; `verdict` and `baseline` decide who is promoted; `feedback` is the
day after.
"""
