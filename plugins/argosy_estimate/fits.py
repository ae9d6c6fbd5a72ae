"""Keep what an estimator learnt of each version's reference, so that no later run fits again.

A fit is a row: the model, what was found of its task and its class labels, and whatever columns
the estimator learnt. Those of a chunk are one Arrow file per estimator, and the table `fits` says
in which file a version's is. It holds for one binding of the reference and one release of the
estimator's plugin; the rows themselves are not looked at again until somebody says so.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import StoreError
from argosy.plugins.guarded_call import origin
from argosy.store import blobs
from argosy.tables import FITTED_FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.location import Location

KEY = ("model", "version", "task", "labels")
"""The columns of a fit that are not the estimator's own."""
NONE = pl.DataFrame(
    schema=dict.fromkeys(("model", "version", "estimator", "source", "fit", "sha256"), pl.String)
)

_ROW = ["model", "version"]


def noted(units: pl.DataFrame, estimators: Sequence[str], seen: pl.LazyFrame) -> pl.DataFrame:
    """Add `sources`, what a unit's reference is to each estimator, and `fits`, their files.

    Args:
        units: `model`, `version` and the binding `reference`.
        estimators: by name.
        seen: the table `fits`, finished runs only.

    Returns:
        The units; both are lists with one element per estimator, a file being null where there
        is none.
    """
    bindings = units["reference"].unique()
    texts = bindings.struct.json_encode().to_list()
    newest = (
        seen.select(*_ROW, "estimator", "source", "fit", "at")
        .collect()
        .sort("at")
        .unique([*_ROW, "estimator", "source"], keep="last")
        .drop("at")
    )
    for place, name in enumerate(estimators):
        maker = origin("estimators", name)
        sources = [hashlib.sha256(f"{maker} {text}".encode()).hexdigest()[:16] for text in texts]
        named = pl.DataFrame({"reference": bindings, f"source {place}": sources})
        own = newest.filter(estimator=name).select(
            *_ROW, pl.col("source").alias(f"source {place}"), pl.col("fit").alias(f"fit {place}")
        )
        units = units.join(named, on="reference", how="left", maintain_order="left").join(
            own, on=[*_ROW, f"source {place}"], how="left", maintain_order="left"
        )
    places = range(len(estimators))
    return units.with_columns(
        sources=pl.concat_list([f"source {place}" for place in places]),
        fits=pl.concat_list([f"fit {place}" for place in places]),
    ).drop([f"{what} {place}" for what in ("source", "fit") for place in places])


def stored(models: pl.DataFrame, place: int, location: Location) -> pa.Table | None:
    """Return the fits that are kept of some models; a file that cannot be read is left out.

    Args:
        models: `model`, `version` and `fits`.
        place: of the estimator among them.
        location: the fleet's.
    """
    named = models.select(*_ROW, file=pl.col("fits").list.get(place)).drop_nulls()
    tables = []
    for (file,), part in named.partition_by("file", as_dict=True).items():
        try:
            table = blobs.read(location, FITTED_FOLDER, str(file))
        except StoreError:
            continue
        rows = pl.DataFrame(table.select(_ROW)).with_row_index("argosy_row")
        kept = rows.join(part, on=_ROW, how="semi", maintain_order="left")["argosy_row"]
        tables.append(table.take(kept.to_arrow()))
    return pa.concat_tables(tables, promote_options="permissive") if tables else None


def keep(
    fitted: pa.Table, models: pl.DataFrame, name: str, place: int, location: Location
) -> pl.DataFrame:
    """Write new fits to a file, and return the rows of the table `fits` that say so.

    Args:
        fitted: the fits, with the columns of `KEY`.
        models: `model`, `version` and `sources`.
        name: of the estimator.
        place: of the estimator among the sources.
        location: the fleet's.
    """
    if not fitted.num_rows:
        return NONE
    file = blobs.keep(location, FITTED_FOLDER, fitted)
    rows = pl.DataFrame(fitted.select(_ROW))
    sources = models.select(*_ROW, source=pl.col("sources").list.get(place))
    named = rows.join(sources, on=_ROW, maintain_order="left")
    return named.with_columns(
        estimator=pl.lit(name), fit=pl.lit(file.name), sha256=pl.lit(file.sha256)
    ).select(NONE.columns)
