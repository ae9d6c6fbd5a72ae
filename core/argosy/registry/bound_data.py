"""What data that is bound has: asked of its source, and held against what a binding says of it.

Every URL of a table is asked about, however many there are: a schema is a tenth of a millisecond
of a file on this machine, and those of files elsewhere are asked for together.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from itertools import product
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.selectors import by_name

from argosy.plugins import options
from argosy.plugins.settings import CORE
from argosy.registry.condition_faults import in_our_words
from argosy.registry.writing import explained, source_of
from argosy.sql.expression import expression
from argosy.sql.refusal import first_line, shown
from argosy.store.damage import FAULTS
from argosy.store.origins import Origins, within

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from argosy.store.location import Location

    Columns = tuple[tuple[str, pl.DataType], ...]
    Typed = Callable[[Mapping[str, Any], Location, Collection[str]], Mapping[str, pl.DataType]]

TABLE = ("url", "format", "separator", "encoding")
"""The fields of a binding that tell tables apart."""
_AT_ONCE = 16
_FEW = 3
"""So many columns of text are tried in every type that they may have."""
_SHOWN = 20
_NO_TIMES = (pl.Time, pl.Duration)
_MAY_BE = (pl.String(), pl.Int64(), pl.Float64(), pl.Boolean(), pl.Datetime("us"))
"""What a column of text may turn out to be."""
_TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Null)


def columns_of(table: Mapping[str, Any], location: Location) -> dict[str, pl.DataType]:
    """Ask the source of a format what columns a table has; raises whatever the source raises.

    A format without types gives text, for only all of its values tell what it is.

    Args:
        table: `TABLE` of a binding.
        location: the fleet's.
    """
    source, url = source_of(table), table["url"]
    Origins(location).refuse(url)
    given = location.table_options(url)
    if source.columns is not None:
        return dict(source.columns(url, given))
    return dict((source.scan_text or source.scan)(url, given).collect_schema())


class BoundData:
    """The columns of the tables that bindings name, each asked for once."""

    def __init__(
        self, tables: Iterable[tuple[str, ...]], location: Location, typed: Typed | None = None
    ) -> None:
        """Take `TABLE` of every binding, and what gives columns of text their types."""
        asked = list(tables)
        elsewhere = [each for each in asked if "://" in each[0]]
        self._location, self._typed = location, typed
        self._types: dict[tuple[object, ...], Columns | str] = {}
        self._seconds = options(CORE).read_time
        self._found = {each: self._ask(each) for each in asked if "://" not in each[0]}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            self._found |= dict(zip(elsewhere, pool.map(self._ask, elsewhere), strict=True))

    def _ask(self, asked: tuple[str, ...]) -> Columns | str:
        table = dict(zip(TABLE, asked, strict=True))
        url, form = table["url"], table["format"]
        try:
            if "://" not in url:
                return tuple(columns_of(table, self._location).items())
            look = partial(columns_of, table, self._location)
            return tuple(within(self._seconds, url, look).items())
        except FileNotFoundError:
            return f"there is nothing at {url}"
        except FAULTS as error:  # a stranger's data and sources may raise anything
            return f"cannot read {url} as {form}: {explained(table, self._location, error)}"

    def fault(self, binding: Mapping[str, Any], fields: Iterable[str]) -> str | None:
        """Say why the data is not what a binding says, or None.

        Args:
            binding: `url`, `format`, and the fields that look at the data.
            fields: those that name a column.
        """
        url = binding["url"]
        found = self._found[tuple(binding[name] for name in TABLE)]
        if isinstance(found, str):
            return found
        schema = dict(found)
        for name in fields:
            column = binding[name]
            if column and column not in schema:
                return f"{url} has no column {column!r}; it has {listed(schema)}"
        typed = source_of(binding).scan_text is None
        time = binding["timestamp"]
        if typed and time and not _may_be_time(schema[time], binding["timestamp_format"]):
            return (
                f"the timestamp {time!r} of {url} is {schema[time]}; it must be a date, a time,"
                " text or whole numbers, or the binding say by a timestamp_format what it counts"
            )
        told = self._fault_of_where(binding, found, typed) if binding["where"] else None
        for text in binding["segments"] or ():
            told = told or _fault_of_segment(text, found, typed)
        return told and f"{told}; {url} has {listed(schema)}"

    def _fault_of_where(
        self, binding: Mapping[str, Any], columns: Columns, typed: bool
    ) -> str | None:
        where = binding["where"]
        names = [name for name in expression(where).meta.root_names() if name in dict(columns)]
        if not typed and names and self._typed is not None:
            said = tuple(str(binding.get(name)) for name in (*TABLE, "decimal", "nulls"))
            asked = (*said, *names)
            if asked not in self._types:
                self._types[asked] = self._kinds(binding, names, self._typed)
            kinds = self._types[asked]
            if isinstance(kinds, str):
                return kinds
            if kinds and not any(kind == pl.Null for _, kind in kinds):
                columns, typed = tuple((dict(columns) | dict(kinds)).items()), True
        return _fault_of_where(where, columns, typed)

    def _kinds(self, binding: Mapping[str, Any], names: list[str], typed: Typed) -> Columns | str:
        try:
            return tuple(typed(binding, self._location, names).items())
        except FAULTS as error:  # a stranger's data and sources may raise anything
            told = explained({**binding, "where": None}, self._location, error)
            return f"cannot read {binding['url']} as {binding['format']}: {told}"


def listed(names: Iterable[str]) -> str:
    """Name columns, and of many only the first."""
    every = list(names)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more


def unreadable(where: str | None, segments: Iterable[str] | None) -> str | None:
    """Say which expression of a binding is no SQL, or None: it needs no data.

    >>> print(unreadable(None, ["age >"]))
    cannot read the segment 'age >': Expected: an expression, found: its end; name a column, or \
