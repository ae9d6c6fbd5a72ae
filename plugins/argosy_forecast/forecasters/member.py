"""What each forecaster has to say: what it learns of a call, and what it answers.

The rest is the same for all: settings are read, arrays laid out, quantiles laid around, and the
artifact written and read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from argosy.errors import BadInput
from argosy_forecast.forecasters import artifact
from argosy_forecast.forecasters.call import read
from argosy_forecast.forecasters.settings import settled
from argosy_forecast.forecasters.spread import quantiles, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call
    from argosy_forecast.forecasters.origins import Held
    from argosy_forecast.forecasters.settings import Params

    Floats = NDArray[np.float64]
    Texts = NDArray[np.object_]


class Learnt(NamedTuple):
    """What is kept of a fit, and how it fared on origins that were held out."""

    content: dict[str, Any]
    held: Held | None


class Answer(NamedTuple):
    """What is forecast for S series at H asked times."""

    values: Floats
    """NaN where there is none; shape (S, H)."""
    reasons: Texts
    """Why there is none, "" where there is; shape (S, H)."""
    flags: Texts
    """What was doubtful of what it was made of, "" if nothing; shape (S, H)."""
    sizes: Floats
    """How large each series is; shape (S,)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A forecaster of this package."""

    name: str
    summary: str
    params: type[Params]
    learn: Callable[[Call, Any], Learnt]
    answer: Callable[[Mapping[str, Any], Call], Answer]
    days: Callable[[Mapping[str, Any]], int]
    """How many days before an origin it looks at, by what it learnt."""

    def fit(self, series: pa.Table, history: pa.Table, settings: Mapping[str, str]) -> bytes:
        """Learn from the past of series; the same tables and settings give the same bytes.

        Raises:
            BadInput: naming what cannot be used, and the way out.
        """
        params = settled(self.name, self.params, settings)
        call = read(series, history)
        found = self.learn(call, params)
        own = {"series": list(call.names), "step": call.step, "spread": spread(found.held)}
        return artifact.written(self.name, {**own, **found.content})

    def forecast(
        self,
        content: bytes,
        series: pa.Table,
        history: pa.Table,
        asked: pa.Table,
        levels: tuple[float, ...] = (),
    ) -> pa.Table:
        """Answer every asked row, in order: `value`, `reason`, `flag`, and `quantiles` if asked.

        Raises:
            ArtifactError: if the content is another's.
            BadInput: naming what cannot be used, and the way out.
        """
        told = artifact.read(self.name, content)
        call = read(series, history, asked)
        if told["step"] != call.step:
            raise BadInput(
                f"{self.name} was fitted to steps of {_period(told['step'])}, and these are of"
                f" {_period(call.step)}; fit it anew"
            )
        found = self.answer(told, call)
        columns = {
            "value": pa.array(found.values.reshape(-1), from_pandas=True),
            "reason": _texts(np.where(np.isnan(found.values), found.reasons, "")),
            "flag": _texts(found.flags),
        }
        if levels and told["spread"]:
            around = quantiles(
                told["spread"], places(told, call), call.leads, found.values, found.sizes, levels
            )
            missing = np.isnan(around).any(axis=2).reshape(-1)
            columns["quantiles"] = pa.FixedSizeListArray.from_arrays(
                pa.array(around.reshape(-1)), len(levels), mask=pa.array(missing)
            )
        return pa.table(columns)

    def memory(self, content: bytes) -> str:
        """Return how much of the past it looks at, as a period."""
        return f"{self.days(artifact.read(self.name, content))}d"


def places(told: Mapping[str, Any], call: Call) -> NDArray[np.int64]:
    """Return where each series of a call stands among those that were learnt; -1: it does not."""
    known = {name: place for place, name in enumerate(told["series"])}
    return np.array([known.get(name, -1) for name in call.names])


def _texts(texts: Texts) -> pa.Array:
    return pa.array([text or None for text in texts.reshape(-1).tolist()], pa.string())


def _period(step: int) -> str:
    minutes, rest = divmod(step, 60_000_000)
    if rest:
        return f"{step} microseconds"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
