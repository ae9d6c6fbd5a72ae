"""The mean of several forecasters: their errors differ, so part of them cancels out.

Members are fitted by themselves. The errors of the mean are those of the mean on origins that all
of its members held out, so its quantiles are its own too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ConfigDict, Field, model_validator

from argosy.errors import BadInput, UnknownName
from argosy_forecast.forecasters.member import Answer, Learnt, Member
from argosy_forecast.forecasters.origins import Held
from argosy_forecast.forecasters.settings import Names, Params, settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call

    Floats = NDArray[np.float64]


class MeanParams(Params):
    """Params of `mean`; any other is its members', as `penalty`, or one's, as `ridge.penalty`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    members: Names = Field(default=("ridge", "lightgbm"), min_length=1)
    """The forecasters, with commas between them."""
    weights: Names = ()
    """One number each, positive, with commas between them; by default they count alike."""

    @model_validator(mode="after")
    def _sound(self) -> MeanParams:
        """Refuse members that are not here, settings that none takes, weights that do not fit."""
        known = _members()
        for name in self.members:
            if name not in known:
                raise UnknownName.among("member", name, known)
        taken = {field for name in self.members for field in known[name].params.model_fields}
        for name in self.model_extra or {}:
            member, dot, field = name.rpartition(".")
            fields = known[member].params.model_fields if member in self.members else taken
            if (dot and member not in self.members) or field not in fields:
                raise UnknownName.among("setting of mean", name, {*taken, *MeanParams.model_fields})
        if self.weights and (
            len(self.weights) != len(self.members) or not all(map(_positive, self.weights))
        ):
            raise BadInput(
                f"weights {', '.join(self.weights)!r} do not fit {len(self.members)} members: give"
                " each a number above 0, with commas between them"
            )
        return self

    def of(self, member: str) -> dict[str, Any]:
        """Return the settings of a member; those that name it go first."""
        fields = _members()[member].params.model_fields
        extra = self.model_extra or {}
        shared = {**extra, "delay": self.delay, "held": self.held}
        own = {
            name.partition(".")[2]: value
            for name, value in extra.items()
            if name.startswith(f"{member}.")
        }
        return {name: value for name, value in shared.items() if name in fields} | own


def _positive(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def _members() -> Mapping[str, Member]:
    from argosy_forecast.forecasters.members import MEMBERS

    return {name: member for name, member in MEMBERS.items() if name != "mean"}


def _learn(call: Call, params: MeanParams) -> Learnt:
    weights = np.array([float(each) for each in params.weights] or [1.0] * len(params.members))
    weights = weights / math.fsum(weights)
    learnt = []
    for name in params.members:
        member = _members()[name]
        learnt.append(member.learn(call, settled(name, member.params, params.of(name))))
    own = {"series": list(call.names), "step": call.step}
    content = {
        "members": list(params.members),
        "weights": weights,
        "learnt": [{**own, **each.content} for each in learnt],
    }
    return Learnt(content, _held([each.held for each in learnt], weights))


def _held(held: Sequence[Held | None], weights: Floats) -> Held | None:
    """Return the mean on the origins and leads that all members held out."""
    there = [each for each in held if each is not None]
    if len(there) < len(held):
        return None
    ends, leads = there[0].ends, there[0].leads
    for each in there[1:]:
        ends, leads = np.intersect1d(ends, each.ends), np.intersect1d(leads, each.leads)
    if not len(ends) or not len(leads):
        return None
    cut = [
        (np.searchsorted(each.ends, ends)[:, None], np.searchsorted(each.leads, leads))
        for each in there
    ]
    said = _mean([each.forecasts[:, *at] for each, at in zip(there, cut, strict=True)], weights)
    rows, columns = cut[0]
    truths, levels = there[0].truths[:, rows, columns], there[0].levels[:, rows[:, 0]]
    return Held(ends, leads, said, truths, levels)


def _mean(values: Sequence[Floats], weights: Floats) -> Floats:
    found = np.zeros_like(values[0])
    for each, weight in zip(values, weights.tolist(), strict=True):
        found += weight * each
    return found


def _answer(told: Mapping[str, Any], call: Call) -> Answer:
    """Ask the members; where one has no answer, there is none, in its words."""
    found = [
        _members()[name].answer(own, call)
        for name, own in zip(told["members"], told["learnt"], strict=True)
    ]
    values = _mean([each.values for each in found], told["weights"])
    reasons, flags = found[0].reasons.copy(), found[0].flags.copy()
    for name, each in reversed(list(zip(told["members"], found, strict=True))):
        missing = np.isnan(each.values)
        reasons[missing] = np.char.add(f"{name}: ", each.reasons[missing].astype(str))
        flags = np.where(each.flags != "", each.flags, flags)
    return Answer(values, reasons, flags, found[0].sizes)


def _days(told: Mapping[str, Any]) -> int:
    return max(
        _members()[name].days({**told, **own})
        for name, own in zip(told["members"], told["learnt"], strict=True)
    )


MEMBER = Member("mean", "The mean of several forecasters.", MeanParams, _learn, _answer, _days)
