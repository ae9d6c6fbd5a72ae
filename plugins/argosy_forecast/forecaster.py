"""What a forecaster is, and what of them comes with this plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    import pydantic


class FitForecaster(Protocol):
    """Learn from the past of one or many series."""

    def __call__(
        self, series: pa.Table, history: pa.Table, settings: Mapping[str, str], /
    ) -> bytes:
        """Return what was learned, in a form that never runs code.

        Args:
            series: one row per series: `series` (its name) and `zone` (of its calendar).
            history: series after series, each with the same times, one step apart: `series`,
                `time` (microseconds, UTC), `value` (float64, null where there is none), and the
                covariates, float64.
            settings: the params of the template.

        Raises:
            BadInput: naming the series that cannot be learned from, and the way out.
        """
        ...


class MakeForecasts(Protocol):
    """Forecast many series from one origin."""

    def __call__(
        self,
        content: bytes,
        series: pa.Table,
        history: pa.Table,
        asked: pa.Table,
        levels: tuple[float, ...],
        /,
    ) -> pa.Table:
        """Return one row per row of `asked`, in order.

        Its columns are `value` (float64; null where it cannot), `reason` (null unless it cannot),
        and if it gives them `quantiles`, a list of float64 with one number per level, and `flag`,
        what is doubtful of a value.

        What it answers for a series must be the same, to the last bit, whichever others are asked
        for beside it.

        Args:
            content: what was learned.
            series: as `FitForecaster` has it.
            history: likewise, as far as it was known at the origin; the last times may be null.
            asked: series after series, each with the same times, one step apart: `series`,
                `time`, `horizon` (int32, steps after the last time of `history`), and the
                covariates as far as they were known in advance, null else.
            levels: of the quantiles.
        """
        ...


@dataclass(frozen=True, slots=True)
class Forecaster:
    """A way to forecast series."""

    name: str
    """What templates name; lowercase."""
    summary: str
    """One line on what it does."""
    fit: FitForecaster
    """Learn."""
    forecast: MakeForecasts
    """Forecast from what was learned."""
    params: type[pydantic.BaseModel]
    """The params that it takes."""
    memory: Callable[[bytes], str]
    """How much of the past it looks at when it forecasts, as a period, given what it learned."""
