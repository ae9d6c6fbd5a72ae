"""Points in time and spans as people hand them over: one reading for every parameter of them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from argosy.errors import BadInput

_BEFORE_OFFSET = re.compile(r"\s+(?=(Z|[+-]\d{2}(:?\d{2})?)$)")
_HOW = "write 2026-11-01T12:00:00Z, 2026-11-01T13:00+01:00 or 2026-11-01"

LONGEST = timedelta(days=365_250)
"""A thousand years: with more, times before or after now would leave the years that are known."""


def moment(point: object) -> datetime:
    """Read a point in time, in UTC.

    Args:
        point: a datetime, a date, a `numpy.datetime64`, or ISO 8601 text. What names no offset is
            UTC, and a bare date means its end.

    Raises:
        BadInput: if it is none of these, or lies outside the years 1 to 9999 in UTC.

    >>> moment("2026-11-01T12:00+01:00").isoformat()
    '2026-11-01T11:00:00+00:00'
    >>> moment(date(2026, 11, 1)).isoformat()
    '2026-11-01T23:59:59.999999+00:00'
    """
    found: object = point
    if isinstance(point, str):
        found = _of_text(point)
    elif getattr(getattr(point, "dtype", None), "kind", None) == "M":
        found = point.item()  # type: ignore[attr-defined]
        if isinstance(found, int):  # finer than a datetime can say
            found = point.astype("datetime64[us]").item()  # type: ignore[attr-defined]
    if isinstance(found, datetime) and found == found:  # pandas has one that is none
        plain = datetime.combine(
            date(found.year, found.month, found.day),
            time(found.hour, found.minute, found.second, found.microsecond, fold=found.fold),
            found.tzinfo,
        )
    elif isinstance(found, date) and not isinstance(found, datetime):
        plain = datetime.combine(found, time.max, UTC)
    else:
        raise _unreadable(point)
    try:
        return plain.astimezone(UTC) if plain.tzinfo else plain.replace(tzinfo=UTC)
    except OverflowError:
        raise BadInput(f"{point!s} lies outside the years 1 to 9999 in UTC; {_HOW}") from None


def span(number: float, unit: str, what: str) -> timedelta:
    """Return so many days or hours.

    Args:
        number: of them, perhaps with a fraction.
        unit: `days` or `hours`.
        what: is kept or waited for, for the error.

    Raises:
        BadInput: for a number that is negative, none, or more than a thousand years.

    >>> span(36, "hours", "keep files").days
    1
    """
    most = LONGEST / timedelta(**{unit: 1})
    if not 0 <= number <= most:
        raise BadInput(f"cannot {what} for {number} {unit}; give 0 or more, up to {most:.0f}")
    return timedelta(**{unit: number})


def _of_text(text: str) -> date | None:
    written = _BEFORE_OFFSET.sub("", text.strip().upper())
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(written)
        except ValueError:
            continue
    return None


def _unreadable(point: object) -> BadInput:
    return BadInput(f"cannot read {point!r} as a time; {_HOW}")
