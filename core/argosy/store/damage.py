"""Tell damaged files from sound ones before an engine reads them, and name them in one line.

An engine that meets a file that is shorter than its log says, or a page that lies about its size,
may panic or abort the process. So files of a table are looked at first: how long each is, and,
where they are few enough to be read twice, whether their checksum is the one in their name.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
from deltalake.exceptions import DeltaError

from argosy.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

UNREADABLE = (OSError, pa.ArrowException, ValueError)
"""What Arrow raises where a file is damaged; the last where a name is no text."""

_BACKTRACE = re.compile(r"\n\s*(?:stack backtrace:|0: )")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CHECKSUM = re.compile(r"-([0-9a-f]{64})\.zstd\.parquet$")
_MOST_BYTES = 32 * 2**20
"""Bytes of a table whose checksum is computed before it is read: about 25 ms of a core."""
WAY_OUT = "restore it from a backup"

_sound: set[tuple[str, int, int]] = set()
"""Files whose checksum was right when they were looked at, with their size and time."""

FAULTS = (Exception, pl.exceptions.PanicException)
"""What reading a stranger's data may raise: an engine's panic is no Exception."""
ENGINES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, DeltaError)
"""What the engines raise where they cannot read."""


def refuse_damaged(files: Iterable[tuple[str, int]]) -> None:
    """Raise if a file of this machine is not what it was when it was listed.

    Args:
        files: the path and the size of each. Once they are many, or large, only sizes are
            compared.

    Raises:
        StoreError: naming the file.
    """
    left = _MOST_BYTES
    for path, size in files:
        try:
            found = Path(path).stat()
        except FileNotFoundError:
            raise StoreError(f"{path} is missing; {WAY_OUT}") from None
        except OSError as error:
            raise StoreError(f"cannot read {path}: {error}; check rights") from error
        if found.st_size != size:
            raise StoreError(
                f"{path} is damaged: it has {found.st_size:,} bytes in place of {size:,}; {WAY_OUT}"
            )
        mark = path, size, found.st_mtime_ns
        if mark in _sound or size > left:
            continue
        left -= size
        if _is_altered(path):
            raise StoreError(f"{path} is damaged: its checksum is another one; {WAY_OUT}")
        _sound.add(mark)


def collect(rows: pl.LazyFrame, url: str) -> pl.DataFrame:
    """Read a scan of the tables at a URL.

    Raises:
        StoreError: if a file is missing or damaged; a damaged one can make polars panic.
    """
    try:
        return rows.collect()
    except (*ENGINES, OSError) as error:
        raise explained(error, url) from error


def explained(error: BaseException, url: str) -> StoreError:
    """Return what to say where an engine could not read the tables at a URL: which file it is."""
    files = sorted(Path(url).rglob("*.parquet")) if url else []
    path = next((path for path in files if _is_torn(path)), None)
    if path is not None:
        return StoreError(f"{path} is damaged ({brief(error)}); {WAY_OUT}")
    return StoreError(f"cannot read {url}: {brief(error)}; `argosy verify` says what is damaged")


def brief(error: BaseException) -> str:
    """Return an error in one line, without the colours and the backtrace that engines add."""
    told = _COLOUR.sub("", _BACKTRACE.split(str(error))[0])
    return " ".join(told.split()) or type(error).__name__


def _is_altered(path: str) -> bool:
    """Say whether a file's name tells another checksum than what is in it; most names tell one."""
    told = _CHECKSUM.search(path)
    if told is None:
        return False
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as content:
        return hashlib.sha256(content).hexdigest() != told[1]


def _is_torn(path: Path) -> bool:
    """Say whether a Parquet file cannot be read, by another engine than the one that failed."""
    from pyarrow.parquet import read_table

    try:
        if _is_altered(str(path)):
            return True
        read_table(path, partitioning=None)
    except FileNotFoundError:
        return False  # upkeep has just removed it
    except UNREADABLE:
        return True
    return False
