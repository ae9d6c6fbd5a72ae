"""The files below a folder of a fleet, with the store's times, while others write and remove.

What vanishes between being listed and being looked at is left out. On a machine's disk links are
not followed, and nothing outside the fleet's real folder is ever removed, whatever links lead
there.
"""

from __future__ import annotations

import os
import posixpath
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from argosy.errors import StoreError
from argosy.store.clock import modified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import fsspec

    from argosy.store.location import Location


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was listed."""

    path: str
    """In the words of the filesystem."""
    inside: str
    """Its path below the folder that was listed."""
    at: datetime | None
    """When it was written, by the store's clock; None where the store does not say."""


def files(location: Location, folder: str, deep: bool = True) -> list[File]:
    """List the files below a folder; none where there is no such folder.

    Args:
        location: the fleet's.
        folder: below it.
        deep: whether files in folders of the folder count too.

    Raises:
        StoreError: if the store cannot be read.
    """
    filesystem, root = location.filesystem(location.child(folder))
    try:
        if _local(filesystem):
            return list(_walked(root, "", deep)) if is_inside(location, root) else []
        filesystem.invalidate_cache(root)
        found = filesystem.find(root, None if deep else 1, detail=True)
    except FileNotFoundError:
        return []
    except Exception as error:  # each filesystem raises its own
        raise StoreError(f"cannot list {location.child(folder)}: {error}; check rights") from error
    bare = root.strip("/")
    return [
        File(path, path.strip("/").removeprefix(bare).lstrip("/"), modified(info))
        for path, info in found.items()
        if info.get("type") == "file"
    ]


def is_inside(location: Location, path: str) -> bool:
    """Say whether a path of this machine really lies in the fleet, whatever links lead there."""
    _, root = location.filesystem()
    real, top = os.path.realpath(path), os.path.realpath(root)
    return os.path.commonpath([real, top]) == top


def remove(location: Location, gone: Iterable[File], folders: bool = False) -> int:
    """Remove files, those that are still there and inside the fleet; return how many.

    Args:
        location: the fleet's.
        gone: the files.
        folders: whether their folders go too, where these are empty then.

    Raises:
        StoreError: if the store refuses.
    """
    filesystem, _ = location.filesystem()
    paths = [file.path for file in gone]
    try:
        if not _local(filesystem):
            for start in range(0, len(paths), 1000):
                with suppress(FileNotFoundError):
                    filesystem.rm(paths[start : start + 1000])
            return len(paths)
        removed = sum(_removed(location, path) for path in paths)
        for parent in {Path(path).parent for path in paths} if folders else ():
            with suppress(OSError):
                parent.rmdir()
    except Exception as error:
        raise StoreError(f"cannot remove files of {location.url}: {error}; check rights") from error
    return removed


def _walked(folder: str, inside: str, deep: bool) -> Iterator[File]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        with suppress(FileNotFoundError):
            found = entry.stat(follow_symlinks=False)
            name = posixpath.join(inside, entry.name)
            if stat.S_ISDIR(found.st_mode):
                if deep:
                    yield from _walked(entry.path, name, deep)
            elif stat.S_ISREG(found.st_mode):
                yield File(entry.path, name, datetime.fromtimestamp(found.st_mtime, UTC))


def _removed(location: Location, path: str) -> bool:
    if not is_inside(location, posixpath.dirname(path)):
        return False
    try:
        Path(path).unlink()
    except FileNotFoundError:
        return False
    return True


def _local(filesystem: fsspec.AbstractFileSystem) -> bool:
    return "file" in filesystem.protocol


def names(location: Location, url: str) -> list[str]:
    """Return the names of what a folder of a fleet holds, sorted; none where it is not there.

    Raises:
        StoreError: if the store cannot be read.
    """
    filesystem, inner = location.filesystem(url)
    try:
        return sorted(posixpath.basename(path) for path in filesystem.ls(inner, detail=False))
    except FileNotFoundError:
        return []
    except Exception as error:  # each filesystem raises its own
        raise StoreError(f"cannot list {url}: {error}; check rights") from error
