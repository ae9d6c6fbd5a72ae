"""Gather what versions predicted beside what came true: from logs, or from the models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.data.times import instant, steps
from argosy.errors import ArgosyError, PluginError
from argosy.registry.registration import EXTERNAL
from argosy_rows.segments import fault
from argosy_rows.together import read_together
from argosy_rows.windows import WindowSpec
from argosy_scoring.dependence import CLUSTER, TIME, cluster_of
from argosy_scoring.from_models import scored
from argosy_scoring.join_labels import PLACE, Labelled, labelled
from argosy_scoring.late_labels import with_labels
from argosy_scoring.logged import logged
from argosy_scoring.model_cache import Models
from argosy_scoring.predictions import ROW, TROUBLE, Predictions
from argosy_scoring.slices import cuts, needs
from argosy_scoring.task_kinds import reads, unknown
from argosy_scoring.whole_windows import whole_windows
from argosy_scoring.written_numbers import written_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from argosy.data.datasets import Dataset
    from argosy.store.location import Location
    from argosy_scoring.late_labels import Labels


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows are wanted, and how they are cut."""

    window: str | None = None
    """A period, a count or a partition, as `argosy_rows.windows.WindowSpec` takes it."""
    at: datetime | None = None
    """When it is, for the delay of labels; defaults to the newest timestamp of each model."""
    slices: tuple[str, ...] = ()
    """SQL expressions that rows are cut by."""
    segments: bool = False
    """Whether rows are cut by the segments of their binding too."""

    identified: bool = False
    """Whether rows have the column `argosy_row`, a hash of what identifies them."""

    def of(self, dataset: Dataset) -> tuple[str, ...]:
        """Return the expressions that the rows of a dataset are cut by."""
        own = dataset.binding["segments"] or () if self.segments else ()
        return tuple(dict.fromkeys((*self.slices, *own)))

    def needs(self) -> set[str]:
        """Name the columns that cutting looks at, besides those that bindings name."""
        return needs(self.slices) | WindowSpec(self.window).needs()


WHOLE = Asked()
"""All rows of a model together."""


class Gathered(NamedTuple):
    """What was gathered of a chunk's models."""

    predictions: list[Predictions]
    """By dataset and kind of task; every group has rows."""
    unlabelled: pl.DataFrame
    """Windows in which no row has its label yet: `model`, `version`, and what was counted."""
    trouble: pl.DataFrame
    """`model`, `version` and `reason` of models that nothing was gathered of."""


def gather(
    models: pl.DataFrame, location: Location, asked: Asked = WHOLE, loaded: Models | None = None
) -> Gathered:
    """Gather predictions beside the truth.

    A version that is scored elsewhere has them in its log; any other is loaded and predicts.

    Args:
        models: one row per model: `model`, `version`, `task`, `format`, `artifact`, `digest`,
            `features`, and the structs `binding` (of its data) and `labels` (of a table of
            labels, null where there is none).
        location: of the fleet.
        asked: which rows, and how they are cut.
        loaded: models that are loaded already, so that they need not be again.
    """
    held = loaded or Models(location)
    found: list[Predictions] = []
    empty: list[pl.DataFrame] = []
    trouble: list[pl.DataFrame] = []
    trouble.append(unknown(models))
    models = models.join(trouble[0], on=["model", "version"], how="anti", maintain_order="left")
    external = pl.col("format") == EXTERNAL
    also = asked.needs() | reads(models["task"].unique())
    for part, labels in with_labels(without_features(models), location, asked.at):
        if isinstance(labels, str):
            trouble.append(_because(part, labels))
            continue
        for kind in (part.filter(external), part.filter(~external)):
            read = read_together(kind, location, also) if kind.height else iter(())
            for dataset in written_numbers(read):
                for taken in _each(dataset, labels, asked, held):
                    found += taken.predictions
                    empty.append(taken.unlabelled)
                    trouble.append(taken.trouble)
    empty = [part for part in empty if part.width]
    return Gathered(
        found,
        pl.concat(empty, how="diagonal_relaxed") if empty else pl.DataFrame(),
        pl.concat([pl.DataFrame(schema=TROUBLE), *trouble]),
    )


def without_features(models: pl.DataFrame) -> pl.DataFrame:
    """Leave out the features of logs, which are not looked at, so that they are not read."""
    none = pl.lit([], models.schema["features"])
    own = pl.when(pl.col("format") == EXTERNAL).then(none).otherwise("features")
    return models.with_columns(features=own)


