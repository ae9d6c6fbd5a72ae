"""Remember how the imports of plugins went, until anything is installed anew.

What is remembered stands under a digest of all that can change it: the record that a distribution
was installed by, the newest time among its files where the record does not list them (an editable
install), the names of whatever is installed beside it, and Python itself. Where it cannot be kept,
plugins are tried each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy.plugins.private_folder import cached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

_FOLDER = "imports"
_HAZARD_LASTS = 24 * 3600.0
"""Seconds after which what could not be imported is tried again: the fault may lie elsewhere."""
_INSTALLED = (".dist-info", ".egg-info", ".egg-link", ".pth")


def recalled(entry: EntryPoint) -> dict[str, Any] | None:
    """Return what is remembered of an entry point, or None."""
    folder = cached(_FOLDER)
    if folder is None:
        return None
    file = folder / _key(entry)
    try:
        told = json.loads(file.read_bytes())
        age = time.time() - file.stat().st_mtime
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict) or (told.get("reason") and age > _HAZARD_LASTS):
        return None
    return told


def remember(entry: EntryPoint, told: dict[str, Any]) -> None:
    """Keep something of an entry point, if there is anywhere to keep it."""
    folder = cached(_FOLDER)
    if folder is None:
        return
    key = _key(entry)
    with suppress(OSError):
        beside = folder / f"{key}.{os.getpid()}"
        beside.write_text(json.dumps(told))
        beside.replace(folder / key)


def _key(entry: EntryPoint) -> str:
    digest = hashlib.sha256()
    for part in _parts(entry):
        digest.update(part.encode(errors="replace") + b"\0")
    return digest.hexdigest()


def _parts(entry: EntryPoint) -> Iterator[str]:
    yield from (sys.version, sys.executable, entry.name, entry.value)
    record = (entry.dist.read_text("RECORD") or "") if entry.dist else ""
    yield record
    yield _state_of(entry.module.partition(".")[0], record)
    beside: set[str] = set()
    for folder in sys.path:
        with suppress(OSError):
            beside.update(name for name in os.listdir(folder) if name.endswith(_INSTALLED))  # noqa: PTH208
    yield from sorted(beside)


def _state_of(module: str, record: str) -> str:
    """Say as of when the files of a module are: all of them, if a record does not list them."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return "missing"
    listed = any(line.startswith((f"{module}/", f"{module}.py,")) for line in record.splitlines())
    files = [Path(spec.origin)] if spec.origin else []
    if not listed:
        files += [file for place in spec.submodule_search_locations or () for file in _all(place)]
    times = []
    for file in files:
        with suppress(OSError):
            status = file.stat()
            times.append((status.st_mtime_ns, status.st_size))
    newest = max((time for time, _ in times), default=0)
    return f"{spec.origin} {len(times)} {sum(size for _, size in times)} {newest}"


def _all(folder: str) -> Iterator[Path]:
    return (file for file in Path(folder).rglob("*") if "__pycache__" not in file.parts)
