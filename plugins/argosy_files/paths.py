"""Which files on this machine a path means: itself first, and a pattern only where none is there.

`*` and `?` make a pattern, and so do brackets around more than one letter: `day[0-9].csv`. Brackets
around one letter, as in `copy[1].csv`, are part of a name, so that a file which is gone is never
taken for its neighbour.
"""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from argosy.store.location import is_pattern

_HIDDEN = (".", "_")
_NOWHERE = "__HIVE_DEFAULT_PARTITION__"


class Files(NamedTuple):
    """What lies at a path."""

    paths: list[str]
    """Sorted."""
    folder: str | None
    """The folder that they all lie below, where the path is one."""
    whole: bool
    """Whether that folder holds nothing else."""

    def partitions(self) -> dict[str, list[str | None]]:
        """Return what the names of folders say of each file (`key=value`), by key.

        Only keys that all files have count.
        """
        if self.folder is None:
            return {}
        told = [_told(Path(path).relative_to(self.folder).parts[:-1]) for path in self.paths]
        keys = [key for key in told[0] if all(key in each for each in told)]
        return {key: [each[key] for each in told] for key in keys}


def local(url: str) -> bool:
    """Whether a URL is a path on this machine."""
    return "://" not in url


def found(path: str, suffixes: tuple[str, ...]) -> Files:
    """Return the files that a path means.

    Of a folder these are all files below, but those whose name begins with `.` or `_`; where some
    have an ending of the format, only those.

    Args:
        path: of a file or a folder, or a pattern.
        suffixes: endings of the format.

    Raises:
        FileNotFoundError: if there are none.
    """
    here = Path(path)
    if here.is_file():
        return Files([path], None, False)
    if here.is_dir():
        every = [str(Path(at, name)) for at, _, names in os.walk(path) for name in names]
        files = below(every, path, suffixes)
    else:
        matched = glob.glob(path, recursive=True) if is_pattern(path) else []  # noqa: PTH207
        files = Files(sorted(one for one in matched if Path(one).is_file()), None, False)
    if not files.paths:
        raise FileNotFoundError(f"there is nothing at {path}")
    return files


def below(every: list[str], folder: str, suffixes: tuple[str, ...]) -> Files:
    """Return those files of a folder that are of its table, as `found` says.

    Args:
        every: all that lie below.
        folder: where.
        suffixes: endings of the format.
    """
    seen = sorted(one for one in every if not _hidden(one, folder))
    ours = [one for one in seen if one.lower().endswith(suffixes)] or seen
    return Files(ours, folder, len(ours) == len(every))


def _hidden(path: str, folder: str) -> bool:
    parts = Path(path).relative_to(folder).parts
    return any(part.startswith(_HIDDEN) and "=" not in part for part in parts)


def _told(folders: tuple[str, ...]) -> dict[str, str | None]:
    pairs = (part.split("=", 1) for part in folders if "=" in part)
    return {unquote(key): None if value == _NOWHERE else unquote(value) for key, value in pairs}
