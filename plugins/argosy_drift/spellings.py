"""Categories of two sides, one of them of booleans or times: words that mean those are one with it.

What a side is made of is seen from its categories, which is all that is kept of a reference.
"""

from __future__ import annotations

import polars as pl

from argosy.kernels.values import FLAGS, beside

_OF = ("model", "column")
_TRUTHS = tuple(sorted(set(FLAGS.values())))
_WORDS = tuple(sorted(set(FLAGS) - set(_TRUTHS)))
_TIME = r"^-?\d{4,}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2}(?:\.\d+)?)?$"
_WRITTEN = r"^\d{4}-\d{2}-\d{2}[T ]"
_CATEGORY = pl.col("category")
_MEANT: tuple[tuple[pl.DataType, pl.Expr, pl.Expr], ...] = (
    (pl.Boolean(), _CATEGORY.is_in(_TRUTHS), _CATEGORY.is_in(_WORDS)),
    (pl.Datetime("us"), _CATEGORY.str.contains(_TIME), _CATEGORY.str.contains(_WRITTEN)),
)
"""Types; categories of theirs, as they are spelt; and others that mean them beside such."""


def alike(known: pl.DataFrame, met: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the categories of both sides, spelt alike where one side is of booleans or times.

    Args:
        known: `model`, `column`, `category`, `count` and what tells groups apart.
        met: likewise.

    Example:
        >>> flag = pl.DataFrame({"model": "m", "column": "x", "category": ["true"], "count": [2]})
        >>> number = flag.with_columns(category=pl.lit("1"))
        >>> [side["category"].to_list() for side in alike(flag, number)]
        [['true'], ['true']]
        >>> day = flag.with_columns(category=pl.lit("2024-01-31"))
        >>> text = flag.with_columns(category=pl.lit("2024-01-31T01:00+01:00"))
        >>> [side["category"].to_list() for side in alike(day, text)]
        [['2024-01-31'], ['2024-01-31']]
    """
    sides = known, met
    for kind, spelt, meant in _MEANT:
        pure = [_nothing_but(side, spelt) for side in sides]
        known, met = (
            _spelt(side, other, kind, meant)
            for side, other in zip(sides, reversed(pure), strict=True)
        )
        sides = known, met
    return sides


def _nothing_but(counts: pl.DataFrame, spelt: pl.Expr) -> pl.DataFrame:
    """Return which columns of which models are nothing but such categories."""
    if not counts.select(spelt.any()).item():
        return counts.select(_OF).clear()
    some = counts.filter(spelt).select(_OF).unique()
    found = counts.join(some, on=_OF, how="semi").filter(_CATEGORY.is_not_null())
    return found.group_by(_OF).agg(all=spelt.all()).filter("all").select(_OF)


def _spelt(
    counts: pl.DataFrame, pure: pl.DataFrame, kind: pl.DataType, meant: pl.Expr
) -> pl.DataFrame:
    """Write what means a value of a type as the other side does, where that is nothing else."""
    if pure.is_empty() or not counts.select(meant.any()).item():
        return counts
    mine = counts.join(pure, on=_OF, how="semi", maintain_order="left")
    rest = counts.join(pure, on=_OF, how="anti", maintain_order="left")
    mine = mine.with_columns(beside(mine["category"], kind))
    of = [name for name in counts.columns if name != "count"]
    added = mine.group_by(of, maintain_order=True).agg(pl.col("count").sum())
    return pl.concat([rest, added.select(counts.columns)])
