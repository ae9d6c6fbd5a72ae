"""Ask the policies that a fleet requires, and refuse changes that they object to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import PluginError, PolicyRefused, UnknownName
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import whole
from argosy.registry.expression import as_struct, filtered
from argosy.tables import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from argosy.governance.event import Attempt
    from argosy.types import ChangeEvent, Policy

_SHOWN = 5
_ITSELF = {"require", "unrequire"}


def refuse(attempt: Attempt) -> None:
    """Raise if a required policy objects to a change that is about to be made.

    Policies are asked about a run twice: before it begins, by its verb and what it would touch, and
    when it is committed, by what it touches.

    Raises:
        PolicyRefused: with one row per objection.
        PluginError: if a required policy cannot be asked: what cannot be judged is not allowed.
    """
    if attempt.verb in _ITSELF:
        refuse_lifting(attempt)
    binding = list(_binding(attempt))
    if not binding:
        return
    event = attempt.event()
    against = pl.concat([objections(policy, policy.check, row, event) for policy, row in binding])
    if against.is_empty():
        return
    lines = [
        f"  {row['model'] or 'the fleet'}: {row['reason']} ({row['policy']})"
        for row in against.head(_SHOWN).iter_rows(named=True)
    ]
    if against.height > _SHOWN:
        lines.append(f"  and {against.height - _SHOWN} more")
    raise PolicyRefused(
        f"{attempt.verb} was refused by policy, so nothing was written:\n" + "\n".join(lines),
        against.select("model", "policy", outcome=pl.lit("refused"), reason="reason"),
    )


def refuse_lifting(attempt: Attempt) -> None:
    """Raise if a policy forbids that it is lifted, or required with other options.

    A policy that is not installed cannot be asked: lifting it takes a reason.

    Raises:
        PolicyRefused: naming the policy and why.
    """
    touched = [change.rows["key"] for change in attempt.decision.changes if change.kind == "policy"]
    keys = pl.concat(touched) if touched else pl.Series(dtype=pl.String)
    event = None
    for row in attempt.state.lookup("policy", keys, live=True).sort("key").iter_rows(named=True):
        policy = installed().policies.get(row["policy"])
        if policy is None:
            absent = installed().policies.absent(row["policy"])
            gap = f"{absent}, so it cannot be asked; say why with --reason"
            why = None if (attempt.reason or "").strip() else gap
        elif policy.lift is None:
            why = None
        else:
            event = event or attempt.event()
            options = _options(policy, row)
            told = call("policies", policy.name, policy.lift, event, options, answers=object)
            why = None if told is None else str(told)
        if why is not None:
            raise PolicyRefused(
                f"the policy {row['policy']!r} stays as it is: {why}",
                pl.DataFrame(
                    {
                        "model": pl.Series([None], dtype=pl.String),
                        "policy": [row["policy"]],
                        "outcome": ["refused"],
                        "reason": [why],
                    }
                ),
            )


def afterthoughts(attempt: Attempt, event: ChangeEvent) -> Iterator[pl.DataFrame]:
    """Yield what required policies find once a change has landed."""
    for policy, row in _binding(attempt, landed=True):
        if policy.after is not None:
            yield objections(policy, policy.after, row, event)


def objections(
    policy: Policy,
    check: Callable[[ChangeEvent, Any], pa.Table],
    row: dict[str, Any],
    about: ChangeEvent,
) -> pl.DataFrame:
    """Return `model`, `reason` and `policy` of the models in scope that a policy objects to."""
    options = _options(policy, row)
    answer = call("policies", policy.name, check, about, options, answers=pa.Table)
    found = pl.DataFrame(whole("policies", policy.name, answer, FINDINGS, None))
    if row["where"]:
        models = filtered(as_struct(pl.DataFrame(about.models), "tags"), row["where"])
        found = found.join(models.select("model"), on="model", how="semi")
    return found.with_columns(policy=pl.lit(policy.name))


def _options(policy: Policy, row: dict[str, Any]) -> Any:  # noqa: ANN401
    return policy.options.model_validate_json(row["options"]) if policy.options else None


def _binding(attempt: Attempt, landed: bool = False) -> Iterator[tuple[Policy, dict[str, Any]]]:
    """Yield the policies that bind an attempt, each with its requirement."""
    for row in attempt.state["policy"].sort("key").iter_rows(named=True):
        policy = installed().policies.get(row["policy"])
        if policy is None:
            if attempt.verb in _ITSELF:
                continue
            raise PluginError(
                f"this fleet requires the policy {row['policy']!r}, which is not installed here:"
                f" {_missing(row['policy'])}; install it, or take the requirement away with"
                f" `argosy unrequire {row['policy']} --reason WHY`"
            )
        by_verb = attempt.verb in policy.verbs and (landed or not attempt.asked_before)
        if by_verb or policy.touches & attempt.touches:
            yield policy, row


def _missing(name: str) -> str:
    try:
        installed().policies[name]
    except (UnknownName, PluginError) as error:
        return str(error)
    return "it is there"
