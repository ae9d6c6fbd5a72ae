"""What a run has found out about the deaths of its processes, and what it does about them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from argosy.breadcrumbs import WORK, Step
from argosy.errors import ArgosyWarning
from argosy.jobs.blame import Death, Evidence
from argosy.plugins import installed
from argosy.plugins.guarded_call import origin
from argosy.types import Finished

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from argosy.jobs.traced import Told
    from argosy.plugins.trail import Function
    from argosy.types import Chunk

_NAMED = 3
"""So many models are named in a reason."""
_ENDS = {
    "time": ("it was stopped", "hung"),
    "memory": ("it ran out of memory", "used up the memory of its process"),
}
_OTHERWISE = ("the process that ran it died", "ended its process")
"""What became of a chunk, and what its function did, by the cause of the death."""


@dataclass(slots=True)
class Inquiry:
    """The inquiry of one run, which all of its chunks share."""

    evidence: Evidence = field(default_factory=Evidence)
    blocked: dict[Function, str] = field(default_factory=dict)
    """Functions that are not called again in this run, and why."""
    wary: bool = False
    """Whether the process that carried the run out before died, so that no chunk is trusted."""

    def heard(self, chunk: Chunk, said: Told) -> None:
        """Take note of the calls that ended in a chunk, and of those that were given up."""
        models = named(chunk)
        ended = said.died is None
        for step in said.returned:
            self.evidence.passed(step.function, [step.model] if step.model else models)
        if ended:
            self.evidence.passed(WORK.function, models)
        for step in said.given_up:
            self.evidence.died(Death(models, step, "it was given up", "time"))

    def block(self, all_tried: bool = False) -> bool:
        """Block what is to blame by now, and warn of it; say whether anything is new."""
        culprits = self.evidence.culprits(all_tried)
        new = {name: deaths for name, deaths in culprits.items() if name not in self.blocked}
        for function, deaths in new.items():
            self.blocked[function] = _blocking(function, deaths)
            warnings.warn(self.blocked[function], ArgosyWarning, stacklevel=2)
        return bool(new)

    def guilty(self, chunk: Chunk, death: Death) -> Finished:
        """Return the end of a chunk whose one version is to blame."""
        return Finished(chunk.id, error=_sentence(death), cause=death.cause)

    def unproven(self, chunk: Chunk, death: Death) -> Finished:
        """Return the end of a chunk for which nobody is to blame."""
        told = f"{_sentence(death)}; nobody else got through there, so this is no proof against it"
        return Finished(chunk.id, error=told)


def named(chunk: Chunk) -> frozenset[str]:
    """Return the versions of a chunk, as `MODEL@VERSION`."""
    table = chunk.models
    if not {"model", "version"} <= set(table.column_names):
        return frozenset(map(str, table.to_pylist()))
    pairs = zip(table["model"].to_pylist(), table["version"].to_pylist(), strict=True)
    return frozenset(f"{model}@{version}" for model, version in pairs)


def for_it_alone(death: Death) -> str:
    """Say why a function is not called for one version, though nobody blames its plugin."""
    return f"{_whose(death.step)} {_did(death)} over this model alone, and is not called for it"


def _blocking(function: Function, deaths: Sequence[Death]) -> str:
    kind, name, act = function
    who = _whose(Step(kind, name, act=act))
    return (
        f"{who} {_did(deaths[-1])} over different models, such as {_listed(deaths)}, and is blocked"
        " for the rest of this run"
    )


def _listed(deaths: Iterable[Death]) -> str:
    """Name a model of each of the deaths."""
    each = (death.step.model or min(death.models, default="") for death in deaths)
    models = list(dict.fromkeys(each))[:_NAMED]
    return ", ".join(repr(model.rpartition("@")[0] or model) for model in models)


def _sentence(death: Death) -> str:
    where = "" if death.step == WORK else f" in {_whose(death.step)}"
    what, _ = _ENDS.get(death.cause, _OTHERWISE)
    return f"{what}{where}: {death.how}"


def _did(death: Death) -> str:
    """Say what a function did, after its name."""
    _, what = _ENDS.get(death.cause, _OTHERWISE)
    return f"{what} ({death.how})"


def _whose(step: Step) -> str:
    if step == WORK:
        return "the work of this job"
    return origin(step.kind, step.name) if hasattr(installed(), step.kind) else str(step.name)
