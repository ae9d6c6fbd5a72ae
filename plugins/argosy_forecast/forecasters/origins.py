"""Which rows of a history are origins to learn from, and which are held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy_forecast.forecasters.call import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class Held(NamedTuple):
    """Forecasts of held-out origins by what was learnt before them, beside what came true."""

    ends: Ints
    """How many rows of the history lie at or before each origin; shape (O,)."""
    leads: Ints
    """Shape (H,)."""
    forecasts: Floats
    """Shape (S, O, H)."""
    truths: Floats
    """NaN where a reading is missing or could not be meant; shape (S, O, H)."""
    levels: Floats
    """How large each series was then; shape (S, O)."""


def ends(times: Ints, phase: int, least: int) -> Ints:
    """Return how many rows lie at or before each origin of a time of the day.

    Args:
        times: of the history, in microseconds.
        phase: the time of the day of the last row, in microseconds; of no account where rows are a
            day apart or more.
        least: the fewest rows before an origin.
    """
    found = np.arange(1, len(times) + 1)
    if times[1] - times[0] < DAY:
        found = found[times % DAY == phase]
    kept: Ints = found[found >= least]
    return kept


def held_out(call: Call, found: Ints, leads: Ints, held: int) -> Ints:
    """Return the last origins whose targets the history has, and no more than a third of all."""
    whole = found[found - 1 + leads[-1] < len(call.times)]
    count = min(held, len(whole) // 3)
    last: Ints = whole[len(whole) - count :]
    return last


def truths(values: Floats, codes: NDArray[np.int8], found: Ints, leads: Ints) -> Floats:
    """Return what came true at the leads of origins; NaN where it is unknown; shape (S, O, H)."""
    length = values.shape[1]
    rows = (found - 1)[:, None] + leads
    inside = np.minimum(rows, length - 1)
    sound = (codes[:, inside] == 0) & (rows < length)
    return np.where(sound, values[:, inside], np.nan)


def cut(call: Call, phases: list[int]) -> tuple[int, int, Ints]:
    """Return the place of the phase at which a history can be cut latest, its end, and the leads.

    The leads are counted from there, so they are longer by the rows that are cut off.
    """
    if call.step >= DAY:
        return 0, len(call.times), call.leads
    back = [int((call.times[-1] - phase) % DAY) // call.step for phase in phases]
    place = int(np.argmin(back))
    return place, len(call.times) - back[place], call.leads + back[place]
