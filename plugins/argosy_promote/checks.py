"""Look after the models that a promotion has moved: ask every check, and weigh what it finds."""

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

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from argosy.types import FleetView, LookAtModels

    Wanted = str | Check | LookAtModels
    """A check: its name, itself, or its function."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the moved models are."""

    findings: pl.DataFrame
    """`model`, `check` and `reason`."""
    against: str | None
    """Why the promotion must not go on; None where it may."""


def chosen(checks: Sequence[Wanted]) -> list[Check]:
    """Return the checks that are wanted.

    Raises:
        UnknownName: for one that no plugin offers.
        BadInput: for what is neither a name nor a function.
    """
    return [_check(each) for each in ([checks] if isinstance(checks, str) else checks)]


def examined(
    checks: Sequence[Check], fleet: FleetView, moved: pl.DataFrame, tolerated: float
) -> Health:
    """Ask every check; one that cannot be asked speaks against going on.

    Args:
        checks: of the promotion.
        fleet: to be read.
        moved: `model`, `version`, `previous` and `step`, and what checks are not handed.
        tolerated: the share of the moved models that may be found to be ill.
    """
    parts = [pl.DataFrame(schema={"model": pl.String, "reason": pl.String, "check": pl.String})]
    if moved.is_empty():
        return Health(parts[0], None)
    handed = moved.select("model", "version", "previous", "step").to_arrow()
    for check in checks:
        try:
            answer = call("checks", check.name, check.look, fleet, handed, answers=pa.Table)
            found = pl.DataFrame(whole("checks", check.name, answer, FINDINGS, None))
        except PluginError as error:
            return Health(parts[0], f"it cannot be said how the moved models are: {error}")
        parts.append(found.with_columns(check=pl.lit(check.name)))
    findings = pl.concat(parts).join(moved.select("model"), on="model", how="semi")
    ill = findings["model"].n_unique()
    if ill <= tolerated * moved.height:
        return Health(findings, None)
    first = findings.sort("model", "check").row(0, named=True)
    against = (
        f"{ill:,} of {moved.height:,} moved models are not well; {first['model']}:"
        f" {first['reason']} ({first['check']})"
    )
    return Health(findings, against)


def _check(wanted: Any) -> Check:  # noqa: ANN401
    if isinstance(wanted, str):
        return installed().checks[wanted]
    if isinstance(wanted, Check):
        return wanted
    if not callable(wanted):
        raise BadInput(f"{wanted!r} is no check: give a name, or a function of fleet and models")
    name = getattr(wanted, "__name__", "check")
    return Check(name, f"The function {name}.", wanted)
