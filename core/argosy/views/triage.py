"""Which models need a person, worst first, each with one plain reason and the next step."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, cast

import polars as pl
import pyarrow as pa

from argosy.errors import ArgosyWarning, PluginError, StoreError
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin, whole
from argosy.plugins.sound import Rule, faults, number
from argosy.tables import TROUBLE_DETAILS, TROUBLES
from argosy.views.urgency import weight

if TYPE_CHECKING:
    from collections.abc import Collection

    from argosy.types import FleetView, TriageCause

CHAMPION = "champion"
_SOUND = (
    number("severity", "a severity", 0.0, 100.0),
    Rule(pl.col("severity").is_null(), pl.lit("no severity")),
)
_COLUMNS = (
    *("model", "version", "team", "owner", "tier", "cause", "severity", "since", "drifted"),
    *("q_model", "worst_column", "reason", "hurts", "next_step"),
)


def triage(view: FleetView) -> pl.DataFrame:
    """Rank the models that any cause finds; if several causes find a model, the worst counts.

    `severity` is what the cause says, from 0 to 100, weighed by the model's tier and by what the
    version does: `argosy.views.urgency` has the scale. `since` is when it began, null where the
    cause does not know; `hurts` says whom besides the model's team and owner; `next_step` is what
    to type.
    """
    first = troubles(view).unique("model", keep="first", maintain_order=True)
    return first.select(_COLUMNS)


def troubles(view: FleetView) -> pl.DataFrame:
    """Return everything that any cause finds, worst first: the columns of `triage`, and `state`.

    `state` is how a model fares that the cause finds: `failed`, `drifted` or `unknown`.
    """
    for fault in (*installed().unloaded(), *installed().causes.faults):
        warnings.warn(f"triage may be incomplete: {fault}", ArgosyWarning, stacklevel=3)
    view = cast("FleetView", _Glance(view))
    nothing = pl.DataFrame(TROUBLES.empty_table()).with_columns(**_details(()), **_of_cause(None))
    found = pl.concat([nothing, *(_found(cause, view) for cause in installed().causes.values())])
    live = view.models().filter(pl.col("retired").ne_missing(True)).collect()
    judged = view.verdicts().select("model", "drifted", "q_model", "worst_column")
    champions = view.state["alias"].filter(alias=CHAMPION).select("model", champion="version")
    about = (
        live.join(found, on="model", how="inner")
        .join(champions, on="model", how="left")
        .join(judged, on="model", how="left")
        .join(_readers(view), on="model", how="left")
        .with_columns(version=pl.coalesce("version", "newest_version"))
    )
    used = pl.col("version").eq_missing(pl.coalesce("champion", "newest_version"))
    return (
        about.with_columns(
            severity=(pl.col("severity") * weight(pl.col("tier"), ~used)).round(1),
            hurts=_hurt(),
            next_step=pl.col("next_step").str.replace_all("MODEL", pl.col("model"), literal=True),
        )
        .sort("severity", "model", "cause", descending=[True, False, False])
        .select(*_COLUMNS, "state")
    )


class _Glance:
    """A fleet whose verdicts are made once, though many causes ask for them."""

    def __init__(self, view: FleetView) -> None:
        self._view = view
        self._verdicts: pl.DataFrame | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._view, name)

    def verdicts(self) -> pl.DataFrame:
        if self._verdicts is None:
            self._verdicts = self._view.verdicts()
        return self._verdicts.clone()


def _readers(view: FleetView) -> pl.DataFrame:
    """Count the models that read what a model answers: those that name it as their upstream."""
    read = view.state["version"].select("upstream", reader="model").explode("upstream")
    pairs = read.drop_nulls().filter(pl.col("upstream") != pl.col("reader")).unique()
    return pairs.group_by(model="upstream").agg(readers=pl.len())


def _hurt() -> pl.Expr:
    """Say whom it hurts: those who use the champion, and models that read its answers."""
    champion = pl.col("champion").is_not_null() & (pl.col("version") == pl.col("champion"))
    many = pl.col("readers")
    plural = pl.when(many > 1).then(pl.lit("models read")).otherwise(pl.lit("model reads"))
    told = pl.concat_str(
        pl.when(champion).then(pl.lit("it is champion")),
        pl.when(many > 0).then(pl.format("{} {} it", many, plural)),
        "hurts",
        separator="; ",
        ignore_nulls=True,
    )
    return pl.when(told != "").then(told)


def _found(cause: TriageCause, view: FleetView) -> pl.DataFrame:
    """Ask a cause; one that fails is a warning, and the others are asked all the same."""
    try:
        answer = call("causes", cause.name, cause.find, view, answers=pa.Table)
        asked = [
            *TROUBLES,
            *(field for field in TROUBLE_DETAILS if field.name in answer.schema.names),
        ]
        rows = pl.DataFrame(whole("causes", cause.name, answer, pa.schema(asked), None))
        rows = _sound(cause, rows)
    except PluginError as error:
        if isinstance(error.__cause__, StoreError):  # facts are missing: no answer is right
            raise error.__cause__ from None
        warnings.warn(f"triage is incomplete: {error}", ArgosyWarning, stacklevel=4)
        rows = pl.DataFrame(TROUBLES.empty_table())
    return (
        rows.with_columns(**_details(rows.columns), **_of_cause(cause))
        .with_columns(pl.col("next_step").fill_null(cause.next_step))
        .select(*TROUBLES.names, *TROUBLE_DETAILS.names, "cause", "state")
    )


def _sound(cause: TriageCause, rows: pl.DataFrame) -> pl.DataFrame:
    """Put what is no severity at the end of the list, with the reason: the model stays visible."""
    fault = faults(rows, _SOUND, origin("causes", cause.name))
    if fault is None:
        return rows
    many, first = len(fault) - fault.null_count(), fault.drop_nulls()[0]
    warnings.warn(f"triage is incomplete: {first} ({many} such rows)", ArgosyWarning, stacklevel=5)
    odd = pl.lit(fault).is_not_null()
    told = pl.concat_str(pl.lit(fault), "reason", separator="; it finds: ", ignore_nulls=True)
    return rows.with_columns(
        severity=pl.when(odd).then(0.0).otherwise("severity"),
        reason=pl.when(odd).then(told).otherwise("reason"),
    )


def _details(there: Collection[str]) -> dict[str, pl.Expr]:
    """Add the details that a cause does not answer."""
    kinds = pl.DataFrame(TROUBLE_DETAILS.empty_table()).schema
    return {name: pl.lit(None, kind) for name, kind in kinds.items() if name not in there}


def _of_cause(cause: TriageCause | None) -> dict[str, pl.Expr]:
    name, state = (None, None) if cause is None else (cause.name, cause.state)
    return {"cause": pl.lit(name, pl.String), "state": pl.lit(state, pl.String)}
