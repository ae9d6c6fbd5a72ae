"""Categories of two sides, one of them boolean: words that say true or false are one with it."""

from __future__ import annotations

import polars as pl

from argosy.kernels.values import FLAGS, flags

_OF = ("model", "column")
_WORDS = tuple(sorted(set(FLAGS.values())))


def alike(known: pl.DataFrame, met: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the categories of both sides, spelt alike where one side is boolean.

    Args:
        known: `model`, `column`, `category`, `count` and what tells groups apart.
        met: likewise.

    Example:
        >>> flag = pl.DataFrame({"model": "m", "column": "x", "category": ["true"], "count": [2]})
        >>> number = flag.with_columns(category=pl.lit("1"))
        >>> [side["category"].to_list() for side in alike(flag, number)]
        [['true'], ['true']]
    """
    sides = known, met
    booleans = [_booleans(side) for side in sides]
    return tuple(  # type: ignore[return-value]
        _flagged(side, other) for side, other in zip(sides, reversed(booleans), strict=True)
    )


def _booleans(counts: pl.DataFrame) -> pl.DataFrame:
    """Return which columns of which models are nothing but true and false."""
    boolean = pl.col("category").is_in(_WORDS)
    if not counts.select(boolean.any()).item():
        return counts.select(_OF).clear()
    some = counts.filter(boolean).select(_OF).unique()
    found = counts.join(some, on=_OF, how="semi").filter(pl.col("category").is_not_null())
    return found.group_by(_OF).agg(all=boolean.all()).filter("all").select(_OF)


def _flagged(counts: pl.DataFrame, booleans: pl.DataFrame) -> pl.DataFrame:
    """Write words that say true or false alike where the other side is boolean."""
    other = pl.col("category").is_in(sorted(set(FLAGS) - set(_WORDS)))
    if booleans.is_empty() or not counts.select(other.any()).item():
        return counts
    mine = counts.join(booleans, on=_OF, how="semi", maintain_order="left")
    rest = counts.join(booleans, on=_OF, how="anti", maintain_order="left")
    mine = mine.with_columns(flags(mine["category"]))
    of = [name for name in counts.columns if name != "count"]
    added = mine.group_by(of, maintain_order=True).agg(pl.col("count").sum())
    return pl.concat([rest, added.select(counts.columns)])
