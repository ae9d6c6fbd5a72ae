"""Numbers, times and names as plain text.

Names come from whoever registered a model, so text meant to mislead is disarmed here: what cannot
be seen is shown by its escape, and length is bounded. Escaping for HTML is the template's task.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from argosy.inert import visible
from argosy.tables import ALL_COLUMNS

if TYPE_CHECKING:
    from datetime import datetime

_NOTHING = "–"
_MINUS = "\N{MINUS SIGN}"


def column_shown(name: str | None, limit: int = 60) -> str:
    """Make a column's name safe to read, and say in words where it is all of them.

    >>> column_shown("age"), column_shown("*")
    ('age', 'all columns together')
    """
    return "all columns together" if name == ALL_COLUMNS else shown(name, limit)


def shown(name: str | None, limit: int = 60) -> str:
    r"""Make a name safe to read: one line, in reading order, at most `limit` characters.

    >>> shown("credit\u202etiderc"), shown("abcdefghij", 7), shown(None)
    ('credit\\u202etiderc', 'abc…hij', '–')
    """
    if name is None:
        return _NOTHING
    name = visible(name)
    half = (limit - 1) // 2
    if len(name) > limit:
        name = f"{name[: limit - 1 - half]}…{name[-half:]}"
    return name


def place(url: str) -> str:
    """Name where the fleet is, without any password or token in its URL.

    >>> place("s3://key:secret@bucket/fleet?token=1"), place("/data/fleet")
    ('s3://bucket/fleet', '/data/fleet')
    """
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def number(value: float | None, aligned: bool = False) -> str:
    """Write a number with three significant digits, without their closing zeros unless aligned.

    >>> [number(x) for x in (12345, 1234.56, 12.345, 0.5, 0.00002, float("nan"), None)]
    ['12,345', '1,235', '12.3', '0.5', '< 0.0001', '–', '–']
    """
    if value is None or math.isnan(value):
        return _NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    sign, size = (_MINUS if value < 0 else ""), abs(value)
    if isinstance(value, int) or size >= 1e15:
        text = f"{size:,.0f}" if size < 1e15 else f"{size:.2e}"
    elif 0 < size < 0.0001:
        return f"> {_MINUS}0.0001" if sign else "< 0.0001"
    elif size == 0:
        return "0"
    else:
        digits = max(0, 2 - math.floor(math.log10(size)))
        text = f"{size:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text and not aligned else text
    return sign + text


def share(part: float, whole: float) -> str:
    """Write a share as a percentage that is 0 or 100 only when it is exactly that.

    >>> [share(n, 10_000) for n in (0, 1, 123, 9_960, 10_000)], share(0, 0)
    (['0 %', '< 0.1 %', '1.2 %', '99.6 %', '100 %'], '–')
    """
    if not whole:
        return _NOTHING
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    near_an_end = percent < 10 or percent > 99
    return f"{percent:.1f}".removesuffix(".0") + " %" if near_an_end else f"{percent:.0f} %"


def count(n: int, noun: str) -> str:
    """Write a number of things.

    >>> count(1, "model"), count(1200, "model")
    ('1 model', '1,200 models')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def q_value(q: float | None) -> str:
    """Write a q-value as a comparison where it is too small to print.

    >>> q_value(3e-9), q_value(0.0312), q_value(None)
    ('q < 0.0001', 'q = 0.0312', '')
    """
    if q is None or math.isnan(q):
        return ""
    return f"q {number(q)}" if q < 0.0001 else f"q = {number(q)}"


def moment(at: datetime | None) -> str:
    """Write a time in UTC, to the minute.

    >>> from datetime import UTC, datetime
    >>> moment(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    '2026-11-23 09:05 UTC'
    """
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else _NOTHING


def duration(seconds: float | None) -> str:
    """Write how long something took.

    >>> [duration(s) for s in (0.04, 12.3, 200, 7500)]
    ['0.04 s', '12.3 s', '3 min 20 s', '2 h 5 min']
    """
    if seconds is None:
        return _NOTHING
    if seconds < 60:
        return f"{number(float(seconds))} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
