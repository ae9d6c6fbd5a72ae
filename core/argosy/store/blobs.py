"""Immutable Arrow files beside the tables, for rows that are too large for a table's log.

On local disk they are mapped into memory: what is not looked at is not read.
"""

from __future__ import annotations

import hashlib
import uuid
import warnings
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from argosy.errors import ArgosyWarning, StoreError
from argosy.store import durable
from argosy.store.damage import UNREADABLE

if TYPE_CHECKING:
    from argosy.store.location import Location


class Kept(NamedTuple):
    """A file that a fact table names."""

    name: str | None
    sha256: str | None


NO_FILE = Kept(None, None)


def write(location: Location, folder: str, table: pa.Table, name: str | None = None) -> str:
    """Write a table as a file of a folder, whole or not at all, and return its name.

    Args:
        location: the fleet's.
        folder: below it.
        table: the rows.
        name: what it is called, in place of what is called so already; defaults to a new name.

    Raises:
        StoreError: if the store cannot be written.
    """
    name = name or _new_name()
    durable.write(location, location.child(folder, name), content(table))
    return name


def keep(location: Location, folder: str, table: pa.Table) -> Kept:
    """Write a table as a new file, as `write` does, and return its name and SHA-256."""
    name, held = _new_name(), content(table)
    durable.write(location, location.child(folder, name), held)
    return Kept(name, hashlib.sha256(held).hexdigest())


def _new_name() -> str:
    return f"{uuid.uuid4().hex}.arrow"


def content(table: pa.Table) -> pa.Buffer:
    """Return what a file of a table holds."""
    written = pa.BufferOutputStream()
    with pa.ipc.new_file(written, table.schema) as writer:
        writer.write_table(table)
    return written.getvalue()


def read(location: Location, folder: str, name: str) -> pa.Table:
    """Read a file that `write` wrote.

    Raises:
        StoreError: if it is missing or damaged.
    """
    path = location.child(folder, name)
    filesystem, inner = location.filesystem(path)
    try:
        if "file" in filesystem.protocol:
            table = pa.ipc.open_file(pa.memory_map(inner)).read_all()
        else:
            table = pa.ipc.open_file(pa.py_buffer(filesystem.cat_file(inner))).read_all()
        table.select(table.column_names).validate()  # names are read when they are asked for
    except UNREADABLE as error:
        raise StoreError(
            f"cannot read {path}: {error}; restore it from a backup, or do anew what wrote it"
        ) from error
    return table


def remove(location: Location, folder: str) -> None:
    """Remove a folder and all files in it, if there is one; what cannot be removed is told of."""
    filesystem, inner = location.filesystem(location.child(folder))
    try:
        filesystem.rm(inner, recursive=True)
    except FileNotFoundError:
        pass
    except OSError as error:  # nobody reads it any more, and what it was for is done
        warnings.warn(
            f"cannot remove {inner}: {error}; `argosy maintain` removes it later",
            ArgosyWarning,
            stacklevel=2,
        )
