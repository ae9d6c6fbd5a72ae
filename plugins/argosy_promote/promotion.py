"""Move an alias step by step, look after the moved models, and go back where they are not well.

Each step is one change of the ledger: the aliases that it moves, and how far the promotion is. So
whoever asks for the same promotion after its driver died finds on the ledger which step is due to
be checked, and which models are the promotion's to take back: those that it moved and nobody
moved since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.registry.aliases import back, moving
from argosy.store.after_images import Change
from argosy.store.state import Decision
from argosy_promote.checks import Health, examined
from argosy_promote.plan import forget, kept, read
from argosy_promote.progress import FINISHED, MOVING, REVERTED, moved, moved_already, standing
from argosy_promote.steps import placed, said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from argosy.store.ledger import Ledger
    from argosy.store.state import State
    from argosy.types import Check, FleetView
    from argosy_promote.plan import PromotionSpec
    from argosy_promote.progress import Standing


class Promotion:
    """One promotion under way."""

    def __init__(
        self, ledger: Ledger, fleet: FleetView, spec: PromotionSpec, checks: Sequence[Check]
    ) -> None:
        self._ledger, self._fleet, self._spec, self._checks = ledger, fleet, spec, checks

    def carried_out(self, table: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Begin, or go on where the ledger says, to the end or back to the beginning.

        Args:
            table: gives the `model`s and `version`s to promote, if it is only begun now.
        """
        state, location = self._ledger.state(), self._ledger.location
        stood = standing(state, self._spec.name)
        if stood is None or stood.state != MOVING:
            rows = table()
            self.refuse(rows)
            if moved_already(state, rows, self._spec.alias):
                return self.planned(rows)
            name, plan = kept(location, rows, self._spec)
            stood = self._step(plan, 1, name, stood)
        else:
            plan = read(location, stood, self._spec)
        while True:  # each round checks a step, and ends the promotion or takes the next one
            mine = moved(self._ledger, stood, plan)
            health = examined(self._checks, self._fleet, mine, self._spec.tolerated)
            if health.against is not None:
                why = f"stopped at {said(stood.step, self._spec.steps)}: {health.against}"
                self._end(stood, REVERTED, why, mine)
                return self._outcomes(plan, mine, health, why)
            if stood.step == len(self._spec.steps):
                self._end(stood, FINISHED, None, mine)
                return self._outcomes(plan, mine, health, None)
            stood = self._step(plan, stood.step + 1, stood.plan, stood)

    def refuse(self, rows: pl.DataFrame) -> None:
        """Raise if all models could not be moved at once, for whatever reason."""
        move = moving(rows, self._spec.alias)
        self._ledger.apply("set_alias", move, self._spec.reason, dry_run=True)

    def planned(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Say which models would move in which step, or that nothing is to be moved."""
        state = self._ledger.state()
        held = state["alias"].filter(alias=self._spec.alias).select("model", previous="version")
        plan = placed(rows, self._spec.steps, self._spec.seed)
        joined = plan.join(held, on="model", how="left", maintain_order="left")
        at_home = pl.col("previous").eq_missing(pl.col("version"))
        outcome = (
            pl.when(at_home)
            .then(pl.lit("unchanged"))
            .when(pl.col("step").is_null())
            .then(pl.lit("not moved"))
            .otherwise(pl.lit("planned"))
        )
        reason = pl.lit(None, pl.String)
        return joined.select("model", "version", "previous", "step", outcome=outcome, reason=reason)

    def _step(self, plan: pl.DataFrame, step: int, name: str, before: Standing | None) -> Standing:
        """Move the models of one step, and return how far the promotion is then."""
        own = plan.filter(step=step).select("model", "version")
        move = moving(own, self._spec.alias)

        def decide(state: State) -> Decision:
            self._hold(state, before)
            found = move(state)
            made = self._entity(name, step, MOVING, None)
            return Decision(found.outcomes, [*found.changes, made], otherwise=title)

        title = self._spec.title(said(step, self._spec.steps))
        self._ledger.apply("set_alias", decide, self._spec.reason and title)
        now = standing(self._ledger.state(), self._spec.name)
        if now is None or now.plan != name or now.step != step:
            raise self._elsewhere()
        return now

    def _end(self, stood: Standing, state_: str, why: str | None, mine: pl.DataFrame) -> None:
        """Finish, or put back in one change what the promotion moved and nobody has moved since."""

        def decide(state: State) -> Decision:
            self._hold(state, stood)
            end = self._entity(stood.plan, stood.step, state_, why)
            undone = [] if why is None else [back(state, mine, self._spec.alias)]
            return Decision(mine, [*undone, end], models=mine["model"])

        if why is None:
            self._ledger.apply("promote", decide, self._spec.title("finished"))
        else:
            self._ledger.apply("rollback", decide, self._spec.title(f"{why}; reverted"))
        forget(self._ledger.location, stood.plan)

    def _outcomes(
        self,
        plan: pl.DataFrame,
        mine: pl.DataFrame,
        health: Health,
        why: str | None,
    ) -> pl.DataFrame:
        """Say what became of every model, in the order in which they were given."""
        state = self._ledger.state()
        held = state["alias"].filter(alias=self._spec.alias).select("model", now="version")
        found = health.findings.group_by("model", maintain_order=True).agg(
            found=pl.col("reason").first()
        )
        own = mine.select("model", "previous", mine=True)
        joined = plan
        for part in (own, held, found):
            joined = joined.join(part, on="model", how="left", maintain_order="left")
        at_home = pl.col("now").eq_missing(pl.col("version"))
        return joined.select(
            "model",
            "version",
            previous=pl.when("mine").then("previous").otherwise("now"),
            step="step",
            outcome=pl.when("mine")
            .then(pl.lit("promoted" if why is None else "reverted"))
            .when(at_home)
            .then(pl.lit("unchanged"))
            .otherwise(pl.lit("not moved")),
            reason=pl.when("mine")
            .then(pl.coalesce("found", pl.lit(why, pl.String)))
            .when(~at_home)
            .then(pl.lit(why, pl.String)),
        )

    def _hold(self, state: State, before: Standing | None) -> None:
        """Raise if the promotion is not as far as it was when the change was decided on."""
        if standing(state, self._spec.name) != before:
            raise self._elsewhere()

    def _entity(self, plan: str, step: int, state: str, why: str | None) -> Change:
        row = {
            "promotion": self._spec.name,
            "alias": self._spec.alias,
            "steps": list(self._spec.steps),
            "step": step,
            "state": state,
            "plan": plan,
            "why": why,
            "key": f"{plan}/{step if state == MOVING else 'end'}",
        }
        return Change("promotion", pl.DataFrame([row], schema_overrides={"why": pl.String}))

    def _elsewhere(self) -> BadInput:
        return BadInput(
            f"somebody else carries the promotion {self._spec.name!r} on, or rolled it back;"
            " `argosy history` tells who, and the same call goes on from there"
        )
