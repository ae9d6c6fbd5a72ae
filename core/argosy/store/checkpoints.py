"""Sums of a table's log, so that opening it reads few entries.

The engine writes them and syncs nothing, so they are synced afterwards; one that a power cut has
torn is set aside, and the entries before it are read instead.
"""

from __future__ import annotations

import posixpath
import re
import time
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from argosy.errors import ArgosyWarning
from argosy.store import durable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.store.location import Location

EVERY = 20
"""So many versions apart."""

LAST = "_last_checkpoint"
"""The file that says which checkpoint is the newest."""

_NAME = re.compile(r"^(\d{20})\.checkpoint\.parquet$")


def write(location: Location, url: str, folder: str, options: Mapping[str, str]) -> None:
    """Sum up the log of the table at a URL; where that fails, the entries are there all the same.

    Args:
        location: the fleet's.
        url: of the table.
        folder: of its log.
        options: in the words of the table engine.
    """
    with suppress(DeltaError, OSError):
        handle = DeltaTable(url, storage_options=dict(options))
        handle.create_checkpoint()
        filesystem, path = location.filesystem(folder)
        if durable.is_local(filesystem):
            summed_up = f"{handle.version():020d}.checkpoint.parquet"
            for name in (summed_up, LAST):
                durable.sync_file(posixpath.join(path, name))
            durable.sync_folder(path)


def newest(names: list[str]) -> int:
    """Return the version of the newest of a log's checkpoints; -1 where there is none."""
    return max((int(found[1]) for name in names if (found := _NAME.match(name))), default=-1)


def set_aside(location: Location, folder: str) -> bool:
    """Take the newest checkpoint out of the way where it is damaged; say whether it was."""
    from pyarrow import ArrowException
    from pyarrow.parquet import read_table

    filesystem, path = location.filesystem(folder)
    names = [posixpath.basename(name) for name in filesystem.ls(path, detail=False)]
    mark, version = posixpath.join(path, LAST), newest(names)
    summed_up = posixpath.join(path, f"{version:020d}.checkpoint.parquet")
    if version < 0:
        if LAST not in names:
            return False
        damaged = [mark]  # it names a checkpoint that is not there
    else:
        try:
            with filesystem.open(summed_up, "rb") as file:
                read_table(file)
        except (OSError, ArrowException):
            damaged = [summed_up, mark]
        else:
            damaged = [mark] if not _fits(filesystem.cat_file(mark), version) else []
    aside = f".{time.time_ns()}.torn"
    for name in damaged:
        with suppress(FileNotFoundError):
            filesystem.mv(name, name + aside)
    if damaged:
        warnings.warn(
            f"{damaged[0]} is damaged and is set aside: the log is read from its entries",
            ArgosyWarning,
            stacklevel=2,
        )
    return bool(damaged)


def _fits(mark: bytes, version: int) -> bool:
    import json

    try:
        return int(json.loads(mark)["version"]) == version
    except (ValueError, KeyError, TypeError):
        return False
