"""Ask the policies that a fleet requires, and refuse what they object to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import PluginError, PolicyRefused, UnknownName
from argosy.governance.event import happening
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import whole
from argosy.registry.expression import as_struct, filtered
from argosy.tables import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from argosy.store.state import Decision, State
    from argosy.types import Happening, Policy

_SHOWN = 5
_ITSELF = {"require", "unrequire"}


def refuse(
    fleet: str,
    actor: str,
    group: str | None,
    verb: str,
    reason: str | None,
    state: State,
    decision: Decision,
) -> None:
    """Raise if a required policy objects to a change that is about to be made.

    Raises:
        PolicyRefused: with one row per objection.
        PluginError: if a policy that is required cannot be asked: then nothing may pass it.
    """
    # a run is asked about before it begins, and not once more when it is committed
    if decision.changes and (verb == "promote" or verb in installed().jobs):
        return
    asked = list(_required(state, verb))
    if not asked:
        return
    about = happening(fleet, actor, group, verb, reason, state, decision)
    found = [objections(policy, policy.check, row, about) for policy, row in asked]
    against = pl.concat(found)
    if against.is_empty():
        return
    lines = [
        f"  {row['model']}: {row['reason']} ({row['policy']})"
        for row in against.head(_SHOWN).iter_rows(named=True)
    ]
    if against.height > _SHOWN:
        lines.append(f"  and {against.height - _SHOWN} more")
    raise PolicyRefused(
        f"{verb} was refused by policy, so nothing was written:\n" + "\n".join(lines),
        against.select("model", "policy", outcome=pl.lit("refused"), reason="reason"),
    )


def afterthoughts(about: Happening, state: State) -> Iterator[pl.DataFrame]:
    """Yield what required policies find once a change has landed."""
    for policy, row in _required(state, about.verb):
        if policy.after is not None:
            yield objections(policy, policy.after, row, about)


def objections(
    policy: Policy,
    check: Callable[[Happening, Any], pa.Table],
    row: dict[str, Any],
    about: Happening,
) -> pl.DataFrame:
    """Return `model`, `reason` and `policy` of the models in its scope that a policy objects to."""
    options = policy.options.model_validate_json(row["options"]) if policy.options else None
    answer = call("policies", policy.name, check, about, options, answers=pa.Table)
    found = pl.DataFrame(whole("policies", policy.name, answer, FINDINGS, None))
    if row["where"]:
        models = filtered(as_struct(pl.DataFrame(about.models), "tags"), row["where"])
        found = found.join(models.select("model"), on="model", how="semi")
    return found.with_columns(policy=pl.lit(policy.name))


def _required(state: State, verb: str) -> Iterator[tuple[Policy, dict[str, Any]]]:
    if verb in _ITSELF:
        return
    for row in state["policy"].sort("key").iter_rows(named=True):
        try:
            policy = installed().policies[row["policy"]]
        except UnknownName as error:
            raise PluginError(
                f"this fleet requires the policy {row['policy']!r}, which is not installed here:"
                f" {error}; install it, or take the requirement away with"
                f" `argosy unrequire {row['policy']}`"
            ) from error
        if verb in policy.verbs:
            yield policy, row
