"""Tell the columns of many Parquet files, of which most have the very footers of others.

A footer begins with the columns, goes on with where their values lie, and ends with what the writer
says of them. Where beginning and end are those of a footer that the engine has read, to the byte,
so are the columns. This takes a fifth of the time of asking the engine.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Columns = Mapping[str, Any]

_MAGIC = b"PAR1"
_END = 8
"""Bytes after the footer: its length and the letters of the format."""
_FIRST = 2**12
"""So many bytes are read at first; most footers are shorter."""
_MOST = 8
"""So many footers are known; where files differ more, the engine is asked of each."""
_COLUMNS, _ROW_GROUPS = 2, 4
"""The numbers of two fields of a footer."""
_TRUTHS, _BINARY, _LISTS, _STRUCT = (1, 2), 8, (9, 10), 12
"""Kinds of values in Thrift's compact protocol; whole numbers have others."""
_SIZES = {3: 1, 7: 8}
"""Bytes of a value, by its kind."""
_MANY = 15
"""So many values of a list, or more, are counted apart."""


class _Known(NamedTuple):
    beginning: bytes
    end: bytes
    columns: Columns

    def is_of(self, footer: bytes) -> bool:
        """Whether another footer says the same of its columns."""
        long = len(footer) >= len(self.beginning) + len(self.end)
        return long and footer.startswith(self.beginning) and footer.endswith(self.end)


class Footers:
    """The footers that were met, and the columns that they tell."""

    def __init__(self, ask: Callable[[str], Columns]) -> None:
        self._ask = ask
        self._known: list[_Known] = []

    def columns(self, path: str) -> Columns:
        """Return the columns of a file on this machine, the same object where they are known."""
        footer = _footer(path)
        for known in self._known if footer else ():
            if known.is_of(footer):
                return known.columns
        found = self._ask(path)
        parts = _parted(footer) if footer and len(self._known) < _MOST else None
        if parts is not None:
            self._known.insert(0, _Known(*parts, found))
        return found


def _footer(path: str) -> bytes:
    """Return the footer of a file; nothing where it has none."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(file).st_size
        last = _read(file, size, min(size, _FIRST))
        length = int.from_bytes(last[-_END:-4], "little") + _END
        if not last.endswith(_MAGIC) or length > size:
            return b""
        last = last if length <= len(last) else _read(file, size, length)
        return last[-length:-_END]
    finally:
        os.close(file)


def _read(file: int, size: int, many: int) -> bytes:
    os.lseek(file, size - many, os.SEEK_SET)
    return os.read(file, many)


def _parted(footer: bytes) -> tuple[bytes, bytes] | None:
    """Return what stands before and after the row groups; None where that cannot be told."""
    place, number, ends = 0, 0, {}
    try:
        while footer[place]:
            number, kind, place = _field(footer, place, number)
            place = _after(footer, place, kind)
            ends[number] = place
    except (IndexError, RecursionError):
        return None
    if list(ends)[:2] != [1, _COLUMNS] or _ROW_GROUPS not in ends:
        return None
    return footer[: ends[_COLUMNS]], footer[ends[_ROW_GROUPS] :]


def _field(content: bytes, place: int, last: int) -> tuple[int, int, int]:
    """Return the number and the kind of a field of Thrift's compact protocol, and its place."""
    head = content[place]
    if head >> 4:
        return last + (head >> 4), head & 15, place + 1
    number, place = _integer(content, place + 1)
    return (number >> 1) ^ -(number & 1), head & 15, place


def _integer(content: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = content[place]
        number |= (byte & 127) << shift
        shift, place = shift + 7, place + 1
        if byte < 128:
            return number, place


def _after(content: bytes, place: int, kind: int) -> int:
    """Return where a value ends."""
    if kind in _TRUTHS:  # the field itself says which
        return place
    if kind in _LISTS:
        many, kind = content[place] >> 4, content[place] & 15
        many, place = (many, place + 1) if many < _MANY else _integer(content, place + 1)
        for _ in range(many):
            place = place + 1 if kind in _TRUTHS else _after(content, place, kind)
        return place
    if kind == _STRUCT:
        number = 0
        while content[place]:
            number, inner, place = _field(content, place, number)
            place = _after(content, place, inner)
        return place + 1
    if kind in _SIZES:
        return place + _SIZES[kind]
    number, place = _integer(content, place)
    return place + number if kind == _BINARY else place
