"""Times that are written as text: ISO 8601 in its spellings, and day and month by what shows.

| text | read as |
|---|---|
| `2024-01-31`, `2024/1/31`, `2024.01.31`, `20240131` | that day |
| with ` 14:30`, `T14:30:05.123`, `T143005`, ` 02:30 PM` | at that time |
| with `Z`, `UTC`, `+01`, `+0100`, ` +01:00` besides | in that offset |
| `31/01/2024`, `31.1.2024`, `31-01-2024`, and so with a time | day first, or month first |

Which comes first of day and month, a column must show: by a value that is a date in one order only,
and none that is a date in the other only. What is none of these is no time.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import polars as pl

Order = Literal["day", "month"]

UTC_TIME, LOCAL_TIME = pl.Datetime("us", "UTC"), pl.Datetime("us")
_PARTS = (
    r"^(?:(?<y>\d{4})[-/.](?<m>\d{1,2})[-/.](?<d>\d{1,2})|(?<cy>\d{4})(?<cm>\d{2})(?<cd>\d{2})"
    r"|(?<a>\d{1,2})[-/.](?<b>\d{1,2})[-/.](?<ny>\d{4}))"
    r"(?:(?:[Tt]|,? +)(?<H>\d{1,2})(?::?(?<M>\d{2})(?::?(?<S>\d{2})(?:[.,](?<f>\d+))?)?)?"
    r"(?: ?(?<p>[AaPp])\.?[Mm]\.?)?(?: ?(?<z>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$"
)
_UNORDERED = r"^\s*(?<a>\d{1,2})[-/.](?<b>\d{1,2})[-/.]\d{4}(?:[Tt, ]|$)"
_DATE = re.compile(r"(0000)([-/.])00\2(00)|(00)([-/.])00\5(0000)")
_USUAL = {
    f"0000-00-00{between}00:00{seconds}{offset}": f"%Y-%m-%d{between}%H:%M{read}{directive}"
    for between in "T "
    for seconds, read in (
        ("", ""),
        (":00", ":%S"),
        (":00.000", ":%S%.3f"),
        (":00.000000", ":%S%.6f"),
        (":00.000000000", ":%S%.9f"),
    )
    for offset, directive in (("", ""), ("Z", "Z"), ("+00:00", "%z"), ("-00:00", "%z"))
} | {"0000-00-00": "%Y-%m-%d"}
"""How most columns are written, by their digits: one format reads these at once.

