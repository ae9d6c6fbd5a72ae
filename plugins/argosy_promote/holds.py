"""What holds the next step of a promotion up, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy_promote.plan import pause
from argosy_promote.steps import said

if TYPE_CHECKING:
    from argosy_promote.checks import Health
    from argosy_promote.progress import Standing

UNSEEN = "nothing was measured"
"""How the reason begins where checks have seen nothing new."""


@dataclass(frozen=True, slots=True)
class Going:
    """How far a promotion may go this time."""

    until: float | None = None
    """The share of the models up to which steps are made; None: all steps."""
    now: bool = False
    """Whether the next step is made before it is due."""

    def __post_init__(self) -> None:
        if self.until is not None and not 0 < self.until <= 1:
            raise BadInput(f"until is a share above 0 and up to 1, such as 0.1, not {self.until}")

    def hold_to(self, steps: tuple[float, ...]) -> None:
        """Raise if no step would be made at all."""
        if self.until is not None and steps[0] > self.until:
            raise BadInput(
                f"the first step is {100 * steps[0]:.4g} % of the models, beyond until"
                f" {100 * self.until:.4g} %; name a step, or a smaller first one"
            )


def due(stood: Standing) -> datetime:
    """Return when the step after the last one may be made."""
    return stood.at + pause(stood.wait)


def refuse_early(name: str, stood: Standing, going: Going) -> None:
    """Raise if the next step is not due yet, unless it is to be made all the same."""
    when = due(stood)
    if going.now or datetime.now(UTC) >= when:
        return
    raise BadInput(
        f"the next step of the promotion {name!r} is due at {_shown(when)}, {stood.wait} after"
        f" {said(stood.step, stood.steps)}; call it again then, or say --now (now=True)"
    )


def held_up(
    name: str, stood: Standing, following: int | None, going: Going, health: Health, moved: int
) -> str | None:
    """Say why the next step is not made this time, and what to do; None where nothing is amiss.

    After the last step nothing is left to hold up: the promotion ends, unless it is to wait.

    Args:
        name: of the promotion.
        stood: how far it is.
        following: the number of the next step; None after the last one.
        going: how far it may go.
        health: what the checks have seen of the moved models.
        moved: how many these are.
    """
    if following is None and stood.wait is None:
        return None
    on = f"`argosy promote --resume {name}`"
    next_one = "its end" if following is None else said(following, stood.steps)
    if going.until is not None and following and stood.steps[following - 1] > going.until:
        return f"{next_one} was not asked for; {on} goes on"
    when = due(stood)
    if datetime.now(UTC) < when and not going.now:
        return f"{next_one} is due at {_shown(when)}; measure the moved models, then {on} goes on"
    if not health.waits(moved, stood.tolerated):
        return None
    late = health.unseen
    first = late.row(0, named=True)
    more = late["model"].n_unique() - 1
    others = f" and {more:,} more" if more else ""
    told = late.filter(pl.col("next_step") != "")["next_step"].unique(maintain_order=True)
    measure = f"run {' and '.join(f'`{each}`' for each in told)}, then " if len(told) else ""
    return (
        f"{UNSEEN} of {first['model']}{others} since {said(stood.step, stood.steps)}, so the check"
        f" {first['check']} has seen nothing new; {measure}{on}"
    )


def _shown(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
