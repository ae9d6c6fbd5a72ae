"""Which models share a row: those of one template, else of one team."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy_report.wording import count, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

ATTENTION = pl.col("state").is_in(["drifted", "failed"])
"""True for a model somebody has to look at."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The rows of a figure, and which models belong to each."""

    noun: str
    """What a row is: template, team or fleet."""
    labels: Sequence[str]
    """What each row is called, worst first; a last one may hold all groups beyond the limit."""
    models: pl.DataFrame
    """The models with `group`, the number of their row; in the order they came in."""


def grouped(models: pl.DataFrame, limit: int, by: Sequence[str] = ("template", "team")) -> Groups:
    """Sort models into at most `limit` rows, the row with most drifted or failed models first.

    Rows are the values of the first column in `by` that any model has, or one row for all models
    where none has. Groups beyond the limit are folded into a last row rather than left out.

    >>> models = pl.DataFrame({"team": ["a", "b", "c"], "template": [None] * 3,
    ...                        "state": ["healthy", "failed", "healthy"]},
    ...                       schema_overrides={"template": pl.String})
    >>> grouped(models, limit=2).labels
    ['b', '2 other teams']
    """
    noun = next((name for name in by if models[name].count()), "fleet")
    if noun == "fleet":
        row = pl.lit(0, pl.UInt32).alias("group")
        return Groups(noun, ["all models"], models.with_columns(row))
    order = (
        models.group_by(noun)
        .agg(ATTENTION.mean().alias("share"), ATTENTION.sum().alias("n"), pl.len().alias("size"))
        .sort(["share", "n", "size", noun], descending=[True, True, True, False], nulls_last=True)
        .with_row_index("group")
    )
    labels = [f"no {noun}" if name is None else shown(name, 44) for name in order[noun]]
    if len(labels) > limit:
        labels = [*labels[: limit - 1], count(len(labels) - limit + 1, f"other {noun}")]
    last = pl.col("group").clip(upper_bound=len(labels) - 1 if labels else 0)
    joined = models.join(
        order.select(noun, last), on=noun, how="left", nulls_equal=True, maintain_order="left"
    )
    return Groups(noun, labels, joined)
