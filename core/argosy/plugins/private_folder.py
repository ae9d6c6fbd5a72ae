"""Folders in the user's home that nobody else may read or write."""

from __future__ import annotations

import os
from pathlib import Path

_CACHE = "XDG_CACHE_HOME", ".cache"
_CONFIG = "XDG_CONFIG_HOME", ".config"
_PRIVATE = 0o700
_OTHERS = 0o077


def cached(name: str) -> Path | None:
    """Return a folder for what can be found out again; None where there can be none."""
    return _private(*_CACHE, name)


def decided(name: str) -> Path | None:
    """Return a folder for what the user decided; None where there can be none."""
    return _private(*_CONFIG, name)


def is_ours(status: os.stat_result) -> bool:
    """Whether something belongs to the user of this process, or to the system's own."""
    return not hasattr(os, "getuid") or status.st_uid in (os.getuid(), 0)


def _private(variable: str, usual: str, name: str) -> Path | None:
    named = os.environ.get(variable, "")
    try:
        base = Path(named) if os.path.isabs(named) else Path.home() / usual  # noqa: PTH117
        folder = base / "argosy" / name
        folder.mkdir(_PRIVATE, parents=True, exist_ok=True)
        status = folder.stat()
        if not is_ours(status):
            return None
        if os.name == "posix" and status.st_mode & _OTHERS:
            folder.chmod(_PRIVATE)
    except (OSError, RuntimeError):  # no home, or nowhere to write
        return None
    return folder
