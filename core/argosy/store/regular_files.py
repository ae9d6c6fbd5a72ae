"""Which files of this machine may be read: regular ones, that lie below a root wherever links lead.

A path is looked at as it is now, not as it was when it was bound: whoever can write to a folder can
put a link, or a FIFO, in the place of a file. What holds a file is looked at once per inspection.
"""

from __future__ import annotations

import glob
import os
import re
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from argosy.store.data_url import scheme_of
from argosy.store.location import is_pattern
from argosy.store.roots import roots_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location

_MEANS_MORE = re.compile(r"[*?[#]")
"""Letters of a pattern, or before what a source reads of a file: `data.sqlite?table=t`."""
_NAMES = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class Inspection:
    """One look at files, by the roots of a fleet."""

    def __init__(self, location: Location, largest: int) -> None:
        """Take the most bytes that a file may have."""
        here = [url for url in roots_of(location) if not scheme_of(url)]
        self._roots = [os.path.realpath(url) for url in here]
        self._owner = _owner([location.url, *here])
        self._largest = largest
        self._folders: dict[str, bool] = {}

    def fault(self, path: str) -> str | None:
        """Say what speaks against reading a path (a file, a folder or a pattern), or None.

        What is not there is no fault: whoever reads it says so.
        """
        told = self._fault(path)
        if told is None and _MEANS_MORE.search(path) and not os.path.exists(path):  # noqa: PTH110
            matches = glob.glob(path, recursive=True) if is_pattern(path) else []  # noqa: PTH207
            meant = [*matches, _MEANS_MORE.split(path)[0]]
            told = next((told for one in meant if (told := self._fault(one))), None)
        return told

    def fault_of_opened(self, path: str, descriptor: int) -> str | None:
        """Say the same of a file that was opened, so that nobody can exchange it any more."""
        info = os.fstat(descriptor)
        real = _path_of(descriptor) or os.path.realpath(path)
        if not self._holds(real):
            return f"{path} leads out of the roots, to {real}"
        return self._of_file(path, info)

    def _fault(self, path: str) -> str | None:
        try:
            info = os.lstat(path)
        except OSError:
            return None
        told, info = self._of_entry(path, info)
        if told or not stat.S_ISDIR(info.st_mode):
            return told
        return next((told for told in self._inside(path) if told), None)

    def _inside(self, folder: str) -> Iterator[str | None]:
        """Look at all that a folder holds; links to other folders are followed once."""
        waiting, seen = [folder], set[str]()
        while waiting:
            at = waiting.pop()
            real = os.path.realpath(at)
            if real in seen:
                continue
            seen.add(real)
            for path, info in _entries(at):
                told, info = self._of_entry(path, info)
                yield told
                if stat.S_ISDIR(info.st_mode):
                    waiting.append(path)

    def _of_entry(self, path: str, info: os.stat_result) -> tuple[str | None, os.stat_result]:
        """Look at what a path names, and where its links lead; return what lies there too."""
        if stat.S_ISLNK(info.st_mode):
            real = os.path.realpath(path)
            if not self._holds(real):
                return f"{path} is a link that leads out of the roots, to {real}", info
            try:
                info = os.stat(path)  # noqa: PTH116  (thousands of them)
            except OSError:
                return None, info
        elif not self._held(path if stat.S_ISDIR(info.st_mode) else os.path.dirname(path)):  # noqa: PTH120
            real = os.path.realpath(path)
            return f"{path} lies behind a link that leads out of the roots, at {real}", info
        return self._of_file(path, info), info

    def _of_file(self, path: str, info: os.stat_result) -> str | None:
        if stat.S_ISDIR(info.st_mode):
            return None
        if not stat.S_ISREG(info.st_mode):
            return f"{path} is {_NAMES.get(stat.S_IFMT(info.st_mode), 'something else')}, no file"
        if info.st_nlink > 1 and self._owner is not None and info.st_uid != self._owner:
            return (
                f"{path} has {info.st_nlink} names and belongs to another user ({info.st_uid}) than"
                f" the fleet ({self._owner}), so that somebody may have linked it here; copy it"
            )
        if info.st_size > self._largest:
            return (
                f"{path} has {info.st_size:,} bytes, more than {self._largest:,}, which the option"
                " core.largest_file sets"
            )
        return None

    def _held(self, folder: str) -> bool:
        """Whether a folder lies below a root, wherever links lead."""
        if folder not in self._folders:
            self._folders[folder] = self._holds(os.path.realpath(folder))
        return self._folders[folder]

    def _holds(self, real: str) -> bool:
        return any(real == root or real.startswith(root + os.sep) for root in self._roots)


def _entries(folder: str) -> list[tuple[str, os.stat_result]]:
    """Return what a folder holds; nothing where whoever reads it cannot list it either."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # gone meanwhile, or closed to its reader too
                found.append((entry.path, entry.stat(follow_symlinks=False)))
    return found


def _owner(urls: list[str]) -> int | None:
    """Return whose a fleet is: the owner of its folder, or of the first root that is here."""
    for url in urls:
        with suppress(OSError):
            return os.stat(url).st_uid  # noqa: PTH116
    return None


def _path_of(descriptor: int) -> str | None:
    """Return where an opened file lies, as the system knows it."""
    if sys.platform == "linux":
        with suppress(OSError):
            return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    return None
