"""The SHA-256 of files, taken again when they are verified."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from argosy.errors import StoreError

if TYPE_CHECKING:
    from argosy.store.location import Location

_PIECE = 1 << 22


def sha256_of(location: Location, url: str) -> str:
    """Return the SHA-256 of a file, a piece at a time.

    Raises:
        StoreError: if it is missing or cannot be read.
    """
    filesystem, path = location.filesystem(url)
    found = hashlib.sha256()
    try:
        with filesystem.open(path, "rb") as file:
            while piece := file.read(_PIECE):
                found.update(piece)
    except OSError as error:
        raise StoreError(f"cannot read {url}: {error}") from error
    return found.hexdigest()
