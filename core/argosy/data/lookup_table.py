"""One Parquet file that single rows are read of, by the statistics of its row groups."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from fsspec.core import url_to_fs

from argosy.data.keys import as_held
from argosy.errors import BadInput, StoreError
from argosy.store.damage import UNREADABLE
from argosy.store.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from argosy.store.location import Location

    Span = tuple[Any, Any] | None
    """The least and the greatest value of a column in a row group; None where it is not known."""


class Table:
    """A file, its footer read; on local disk it is mapped into memory."""

    def __init__(self, url: str, location: Location) -> None:
        self._url = url
        Origins(location).refuse(url)
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
        mine = [] if key is None else self._as(key, owner)
        if not wanted or (key is not None and not mine):
            return None
        with self._lock:
            for group in self._groups(key, mine, name, wanted):
                try:
                    rows = self._file.read_row_group(group, use_threads=False)
                except UNREADABLE as error:
                    raise self._fault(error) from error
                same = _any(rows[name], wanted)
                if key is not None:
                    same = pc.and_kleene(same, _any(rows[key], mine))
                found = np.flatnonzero(same.fill_null(False).to_numpy())
                if len(found):
                    row: dict[str, Any] = rows.slice(found[-1], 1).to_pylist()[0]
                    return row
        return None

    def _groups(
        self, key: str | None, owners: list[pa.Scalar], name: str, wanted: list[pa.Scalar]
    ) -> Iterator[int]:
        """Yield the row groups that may hold the row, the last first."""
        of_owner: Iterable[int] = range(self._file.num_row_groups)
        if key is not None:
            of_owner = sorted({group for one in owners for group in self._of(key, one.as_py())})
        spans, values = self._span(name), [each.as_py() for each in wanted]
        last_first = reversed(list(of_owner))
        return (
            group for group in last_first if any(_within(each, spans[group]) for each in values)
        )

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

    def _as(self, name: str, value: object) -> list[pa.Scalar]:
        """Return a value in every way in which the column may hold it; none where it cannot."""
        if name not in self._names:
            raise BadInput(f"{self._url} has no column {name!r}; it has {', '.join(self._names)}")
        kind = self._file.schema_arrow.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        return [] if value is None else as_held(value, kind)

    def _fault(self, error: Exception) -> StoreError:
        return StoreError(
            f"cannot read {self._url}: {error}; predict again, or roll back to a run whose files"
            " are there"
        )


def _any(column: pa.ChunkedArray, values: list[pa.Scalar]) -> Any:  # noqa: ANN401
    found = pc.equal(column, values[0])
    for value in values[1:]:
        found = pc.or_kleene(found, pc.equal(column, value))
    return found


def _within(value: Any, span: Span) -> bool:  # noqa: ANN401
    return span is None or bool(span[0] <= value <= span[1])
