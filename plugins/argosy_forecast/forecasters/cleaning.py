"""Readings that cannot be meant, told by what came before them and replaced by it.

A reading at some time is judged by earlier ones only, so no later correction reaches back, and a
history that is cut anywhere is cleaned as the whole was up to there. Three rules:

- *missing*: no number.
- *spike*: more than 2.5 times, or less than 0.4 times, the median of the last seven readings of
  the same time of day, where most of them (five of seven) were above zero. A level that truly
  moved is believed from the fourth day on, since the median is of readings as they came.
- *stuck*: the same number for the fourth time in a row, in a series that does not often repeat
  itself (less than one reading in twenty over four weeks), from its second week on.

What is replaced takes the value of the same time a week before, else of the day before, else the
one just before, as they stand after cleaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Codes = NDArray[np.int8]

REASONS = ("", "missing", "spike", "stuck", "not begun")
"""What was the matter with a reading, by code; 0 is nothing."""


class Cleaned(NamedTuple):
    """Series of which every reading since their first can be used."""

    values: Floats
    """0 before the first reading; shape (S, T)."""
    codes: Codes
    """Places in `REASONS`; shape (S, T)."""
    begins: Ints
    """Where each series has its first reading; T where it has none."""


def cleaned(values: Floats, day: int) -> Cleaned:
    """Replace what cannot be meant.

    Args:
        values: NaN is missing; shape (S, T).
        day: steps of a day; 1 where a step is a day or more.

    Example:
        >>> week = np.tile([10.0, 20.0, 30.0, 40.0], 7)
        >>> found = cleaned(np.append(week, [11.0, 400.0])[None], day=4)
        >>> found.values[0, -2:].tolist(), REASONS[found.codes[0, -1]]
        ([11.0, 20.0], 'spike')
    """
    found, codes, begins = _cleaned(np.ascontiguousarray(values), day)
    return Cleaned(found, codes, begins)


@compiled
def _cleaned(values: Floats, day: int) -> tuple[Floats, Codes, Ints]:
    series, length = values.shape
    found = np.zeros((series, length))
    codes = np.full((series, length), 4, np.int8)
    begins = np.full(series, length, np.int64)
    past = np.empty(7)
    window = 28 * day
    for s in range(series):
        run, repeats = 1, 0
        for t in range(length):
            value = values[s, t]
            code = 0 if np.isfinite(value) else 1
            if t > 0 and value == values[s, t - 1]:
                run += 1
                repeats += 1
            else:
                run = 1
            if t > window and values[s, t - window] == values[s, t - window - 1]:
                repeats -= 1
            if code == 0 and begins[s] == length:
                begins[s] = t
            if begins[s] == length:
                continue
            if (
                code == 0
                and run >= 4
                and t >= 7 * day
                and value != 0
                and repeats - run + 1 < 0.05 * min(t, window)
            ):
                code = 3
            if code == 0 and t >= 7 * day:
                n = 0
                for back in range(1, 8):
                    other = values[s, t - back * day]
                    if np.isfinite(other):
                        place = n
                        while place > 0 and past[place - 1] > other:
                            past[place] = past[place - 1]
                            place -= 1
                        past[place] = other
                        n += 1
                if n >= 4 and past[n // 3] > 0:
                    ratio = value / past[n // 2]
                    if ratio > 2.5 or ratio < 0.4:
                        code = 2
            codes[s, t] = code
            if code == 0:
                found[s, t] = value
            elif t - 7 * day >= begins[s]:
                found[s, t] = found[s, t - 7 * day]
            elif t - day >= begins[s]:
                found[s, t] = found[s, t - day]
            else:
                found[s, t] = found[s, t - 1]
    return found, codes, begins


@compiled
def carried_back(values: Floats, begins: Ints, day: int) -> Floats:
    """Let what lies before a series' first reading take the value of the same time a week later.

    It is for a history that is shorter than what is looked at, never for rows to learn from.
    """
    series, length = values.shape
    found = values.copy()
    for s in range(series):
        for t in range(min(begins[s], length) - 1, -1, -1):
            later = t + 7 * day
            if later < length:
                found[s, t] = found[s, later]
    return found
