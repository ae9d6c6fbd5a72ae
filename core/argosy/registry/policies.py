"""Require policies in a fleet: from then on every change by anybody must keep them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import BadInput, PluginError, UnknownName, refusal
from argosy.plugins import installed
from argosy.plugins.guarded_call import origin
from argosy.plugins.secret_fields import holds_secret
from argosy.registry.expression import as_struct, filtered
from argosy.registry.frames import as_frame, shaped
from argosy.store.after_images import Change
from argosy.store.state import NOTHING, Decision
from argosy.tables import MODEL, POLICY

if TYPE_CHECKING:
    from argosy.store.ledger import Ledger
    from argosy.store.state import State
    from argosy.types import Policy

_NAMED = pa.schema([("policy", pa.string())])


def require(
    ledger: Ledger, table: object, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Require policies (`policy`; optionally `where` and `options`, a JSON object as text).

    Returns:
        One row per input row: `policy`, `outcome` (`required` or `unchanged`), `reason`.

    Raises:
        UnknownName: for a policy that no plugin offers.
        BadInput: for options that it does not take, or a `where` that is no condition.
    """
    rows = shaped(as_frame(table, "require a policy"), POLICY, ("policy",), "table of policies")
    wanted = pl.DataFrame([_checked(row) for row in rows.to_dicts()])
    if wanted["policy"].is_duplicated().any():
        raise BadInput("a policy stands twice in the table; it can be required once")
    wanted = wanted.cast(dict.fromkeys(POLICY.names, pl.String)).with_columns(key="policy")

    def decide(state: State) -> Decision:
        held = state["policy"].select("key", *POLICY.names)
        new = wanted.select("key", *POLICY.names).join(
            held, on=["key", *POLICY.names], how="anti", nulls_equal=True
        )
        known = pl.col("policy").is_in(new["policy"].implode())
        return Decision(_outcomes(wanted, known, "required"), [Change("policy", new)])

    return ledger.apply("require", decide, reason, dry_run)


def unrequire(
    ledger: Ledger, table: object, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Require policies (`policy`) no longer.

    Returns:
        One row per input row: `policy`, `outcome` (`no longer required`), `reason`.

    Raises:
        UnknownName: for a policy that the fleet does not require.
    """
    rows = shaped(as_frame(table, "unrequire"), _NAMED, ("policy",), "table of policies").unique()

    def decide(state: State) -> Decision:
        held = state["policy"]
        for name in rows["policy"]:
            if name not in held["policy"]:
                raise UnknownName.among("required policy", name, held["policy"])
        gone = held.join(rows, on="policy", how="semi").select("key", *POLICY.names)
        outcomes = _outcomes(rows, pl.lit(True), "no longer required")
        return Decision(outcomes, [Change("policy", gone.with_columns(deleted=pl.lit(True)))])

    return ledger.apply("unrequire", decide, reason, dry_run)


def _checked(row: dict[str, str | None]) -> dict[str, str | None]:
    policy = installed().policies[str(row["policy"])]
    if row["where"]:
        filtered(as_struct(NOTHING["model"].select(MODEL.names), "tags"), row["where"])
    return {**row, "options": _whole_options(policy, row["options"])}


def _whole_options(policy: Policy, given: str | None) -> str:
    """Return the options with every default, so that a later default changes nothing."""
    try:
        values = json.loads(given or "{}")
    except ValueError as error:
        raise BadInput(f"the options {given!r} of {policy.name} are no JSON: {error}") from error
    if policy.options is None:
        if values:
            raise BadInput(f"the policy {policy.name!r} takes no options")
        return "{}"
    from pydantic import ValidationError

    if holds_secret(policy.options):
        raise PluginError(
            f"{origin('policies', policy.name)} has an option that is a secret, which would be"
            " kept in the ledger; its plugin must declare it with argosy_options"
        )
    known = policy.options.model_fields
    unknown = [key for key in values if key not in known]
    if unknown:
        raise UnknownName.among(f"option of the policy {policy.name}", unknown[0], known)
    try:
        whole = policy.options.model_validate(values)
    except ValidationError as error:
        told = error.errors()[0]
        key = ".".join(map(str, told["loc"]))
        raise BadInput(
            f"the option {key} of the policy {policy.name!r} cannot be {told['input']!r}:"
            f" {refusal(told)}"
        ) from error
    return json.dumps(whole.model_dump(mode="json"))


def _outcomes(rows: pl.DataFrame, changed: pl.Expr, outcome: str) -> pl.DataFrame:
    return rows.select(
        "policy",
        outcome=pl.when(changed).then(pl.lit(outcome)).otherwise(pl.lit("unchanged")),
        reason=pl.lit(None, pl.String),
    )
