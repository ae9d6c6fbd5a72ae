"""Which models need a person, worst first, each with one plain reason and the next step."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import ArgosyWarning, PluginError, StoreError
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import whole
from argosy.tables import TROUBLES

if TYPE_CHECKING:
    from argosy.types import FleetView, TriageCause

_COLUMNS = (
    *("model", "version", "team", "owner", "tier", "cause", "severity", "drifted", "q_model"),
    *("worst_column", "reason", "next_step"),
)
_LEAST_URGENT_TIER = 4
_PER_TIER = 3.0


def triage(view: FleetView) -> pl.DataFrame:
    """Rank the models that any cause finds; if several causes find a model, the worst counts.

    `severity` is what the cause says, and 3 more for each step of risk tier above 4. Causes are
    offered by plugins: a model that could not be evaluated (100), whose realised performance keeps
    lying beyond what was estimated (75), whose drift could not be checked (60), and one that
    drifted (40 to 60, growing with the effect over its floor).
    """
    parts = [pl.DataFrame(TROUBLES.empty_table()).with_columns(cause=_TEXT, next_step=_TEXT)]
    parts += [_found(cause, view) for cause in installed().causes.values()]
    live = view.models().filter(pl.col("retired").ne_missing(True)).collect()
    judged = view.verdicts().select("model", "drifted", "q_model", "worst_column")
    risk = _PER_TIER * (_LEAST_URGENT_TIER - pl.col("tier").fill_null(_LEAST_URGENT_TIER))
    return (
        live.rename({"newest_version": "version"})
        .join(pl.concat(parts), on="model", how="inner")
        .join(judged, on="model", how="left")
        .with_columns(severity=(pl.col("severity") + risk).round(1))
        .sort("severity", "model", "cause", descending=[True, False, False])
        .unique("model", keep="first", maintain_order=True)
        .select(_COLUMNS)
    )


_TEXT = pl.lit(None, pl.String)


def _found(cause: TriageCause, view: FleetView) -> pl.DataFrame:
    """Ask a cause; one that fails is a warning, and the others are asked all the same."""
    try:
        answer = call("causes", cause.name, cause.find, view, answers=pa.Table)
        rows = pl.DataFrame(whole("causes", cause.name, answer, TROUBLES, None))
    except PluginError as error:
        if isinstance(error.__cause__, StoreError):  # facts are missing: no answer is right
            raise error.__cause__ from None
        warnings.warn(f"triage is incomplete: {error}", ArgosyWarning, stacklevel=3)
        rows = pl.DataFrame(TROUBLES.empty_table())
    return rows.with_columns(cause=pl.lit(cause.name), next_step=pl.lit(cause.next_step))
