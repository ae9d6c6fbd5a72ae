"""Lay the predictions of a champion and of its challengers side by side, row by row.

Rows are found by what identifies them, which their digest adds up: two sides whose digests
differ were not predicted for the same rows, and are not compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.evaluation.gathering import Asked, gather
from argosy.evaluation.models import Models
from argosy.evaluation.predictions import PROBABILITIES, ROW, TIME, Predictions, together
from argosy.jobs.ragged import sums

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from argosy.store.location import Location

    Ints = NDArray[np.int64]

PAIR = ("model", "champion_version", "challenger", "challenger_version")
"""What tells one pair of versions from another; `challenger` is the alias."""
TROUBLE: dict[str, Any] = dict.fromkeys((*PAIR, "reason"), pl.String)
_SIDE = ("version", "task", "format", "artifact", "digest", "features")
_OF_A_SIDE = ("prediction", "score", "truth_score")


class Paired(NamedTuple):
    """Pairs of models with one task."""

    task: str
    keys: pl.DataFrame
    """One row per pair: the columns of `PAIR`, `dataset_digest` and `n`."""
    table: pa.Table
    """The same rows, as a `Comparison` is handed them."""


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
    held = Models(location)
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
    champion = _side(first, location, held)
    found: list[Paired] = []
    trouble = [pl.DataFrame(schema=TROUBLE)]
    for part in others.partition_by("alias", maintain_order=True):
        pairs = part.select("model", challenger="alias", challenger_version="version").join(
            versions, on="model", how="left", maintain_order="left"
        )
        challenger = _side(part, location, held)
        joined = _joined(pairs, champion, challenger)
        trouble.append(joined.drop_nulls("reason").select(list(TROUBLE)))
        ready = joined.filter(pl.col("reason").is_null())
        found += _laid_out(ready, champion.predictions, challenger.predictions)
    return found, pl.concat(trouble)


def _side(units: pl.DataFrame, location: Location, held: Models) -> _Side:
    """Gather what one version of every model predicts."""
    wanted = units.select("model", *_SIDE, "binding", "labels")
    found = gather(wanted, location, Asked(identified=True), held)
    reasons = dict(found.trouble.select("model", "reason").iter_rows())
    parts = [_counting(part) for part in found.predictions]
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
    return Predictions(part.rows.filter(counts), part.groups, lengths)


def _joined(pairs: pl.DataFrame, champion: _Side, challenger: _Side) -> pl.DataFrame:
    """Give every pair its place on both sides, or the reason why it cannot be compared."""
    for name, side in (("champion", champion), ("challenger", challenger)):
        groups = side.predictions.groups
        if groups.width == 0:
            groups = pl.DataFrame(schema={"model": pl.String, **_TOLD})
        told = groups.select(
            "model",
            pl.int_range(pl.len(), dtype=pl.Int64).alias(f"{name}_at"),
            pl.Series(f"{name}_n", side.predictions.lengths, dtype=pl.Int64),
            *[pl.col(each).alias(f"{name}_{each}") for each in _TOLD],
        )
        why = pl.DataFrame(
            {"model": list(side.reasons), f"{name}_why": list(side.reasons.values())},
            schema={"model": pl.String, f"{name}_why": pl.String},
        )
        pairs = pairs.join(told, on="model", how="left", maintain_order="left")
        pairs = pairs.join(why, on="model", how="left", maintain_order="left")
    both = {each: (pl.col(f"champion_{each}"), pl.col(f"challenger_{each}")) for each in _TOLD}
    digests, tasks, labels = both["dataset_digest"], both["task"], both["labels"]
    words = [each.list.join(", ") for each in labels]
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
        .when((tasks[0] == "binary") & labels[0].ne_missing(labels[1]))
        .then(pl.format("their classes differ: {} and {}", *words))
        .when(pl.col("champion_n") == 0)
        .then(pl.lit("all rows have the weight zero"))
    )
    return pairs.with_columns(reason=reason)


_TOLD: dict[str, Any] = {
    "dataset_digest": pl.String,
    "task": pl.String,
    "labels": pl.List(pl.String),
    "classes": pl.Int64,
}


def _laid_out(
    pairs: pl.DataFrame, champion: Predictions, challenger: Predictions
) -> Iterator[Paired]:
    for (task,), part in pairs.partition_by("champion_task", as_dict=True).items():
        at = [part[f"{name}_at"].to_numpy() for name in ("champion", "challenger")]
        lengths = part["champion_n"].to_numpy()
        rows = [
            side.rows[_ranges(side.lengths, places)]
            for side, places in zip((champion, challenger), at, strict=True)
        ]
        if task == "multiclass":
            rows[1] = _recoded(rows[1], part, lengths)
        classes = pl.max_horizontal("champion_classes", pl.col("labels").list.len())
        told = part.with_columns(labels=_union(part)).select(
            "model", "champion_version", "challenger_version",
            task=pl.lit(task, pl.String), classes=classes.cast(pl.Int64),
        ).to_arrow()  # fmt: skip
        for name in ("truth", "weight"):
            told = told.append_column(name, _lists(rows[0][name], lengths))
        for side, own in zip(("champion", "challenger"), rows, strict=True):
            for name in _OF_A_SIDE:
                values = own[name] if name in own.columns else _nothing(own.height)
                told = told.append_column(f"{side}_{name}", _lists(values, lengths))
            if task == "multiclass" and PROBABILITIES in own.columns:
                told = told.append_column(f"{side}_{PROBABILITIES}", _probabilities(own, part))
        told = told.append_column("time", _lists(rows[0][TIME], lengths))
        keys = part.select(*PAIR, dataset_digest="champion_dataset_digest", n="champion_n")
        yield Paired(str(task), keys, told)


def _ranges(lengths: Ints, places: Ints) -> Ints:
    """Return the places of the rows of some groups, group after group."""
    starts, own = (np.cumsum(lengths) - lengths)[places], lengths[places]
    found: Ints = np.arange(own.sum()) + np.repeat(starts - (np.cumsum(own) - own), own)
    return found


def _union(part: pl.DataFrame) -> pl.Series:
    both = pl.concat_list("champion_labels", "challenger_labels").list.unique(maintain_order=True)
    return part.select(both).to_series()


def _recoded(rows: pl.DataFrame, part: pl.DataFrame, lengths: Ints) -> pl.DataFrame:
    """Code the challenger's predictions as the champion's: labels that it alone knows come last."""
    differ = part["champion_labels"].ne_missing(part["challenger_labels"]).to_numpy()
    if not differ.any():
        return rows
    prediction = rows["prediction"].to_numpy().copy()
    ends = np.cumsum(lengths)
    union = _union(part).to_list()
    for place in np.flatnonzero(differ).tolist():
        codes = [union[place].index(label) for label in part["challenger_labels"][place]]
        own = slice(ends[place] - lengths[place], ends[place])
        prediction[own] = np.array(codes, np.float64)[prediction[own].astype(np.int64)]
    return rows.with_columns(prediction=pl.Series(prediction))


def _probabilities(rows: pl.DataFrame, part: pl.DataFrame) -> pa.LargeListArray:
    """Return those of every class, row by row; null where not all are there, or classes differ."""
    lengths = part["champion_n"].to_numpy()
    each = rows[PROBABILITIES]
    sizes = sums(each.list.len().fill_null(0).to_numpy().astype(np.int64), lengths)
    alike = part["champion_labels"].eq_missing(part["challenger_labels"]).to_numpy()
    whole = alike & (sizes == lengths * part["champion_classes"].to_numpy())
    flat = each.explode(empty_as_null=False, keep_nulls=False)
    offsets = pa.array(np.append(0, np.cumsum(sizes)), pa.int64())
    return pa.LargeListArray.from_arrays(offsets, flat.to_arrow(), mask=pa.array(~whole))


def _nothing(rows: int) -> pl.Series:
    return pl.Series(np.full(rows, np.nan))


def _lists(values: pl.Series, lengths: Ints) -> pa.LargeListArray:
    """Return a column as lists; null where a group has none of it."""
    absent = values.is_null() | values.is_nan() if values.dtype.is_float() else values.is_null()
    # a time that some rows lack orders none of them
    missing = sums(absent.to_numpy(), lengths)
    nothing = missing == lengths if values.dtype.is_float() else missing > 0
    offsets = pa.array(np.append(0, np.cumsum(lengths)), pa.int64())
    flat = values.to_arrow()
    mask = pa.array(nothing & (lengths > 0))
    return pa.LargeListArray.from_arrays(offsets, flat, mask=mask)
