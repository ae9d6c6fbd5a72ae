"""The verb `promote`: from its arguments to a promotion that is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import BadInput, UnknownName
from argosy.jobs.selected import selected
from argosy.plugins import installed
from argosy.registry.frames import as_frame, shaped
from argosy.views import entities
from argosy.views.selection import Selection
from argosy_promote.checks import chosen
from argosy_promote.holds import Going
from argosy_promote.plan import PromotionSpec
from argosy_promote.progress import MOVING, standing
from argosy_promote.promotion import Promotion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy import Fleet
    from argosy.store.state import State
    from argosy.types import Check
    from argosy_promote.checks import Wanted

_VERSIONS = pa.schema([("model", pa.string()), ("version", pa.string())])


class Promotions:
    """The promotions of one fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def promote(
        self,
        versions: Selection | str | object | None = None,
        alias: str = "champion",
        steps: Sequence[float] = (0.01, 0.1, 1.0),
        checks: Sequence[Wanted] | None = None,
        *,
        of: str | None = None,
        tolerated: float = 0.0,
        wait: str | None = None,
        until: float | None = None,
        now: bool = False,
        resume: str | None = None,
        seed: int = 0,
        name: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Move an alias of many models in waves; `Fleet.promote` describes the verb as a whole.

        Args:
            versions: a selection or a SQL expression (each model's newest version, or that of
                `of`; retired models are left out), or a table of `model` and `version`.
            alias: the one that moves.
            steps: ascending shares of the models, up to 1.
            checks: their names (`argosy plugins` lists them), `Check`s, or functions such as
                theirs; defaults to `comparison`, and `none` switches checks off.
            of: the alias whose versions are promoted, such as `challenger`.
            tolerated: the share of the models that checks may find.
            wait: the least time between two steps, such as `6h`.
            until: the share of the models up to which steps are made this time.
            now: make the next step before it is due.
            resume: the name of a promotion that is under way, to be carried on as it was asked for;
                leave out the models.
            seed: for the order of the models: another seed moves other models first.
            name: of the promotion; by default derived from what is asked for.
            reason: kept with every change.
            dry_run: write nothing; return which model would move in which step.
        """
        ledger, going = self._fleet.ledger, Going(until, now)
        if resume is not None:
            if versions is not None or dry_run:
                raise BadInput(
                    "resume carries on what is under way: leave out the models, and the dry run"
                )
            spec, wanted = _under_way(ledger.state(), resume, checks, reason)
            promotion = Promotion(ledger, self._fleet.read_only(), spec, wanted)
            return promotion.carried_out(_nothing, going)
        if versions is None:
            raise BadInput("say which models to promote, or resume=NAME to carry a promotion on")
        wanted, what = chosen(checks), _what(versions, of)
        spec = PromotionSpec(
            what, of, alias, tuple(steps), seed, tolerated, reason, name, wait=wait
        )
        promotion = Promotion(ledger, self._fleet.read_only(), spec, wanted)

        def table() -> pl.DataFrame:
            if isinstance(what, pl.DataFrame):
                return what
            selection = versions if isinstance(versions, Selection) else what
            models = selected(self._fleet, selection)
            ledger.refuse("promote", models["model"])
            return entities.subjects(ledger.state(), models, of).select("model", "version")

        if dry_run:
            rows = table()
            promotion.refuse(rows)
            return promotion.planned(rows)
        return promotion.carried_out(table, going)


def _under_way(
    state: State, name: str, checks: Sequence[Wanted] | None, reason: str | None
) -> tuple[PromotionSpec, list[Check]]:
    """Return a promotion that is under way as it was asked for, and its checks.

    Raises:
        UnknownName: for a name that no promotion has.
        BadInput: if it is over, or one of its checks was a function, which must be given again.
    """
    stood = standing(state, name)
    if stood is None:
        known = state["promotion"]["promotion"].unique().sort()
        raise UnknownName.among("promotion", name, known, "Begin one with `argosy promote`")
    if stood.state != MOVING:
        raise BadInput(f"the promotion {name!r} is over: it was {stood.state}; begin another one")
    lost = [each for each in stood.checks if each not in installed().checks]
    if checks is None and lost:
        raise BadInput(
            f"the check {lost[0]!r} of the promotion {name!r} is offered by no plugin; give all its"
            f" checks again: {', '.join(stood.checks)}"
        )
    wanted = chosen(stood.checks if checks is None else checks)
    spec = PromotionSpec(
        None, None, stood.alias, stood.steps, 0, stood.tolerated, reason, name, wait=stood.wait
    )
    return spec, wanted


def _nothing() -> pl.DataFrame:
    raise BadInput("the promotion was rolled back meanwhile; begin another one")


def _what(versions: Selection | str | object, of: str | None) -> str | pl.DataFrame:
    """Return the expression of a selection, or a table of `model` and `version`."""
    if isinstance(versions, Selection):
        return versions.expression or ""
    if isinstance(versions, str):
        return versions
    if of is not None:
        raise BadInput(f"a table names the versions itself; leave out of={of!r}, or select models")
    return shaped(as_frame(versions, "promote"), _VERSIONS, _VERSIONS.names, "promotion")
