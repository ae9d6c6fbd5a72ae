"""Draw distributions and effects in characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


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
