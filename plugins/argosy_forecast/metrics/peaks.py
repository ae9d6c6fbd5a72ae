"""What counts of a day: how high its peak is, when it comes, and how steep the way there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DAYS, PEAK, PEAK_HOUR, PEAK_TIME, RAMP, ANY_DAY = range(6)
"""The first axis of what `days` adds up."""
_HOUR = 3_600_000_000.0


@compiled
def days(
    truth: Floats,
    guess: Floats,
    time: Ints,
    day: Ints,
    steps: Ints,
    used: Flags,
    starts: Ints,
    lengths: Ints,
) -> Floats:
    """Add up the errors of whole days: those of which every step is there and used.

    Of several steps at which the truth is highest, the one next to the forecast's peak counts for
    the time; of several at which the forecast is, the first.

    Args:
        truth: what came true.
        guess: what was forecast.
        time: in microseconds; it ascends within a day.
        day: a number alike in the rows of a day, which follow each other.
        steps: how many rows the whole day has.
        used: which rows count.
        starts: where each group begins.
        lengths: how many rows it has.

    Returns:
        Shape (6, groups): whole days; the differences of the peaks; the errors at the hour of the
        true peak; the hours between the peaks; the mean errors of the change from step to step;
        and days at all. A day of one step has no change, and a ramp of 0.

    Example:
        >>> hours = np.arange(3) * 3_600_000_000
        >>> sides = np.array([1.0, 5.0, 2.0]), np.array([1.0, 3.0, 4.0])
        >>> whole = np.zeros(3, int), np.full(3, 3), np.ones(3, bool), np.array([0]), np.array([3])
        >>> days(*sides, hours, *whole).ravel().tolist()
        [1.0, 1.0, 2.0, 1.0, 3.0, 1.0]
    """
    found = np.zeros((6, len(starts)))
    for group in range(len(starts)):
        end = starts[group] + lengths[group]
        first = starts[group]
        while first < end:
            last = first
            whole = True
            while last < end and day[last] == day[first]:
                whole = whole and used[last]
                last += 1
            found[5, group] += 1
            if whole and last - first == steps[first]:
                top = first
                said = first
                ramp = 0.0
                for row in range(first + 1, last):
                    top = row if truth[row] > truth[top] else top
                    said = row if guess[row] > guess[said] else said
                    off = guess[row] - guess[row - 1] - (truth[row] - truth[row - 1])
                    ramp += abs(off)
                apart = abs(time[said] - time[top])
                for row in range(first, last):
                    if truth[row] == truth[top]:
                        apart = min(apart, abs(time[said] - time[row]))
                found[0, group] += 1
                found[1, group] += abs(guess[said] - truth[top])
                found[2, group] += abs(guess[top] - truth[top])
                found[3, group] += apart / _HOUR
                found[4, group] += ramp / max(last - first - 1, 1)
            first = last
    return found
