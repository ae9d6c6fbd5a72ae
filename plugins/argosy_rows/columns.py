"""Which columns the data of a selection has: what a request may name, told before any work.

Schemas are read and no rows, each file's once, and of many files only some: a name is fine if any
of them has it, for a model without it fails by itself. What cannot be read refuses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import FAULTS, opened
from argosy.data.guard import reading
from argosy.data.sources import RESERVED
from argosy.data.times import ORDER, instant, is_text
from argosy.errors import BadInput, UnknownName
from argosy_rows.periods import is_period
from argosy_rows.windows import WindowSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location

_MOST = 48
"""So many files of a selection are looked at, spread evenly."""
_FIRST_ROWS = 200
"""So many rows say whether text is a time."""
_FILE = ("url", "format", "where")


class BoundColumns:
    """The columns of the data that models are bound to in one role."""

    def __init__(self, bindings: pl.Series, role: str, location: Location) -> None:
        """Take the structs of bindings, as `bound` gives them; null where a model has none."""
        known = bindings.drop_nulls()
        rows = pl.DataFrame({"binding": known})
        files = rows.unique(
            [pl.col("binding").struct.field(name).alias(name) for name in (*_FILE, "timestamp")],
            maintain_order=True,
        )["binding"].to_list()
        step = max(1, -(-len(files) // _MOST))
        self._bindings: list[dict[str, Any]] = files[::step]
        self._role, self._location = role, location
        self._opened: dict[int, tuple[pl.LazyFrame, pl.Schema] | None] = {}

    def schemas(self) -> Iterator[tuple[dict[str, Any], pl.Schema]]:
        """Yield the bindings of files that can be read, and their schemas."""
        for binding, _, schema in self._readable():
            yield binding, schema

    def refuse_column(self, option: str, name: str) -> None:
        """Raise if no data has a column.

        Raises:
            UnknownName: naming the option and the columns that there are.
        """
        known: list[str] = []
        for _, _, schema in self._readable():
            if name in schema:
                return
            known += [one for one in schema if not one.startswith(RESERVED)]
        if known:
            raise UnknownName.among(
                f"column ({option}) of the data that is bound to the role {self._role!r}",
                name,
                known,
            )

    def refuse_expression(self, option: str, text: str, expression: pl.Expr) -> None:
        """Raise if an expression cannot be worked out on any of the data.

        Raises:
            UnknownName: if it names a column that no data has.
            BadInput: if it cannot be worked out on the columns that there are.
        """
        names = expression.meta.root_names()
        for name in names:
            self.refuse_column(option, name)
        told = None
        for _, _, schema in self._readable():
            if any(name not in schema for name in names):
                continue
            try:
                pl.LazyFrame(schema=schema).select(expression).collect()
            except FAULTS as error:
                told = str(error).strip().splitlines()[0]
            else:
                return
        if told is not None:
            raise BadInput(
                f"{option} {text!r} cannot be worked out on the data that is bound to the role"
                f" {self._role!r}: {told}"
            )

    def refuse_window(self, window: str | None, option: str = "window") -> None:
        """Raise if none of the data can be cut into windows.

        Raises:
            UnknownName: if no data has the column that windows are named by.
            BadInput: if no data names a timestamp, or none that is a time.
        """
        if window is None:
            return
        partition = WindowSpec(window).partition
        if partition is not None:
            self.refuse_column(option, partition)
        elif is_period(window):
            self._refuse_untimed(window, option)

    def _refuse_untimed(self, window: str, option: str) -> None:
        if not self._bindings:
            return
        if not any(binding["timestamp"] for binding in self._bindings):
            raise BadInput(
                f"{option} {window!r} cuts rows by time, and no data that is bound to the role"
                f" {self._role!r} names a timestamp; bind it with one, or cut by '1000 rows' or"
                " 'by COLUMN'"
            )
        fault = None
        for binding, scan, schema in self._readable():
            fault = (
                _untimed(binding, scan, schema, self._location) if binding["timestamp"] else fault
            )
            if fault is None and binding["timestamp"]:
                return
        if fault is not None:
            raise BadInput(
                f"{option} {window!r} cuts rows by time, and no data that is bound to the role"
                f" {self._role!r} has one: {fault}; bind it with a timestamp that is a date or a"
                " time, or cut by '1000 rows' or 'by COLUMN'"
            )

    def _readable(self) -> Iterator[tuple[dict[str, Any], pl.LazyFrame, pl.Schema]]:
        for place, binding in enumerate(self._bindings):
            if place not in self._opened:
                self._opened[place] = _read(binding, self._location)
            found = self._opened[place]
            if found is not None:
                yield binding, *found


def _read(binding: dict[str, Any], location: Location) -> tuple[pl.LazyFrame, pl.Schema] | None:
    try:
        with reading(()):  # what files say of themselves harms nobody
            _, scan = opened(binding, location)
        return scan, scan.collect_schema()
    except FAULTS:  # whoever reads its rows says what is wrong
        return None


def _untimed(
    binding: dict[str, Any], scan: pl.LazyFrame, schema: pl.Schema, location: Location
) -> str | None:
    """Say why rows of a file have no time, or None if they have, or are none."""
    time, url = binding["timestamp"], binding["url"]
    if time not in schema:
        return f"the data at {url} has no column {time!r}"
    try:
        asked = is_text(schema[time], binding["timestamp_format"])
        scan = opened(binding, location)[1] if asked else scan
        column = scan.select(time).drop_nulls()
        first = column.head(_FIRST_ROWS if asked else 0).collect()
        if not asked or _understood(first, binding):
            instant(first, binding)  # which refuses other types
            return None
        if not first.height or _understood(column.collect(), binding):
            return None
    except BadInput as error:
        return str(error)
    except FAULTS:
        return None
    return (
        f"the timestamp at {url} is text such as {str(first[time][0])!r}, and no time of column"
        f" {time!r} is understood"
    )


def _understood(known: pl.DataFrame, binding: dict[str, Any]) -> bool:
    """Whether any text is a time, whatever the order of its day and month."""
    orders = ("day", "month")
    reads = (known.select(instant(known, {**binding, ORDER: order})) for order in orders)
    return any(read.to_series().is_not_null().any() for read in reads)
