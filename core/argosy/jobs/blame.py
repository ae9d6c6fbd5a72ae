"""The rule of blame: from how processes died, who is at fault.

| what is known | who is blamed |
|---|---|
| models that share nothing died in one function that works on many | the plugin that offers it |
| they hung in it, but with others it returned | nobody: the machine may have been busy |
| one model died in different functions | the model |
| one died in its own code (loading, predicting), twice, where others get through | the model |
| many died in their own code, and no more got through | the plugin that reads |
| two did, and nobody is left who might get through | the plugin that reads |
| one model died in one function that works on many, and nobody else did | nobody: it is told |
| a process was killed from outside, or never began its work; its machine was lost | nobody |

The work of a chunk outside of any plugin counts as the model's own code. This module knows neither
processes nor executors: it is told what happened, and asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from argosy.breadcrumbs import WORK, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from argosy.types import Cause

    Function = tuple[str, str, str]

_OWN = ("loaders", WORK.kind)
_TWICE = 2
_MANY = 8
"""So many die in their own code before its plugin is to blame, as long as others may yet get
through: fewer may well be broken in the same way, and be the first that were tried."""


def is_own(function: Function) -> bool:
    """Whether it is a model's own code that runs there, or its own data that is read."""
    return function[0] in _OWN


@dataclass(frozen=True, slots=True)
class Death:
    """How a process ended over a chunk."""

    models: frozenset[str]
    """The versions that were in hand, as `MODEL@VERSION`."""
    step: Step
    """What was being called."""
    how: str
    """In words, such as `SIGSEGV`."""
    cause: Cause = "crash"

    @property
    def of(self) -> str | None:
        """The one version that it is about, if it is about one."""
        if self.step.model is not None or len(self.models) != 1:
            return self.step.model
        return next(iter(self.models))

    @property
    def alone(self) -> bool:
        """Whether no other version was in hand."""
        return len(self.models) == 1


@dataclass(slots=True)
class Evidence:
    """What a run has seen so far."""

    _deaths: list[Death] = field(default_factory=list)
    _passed: dict[Function, set[str]] = field(default_factory=dict)

    def died(self, death: Death) -> None:
        """Take note of a death that nobody outside brought about."""
        self._deaths.append(death)

    def passed(self, function: Function, models: Iterable[str]) -> None:
        """Take note of versions with which a function returned, whatever it answered."""
        self._passed.setdefault(function, set()).update(models)

    def deaths_of(self, model: str, function: Function) -> int:
        """Return how often a version died in a function with no other in hand."""
        mine = self._alone(model)
        return sum(one.step.function == function for one in mine)

    def culprits(self, all_tried: bool = False) -> dict[Function, list[Death]]:
        """Return the functions whose plugin is to blame, each with the deaths in it.

        Args:
            all_tried: whether nobody is left who might get through.
        """
        functions = dict.fromkeys(one.step.function for one in self._deaths)
        found = {function: self._in(function) for function in functions}
        some = _TWICE if all_tried else _MANY
        return {name: deaths for name, deaths in found.items() if self._guilty(deaths, some)}

    def proven(self, model: str) -> bool:
        """Say whether a version, and no plugin, is to blame."""
        blamed = self.culprits()
        mine = [one for one in self._alone(model) if one.step.function not in blamed]
        functions = {one.step.function for one in mine}
        if len({function[:2] for function in functions}) > 1:
            return True
        return any(
            is_own(function)
            and self._through(function) - {model}
            and sum(one.of == model for one in self._in(function)) >= _TWICE
            for function in functions
        )

    def _alone(self, model: str) -> list[Death]:
        return [one for one in self._deaths if one.alone and one.of == model]

    def _in(self, function: Function) -> list[Death]:
        return [one for one in self._deaths if one.step.function == function]

    def _through(self, function: Function) -> set[str]:
        """Return the versions that got through a function, and never died in it."""
        return self._passed.get(function, set()) - {one.of for one in self._in(function)}

    def _guilty(self, deaths: Collection[Death], some: int) -> bool:
        function = next(iter(deaths)).step.function
        if not is_own(function):
            if self._passed.get(function):
                deaths = [one for one in deaths if one.cause != "time"]
            return any(not one.models & other.models for one, other in combinations(deaths, 2))
        dead = {one.of for one in deaths if one.of is not None}
        through = self._through(function)
        return len(dead) >= (max(_MANY, len(through)) if through else some)