write a SQL expression such as "age > 30"
    """
    if where is not None:
        try:
            expression(where)
        except FAULTS as error:
            return (
                f"cannot read the where {shown(where)}: {first_line(error)}; write a SQL condition"
                " such as \"region = 'eu' AND age > 30\""
            )
    for text in segments or ():
        try:
            _segment(text)
        except FAULTS as error:
            return (
                f"cannot read the segment {shown(text)}: {first_line(error)}; name a column, or"
                ' write a SQL expression such as "age > 30"'
            )
    return None


def _may_be_time(kind: pl.DataType, form: str | None) -> bool:
    if kind.is_temporal():
        return kind not in _NO_TIMES
    return kind.is_integer() or kind in _TEXT or (form is not None and kind.is_numeric())


def _segment(text: str) -> pl.Expr:
    """Read a segment: a single word is a column, whatever SQL thinks of it."""
    return pl.col(text) if text.isidentifier() else expression(text)


@lru_cache
def _fault_of_where(where: str, columns: Columns, typed: bool) -> str | None:
    condition, what = expression(where), f"the where {shown(where)}"
    found = list(_worked_out(condition, columns, typed))
    if not found or pl.Boolean in found:
        return None
    kinds = [kind for kind in found if not isinstance(kind, str)]
    if kinds:
        return f"{what} is {kinds[0]}, and no condition; compare it with something"
    return f"{what} {found[0]}{_hint(where, condition, columns)}"


@lru_cache
def _fault_of_segment(text: str, columns: Columns, typed: bool) -> str | None:
    found = list(_worked_out(_segment(text), columns, typed))
    kinds = [kind for kind in found if not isinstance(kind, str)]
    if not found or any(not kind.is_nested() for kind in kinds):
        return None
    told = f"is {kinds[0]}, which rows cannot be cut by" if kinds else found[0]
    return f"the segment {shown(text)} {told}"


def _worked_out(asked: pl.Expr, columns: Columns, typed: bool) -> Iterator[pl.DataType | str]:
    """Yield the type of an expression over a row without values, or why it has none.

    Args:
        asked: an expression over the columns.
        columns: and their types.
        typed: whether these are known. Those of text are found when all of its values are read, so
            there is an answer for each way in which a few columns may be typed, and none for many.
    """
    known = dict(columns)
    names = asked.meta.root_names()
    for name in names:
        if name not in known:
            yield f"names the column {name!r}, which is not there"
            return
    if typed:
        yield _type_of(asked, known)
    elif len(names) <= _FEW:
        for kinds in product(_MAY_BE, repeat=len(names)):
            yield _type_of(asked, {**known, **dict(zip(names, kinds, strict=True))})


def _type_of(found_by: pl.Expr, schema: Mapping[str, pl.DataType]) -> pl.DataType | str:
    own = {name: schema[name] for name in found_by.meta.root_names()}
    asked = found_by.alias("")
    try:
        row = pl.DataFrame(schema=own).clear(1) if own else pl.DataFrame({"": [None]})
        found = row.lazy().select(asked).collect().dtypes[0]
        texts = [name for name, kind in own.items() if kind == pl.String]
        if texts:  # some that no text allows is only told of a value
            row = row.with_columns(by_name(texts).fill_null("1"))
            row.lazy().select(asked).collect()
    except FAULTS as error:
        told = first_line(error)
        if not (isinstance(error, pl.exceptions.InvalidOperationError) and "conversion" in told):
            return in_our_words(told) or f"cannot be worked out: {told}"
    return found


def _hint(where: str, condition: pl.Expr, columns: tuple[tuple[str, pl.DataType], ...]) -> str:
    """Say how a time is written that is compared with a column of a zone."""
    known = dict(columns)
    kinds = [known[name] for name in condition.meta.root_names() if name in known]
    zoned = any(isinstance(kind, pl.Datetime) and kind.time_zone for kind in kinds)
    if not zoned or "with time zone" in where.lower():
        return ""
    return "; times of a zone are written TIMESTAMP WITH TIME ZONE '2024-01-31 00:00:00+00:00'"
