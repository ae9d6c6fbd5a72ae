"""Gather the predictions of a chunk's models: beside the truth in the reference, alone in current.

Every row counts alike: estimators know no weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.left_out import leave_out
from argosy.kernels import sums
from argosy_rows.flat_lists import lists
from argosy_scoring import gather
from argosy_scoring.dependence import BATCHES, LEAST, least, listed
from argosy_scoring.left_out import WEIGHTLESS
from argosy_scoring.predictions import TROUBLE, Predictions
from argosy_scoring.unlabelled import foresee

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.store.location import Location
    from argosy_rows.windows import WindowSpec
    from argosy_scoring.model_cache import Models

_LISTS = ("truth", "prediction", "score")
_ROW = ["model", "version"]
_KNOWN: dict[str, Any] = {
    **dict.fromkeys((*_ROW, "task"), pl.String),
    "labels": pl.List(pl.String),
    **dict.fromkeys((*_LISTS, "batch"), pl.List(pl.Float64)),
    **dict.fromkeys((BATCHES, LEAST), pl.Int64),
}


def known(
    models: pl.DataFrame, location: Location, held: Models
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what models predicted for the rows of their reference, and why some did not.

    Args:
        models: `model`, `version`, what a job knows of them, and the binding `reference`.
        location: of the fleet.
        held: the models that are loaded already.

    Returns:
        One row per model with `model`, `version`, `task`, the class `labels`, and the lists
        `truth`, `prediction` and `score`, null where a row has none, `batch` (null where rows are
        taken for independent), how many batches there are, and how many independent rows are
        needed; and `model`, `version`, `reason` of the others.
    """
    nowhere = pl.lit(None, models.schema["reference"])
    wanted = models.drop("current").rename({"reference": "binding"}).with_columns(labels=nowhere)
    gathered = gather.gather(wanted, location, loaded=held)
    rows, uneven = _laid_out(gathered.predictions)
    missing = pl.concat([_of_role(gathered.trouble, "reference"), uneven])
    return rows.with_columns(_absent("score")), missing


def later(
    models: pl.DataFrame, location: Location, held: Models, cut: WindowSpec
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what models predict for the rows that they meet now, and why some do not.

    Args:
        models: as for `known`, with the binding `current`, and the `task` and `labels` found there.
        location: of the fleet.
        held: the models that are loaded already.
        cut: the windows of the rows.

    Returns:
        One row per model and window with `model`, `version`, the columns of the window, `n` rows
        and the lists `prediction` and `score`; and `model`, `version`, `reason` of the others.
    """
    wanted = models.drop("reference").rename({"current": "binding"})
    predicted, trouble = foresee(wanted, location, held, cut)
    counted = predicted.with_columns(n=pl.col("prediction").list.len().cast(pl.Int64))
    return counted.with_columns(_absent("score")), _of_role(trouble, "current")


def _absent(name: str) -> pl.Expr:
    return pl.col(name).list.eval(pl.element().fill_nan(None))


def _laid_out(parts: Sequence[Predictions]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lay rows with a truth out as lists; a model whose rows do not weigh alike is refused."""
    rows = [pl.DataFrame(schema=_KNOWN)]
    uneven = [pl.DataFrame(schema=TROUBLE)]
    for part in parts:
        counted = _weighed(part)
        alike = _alike(counted)
        reason = pl.lit(
            "its reference rows weigh differently, and an estimate counts all rows alike;"
            " bind them without a weight"
        )
        uneven.append(counted.groups.filter(~alike).select(*_ROW, reason=reason))
        kept = counted.only(alike)
        batches = kept.batches
        nothing = np.full(kept.rows.height, np.nan)
        columns = {
            name: kept.rows[name].to_numpy() if name in kept.rows.columns else nothing
            for name in _LISTS
        }
        rows.append(
            kept.groups.select(*_ROW, "task", "labels").with_columns(
                *(pl.Series(name, lists(values, kept.lengths)) for name, values in columns.items()),
                pl.Series("batch", listed(batches, kept.lengths)).cast(pl.List(pl.Float64)),
                pl.Series(BATCHES, batches.counts, pl.Int64),
                pl.Series(LEAST, least(kept.rows, kept.lengths), pl.Int64),
            )
        )
    return pl.concat(rows), pl.concat(uneven)


def _weighed(part: Predictions) -> Predictions:
    """Leave out rows of weight zero."""
    counts = part.rows["weight"].to_numpy() > 0
    if counts.all():
        return part
    lengths = sums(counts, part.lengths)
    left_out = pl.Series(part.lengths - lengths)
    leave_out(WEIGHTLESS, part.groups["model"], left_out, of="reference")
    return Predictions(part.rows.filter(counts), part.groups, lengths).only(lengths > 0)


def _alike(part: Predictions) -> NDArray[np.bool_]:
    weight = part.rows["weight"].to_numpy()
    first = np.repeat(weight[np.cumsum(part.lengths) - part.lengths], part.lengths)
    uneven: NDArray[np.int64] = sums(weight != first, part.lengths)
    return np.asarray(uneven == 0)


def _of_role(trouble: pl.DataFrame, role: str) -> pl.DataFrame:
    return trouble.with_columns(
        pl.col("reason").str.replace("^there is no row", f"there is no {role} row")
    )
