"""Decide how a table is read: at once if it was read soundly before, else tried apart first.

Every table of a stranger is opened through `guarded`. Within a chunk the driver has decided
(`reading`); outside of one, where a job looks at times or counts rows, the files are looked up.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polars.io.plugins import register_io_source

from argosy.data.apart import try_apart
from argosy.data.fingerprints import listed
from argosy.data.proven import Proofs, stamped
from argosy.during import during

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import polars as pl

    from argosy.store.location import Location


@dataclass(slots=True)
class Reading:
    """Where a chunk reads, and whether that went well."""

    apart: Collection[str]
    """The URLs that are tried in a process of their own before they are read."""
    failed: set[str] = field(default_factory=set)
    """Those of them that could not be read, or not with others."""
    fine: set[str] = field(default_factory=set)
    """Those that could."""

    def ended(self, urls: Iterable[str], sound: bool) -> None:
        """Take note of how reading files ended."""
        (self.fine if sound else self.failed).update(urls)

    @property
    def unsound(self) -> list[str]:
        """What could not be read, with others or alone."""
        return sorted(self.failed - self.fine)


_READING: ContextVar[Reading | None] = ContextVar("reading", default=None)


@dataclass(slots=True)
class _Trust:
    always_apart: bool = field(default=False)


_TRUST = _Trust()


def trust_nothing() -> None:
    """Read everything apart in this process from now on, whatever is known of it."""
    _TRUST.always_apart = True


def trusts_nothing() -> bool:
    """Whether everything is read apart."""
    return _TRUST.always_apart


@contextmanager
def reading(apart: Collection[str]) -> Iterator[Reading]:
    """Say which URLs of what is opened inside are read apart."""
    found = Reading(apart)
    with during(_READING, found):
        yield found


def guarded(scan: pl.LazyFrame, urls: Sequence[str], location: Location) -> pl.LazyFrame:
    """Return the same table, tried apart before it is read, unless that was sound before.

    Args:
        scan: the table.
        urls: what it was opened by.
        location: the fleet's.

    Collecting it raises what reading it would, or `argosy.data.apart.EngineFailed`.
    """
    look = _READING.get() or _Look(urls, location)
    if not any(url in look.apart for url in urls):
        return scan

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        query = query_of(scan, columns, predicate, most)
        sound = False
        try:
            sound = try_apart(query)
        finally:
            look.ended(urls, sound)
        yield query.collect()

    try:
        return register_io_source(rows, schema=scan.collect_schema())
    except BaseException:  # a panic is no Exception
        look.ended(urls, sound=False)
        raise


def query_of(
    scan: pl.LazyFrame, columns: list[str] | None, predicate: pl.Expr | None, rows: int | None
) -> pl.LazyFrame:
    """Return what polars wants of a table, as a query: of its first rows, if it says so."""
    wanted = scan if rows is None else scan.head(rows)
    wanted = wanted if predicate is None else wanted.filter(predicate)
    return wanted if columns is None else wanted.select(columns)


class _Look:
    """A look at files outside of a chunk, at the columns that bindings name.

    What a whole run looked at so is known from the next run on.
    """

    def __init__(self, urls: Sequence[str], location: Location) -> None:
        self._proofs = Proofs.of(location)
        self._stamps = stamped(listed(location, urls))["stamp"]
        known = bool(self._proofs.hold(self._stamps).all())
        self.apart = urls if _TRUST.always_apart or not known else ()

    def ended(self, _: Iterable[str], sound: bool) -> None:
        """Take note of how reading them ended."""
        if sound:
            self._proofs.add(self._stamps)
        else:
            self._proofs.withdraw(self._stamps)
