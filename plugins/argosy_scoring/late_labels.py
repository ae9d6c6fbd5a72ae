"""Labels that lie in a table of their own: ids and labels, appended as they become known.

Of several rows of one id the newest counts: by the timestamp where the binding names one, else
the last. Rows without a label say nothing, nor do labels that were not known yet at the time that
is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from argosy.data.datasets import MODEL, SHAPE, read
from argosy.data.files import read_together
from argosy.data.left_out import leave_out_of, leave_out_of_files
from argosy.data.times import instant
from argosy.errors import BadInput
from argosy_scoring.left_out import EMPTY, LATE, NAMELESS, OUTDATED

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    url: str

    def beside(self, dataset: Dataset) -> Dataset:
        """Join the label to every row of a dataset by its id; null where there is none.

        Raises:
            BadInput: if the data has no id.
        """
        name = dataset.binding["id"]
        if not name or name not in dataset.rows.columns:
            raise BadInput(
                f"the labels at {self.url} are found by id, and the binding of"
                f" {dataset.binding['url']} names no id column; bind it with one"
            )
        labels, rows = self.rows, dataset.rows
        if rows.schema[name] != labels.schema[_ID]:
            labels = labels.with_columns(pl.col(_ID).cast(pl.String))
            rows = rows.with_columns(rows[name].cast(pl.String))
        own = [MODEL] if MODEL in labels.columns else []
        joined = rows.join(
            labels,
            left_on=[*own, name],
            right_on=[*own, _ID],
            how="left",
            maintain_order="left",
        )
        return replace(dataset, rows=joined, binding={**dataset.binding, "truth": TRUTH})

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
        yield part.drop(keys, "many"), _read(part.head(1), location, True, at)
    keys = [f"argosy_{name}" for name in SHAPE]
    for part in shared.filter(~common).partition_by(keys, maintain_order=True):
        yield part.drop(*keys, "argosy_url", "many"), _read(part, location, False, at)


def _read(
    models: pl.DataFrame, location: Location, shared: bool, at: datetime | None
) -> Labels | str:
    asked = models.select(
        "model", binding="labels", features=models["features"].clear(models.height)
    ).with_columns(features=pl.lit([], models.schema["features"]))
    reader = read if shared else read_together
    found, url = [], ""
    for dataset in reader(asked, location):
        if dataset.reason is not None:
            return dataset.reason
        try:
            found.append(_newest(dataset, shared, at))
        except BadInput as error:
            return str(error)
        url = dataset.binding["url"]
    return Labels(pl.concat(found, how="vertical_relaxed"), url)


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
            late = instant(known, time, binding["zone"]) > pl.lit(at, pl.Datetime("us", "UTC"))
            known = _without(known, late, LATE, dataset)
        known = known.sort(
            instant(known, time, binding["zone"]), nulls_last=False, maintain_order=True
        )
    by = [] if shared else [MODEL]
    identity = pl.col(binding["id"])
    named = _without(known, identity.is_null(), NAMELESS, dataset)
    newest = named.unique([MODEL, binding["id"]], keep="last", maintain_order=True)
    if newest.height < named.height:
        outdated = ~pl.struct(MODEL, identity).is_last_distinct()
        newest = _without(named, outdated, OUTDATED, dataset)
    return newest.select(*by, identity.alias(_ID), pl.col(binding["truth"]).alias(TRUTH))


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
