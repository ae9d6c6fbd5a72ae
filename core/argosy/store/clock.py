"""The store's own time, which all who use it share, whatever their clocks say."""

from __future__ import annotations

import posixpath
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from argosy.errors import StoreError

if TYPE_CHECKING:
    from argosy.store.location import Location


def store_time(location: Location) -> datetime:
    """Return the time that the store gives a file that is written now.

    Raises:
        StoreError: if the store cannot be written.
    """
    filesystem, root = location.filesystem()
    probe = posixpath.join(root, f"probe-{uuid.uuid4().hex}")
    try:
        filesystem.pipe_file(probe, b"?")
        moment: datetime = filesystem.modified(probe)
    except Exception as error:
        raise StoreError(f"cannot write {location.url}: {error}; check space and rights") from error
    finally:
        with suppress(Exception):
            filesystem.rm_file(probe)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
