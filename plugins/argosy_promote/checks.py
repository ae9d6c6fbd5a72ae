"""Look after the models of a promotion: ask every check, and weigh what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import BadInput, PluginError
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import whole
from argosy.tables import FINDINGS
from argosy.types import Check
from argosy_promote.news import measured_since

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from argosy.types import FleetView, LookAtModels

    Wanted = str | Check | LookAtModels
    """A check: its name, itself, or its function."""

DEFAULT, NONE = "comparison", "none"
"""The check that is asked where none is named, and the name that switches checks off."""
_FOUND = {"model": pl.String, "reason": pl.String, "check": pl.String}
_HANDED = ("model", "version", "previous", "step")


@dataclass(frozen=True, slots=True)
class Health:
    """How the models of a promotion are."""

    findings: pl.DataFrame
    """`model`, `reason` and `check`."""
    unseen: pl.DataFrame
    """`model`, `check` and `next_step` of those that a check has seen nothing new of."""
    against: str | None
    """Why the promotion must not go on; None where it may."""

    def waits(self, moved: int, tolerated: float) -> bool:
        """Whether too few of the moved models were measured to go on."""
        return self.unseen["model"].n_unique() > tolerated * moved


def chosen(checks: Sequence[Wanted] | None) -> list[Check]:
    """Return the checks that are wanted; `comparison` where none are named.

    Raises:
        UnknownName: for one that no plugin offers.
        BadInput: for what is neither a name nor a function, or `none` beside others.
    """
    if checks is None:
        return [_check(DEFAULT)]
    wanted = [checks] if isinstance(checks, str) else list(checks)
    if NONE not in wanted:
        return [_check(each) for each in wanted]
    if len(wanted) > 1:
        raise BadInput(f"{NONE!r} switches checks off, so it cannot stand beside other checks")
    return []


def named(checks: Sequence[Check]) -> list[str]:
    """Return the names of checks, as a promotion is kept with them."""
    return [check.name for check in checks]


def objections(
    checks: Sequence[Check], fleet: FleetView, rows: pl.DataFrame, tolerated: float
) -> Health:
    """Ask the checks that judge by facts about models that are yet to move.

    Args:
        checks: of the promotion.
        fleet: to be read.
        rows: `model`, `version`, `previous` and `step`.
        tolerated: the share of the models that may be found.
    """
    parts = [pl.DataFrame(schema=_FOUND)]
    for check in checks:
        if check.reads and rows.height:
            try:
                parts.append(_found(check, fleet, rows))
            except PluginError as error:
                return _silent(f"it cannot be said how the models are: {error}")
    return _weighed(parts, [], rows, tolerated, "models must not move")


def examined(
    checks: Sequence[Check], fleet: FleetView, moved: pl.DataFrame, tolerated: float
) -> Health:
    """Ask every check about the moved models that it can see anything new of.

    One that cannot be asked speaks against going on.

    Args:
        checks: of the promotion.
        fleet: to be read.
        moved: `model`, `version`, `previous`, `step`, and in `since` when it was moved.
        tolerated: the share of the moved models that may be found to be ill.
    """
    parts, unseen = [pl.DataFrame(schema=_FOUND)], []
    for check in checks:
        if moved.is_empty():
            break
        rows = moved
        if check.reads:
            seen = measured_since(fleet, check.reads, moved)
            rows = moved.join(seen, on="model", how="semi", maintain_order="left")
            late = moved.join(seen, on="model", how="anti", maintain_order="left")
            told = {"check": pl.lit(check.name), "next_step": pl.lit(check.next_step)}
            unseen.append(late.select("model", **told))
        if rows.is_empty():
            continue
        try:
            parts.append(_found(check, fleet, rows))
        except PluginError as error:
            return _silent(f"it cannot be said how the moved models are: {error}")
    return _weighed(parts, unseen, moved, tolerated, "moved models are not well")


def _found(check: Check, fleet: FleetView, rows: pl.DataFrame) -> pl.DataFrame:
    handed = rows.select(_HANDED).to_arrow()
    answer = call("checks", check.name, check.look, fleet, handed, answers=pa.Table)
    found = pl.DataFrame(whole("checks", check.name, answer, FINDINGS, None))
    mine = found.join(rows.select("model"), on="model", how="semi", maintain_order="left")
    return mine.with_columns(check=pl.lit(check.name)).select(list(_FOUND))


def _weighed(
    parts: Sequence[pl.DataFrame],
    unseen: Sequence[pl.DataFrame],
    rows: pl.DataFrame,
    tolerated: float,
    what: str,
) -> Health:
    findings = pl.concat(parts)
    late = pl.concat([_nobody(), *unseen])
    ill = findings["model"].n_unique()
    if ill <= tolerated * rows.height:
        return Health(findings, late, None)
    first = findings.sort("model", "check").row(0, named=True)
    against = (
        f"{ill:,} of {rows.height:,} {what}; {first['model']}: {first['reason']} ({first['check']})"
    )
    return Health(findings, late, against)


def _silent(why: str) -> Health:
    return Health(pl.DataFrame(schema=_FOUND), _nobody(), why)


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(("model", "check", "next_step"), pl.String))


def _check(wanted: Any) -> Check:  # noqa: ANN401
    if isinstance(wanted, str):
        return installed().checks[wanted]
    if isinstance(wanted, Check):
        return wanted
    if not callable(wanted):
        raise BadInput(f"{wanted!r} is no check: give a name, or a function of fleet and models")
    name = getattr(wanted, "__name__", "check")
    return Check(name, f"The function {name}.", wanted)
