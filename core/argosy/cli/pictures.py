"""Draw distributions and the course of a statistic in characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 20


def bars(values: Sequence[float], highest: float | None = None) -> str:
    """Draw values as bars from zero to the highest; one that is zero is a blank.

    >>> bars([0, 1, 2, 4])
    ' ▂▄█'
    """
    top = max([*values, 0.0]) if highest is None else highest
    if top <= 0:
        return " " * len(values)
    last = len(_BARS) - 1
    return "".join(
        " " if value <= 0 else _BARS[min(last, max(0, round(value / top * (last + 1)) - 1))]
        for value in values
    )


def shares(reference: Sequence[int], current: Sequence[int]) -> tuple[str, str]:
    """Draw the counts of two sides as shares of each, to the same scale.

    >>> shares([1, 1], [0, 8])
    ('▄▄', ' █')
    """
    sides = [[count / max(sum(side), 1) for count in side] for side in (reference, current)]
    top = max([*sides[0], *sides[1], 0.0])
    return bars(sides[0], top), bars(sides[1], top)


def course(values: Sequence[float | None], low: float, high: float) -> str:
    """Draw how a value went between two bounds; where there is none, a dot.

    >>> course([0.5, None, 0.75, 1.0], 0.5, 1.0)
    '▁·▅█'
    """
    span = high - low
    last = len(_BARS) - 1
    return "".join(
        "·" if value is None else _BARS[round((value - low) / span * last) if span > 0 else last]
        for value in values
    )


def interval(
    value: float | None, lower: float | None, upper: float | None, low: float, high: float
) -> str:
    """Draw a value and its interval on a scale between two bounds.

    >>> interval(0.7, 0.6, 0.9, 0.5, 1.0)
    '    ├───●──────┤    '
    """
    if value is None or not high > low:
        return ""

    def place(number: float) -> int:
        share = (min(max(number, low), high) - low) / (high - low)
        return round(share * (_WIDTH - 1))

    cells = [" "] * _WIDTH
    if lower is not None and upper is not None:
        for cell in range(place(lower), place(upper) + 1):
            cells[cell] = "─"
        cells[place(lower)], cells[place(upper)] = "├", "┤"
    cells[place(value)] = "●"
    return "".join(cells)
