"""Draw how a value went, and how sure it is, in characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 20


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
