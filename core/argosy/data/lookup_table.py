"""One Parquet file that single rows are read of, by the statistics of its row groups."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from fsspec.core import url_to_fs

from argosy.errors import BadInput, StoreError
from argosy.store.damage import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location

    Span = tuple[Any, Any] | None
    """The least and the greatest value of a column in a row group; None where it is not known."""


class Table:
    """A file, its footer read; on local disk it is mapped into memory."""

    def __init__(self, url: str, location: Location) -> None:
        self._url = url
        try:
            filesystem, path = url_to_fs(url, **location.file_options(url))
            local = "file" in filesystem.protocol
            source = pa.memory_map(path) if local else filesystem.open(path, "rb")
            self._file = pq.ParquetFile(source, pre_buffer=not local)
            self._names = self._file.schema_arrow.names
        except UNREADABLE as error:
            raise self._fault(error) from error
        self._spans: dict[str, list[Span]] = {}
        self._owned: dict[str, tuple[dict[Any, list[int]], list[int]]] = {}
        self._lock = Lock()  # a Parquet reader is for one thread at a time

    def find(
        self, key: str | None, owner: str | None, name: str, value: object
    ) -> dict[str, Any] | None:
        """Return the last row of an owner in which a column has a value.

        Args:
            key: the column that names owners; None where all rows are of one.
            owner: its name.
            name: of the column that is looked at.
            value: of its type, or text of it.

        Raises:
            BadInput: if there is no such column.
            StoreError: if the file is damaged, or gone.
        """
        wanted = self._as(name, value)
        mine = None if key is None else self._as(key, owner)
        if wanted is None or (key is not None and mine is None):
            return None
        with self._lock:
            for group in self._groups(key, mine, name, wanted):
                try:
                    rows = self._file.read_row_group(group, use_threads=False)
                except UNREADABLE as error:
                    raise self._fault(error) from error
                same = pc.equal(rows[name], wanted)
                if key is not None:
                    same = pc.and_kleene(same, pc.equal(rows[key], mine))
                found = np.flatnonzero(same.fill_null(False).to_numpy())
                if len(found):
                    row: dict[str, Any] = rows.slice(found[-1], 1).to_pylist()[0]
                    return row
        return None

    def _groups(self, key: str | None, owner: Any, name: str, wanted: Any) -> Iterator[int]:  # noqa: ANN401
        """Yield the row groups that may hold the row, the last first."""
        of_owner = range(self._file.num_row_groups) if key is None else self._of(key, owner.as_py())
        spans, value = self._span(name), wanted.as_py()
        return (group for group in reversed(of_owner) if _within(value, spans[group]))

    def _of(self, key: str, owner: Any) -> list[int]:  # noqa: ANN401
        """Return the row groups that may hold rows of an owner."""
        if key not in self._owned:
            alone: dict[Any, list[int]] = {}
            mixed = []
            for group, span in enumerate(self._span(key)):
                if span is not None and span[0] == span[1]:
                    alone.setdefault(span[0], []).append(group)
                else:
                    mixed.append(group)
            self._owned[key] = alone, mixed
        alone, mixed = self._owned[key]
        own = alone.get(owner, [])
        spans = self._span(key)
        return sorted([*own, *(group for group in mixed if _within(owner, spans[group]))])

    def _span(self, name: str) -> list[Span]:
        if name not in self._spans:
            footer = self._file.metadata
            groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
            leaves = [footer.schema.column(number).path for number in range(footer.num_columns)]
            place = leaves.index(name)
            told = [group.column(place).statistics for group in groups]
            self._spans[name] = [
                (each.min, each.max) if each is not None and each.has_min_max else None
                for each in told
            ]
        return self._spans[name]

    def _as(self, name: str, value: object) -> Any:  # noqa: ANN401
        """Return a value as the column holds it, or None where it cannot hold it."""
        if name not in self._names:
            raise BadInput(f"{self._url} has no column {name!r}; it has {', '.join(self._names)}")
        kind = self._file.schema_arrow.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        try:
            found = pa.scalar(value).cast(kind)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            return None
        return found if found.is_valid else None

    def _fault(self, error: Exception) -> StoreError:
        return StoreError(
            f"cannot read {self._url}: {error}; predict again, or roll back to a run whose files"
            " are there"
        )


def _within(value: Any, span: Span) -> bool:  # noqa: ANN401
    return span is None or bool(span[0] <= value <= span[1])
