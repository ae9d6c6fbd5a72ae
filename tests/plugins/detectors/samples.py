"""Tables of samples, as detectors are handed them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import settings

INFINITY = float("inf")
COLUMNS = ["statistic", "effect", "p_value", "p_method", "reason"]
quick = settings(max_examples=60)


def numeric(*pairs):
    """A table of one row per pair of lists, as the core hands it over."""
    before, after = (
        [np.sort(np.asarray(side, float)) for side in sides] for sides in zip(*pairs, strict=True)
    )
    return counted(before, after, reference=pa.array(before), current=pa.array(after))


def categorical(*pairs):
    """A table of one row per pair of lists of counts."""
    before, after = zip(*pairs, strict=True)
    names = [[f"level {i:02}" for i in range(len(counts))] for counts in before]
    return counted(
        [np.zeros(sum(counts)) for counts in before],
        [np.zeros(sum(counts)) for counts in after],
        categories=pa.array(names, pa.list_(pa.string())),
        ref_counts=pa.array(before, pa.list_(pa.int64())),
        cur_counts=pa.array(after, pa.list_(pa.int64())),
    )


def counted(before, after, **lists):
    rows = len(before)
    return pa.table(
        {
            "model": [f"m{i}" for i in range(rows)],
            "version": ["1"] * rows,
            "column": ["x"] * rows,
            "n_ref": pa.array([len(side) + i % 3 for i, side in enumerate(before)], pa.int64()),
            "n_cur": pa.array([len(side) + i % 5 for i, side in enumerate(after)], pa.int64()),
            "null_ref": pa.array([i % 3 for i in range(rows)], pa.int64()),
            "null_cur": pa.array([i % 5 for i in range(rows)], pa.int64()),
            **lists,
        }
    )


def missing(*quadruples):
    """A table of (n_ref, null_ref, n_cur, null_cur) rows."""
    n, null, m, other = (np.array(side, np.int64) for side in zip(*quadruples, strict=True))
    return pa.table({"n_ref": n, "null_ref": null, "n_cur": m, "null_cur": other})


def rows_of(table):
    return [tuple(row[name] for name in COLUMNS) for row in table.to_pylist()]


def only(table):
    (row,) = table.to_pylist()
    return row


def some_numeric(rows=40, seed=1):
    rng = np.random.default_rng(seed)
    draws = [
        lambda k: rng.normal(size=k),
        lambda k: rng.integers(0, 4, k),
        lambda k: rng.choice([-INFINITY, 0, 1, INFINITY], k),
    ]
    return numeric(
        *(
            (draws[i % 3](rng.integers(1, 150)), draws[i % 3](rng.integers(1, 150)) + i % 2)
            for i in range(rows)
        ),
        ([], [1.0]),
        ([1.0], []),
        ([], []),
    )


def some_categorical(rows=40, seed=1):
    rng = np.random.default_rng(seed)
    pairs = []
    for i in range(rows):
        shares = rng.dirichlet(np.full(i % 7 + 1, 0.7))
        sizes = rng.integers(1, 400, 2)
        pairs.append([rng.multinomial(size, shares).tolist() for size in sizes])
    return categorical(*pairs, ([0, 0], [1, 2]), ([3, 1], [0, 0]), ([], []))