def _each(
    dataset: Dataset, labels: Labels | None, asked: Asked, held: Models
) -> Iterator[Gathered]:
    """Gather a dataset; where its values do not allow it, of as many of its models as do."""
    found: list[Predictions] = []
    empty: list[pl.DataFrame] = []
    trouble: list[pl.DataFrame] = []
    models = dataset.models
    try:
        _take(dataset, labels, asked, held, found, empty, trouble)
    except (ArgosyError, pl.exceptions.PolarsError) as error:
        if models.height > 1 and not isinstance(error, PluginError):
            half = models.height // 2
            for part in (models[:half], models[half:]):
                yield from _each(dataset.of(part), labels, asked, held)
            return
        told = str(error)
        if not isinstance(error, ArgosyError):
            told = f"cannot work on {dataset.binding['url']}: {told.strip().splitlines()[0]}"
            each = (fault(dataset, text, "slice") for text in asked.of(dataset))
            told = next((why for why in each if why is not None), told)
        found, empty, trouble = [], [], [_because(models, told)]
    yield Gathered(
        found,
        pl.concat(empty, how="diagonal_relaxed") if empty else pl.DataFrame(),
        pl.concat([pl.DataFrame(schema=TROUBLE), *trouble]),
    )


def _take(
    dataset: Dataset,
    labels: Labels | None,
    asked: Asked,
    held: Models,
    found: list[Predictions],
    empty: list[pl.DataFrame],
    trouble: list[pl.DataFrame],
) -> None:
    if dataset.reason is not None:
        trouble.append(_because(dataset.models, dataset.reason))
        return
    rows = labelled(dataset, labels, WindowSpec(asked.window), asked.at)
    absent = np.ones(dataset.models.height, np.bool_)
    absent[rows.groups[PLACE].to_numpy()] = False
    lacking = dataset.models.filter(absent)
    places = np.flatnonzero(absent).tolist()
    told = zip(places, dataset.absent(lacking), strict=True)
    why = pl.Series([rows.apart.get(place, reason) for place, reason in told], dtype=pl.String)
    trouble.append(lacking.select("model", "version", reason=why))
    if asked.window is not None:
        rows = replace(rows, groups=_with_whole(rows.groups, dataset, asked))
    rows = _filled(rows, asked, empty, trouble)
    if not len(rows.lengths):
        return
    ways = cuts(asked.of(dataset))
    ways |= _order(rows.dataset)
    if asked.identified:
        ways[ROW] = pl.repeat(0, pl.len(), dtype=pl.UInt64)  # known once the task has read them
    logs = dataset.models["format"][0] == EXTERNAL
    parts, reasons = logged(rows, ways) if logs else scored(rows, held, ways)
    found += [part for part in parts if len(part.lengths)]
    places = list(reasons)
    named = dataset.models[places].select("model", "version")
    trouble.append(
        named.with_columns(reason=pl.Series([reasons[place] for place in places], dtype=pl.String))
    )


def _filled(
    rows: Labelled, asked: Asked, empty: list[pl.DataFrame], trouble: list[pl.DataFrame]
) -> Labelled:
    """Set groups aside in which no row has its truth."""
    bare = rows.lengths == 0
    if not bare.any():
        return rows
    groups = rows.groups.filter(bare)
    own = rows.dataset.models[groups[PLACE].to_numpy()]
    strange = groups[PLACE].replace_strict(rows.apart, default=None, return_dtype=pl.String)
    if asked.window is not None:
        empty.append(own.select("model", "version", "task").hstack(groups.drop(PLACE)))
    else:
        url, delay = (pl.col("binding").struct.field(name) for name in ("url", "label_delay"))
        young = pl.format(
            "no row at {} is old enough to have its label, which takes {}", url, delay
        )
        later = pl.format("every row at {} is later than the time that is asked about", url)
        told = pl.when(groups["mature"] == 0).then(pl.coalesce(young, later))
        why = told.otherwise(pl.coalesce(strange, pl.format("no row at {} has a truth", url)))
        trouble.append(own.select("model", "version", reason=why))
    return Labelled(rows.dataset, rows.groups.filter(~bare), rows.lengths[~bare], rows.ids)


def _with_whole(groups: pl.DataFrame, dataset: Dataset, asked: Asked) -> pl.DataFrame:
    """Say which windows are whole: their rows are all there, and all old enough for labels."""
    every = groups["mature"] + groups["immature"] + groups["duplicates"]
    told = whole_windows(groups, groups[PLACE], every, dataset, asked.window, asked.at)
    return groups.with_columns(told & (groups["immature"] == 0))


def _order(dataset: Dataset) -> dict[str, pl.Expr]:
    """Read when rows were and what they hang together with, where their binding says so."""
    found, binding, rows = {}, dataset.binding, dataset.rows
    name, kind = binding["timestamp"], pl.Datetime("us", "UTC")
    if name and steps(rows, binding):  # which are in order as well
        found[TIME] = pl.col(name).cast(pl.Int64).cast(kind)
    elif name:
        found[TIME] = instant(rows, binding)
    if binding["cluster"]:
        found[CLUSTER] = cluster_of(binding["cluster"])
    return found


def _because(models: pl.DataFrame, reason: str) -> pl.DataFrame:
    return models.select("model", "version", reason=pl.lit(reason, pl.String))
