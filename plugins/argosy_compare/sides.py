"""Lay the predictions of a champion and of its challengers side by side, row by row.

Rows are found by what identifies them, which their digest adds up: two sides whose digests
differ were not predicted for the same rows, and are not compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from argosy.data.left_out import leave_out
from argosy.kernels import sums
from argosy.plugins import installed
from argosy.views.entities import SUBJECT
from argosy_compare.layout import PAIR, Paired, laid_out
from argosy_scoring.dependence import TIME
from argosy_scoring.gather import Asked, gather
from argosy_scoring.left_out import WEIGHTLESS
from argosy_scoring.model_cache import Models
from argosy_scoring.predictions import ROW, Predictions, together

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy.store.location import Location

    Ints = NDArray[np.int64]

TROUBLE: dict[str, Any] = dict.fromkeys((*PAIR, "reason"), pl.String)


class _Side(NamedTuple):
    predictions: Predictions
    """Those of every model, each one's rows in order of time, then of what identifies them."""
    reasons: dict[str, str]
    """Why a model has none."""


def paired(models: pl.DataFrame, location: Location) -> tuple[list[Paired], pl.DataFrame]:
    """Gather the pairs of some models.

    Args:
        models: `model`, `binding`, `labels`, and the list `sides` of structs: the `alias` and
            what is known of the version it points at, the champion's first.
        location: of the fleet.

    Returns:
        The pairs that can be compared, by task; and why others cannot: the columns of `PAIR` and
        `reason`.
    """
    cache = Models(location)
    every = models.select("model", "binding", "labels", "sides").explode("sides").unnest("sides")
    place = pl.int_range(pl.len()).over("model")
    first = every.filter(place == 0)
    versions = first.select("model", champion_version="version")
    # a challenger that is the champion itself is no pair
    others = every.filter(place > 0).join(
        versions,
        left_on=["model", "version"],
        right_on=["model", "champion_version"],
        how="anti",
        maintain_order="left",
    )
    champion = _side(first, location, cache)
    laid: list[Paired] = []
    trouble = [pl.DataFrame(schema=TROUBLE)]
    for part in others.partition_by("alias", maintain_order=True):
        pairs = part.select("model", challenger="alias", challenger_version="version").join(
            versions, on="model", how="left", maintain_order="left"
        )
        challenger = _side(part, location, cache)
        joined = _joined(pairs, champion, challenger)
        trouble.append(joined.drop_nulls("reason").select(list(TROUBLE)))
        ready = joined.filter(pl.col("reason").is_null())
        laid += laid_out(ready, champion.predictions, challenger.predictions)
    return laid, pl.concat(trouble)


def _side(units: pl.DataFrame, location: Location, cache: Models) -> _Side:
    """Gather what one version of each model predicts."""
    wanted = units.select("model", *SUBJECT, "binding", "labels")
    gathered = gather(wanted, location, Asked(identified=True), cache)
    reasons = dict(gathered.trouble.select("model", "reason").iter_rows())
    parts = [_counting(part) for part in gathered.predictions]
    if not parts:
        return _Side(Predictions(pl.DataFrame(), pl.DataFrame(), np.zeros(0, np.int64)), reasons)
    every = together(parts)
    rows = every.rows
    if TIME not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias(TIME))
    owners = np.repeat(np.arange(len(every.lengths)), every.lengths)
    keys = [rows[ROW].to_numpy(), owners]
    if rows[TIME].null_count() < rows.height:
        keys.insert(1, rows[TIME].dt.epoch("us").fill_null(-(2**62)).to_numpy())
    order = np.lexsort(keys)
    return _Side(Predictions(rows[order], every.groups, every.lengths), reasons)


def _counting(part: Predictions) -> Predictions:
    """Leave out rows of weight zero."""
    counts = part.rows["weight"].to_numpy() > 0
    if counts.all():
        return part
    lengths = sums(counts, part.lengths)
    leave_out(WEIGHTLESS, part.groups["model"], pl.Series(part.lengths - lengths))
    return Predictions(part.rows.filter(counts), part.groups, lengths)


def _joined(pairs: pl.DataFrame, champion: _Side, challenger: _Side) -> pl.DataFrame:
    """Give every pair its place on both sides, or the reason why it cannot be compared."""
    for name, side in (("champion", champion), ("challenger", challenger)):
        groups = side.predictions.groups
        if groups.width == 0:
            groups = pl.DataFrame(schema={"model": pl.String, **_TRAITS})
        traits = groups.select(
            "model",
            pl.int_range(pl.len(), dtype=pl.Int64).alias(f"{name}_at"),
            pl.Series(f"{name}_n", side.predictions.lengths, dtype=pl.Int64),
            *[pl.col(each).alias(f"{name}_{each}") for each in _TRAITS],
        )
        why = pl.DataFrame(
            {"model": list(side.reasons), f"{name}_why": list(side.reasons.values())},
            schema={"model": pl.String, f"{name}_why": pl.String},
        )
        pairs = pairs.join(traits, on="model", how="left", maintain_order="left")
        pairs = pairs.join(why, on="model", how="left", maintain_order="left")
    both = {each: (pl.col(f"champion_{each}"), pl.col(f"challenger_{each}")) for each in _TRAITS}
    digests, tasks, labels = both["dataset_digest"], both["task"], both["labels"]
    words = [each.list.join(", ") for each in labels]
    fixed = [name for name, kind in installed().tasks.items() if kind.labels_fixed]
    absent = [
        pl.format(f"the {name}: {{}}", pl.col(f"{name}_why").fill_null("it has no rows"))
        for name in ("champion", "challenger")
    ]
    apart = pl.format(
        "they were not measured on the same rows: the champion's {} have the digest {},"
        " the challenger's {} the digest {}",
        *("champion_n", digests[0], "challenger_n", digests[1]),
    )
    reason = (
        pl.when(pl.col("champion_at").is_null())
        .then(absent[0])
        .when(pl.col("challenger_at").is_null())
        .then(absent[1])
        .when(digests[0] != digests[1])
        .then(apart)
        .when(tasks[0] != tasks[1])
        .then(pl.format("the champion is a {} model, the challenger a {} one", *tasks))
        .when(tasks[0].is_in(fixed) & labels[0].ne_missing(labels[1]))
        .then(pl.format("their classes differ: {} and {}", *words))
        .when(pl.col("champion_n") == 0)
        .then(pl.lit("all rows have the weight zero"))
    )
    return pairs.with_columns(reason=reason)


_TRAITS: dict[str, Any] = {
    "dataset_digest": pl.String,
    "task": pl.String,
    "labels": pl.List(pl.String),
    "classes": pl.Int64,
}
