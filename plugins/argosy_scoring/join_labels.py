"""The rows of models that count: those of the version, once each, old enough, with their truth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.datasets import MODEL
from argosy.data.left_out import leave_out_others, source
from argosy.data.times import instant
from argosy.errors import BadInput
from argosy.kernels import sums
from argosy.kernels.hashing import mixed, value_hash
from argosy.kernels.values import beside, distinct, spelt
from argosy.types import TaskRows
from argosy_rows.groups import grouped
from argosy_rows.windows import count_early
from argosy_scoring.excerpts import some
from argosy_scoring.left_out import OTHER, leave_out
from argosy_scoring.row_ages import later_than, mature, timeless_rows

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from argosy.data.datasets import Dataset
    from argosy_rows.windows import WindowSpec
    from argosy_scoring.late_labels import Labels

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Hashes = NDArray[np.uint64]

PLACE = "argosy_place"
"""The number of a model in its dataset."""
_VERSION = "argosy_version"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows with a truth, those of each group (a model, or one of its windows) together."""

    dataset: Dataset
    """Its `rows` are those of all groups, one after the other."""
    groups: pl.DataFrame
    """One row per group: `argosy_place`, the columns of a window, and what was counted."""
    lengths: Ints
    """How many rows each group has; shape (groups,)."""
    ids: Hashes | None
    """The hash of each row's id, where there is one."""
    apart: dict[int, str] = field(default_factory=dict)
    """Why nothing of a model is compared: no row is of its version, or has the id of a label."""

    @property
    def places(self) -> Ints:
        """The number of each row's model; shape (rows,)."""
        return np.repeat(self.groups[PLACE].to_numpy(), self.lengths)

    def handed(self) -> TaskRows:
        """Return them as a task is handed them."""
        dataset, owners = self.dataset, self.groups[PLACE].to_numpy()
        return TaskRows(dataset.rows, dataset.models, dataset.binding, owners, self.lengths)

    def only(self, models: Mask) -> Labelled:
        """Keep some models; the others keep their number, and have no groups."""
        if models.all():
            return self
        groups = models[self.groups[PLACE].to_numpy()]
        rows = np.repeat(groups, self.lengths)
        return Labelled(
            replace(self.dataset, rows=self.dataset.rows.filter(rows)),
            self.groups.filter(groups),
            self.lengths[groups],
            None if self.ids is None else self.ids[rows],
            self.apart,
        )


def labelled(
    dataset: Dataset, labels: Labels | None, cut: WindowSpec, at: datetime | None
) -> Labelled:
    """Choose the rows of every model that count.

    Only rows of the evaluated version count, where the binding names the column that says so.
    Of several rows of one id the newest counts: by the timestamp where there is one, else the
    last. A row is mature once the label's delay has passed since its timestamp, by the newest
    timestamp of its model or by `at`; the others do not count, nor do rows without truth. A row
    that is later than `at` is not known yet: it does not count, and takes no other's place.

    Returns:
        The rows, and one row per group with `mature`, `immature`, `duplicates` (rows whose id a
        newer row has), `unmatched` (labels of the model without a prediction), `n` and
        `label_coverage` (`n` of the `mature` rows).

    Raises:
        BadInput: if a column is not there, or the binding does not say enough.
    """
    dataset, apart = _of_version(dataset)
    if labels is not None:
        dataset = labels.beside(dataset)
    _require(dataset)
    binding = dataset.binding
    found = grouped(cut.rows(dataset), cut.by())
    rows, lengths = found.rows, found.lengths
    models = dataset.models["model"]
    owner = pl.DataFrame({MODEL: models, PLACE: np.arange(len(models))})
    keys = found.groups.select(MODEL).join(owner, on=MODEL, how="left", maintain_order="left")
    place = keys[PLACE].to_numpy()
    ids = value_hash(rows[binding["id"]]) if binding["id"] in rows.columns else None
    known = _known(rows[binding["truth"]])
    later = None if at is None else later_than(rows, binding, at)
    single = None if ids is None else _newest(rows, ids, np.repeat(place, lengths), binding, later)
    ripe = None if later is None else ~later
    if binding["label_delay"]:
        ripe = mature(rows, place, lengths, binding, at)
    old = _both(single, ripe)
    keep = _both(old, known)
    once = _counted(single, lengths)
    counts = {"duplicates": lengths - once, "mature": _counted(old, lengths)}
    counts["immature"] = once - counts["mature"]
    counts["n"] = _counted(keep, lengths)
    timeless = None
    if binding["label_delay"]:
        timeless = timeless_rows(rows, binding)
        count_early(rows, rows.select(instant(rows, binding)).to_series(), dataset)
    ageless = None if timeless is None else _counted(_both(single, timeless), lengths)
    leave_out(dataset, models[place], counts, ageless)
    of_models = np.zeros(len(models), np.int64)
    if labels is not None:
        labelled_rows = _counted(_both(single, known), lengths)
        matched = np.bincount(place, labelled_rows, len(models)).astype(np.int64)
        of_models = labels.counted(models).to_numpy() - matched
        alone = np.unique(place[matched[place] == 0])
        told = labels.apart(rows, binding["id"], models[alone])
        apart |= {int(each): why for each, why in zip(alone, told, strict=True) if why}
    counts["unmatched"] = of_models[place]
    windows = cut.named(found.groups).drop("model", "segment")
    counted = [pl.Series(name, values) for name, values in counts.items()]
    groups = windows.with_columns(pl.Series(PLACE, place), *counted)
    return Labelled(
        replace(dataset, rows=rows if keep is None else rows.filter(keep)),
        groups.with_columns(
            label_coverage=pl.when(pl.col("mature") > 0).then(pl.col("n") / pl.col("mature"))
        ),
        counts["n"],
        ids if ids is None or keep is None else ids[keep],
        apart,
    )


