"""Fields that requests of this package share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from argosy.errors import BadInput
from argosy.types.request import Metavar
from argosy_forecast.steps import microseconds


def _period(text: str) -> str:
    microseconds(text, "period")
    return text


def _levels(levels: tuple[float, ...]) -> tuple[float, ...]:
    if any(not 0 < level < 1 for level in levels) or list(levels) != sorted(set(levels)):
        raise BadInput(
            f"the levels {', '.join(map(str, levels))} are none: they lie between 0"
            " and 1, in ascending order, each once; write --level 0.1 --level 0.5 --level 0.9"
        )
    return levels


Period = Annotated[str, Metavar("PERIOD"), AfterValidator(_period)]
"""A length of time that is the same everywhere: minutes, hours, days or weeks."""
Levels = Annotated[tuple[float, ...], Metavar("LEVEL"), AfterValidator(_levels)]
"""Levels of quantiles."""
