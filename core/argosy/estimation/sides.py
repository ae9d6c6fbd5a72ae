"""Gather the predictions of a chunk's models: beside the truth in the reference, alone in current.

Every row counts alike: estimators know no weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.evaluation import gathering
from argosy.evaluation.models import Models
from argosy.evaluation.predictions import TROUBLE, Predictions
from argosy.evaluation.unlabelled import foresee
from argosy.jobs.ragged import lists, sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.store.location import Location

_LISTS = ("truth", "prediction", "score", "current_prediction", "current_score")
_TABLE: dict[str, Any] = {
    "model": pl.String,
    "version": pl.String,
    "task": pl.String,
    "n": pl.Int64,
    **dict.fromkeys(_LISTS, pl.List(pl.Float64)),
}
_ROW = ["model", "version"]
_KNOWN: dict[str, Any] = {
    **dict.fromkeys((*_ROW, "task"), pl.String),
    "labels": pl.List(pl.String),
    **dict.fromkeys(_LISTS[:3], pl.List(pl.Float64)),
}


def gather(models: pl.DataFrame, location: Location) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the predictions of every model, and why some have none.

    Args:
        models: `model`, `version`, what a job knows of them, and the bindings `reference` and
            `current`.
        location: of the fleet.

    Returns:
        One row per model with `model`, `version`, `task`, `n` (current rows), the lists `truth`,
        `prediction`, `score` of the reference and `current_prediction`, `current_score`, with NaN
        where a row has no score; and `model`, `version`, `reason` of the others.
    """
    held = Models(location)
    nowhere = pl.lit(None, models.schema["reference"])
    before = models.drop("current").rename({"reference": "binding"}).with_columns(labels=nowhere)
    found = gathering.gather(before, location, loaded=held)
    known, uneven = _known(found.predictions)
    told = models.rename({"current": "binding"}).drop("reference", "task")
    ready = told.join(
        known.select(*_ROW, "task", "labels"), on=_ROW, how="inner", maintain_order="left"
    )
    later, trouble = foresee(ready, location, held)
    named = {name: f"current_{name}" for name in ("prediction", "score")}
    both = known.join(later.rename(named), on=_ROW, how="inner", maintain_order="left")
    counted = both.with_columns(n=pl.col("current_prediction").list.len().cast(pl.Int64))
    missing = [_of_role(found.trouble, "reference"), uneven, _of_role(trouble, "current")]
    scores = [
        pl.col(name).list.eval(pl.element().fill_nan(None)) for name in ("score", "current_score")
    ]
    return counted.with_columns(scores).select(list(_TABLE)), pl.concat(missing)


def _known(parts: Sequence[Predictions]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lay rows with a truth out as lists; a model whose rows do not weigh alike is refused."""
    found = [pl.DataFrame(schema=_KNOWN)]
    uneven = [pl.DataFrame(schema=TROUBLE)]
    for part in parts:
        counted = _weighed(part)
        alike = _alike(counted)
        reason = "its reference rows weigh differently, and an estimate counts all rows alike;"
        told = pl.lit(f"{reason} bind them without a weight")
        uneven.append(counted.groups.filter(~alike).select(*_ROW, reason=told))
        kept = counted.only(alike)
        nothing = np.full(kept.rows.height, np.nan)
        columns = {
            name: kept.rows[name].to_numpy() if name in kept.rows.columns else nothing
            for name in _LISTS[:3]
        }
        found.append(
            kept.groups.select(*_ROW, "task", "labels").with_columns(
                pl.Series(name, lists(values, kept.lengths)) for name, values in columns.items()
            )
        )
    return pl.concat(found), pl.concat(uneven)


def _weighed(part: Predictions) -> Predictions:
    """Leave out rows of weight zero."""
    counts = part.rows["weight"].to_numpy() > 0
    if counts.all():
        return part
    return Predictions(part.rows.filter(counts), part.groups, sums(counts, part.lengths)).only(
        sums(counts, part.lengths) > 0
    )


def _alike(part: Predictions) -> NDArray[np.bool_]:
    weight = part.rows["weight"].to_numpy()
    first = np.repeat(weight[np.cumsum(part.lengths) - part.lengths], part.lengths)
    uneven: NDArray[np.int64] = sums(weight != first, part.lengths)
    return np.asarray(uneven == 0)


def _of_role(trouble: pl.DataFrame, role: str) -> pl.DataFrame:
    told = pl.col("reason").str.replace("^there is no row", f"there is no {role} row")
    return trouble.with_columns(told)