def _both(one: Mask | None, two: Mask | None) -> Mask | None:
    """Which rows both keep; None is all of them, and costs nothing."""
    return two if one is None else one if two is None else one & two


def _counted(rows: Mask | None, lengths: Ints) -> Ints:
    return lengths if rows is None else sums(rows, lengths)


def _known(truth: pl.Series) -> Mask | None:
    """Which rows have a label; None if all have."""
    if truth.dtype.is_float():
        found: Mask = ~np.isnan(truth.to_numpy())
        return None if found.all() else found
    if isinstance(truth.dtype, pl.List):  # where nothing is relevant, nothing can be found
        return (truth.list.drop_nulls().list.len() > 0).fill_null(False).to_numpy()
    return truth.is_not_null().to_numpy() if truth.null_count() else None


def _of_version(dataset: Dataset) -> tuple[Dataset, dict[int, str]]:
    """Keep the rows of the evaluated versions, and say of models that have none what theirs are."""
    name = dataset.binding["version"]
    if not name:
        return dataset, {}
    if name not in dataset.rows.columns:
        raise BadInput(f"the data at {dataset.binding['url']} has no version column {name!r}")
    asked = beside(spelt(dataset.models["version"]), dataset.rows.schema[name])
    versions = pl.DataFrame([dataset.models["model"].alias(MODEL), asked.alias(_VERSION)])
    rows = dataset.rows.join(versions, on=MODEL, how="left", maintain_order="left")
    of = spelt(rows[name])
    own = (of == rows[_VERSION]).fill_null(value=False)
    apart: dict[int, str] = {}
    urls = dataset.models["binding"].struct.field("url")
    if not own.all():
        others = rows.select(MODEL, of.alias(_VERSION)).filter(~own)
        leave_out_others(OTHER, others, versions, source(dataset.binding))
        bare = others.join(rows.filter(own).select(MODEL).unique(), on=MODEL, how="anti")
        for (model,), part in bare.partition_by(MODEL, as_dict=True).items():
            place = int(dataset.models["model"].index_of(model))  # type: ignore[arg-type]
            told = ", ".join(map(repr, some(part[_VERSION])))
            wanted = dataset.models["version"][place]
            apart[place] = (
                f"there is no row of the model at {urls[place]} of its version"
                f" {wanted!r}: the column {name!r} has {told or 'nothing'}"
            )
    return replace(dataset, rows=rows.filter(own).drop(_VERSION)), apart


def _require(dataset: Dataset) -> None:
    binding = dataset.binding
    if not binding["truth"]:
        raise BadInput(f"the binding of {binding['url']} names no truth column; bind it with one")
    for what in ("truth", "id", "timestamp", "cluster", "weight", "latency"):
        name = binding[what]
        if name and name not in dataset.rows.columns:
            raise BadInput(f"the data at {binding['url']} has no {what} column {name!r}")
    if binding["label_delay"] and not binding["timestamp"]:
        raise BadInput(f"the binding of {binding['url']} has a label_delay but no timestamp")


def _newest(
    rows: pl.DataFrame,
    ids: Hashes,
    places: Ints,
    binding: dict[str, Any],
    later: Mask | None = None,
) -> Mask | None:
    """Whether each row is the newest of its model's rows with its id; one without id always is.

    Rows of `later`, which nobody knew of yet, take the place of none. None if all are the newest.
    """
    keys = mixed(ids ^ mixed(places.astype(np.uint64)))
    if not pl.Series(keys).is_duplicated().any():
        return None
    name, time = binding["id"], binding["timestamp"]
    own = distinct(rows[name])
    frame = rows.select(
        MODEL,
        own,
        instant(rows, binding).alias("argosy_time") if time else pl.lit(0),
    ).with_row_index("argosy_row")
    ordered = frame.filter(pl.col(name).is_not_null())
    if later is not None:
        ordered = ordered.filter(pl.lit(~later).gather(pl.col("argosy_row")))
    if time:
        ordered = ordered.sort("argosy_time", nulls_last=False, maintain_order=True)
    last = ordered.unique([MODEL, name], keep="last")["argosy_row"].to_numpy()
    found: Mask = own.is_null().to_numpy().copy()
    found[last] = True
    return found if later is None else found | later
