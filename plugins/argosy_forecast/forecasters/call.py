"""The tables of a call as arrays: many series over the same past and future times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DAY = 86_400_000_000
"""Microseconds of a day."""
_OWN = {"series", "time", "value", "horizon"}


class Call(NamedTuple):
    """S series over T past and H future times, a step apart."""

    names: tuple[str, ...]
    zones: tuple[str, ...]
    countries: tuple[str, ...]
    """Whose holidays each keeps, as its static column `holidays` says; "" where none does."""
    times: Ints
    """Of the history, in microseconds since 1970, UTC; shape (T,)."""
    values: Floats
    """NaN is unknown; shape (S, T)."""
    past: Mapping[str, Floats]
    """Covariates over the history, by name; shape (S, T)."""
    step: int
    """Microseconds."""
    leads: Ints
    """How many steps each asked time lies after the last of the history; shape (H,)."""
    ahead: Mapping[str, Floats]
    """Covariates at the asked times; shape (S, H)."""

    @property
    def day(self) -> int:
        """Steps of a day; 1 where a step is a day or more."""
        return max(1, DAY // self.step)

    @property
    def delay(self) -> int:
        """How many of the last times no series has a value for."""
        known = np.flatnonzero(np.isfinite(self.values).any(axis=0))
        return len(self.times) - 1 - int(known[-1]) if len(known) else len(self.times)

    @property
    def asked(self) -> Ints:
        """The asked times."""
        found: Ints = self.times[-1] + self.leads * self.step
        return found


def read(series: pa.Table, history: pa.Table, asked: pa.Table | None = None) -> Call:
    """Lay a call out as arrays.

    Args:
        series: one row per series: `series`, `zone`, static columns.
        history: series after series, the same times each: `series`, `time`, `value`, covariates.
        asked: likewise: `series`, `time`, covariates; None: nothing is asked.

    Raises:
        BadInput: naming the table and the series whose rows do not fit.
    """
    names = _text(series, "series")
    zones = _text(series, "zone") if "zone" in series.column_names else ("UTC",) * len(names)
    kept = _text(series, "holidays") if "holidays" in series.column_names else ("",) * len(names)
    times = _times(history, names, "history")
    if len(times) < 2:
        raise BadInput("a history needs two times or more, since its step is read from them")
    step = int(times[1] - times[0])
    _even("history", times, step)
    leads = np.zeros(0, np.int64)
    ahead: dict[str, Floats] = {}
    if asked is not None:
        targets = _times(asked, names, "asked")
        leads, odd = np.divmod(targets - times[-1], step)
        if odd.any() or (leads < 1).any():
            raise BadInput(
                "asked times must lie whole steps after the last time of the history,"
                f" which is {_moment(times[-1])}; {_moment(targets[(odd != 0) | (leads < 1)][0])}"
                " does not"
            )
        ahead = _covariates(asked, len(names))
    values = _numbers(history, "value", len(names))
    past = _covariates(history, len(names))
    return Call(names, zones, kept, times, values, past, step, leads, ahead)


def _text(table: pa.Table, name: str) -> tuple[str, ...]:
    if name not in table.column_names:
        raise BadInput(f"the table of series needs a column {name!r}")
    return tuple(each or "" for each in table[name].to_pylist())


def _numbers(table: pa.Table, name: str, n: int) -> Floats:
    column = pl.Series(table[name]).cast(pl.Float64, strict=False)
    found: Floats = column.fill_null(float("nan")).to_numpy().reshape(n, -1)
    return np.where(np.isfinite(found), found, np.nan)


def _covariates(table: pa.Table, n: int) -> dict[str, Floats]:
    frame = pl.DataFrame(table.slice(0, 0))
    kinds = frame.schema
    return {
        name: _numbers(table, name, n)
        for name in table.column_names
        if name not in _OWN and (kinds[name].is_numeric() or kinds[name] == pl.Boolean)
    }


def _times(table: pa.Table, names: tuple[str, ...], what: str) -> Ints:
    """Return the times that all series share; whoever has others is named."""
    n, rows = len(names), table.num_rows
    if not n or rows % n:
        raise BadInput(f"{what} has {rows} rows, which are no whole number for {n} series")
    each = rows // n
    blocks = pl.DataFrame({"series": pl.Series(table["series"]), "row": np.arange(rows)})
    expected = pl.DataFrame({"series": names, "block": np.arange(n)})
    wrong = (
        blocks.join(expected, on="series", how="left", maintain_order="left")
        .filter(pl.col("block").ne_missing(pl.col("row") // max(each, 1)))
        .head(1)["series"]
    )
    if len(wrong):
        raise BadInput(
            f"{what} must list series after series, as the table of series does;"
            f" {wrong[0]!r} stands elsewhere"
        )
    column = pl.Series(table["time"]).cast(pl.Datetime("us", "UTC")).to_physical()
    times: Ints = column.to_numpy().reshape(n, each)
    off = (times != times[0]).any(axis=1)
    if off.any():
        raise BadInput(
            f"{what} of {names[int(off.argmax())]!r} has other times than that of"
            f" {names[0]!r}; a call holds series over the same times"
        )
    shared: Ints = times[0]
    return shared


def _even(what: str, times: Ints, step: int) -> None:
    gaps = np.diff(times) != step
    if step <= 0 or gaps.any():
        place = int(gaps.argmax()) + 1
        raise BadInput(
            f"the times of {what} must be one step apart; {_moment(times[place])} is"
            " not: give a row for every time, null where there is no value"
        )


def _moment(time: int) -> str:
    return f"{np.datetime64(int(time), 'us')}Z"
