"""One night of the whole fleet: fetch, train, evaluate, compare, promote, rank.

`cycle` is the night, step by step; `naming` lets it be played again after a rollback; `opening`
makes the fleet before the first night; `verdict` and `baseline` decide who is promoted; `shop` and
`feedback` are the day after, `audit` asks whether the night was right.
"""
