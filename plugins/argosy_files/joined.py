"""Hand many small files of lines to the engine as few large ones, which takes half the time.

The engine then says of no row which file it is from. No file has more rows than lines, so that
where as many rows are read of some files as they have lines, each of them has one row per line.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_BATCH = 2**22
"""Bytes that are read together: more leave the processor's cache before they are parsed."""
_LARGE = 2**26
"""Files that are larger gain nothing."""


class Batch(NamedTuple):
    """Some files, and what they hold."""

    paths: list[str]
    contents: list[bytes]
    """Without the first line, where that is a header; whole lines."""

    @property
    def lines(self) -> Ints:
        """Count the lines of each."""
        return np.array([count(content, b"\n") for content in self.contents], np.int64)

    def halves(self) -> Iterator[Batch]:
        """Part them into two."""
        half = len(self.paths) // 2
        for part in (slice(None, half), slice(half, None)):
            yield Batch(self.paths[part], self.contents[part])


def batches(paths: Sequence[str], header: int = 0) -> Iterator[Batch]:
    """Read files on this machine, some at a time.

    Args:
        paths: of the files.
        header: how many bytes of each are left out.
    """
    batch, size = Batch([], []), 0
    for path in paths:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  (thousands of them)
            content = file.readall()[header:]
        if content and not content.endswith(b"\n"):
            content += b"\n"
        batch.paths.append(path)
        batch.contents.append(content)
        size += len(content)
        if size >= _BATCH:
            yield batch
            batch, size = Batch([], []), 0
    if batch.paths:
        yield batch


def small(path: str) -> bool:
    """Whether a file is better read with others."""
    return os.stat(path).st_size <= _LARGE  # noqa: PTH116  (thousands of them)


def count(content: bytes, letter: bytes) -> int:
    """Count a letter, three times as quickly as Python does."""
    return int(np.count_nonzero(np.frombuffer(content, np.uint8) == letter[0]))


def owned(column: str, kind: pl.Enum, first: int, lengths: Ints) -> pl.Series:
    """Return the column that says of each row which file it is from.

    Args:
        column: its name.
        kind: the paths of all files.
        first: the place among them of the first of these, which follow each other.
        lengths: how many rows each of these has.
    """
    places = np.arange(first, first + len(lengths), dtype=np.uint32)
    return pl.Series(column, np.repeat(places, lengths)).cat.to(kind)
