"""Labels that lie in a table of their own: ids and labels, appended as they become known.

Of several rows of one id the newest counts: by the timestamp where the binding names one, else
the last. Rows without a label say nothing, nor do labels that were not known yet at the time that
is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import MODEL, SHAPE, read
from argosy.data.left_out import leave_out_of, leave_out_of_files
from argosy.data.times import instant
from argosy.errors import BadInput
from argosy.kernels.values import distinct, side_by_side
from argosy_rows.together import read_together
from argosy_scoring.excerpts import some
from argosy_scoring.left_out import EMPTY, LATE, NAMELESS, OUTDATED
from argosy_scoring.written_numbers import written_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from argosy.data.datasets import Dataset
    from argosy.data.left_out import Cause
    from argosy.store.location import Location

TRUTH = "argosy_truth"
"""The column of the label that was joined to a row."""
_ID, _TIME = "argosy_id", "argosy_time"


@dataclass(frozen=True, slots=True)
class Labels:
    """The newest label of every id."""

    rows: pl.DataFrame
    """`argosy_id` and `argosy_truth`, and `argosy_model` unless all models share them."""
    urls: Mapping[str, str]
    """Where the labels of each model lie."""

    def beside(self, dataset: Dataset) -> Dataset:
        """Join the label to every row of a dataset by its id; null where there is none.

        Raises:
            BadInput: if the data has no id.
        """
        name = dataset.binding["id"]
        if not name or name not in dataset.rows.columns:
            raise BadInput(
                f"the labels at {self.urls[dataset.models['model'][0]]} are found by id, and the"
                " binding of"
                f" {dataset.binding['url']} names no id column; bind it with one"
            )
        ids, known = side_by_side(dataset.rows[name], self.rows[_ID])
        labels = self.rows.with_columns(known.alias(_ID))
        own = [MODEL] if MODEL in labels.columns else []
        joined = dataset.rows.with_columns(ids.alias(_ID)).join(
            labels, on=[*own, _ID], how="left", maintain_order="left"
        )
        binding = {**dataset.binding, "truth": TRUTH}
        return replace(dataset, rows=joined.drop(_ID), binding=binding)

    def apart(self, rows: pl.DataFrame, name: str, models: pl.Series) -> list[str | None]:
        """Say of models that no row of theirs has a label what their ids are, and those of labels.

        Args:
            rows: of all models.
            name: the column of their id.
            models: those that are meant.

        Returns:
            A reason each, null where there are no labels, or no ids.
        """
        found: list[str | None] = []
        for model in models:
            own = self.rows
            if MODEL in own.columns:
                own = own.filter(pl.col(MODEL) == model)
            sides = [rows.filter(pl.col(MODEL) == model)[name], own[_ID]]
            told = [", ".join(map(repr, some(side))) for side in sides]
            found.append(
                f"no id of its rows is one of the labels at {self.urls[model]}: {told[0]} against"
                f" {told[1]}"
                if all(told)
                else None
            )
        return found

    def counted(self, models: pl.Series) -> pl.Series:
        """Count the labels of every model."""
        if MODEL not in self.rows.columns:
            return pl.Series([self.rows.height], dtype=pl.Int64).new_from_index(0, len(models))
        counts = self.rows.group_by(MODEL).agg(labels=pl.len().cast(pl.Int64))
        found = models.to_frame(MODEL).join(counts, on=MODEL, how="left", maintain_order="left")
        return found["labels"].fill_null(0)


def with_labels(
    models: pl.DataFrame, location: Location, at: datetime | None = None
) -> Iterator[tuple[pl.DataFrame, Labels | str | None]]:
    """Yield models with their labels where these lie in a table of their own, or why they do not.

    Args:
        models: with the structs `binding` and, null where nothing is bound, `labels`.
        location: of the fleet.
        at: labels with a later timestamp are not known yet.
    """
    apart = pl.col("binding").struct.field("truth").is_null()
    yield models.filter(~apart), None
    alone = models.filter(apart, pl.col("labels").is_null())
    yield alone, "its binding names no truth column, and no labels are bound to join by id"
    rest = models.filter(apart, pl.col("labels").is_not_null())
    field = pl.col("labels").struct.field
    source = ("url", *SHAPE)
    alike = [field(name).alias(f"argosy_{name}") for name in source]
    shared = rest.with_columns(alike, many=pl.len().over(pl.col("labels").struct.field("url")))
    common = pl.col("argosy_key").is_null() & (pl.col("many") > 1)
    keys = [f"argosy_{name}" for name in source]
    for part in shared.filter(common).partition_by(keys, maintain_order=True):
        for _, labels in _read(part.head(1), location, True, at):
            yield part.drop(keys, "many"), labels
    keys = [f"argosy_{name}" for name in SHAPE]
    for part in shared.filter(~common).partition_by(keys, maintain_order=True):
        yield from _read(part.drop(*keys, "argosy_url", "many"), location, False, at)


def _read(
    models: pl.DataFrame, location: Location, shared: bool, at: datetime | None
) -> Iterator[tuple[pl.DataFrame, Labels | str]]:
    """Read labels, together where ids and labels are of the same types; no file decides on others'.

    Yields:
        Models with their labels, or why these cannot be read.
    """
    tasks = [name for name in ("task",) if name in models.columns]
    asked = models.select(
        "model", *tasks, binding="labels", features=models["features"].clear(models.height)
    ).with_columns(features=pl.lit([], models.schema["features"]))
    reader = read if shared else read_together
    alike: dict[Any, list[tuple[pl.DataFrame, pl.DataFrame]]] = {}
    for dataset in written_numbers(reader(asked, location)):
        own = models.join(dataset.models.select("model"), on="model", how="semi")
        reason = dataset.reason
        if reason is None:
            try:
                found = _newest(dataset, shared, at)
            except BadInput as error:
                reason = str(error)
        if reason is not None:
            yield own, reason
            continue
        kinds = tuple(found.select(_ID, TRUTH).dtypes)
        alike.setdefault(kinds, []).append((own, found))
    for parts in alike.values():
        members, labels = (pl.concat(side) for side in zip(*parts, strict=True))
        urls = members["labels"].struct.field("url")
        yield members, Labels(labels, dict(zip(members["model"], urls, strict=True)))


def _newest(dataset: Dataset, shared: bool, at: datetime | None) -> pl.DataFrame:
    binding, rows = dataset.binding, dataset.rows
    for name in ("id", "truth"):
        if not binding[name]:
            raise BadInput(f"the binding of the labels at {binding['url']} names no {name} column")
    time = binding["timestamp"]
    empty = pl.col(binding["truth"]).is_null()
    if rows[binding["truth"]].dtype.is_float():
        empty |= pl.col(binding["truth"]).is_nan()
    known = _without(rows, empty, EMPTY, dataset)
    if time:
        if at is not None:
            late = instant(known, binding) > pl.lit(at, pl.Datetime("us", "UTC"))
            known = _without(known, late, LATE, dataset)
        known = known.sort(instant(known, binding), nulls_last=False, maintain_order=True)
    by = [] if shared else [MODEL]
    known = known.with_columns(distinct(known[binding["id"]]).alias(_ID))
    named = _without(known, pl.col(_ID).is_null(), NAMELESS, dataset)
    newest = named.unique([MODEL, _ID], keep="last", maintain_order=True)
    if newest.height < named.height:
        outdated = ~pl.struct(MODEL, _ID).is_last_distinct()
        newest = _without(named, outdated, OUTDATED, dataset)
    return newest.select(*by, _ID, pl.col(binding["truth"]).alias(TRUTH))


def _without(rows: pl.DataFrame, gone: pl.Expr, cause: Cause, dataset: Dataset) -> pl.DataFrame:
    """Leave out rows, counted once per file where it is all models' that are bound to it."""
    mask = rows.select(gone.fill_null(value=False)).to_series()
    if not mask.any():
        return rows
    owners = rows[MODEL].filter(mask)
    if dataset.binding["key"]:
        leave_out_of(cause, dataset, owners)
    else:
        url = pl.col("binding").struct.field("url")
        urls = dataset.models.select(pl.col("model").alias(MODEL), url=url).unique(MODEL)
        counted = owners.to_frame(MODEL).group_by(MODEL).len().join(urls, on=MODEL)
        leave_out_of_files(cause, counted.select("url", "len").iter_rows())
    return rows.filter(~mask)
