"""What a backtest is asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from argosy.errors import BadInput
from argosy.types.request import Alias, Metavar, Moment, Request, Role, Texts
from argosy_forecast.requested import Levels, Period
from argosy_forecast.steps import microseconds

CUTS = ("block", "season", "hour")
"""What errors can be cut by."""


def _cuts(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in CUTS:
            raise BadInput(f"errors cannot be cut by {name!r}; name {', '.join(CUTS)}")
    return tuple(dict.fromkeys(names))


def _ends(ends: tuple[str, ...]) -> tuple[str, ...]:
    lengths = [microseconds(end, "block") for end in ends]
    if lengths != sorted(set(lengths)):
        raise BadInput(
            f"blocks end one after the other, unlike {', '.join(ends)}; write 6h before 1d"
        )
    return ends


class Backtest(Request):
    """Forecast the past from many origins, each using only what was known then, and measure it.

    Models are not fitted anew: each keeps what it learned, and is shown what came in since.
    """

    data: Role = Field("history", description="The role of the series' values.")
    alias: Alias | None = Field(
        None, description="Of its version; defaults to the newest version of each model."
    )
    origins: int = Field(14, ge=1, description="From how many origins.")
    every: Period = Field("1d", description="How far they lie apart.")
    until: Moment | None = Field(
        None, description="The last origin; defaults to the last one that all has come true of."
    )
    horizon: Period = Field("1d", description="How far ahead of the first time.")
    lead: Period | None = Field(
        None,
        description="How long after the origin the first time lies; defaults to the next step.",
    )
    blocks: Annotated[Texts, Metavar("PERIOD"), AfterValidator(_ends)] = Field(
        (), description="Where blocks of the horizon end, as 6h; by default it is one block."
    )
    by: Annotated[Texts, Metavar("CUT"), AfterValidator(_cuts)] = Field(
        (), description="What errors are cut by besides: block, season or hour."
    )
    levels: Levels = Field((), description="Levels of the quantiles to forecast, as 0.1.")
    season: Period = Field("1w", description="What the naive forecast takes the value before of.")
