"""Shorten a table's own log: each commit lists it, so it must not grow for ever.

What a checkpoint holds need not be read again, so the entries well before the last one go. The
past of the fleet does not need them: it is in the ledger's rows.
"""

from __future__ import annotations

import json
import posixpath
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from fsspec.core import url_to_fs

from argosy.errors import StoreError

if TYPE_CHECKING:
    from argosy.store.location import Location

KEEP = 200
"""So many versions before the last checkpoint stay, for readers that opened the table then."""

_ENTRY = re.compile(r"^(\d{20})\.(json|checkpoint\.parquet)$")


def shorten(location: Location, url: str, keep: int = KEEP) -> int:
    """Remove the entries that lie more than `keep` versions before the last checkpoint.

    Returns how many.

    Raises:
        StoreError: if the log cannot be listed or an entry not be removed.
    """
    try:
        filesystem, root = url_to_fs(url, **location.options)
        log = posixpath.join(root, "_delta_log")
        mark = posixpath.join(log, "_last_checkpoint")
        if not filesystem.exists(mark):
            return 0
        first = int(json.loads(filesystem.cat_file(mark))["version"]) - keep
        names = {posixpath.basename(path): path for path in filesystem.ls(log, detail=False)}
        old = [
            path
            for name, path in names.items()
            if (entry := _ENTRY.match(name)) and int(entry[1]) < first
        ]
        for path in sorted(old):  # a reader who finds one and not the next is at the end
            with suppress(FileNotFoundError):  # another upkeep was faster
                filesystem.rm_file(path)
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"cannot shorten the log of {url}: {error}") from error
    return len(old)
