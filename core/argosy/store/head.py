"""A note, beside a table, of the last change that was acknowledged.

A log alone cannot show that its end is missing. So whoever has committed notes how far the table
is, after the commit is on the platter: the note may lag behind the table, and never runs ahead of
it. On a bucket there is none: an object that was acknowledged does not vanish with the power.
"""

from __future__ import annotations

import json
import os
import posixpath
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from argosy.store import durable

if TYPE_CHECKING:
    from argosy.store.location import Location


class Head(NamedTuple):
    """How far a table was."""

    seq: int
    """The last change in it."""
    chain: str
    """The hash of every change up to there."""


def note(location: Location, name: str, head: Head) -> None:
    """Note how far a table is; where that cannot be written, nothing is lost but the note."""
    filesystem, path = location.filesystem(location.child(f"{name}.head"))
    if not durable.is_local(filesystem):
        return
    with suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            content = json.dumps(head._asdict()).encode()
            os.pwrite(handle, content, 0)
            os.ftruncate(handle, len(content))
        finally:
            os.close(handle)


def noted(location: Location, name: str) -> Head | None:
    """Return what was noted of a table; None where nothing was, or the note is torn."""
    filesystem, path = location.filesystem(location.child(f"{name}.head"))
    if not durable.is_local(filesystem):
        return None
    try:
        return Head(**json.loads(Path(path).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def way_out(location: Location, name: str, head: Head) -> str:
    """Say what to do where a table ends before what was noted of it."""
    path = posixpath.join(location.url, f"{name}.head")
    return (
        f"the changes up to {head.seq} of {location.child(name)} were acknowledged, and the last"
        " are missing; `argosy maintain --repair` brings back those whose rows are there, else"
        f" restore the folder from a backup, or remove {path} and the folder"
        f" {location.child('state')} to go on without them"
    )