The date may be written with another mark, or with the year last."""


class Read(NamedTuple):
    """What text says of times."""

    times: pl.Series
    """As the clock showed them, in UTC where an offset is written; null for what is no time."""
    offset: pl.Series
    """Whether an offset is written."""


class Marks(NamedTuple):
    """What a column shows of the order of its days and months."""

    day: bool
    """Whether a value is a date with the day first only."""
    month: bool
    either: bool
    """Whether a value is a date in both orders, and not the same one."""

    @property
    def order(self) -> Order | None:
        """What comes first, if anything shows it."""
        if self.day and self.month:
            return None
        return "day" if self.day else "month" if self.month else None

    @property
    def clear(self) -> bool:
        """Whether every value has one meaning."""
        return self.order is not None or not (self.day or self.month or self.either)


def unordered(text: pl.Series) -> bool:
    """Whether any value of a column begins with a day or a month."""
    return bool(text.str.contains(_UNORDERED).any())


def marks(text: pl.Expr) -> list[pl.Expr]:
    """Return expressions that find what a column shows, by the names of `Marks`.

    >>> Marks(**pl.DataFrame({"t": ["01/09/2024", "31/09/2024"]}).select(marks(pl.col("t"))).row(
    ...     0, named=True))
    Marks(day=True, month=False, either=True)
    """
    parts = text.str.extract_groups(_UNORDERED).struct
    first, second = (parts.field(name).cast(pl.Int64) for name in "ab")
    day = first.is_between(1, 31) & second.is_between(1, 12)
    month = second.is_between(1, 31) & first.is_between(1, 12)
    both = day & month & (first != second)
    found = {"day": day & ~month, "month": month & ~day, "either": both}
    return [one.any().alias(name) for name, one in found.items()]


def read_text(text: pl.Series, order: Order | None = None) -> Read:
    """Read the times of a column of text.

    Args:
        text: the column.
        order: what comes first of day and month where the year does not.

    >>> read_text(pl.Series(["2024-01-31", "31.1.2024 9:00", "20240131T100000+0100"]), "day").times
    shape: (3,)
    Series: '' [datetime[μs]]
    [
        2024-01-31 00:00:00
        2024-01-31 09:00:00
        2024-01-31 09:00:00
    ]
    """
    found, usual = _at_once(text, order)
    offset = found.is_not_null() & usual
    left = found.is_null() & text.is_not_null()
    if left.any():
        times, written = _by_parts(text.filter(left), order)
        places = left.arg_true()
        found = found.scatter(places, times)
        offset = offset.scatter(places, written)
    return Read(found.alias(text.name), offset)


def read_format(text: pl.Series, form: str) -> Read:
    """Read the times of a column of text by a format, as `strptime` takes it.

    >>> text = pl.Series(["2024-31-01 00:00 +0100"])
    >>> read_format(text, "%Y-%d-%m %H:%M %z").times.dt.to_string()[0]
    '2024-01-30 23:00:00.000000'
    """
    read = text.str.strip_chars().str.to_datetime(form, time_unit="us", strict=False)
    aware = isinstance(read.dtype, pl.Datetime) and read.dtype.time_zone is not None
    return Read(read.cast(UTC_TIME).dt.replace_time_zone(None), read.is_not_null() & aware)


def _at_once(text: pl.Series, order: Order | None) -> tuple[pl.Series, bool]:
    """Read what is written as the first value is, and say whether that has an offset."""
    shape = re.sub(r"\d", "0", str(text.first(ignore_nulls=True)))
    form = _format(shape, order)
    if form is None:
        return pl.Series(text.name, [None], LOCAL_TIME).new_from_index(0, len(text)), False
    alike = text.str.len_bytes() == len(shape)
    same = text if alike.all() else pl.select(pl.when(alike).then(text)).to_series()
    read = same.str.to_datetime(form, time_unit="us", strict=False)
    return read.cast(UTC_TIME).dt.replace_time_zone(None), form.endswith(("Z", "%z"))


def _format(shape: str, order: Order | None) -> str | None:
    date = _DATE.match(shape)
    if date is None or (date[6] and order is None):
        return None
    form = _USUAL.get(f"0000-00-00{shape[date.end() :]}")
    mark = date[2] or date[5]
    parts = ("%Y", "%m", "%d") if date[1] else ("%d", "%m", "%Y")
    parts = ("%m", "%d", "%Y") if date[6] and order == "month" else parts
    return form and form.replace("%Y-%m-%d", mark.join(parts))


def _by_parts(text: pl.Series, order: Order | None) -> tuple[pl.Series, pl.Series]:
    """Read every value by itself, and say which have an offset."""
    parts = text.str.strip_chars().str.extract_groups(_PARTS).struct.unnest()
    first, second = pl.col("a"), pl.col("b")
    agree = first.cast(pl.Int64) == second.cast(pl.Int64)
    known = pl.lit(value=True) if order else agree
    month, day = (first, second) if order == "month" else (second, first)
    hour, half = pl.col("H").cast(pl.Int64), pl.col("p").str.to_lowercase()
    of_twelve = pl.when(hour.is_between(1, 12)).then(hour % 12 + 12 * (half == "p").cast(pl.Int64))
    clock = pl.when(half.is_null()).then(hour.fill_null(0)).otherwise(of_twelve)
    zone = pl.col("z").str.replace(":", "").str.replace("(?i)^(Z|UTC|GMT)$", "+0000")
    iso = pl.concat_str(
        pl.coalesce("y", "cy", pl.when(known).then("ny")),
        pl.lit("-"),
        pl.coalesce("m", "cm", month),
        pl.lit("-"),
        pl.coalesce("d", "cd", day),
        pl.lit("T"),
        clock.cast(pl.String),
        pl.lit(":"),
        pl.col("M").fill_null("00"),
        pl.lit(":"),
        pl.col("S").fill_null("00"),
        pl.lit("."),
        pl.col("f").fill_null("").str.pad_end(6, "0").str.head(6),
        zone.fill_null("+0000").str.pad_end(5, "0"),
    )
    read = iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f%z", time_unit="us", strict=False)
    found = parts.select(times=read.dt.replace_time_zone(None), offset=pl.col("z").is_not_null())
    return found["times"], found["offset"]


def written_as(text: str) -> str:
    """Return the `timestamp_format` of a text with the day first, as far as it can be told.

    >>> written_as("01/09/2024 00:00"), written_as("1.9.2024 14:30:05")
    ('%d/%m/%Y %H:%M', '%d.%m.%Y %H:%M:%S')
    """
    form = re.sub(r"^\d{1,2}([-/.])\d{1,2}([-/.])\d{4}", r"%d\1%m\2%Y", text.strip())
    form = re.sub(r"\d{1,2}:\d{2}:\d{2}\.\d+", "%H:%M:%S%.f", form)
    form = re.sub(r"\d{1,2}:\d{2}:\d{2}", "%H:%M:%S", form)
    return re.sub(r"\d{1,2}:\d{2}", "%H:%M", form)
