"""Decide how the times of rows are read, once for all that look at them.

What comes first of day and month is decided by all rows of a column that belong together: those of
a model where each has a file of its own, and all rows of a table that several models share, whoever
of them is looked at. So no model's times depend on what another's file says, nor on which models
are worked on together.

Where times cannot be read, those who need them say why (`argosy.data.times.instant`); what needs no
times is not held up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from argosy.data.text_times import Marks, marks, unordered, written_as
from argosy.data.times import ORDER, UNREADABLE, instant, is_text
from argosy.data.years import outside
from argosy.registry.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OWNER, _TIME = "argosy_owner", "argosy_time"
_WAY_OUT = "bind it with a timestamp_format such as '%d/%m/%Y %H:%M', or epoch:s, ms, us or ns"


class Readable(NamedTuple):
    """Models whose times are read alike, and their rows."""

    models: pl.DataFrame
    binding: dict[str, Any]
    """With `ORDER` and `UNREADABLE` where there is something to say."""
    rows: pl.DataFrame


def readable(
    models: pl.DataFrame,
    binding: dict[str, Any],
    rows: pl.DataFrame,
    owner: str,
    whole: Callable[[], pl.LazyFrame] | None = None,
) -> Iterator[Readable]:
    """Part models by how their times are read, which nearly always is one way for all.

    Args:
        models: `model` and more.
        binding: that of the rows.
        rows: what was read.
        owner: the column of the rows that has their model.
        whole: opens the table that the rows are a part of, where models share one.

    >>> day = pl.DataFrame({"m": ["a", "a", "b"], "t": ["31/01/2024", "01/02/2024", "02/01/2024"]})
    >>> bound = {"timestamp": "t"}
    >>> for part in readable(pl.DataFrame({"model": ["a", "b"]}), bound, day, "m"):
    ...     print(part.models["model"][0], part.binding.get(ORDER), part.binding.get(UNREADABLE))
    a day None
    b None of the times in column 't' no value shows whether day or month comes first (such as \
'02/01/2024'); bind it with timestamp_format '%d/%m/%Y' or '%m/%d/%Y'
    """
    time = binding["timestamp"]
    if not time or time not in rows.columns or not _in_question(rows[time], binding):
        yield Readable(models, binding, rows)
        return
    own = rows.select(pl.col(owner).alias(_OWNER), pl.col(time))
    ways = _understood(own, _ordered(own, binding, whole), binding)
    for (order, reason), part in ways.group_by(ORDER, UNREADABLE, maintain_order=True):
        told = {**binding, ORDER: order, UNREADABLE: reason}
        if part.height == ways.height and (reason is None or part.height == models.height):
            yield Readable(models, told, rows)
            return
        named = part[_OWNER].implode()
        yield Readable(
            models.filter(pl.col("model").is_in(named)),
            told,
            rows.filter(pl.col(owner).is_in(named)),
        )
    rowless = models.filter(~pl.col("model").is_in(ways[_OWNER].implode()))
    if rowless.height:
        yield Readable(rowless, binding, rows.clear())


def of_one_column(rows: pl.DataFrame, binding: dict[str, Any]) -> dict[str, Any]:
    """Return a binding that says how the times of all rows are read, as those of one column."""
    time = binding["timestamp"]
    owned = rows.select(pl.lit("").alias(_OWNER), pl.col(time))
    (alike,) = readable(pl.DataFrame({"model": [""]}), binding, owned, _OWNER)
    return alike.binding


def _in_question(column: pl.Series, binding: dict[str, Any]) -> bool:
    """Whether it is to be decided how a column is read: text and numbers, not times as a rule."""
    form = binding.get("timestamp_format")
    if column.dtype.is_temporal():
        return bool(form and form.startswith(EPOCH)) or outside(column)
    return is_text(column.dtype, form) or form is not None


def _ordered(
    own: pl.DataFrame, binding: dict[str, Any], whole: Callable[[], pl.LazyFrame] | None
) -> pl.DataFrame:
    """Return `_OWNER`, `ORDER` and `UNREADABLE` by what columns show of days and months."""
    time = binding["timestamp"]
    nothing = pl.lit(None, pl.String)
    plain = own.select(pl.col(_OWNER).unique(maintain_order=True)).with_columns(
        nothing.alias(ORDER), nothing.alias(UNREADABLE)
    )
    if binding.get("timestamp_format") or not is_text(own.schema[time], None):
        return plain
    text = pl.col(time).cast(pl.String)
    if not unordered(own[time].cast(pl.String)):
        return plain
    shown = own.group_by(_OWNER, maintain_order=True).agg(
        *marks(text), first=text.filter(text.str.contains(r"^\s*\d{1,2}[-/.]\d")).first()
    )
    shared = None if whole is None else Marks(*whole().select(marks(text)).collect().row(0))
    orders, reasons = [], []
    for day, month, either, first in shown.select("day", "month", "either", "first").iter_rows():
        mine = Marks(day, month, either)
        found = mine if shared is None or not any(mine) else shared
        orders.append(found.order)
        reasons.append(None if found.clear else _undecided(time, first, found))
    return shown.select(_OWNER).with_columns(
        pl.Series(ORDER, orders, pl.String), pl.Series(UNREADABLE, reasons, pl.String)
    )


def _undecided(time: str, first: str, shown: Marks) -> str:
    day = written_as(first)
    month = day.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
    out = f"(such as {first!r}); bind it with timestamp_format {day!r} or {month!r}"
    if shown.day and shown.month:
        return (
            f"of the times in column {time!r} some have the day first and others the month {out},"
            " and mend the others"
        )
    return f"of the times in column {time!r} no value shows whether day or month comes first {out}"


def _understood(own: pl.DataFrame, ways: pl.DataFrame, binding: dict[str, Any]) -> pl.DataFrame:
    """Add the reason to `UNREADABLE` of models that have times, none of which is understood."""
    time, form = binding["timestamp"], binding.get("timestamp_format")
    kind = own.schema[time]
    if kind.is_temporal() and form and form.startswith(EPOCH):
        wrong = f"the timestamp {time!r} is {kind}, and timestamp_format {form!r} is for numbers"
        return ways.with_columns(pl.lit(f"{wrong}; bind it without").alias(UNREADABLE))
    # a time beyond what the engine can write stays the number that it is
    shown = pl.col(time).to_physical() if kind.is_temporal() else pl.col(time)
    found = []
    for (order,), part in ways.filter(pl.col(UNREADABLE).is_null()).group_by(ORDER):
        rows = own.join(part.select(_OWNER), on=_OWNER, how="semi", maintain_order="left")
        read = instant(rows, {**binding, ORDER: order}).alias(_TIME)
        found.append(
            rows.with_columns(read)
            .group_by(_OWNER)
            .agg(
                known=pl.col(time).is_not_null().any(),
                read=pl.col(_TIME).is_not_null().any(),
                first=shown.cast(pl.String).drop_nulls().first(),
            )
            .filter(pl.col("known") & ~pl.col("read"))
            .select(_OWNER, "first")
        )
    if not found:
        return ways
    by = f" by the timestamp_format {form!r}" if form else ""
    told = f"no time of column {time!r} is understood{by} (first value '{{}}');"
    reason = pl.format(f"{told} {_way_out(kind, form)}", "first")
    bad = pl.concat(found).select(_OWNER, reason=reason)
    joined = ways.join(bad, on=_OWNER, how="left", maintain_order="left")
    return joined.select(_OWNER, ORDER, pl.coalesce(UNREADABLE, "reason").alias(UNREADABLE))


def _way_out(kind: pl.DataType, form: str | None) -> str:
    if kind.is_temporal():
        return "it lies outside of the years 1 to 9999, so write the numbers in their right unit"
    return "bind it with that of its values" if form else _WAY_OUT
