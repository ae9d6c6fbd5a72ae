"""Move an alias step by step, look after the moved models, and go back where they are not well.

Each step is one change of the ledger: the aliases that it moves, and how far the promotion is. So
whoever asks for the same promotion after its driver died, or once the next step is due, finds on
the ledger which step is to be checked, and which models are the promotion's to take back: those
that it moved and nobody moved since.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput
from argosy.registry.aliases import back, moving
from argosy.store.after_images import Change
from argosy.store.state import Decision
from argosy_promote.checks import examined, named, objections
from argosy_promote.holds import held_up, refuse_early
from argosy_promote.outcomes import Ending, outcomes
from argosy_promote.plan import drafted, forget, kept, read, without
from argosy_promote.progress import (
    FINISHED,
    MOVING,
    REVERTED,
    WAITING,
    moved,
    moved_already,
    standing,
    waits_for,
)
from argosy_promote.steps import said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from argosy.store.ledger import Ledger
    from argosy.store.state import State
    from argosy.types import Check, FleetView
    from argosy_promote.holds import Going
    from argosy_promote.plan import PromotionSpec
    from argosy_promote.progress import Standing


class Promotion:
    """One promotion under way."""

    def __init__(
        self, ledger: Ledger, fleet: FleetView, spec: PromotionSpec, checks: Sequence[Check]
    ) -> None:
        self._ledger, self._fleet, self._checks = ledger, fleet, checks
        self._spec = replace(spec, checks=tuple(named(checks)))

    def carried_out(self, table: Callable[[], pl.DataFrame], going: Going) -> pl.DataFrame:
        """Begin, or go on where the ledger says, until something holds it up or it ends.

        Args:
            table: gives the `model`s and `version`s to promote, if it is only begun now.
            going: how far it may go this time.
        """
        state, location = self._ledger.state(), self._ledger.location
        stood = standing(state, self._spec.name)
        if stood is None or stood.state != MOVING:
            going.hold_to(tuple(self._spec.steps))
            rows = table()
            self.refuse(rows)
            if moved_already(state, rows, self._spec.alias):
                return self.planned(rows)
            plan, against = self._looked_over(rows)
            if against is not None or plan["step"].null_count() == plan.height:
                return outcomes(state, self._spec.alias, plan, None, Ending(not_moved=against))
            name = kept(location, plan)
            stood = self._step(plan, int(plan["step"].min()), name, stood)  # type: ignore[arg-type]
        else:
            plan = read(location, stood, self._spec)
            self._spec = replace(self._spec, wait=stood.wait)
            refuse_early(self._spec.name, stood, going)
        while True:  # each round checks a step, and ends the promotion or takes the next one
            mine = moved(self._ledger, stood, plan)
            health = examined(self._checks, self._fleet, mine, self._spec.tolerated)
            if health.against is not None:
                why = f"stopped at {said(stood.step, self._spec.steps)}: {health.against}"
                self._end(stood, REVERTED, why, mine)
                return self._told(plan, mine, Ending(health, reverted=why, not_moved=why))
            following = plan.filter(pl.col("step") > stood.step)["step"].min()
            number = None if following is None else int(following)  # type: ignore[arg-type]
            wait = held_up(self._spec.name, stood, number, going, health, mine.height)
            if wait is not None:
                self._wait(stood, wait, mine)
                return self._told(plan, mine, Ending(health, waiting=wait))
            if number is None:
                self._end(stood, FINISHED, None, mine)
                return self._told(plan, mine, Ending(health))
            stood = self._step(plan, number, stood.plan, stood)
            going = replace(going, now=False)

    def refuse(self, rows: pl.DataFrame) -> None:
        """Raise if all models could not be moved at once, for whatever reason."""
        move = moving(rows, self._spec.alias)
        self._ledger.apply("set_alias", move, self._spec.reason, dry_run=True)

    def planned(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Say which models would move in which step, and which would not."""
        plan, against = self._looked_over(rows)
        ending = Ending(not_moved=against, planned=against is None)
        return outcomes(self._ledger.state(), self._spec.alias, plan, None, ending)

    def _looked_over(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, str | None]:
        """Return the plan without models that checks object to, and why nobody may move."""
        plan = drafted(self._ledger.state(), rows, self._spec)
        apart = plan.filter(pl.col("previous").ne_missing(pl.col("version")))
        tolerated = self._spec.tolerated
        health = objections(self._checks, self._fleet, apart, tolerated)
        against = health.against and f"was not begun: {health.against}"
        return without(plan, health.findings, self._spec), against

    def _told(self, plan: pl.DataFrame, mine: pl.DataFrame, ending: Ending) -> pl.DataFrame:
        return outcomes(self._ledger.state(), self._spec.alias, plan, mine, ending)

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

    def _wait(self, stood: Standing, why: str, mine: pl.DataFrame) -> None:
        """Write down what holds the next step up, unless that is written there already."""
        if waits_for(self._ledger.state(), stood) == why:
            return

        def decide(state: State) -> Decision:
            self._hold(state, stood)
            return Decision(mine, [self._entity(stood.plan, stood.step, WAITING, why)])

        self._ledger.apply("promote", decide, self._spec.title(f"waiting: {why}"))

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

    def _hold(self, state: State, before: Standing | None) -> None:
        """Raise if the promotion is not as far as it was when the change was decided on."""
        if standing(state, self._spec.name) != before:
            raise self._elsewhere()

    def _entity(self, plan: str, step: int, state: str, why: str | None) -> Change:
        ends = {MOVING: f"{step}", WAITING: f"{step}/waiting"}
        row = {
            "promotion": self._spec.name,
            "alias": self._spec.alias,
            "steps": list(self._spec.steps),
            "step": step,
            "state": state,
            "plan": plan,
            "why": why,
            "checks": list(self._spec.checks),
            "tolerated": self._spec.tolerated,
            "wait": self._spec.wait,
            "key": f"{plan}/{ends.get(state, 'end')}",
        }
        texts = dict.fromkeys(("why", "wait"), pl.String)
        kinds: dict[str, Any] = {**texts, "checks": pl.List(pl.String)}
        return Change("promotion", pl.DataFrame([row], schema_overrides=kinds))

    def _elsewhere(self) -> BadInput:
        return BadInput(
            f"somebody else carries the promotion {self._spec.name!r} on, or rolled it back;"
            " `argosy history` tells who, and the same call goes on from there"
        )
