"""One URL and one set of storage options, in fsspec's words, for everything under a fleet."""

from __future__ import annotations

import json
import os
import posixpath
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fsspec.core import url_to_fs

from argosy.errors import BadInput, FleetNotFound, NewerStore, StoreError
from argosy.store import durable
from argosy.store.options import for_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    import fsspec

FORMAT = 4
"""The store format that this argosy writes and reads."""

_MARKER = "argosy.json"
_PATTERN = re.compile(r"[*?]|\[[^\]]{2,}\]")
_NOT_KEPT = "%\\\n"
"""What the table engine takes for something else in the path of a table."""
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


def is_pattern(path: str) -> bool:
    """Whether a path that nothing lies at may mean several files.

    Brackets around a single letter are part of a name.

    >>> is_pattern("day*.csv"), is_pattern("day[0-9].csv"), is_pattern("copy[1].csv")
    (True, True, False)
    """
    return bool(_PATTERN.search(path))


def of_fleet(url: str) -> str:
    """Return a URL as `absolute` does, of a folder that a fleet may lie in.

    Raises:
        BadInput: for letters besides that the table engine does not keep.
    """
    path = absolute(url)
    for letter in _NOT_KEPT:
        if letter in path and letter != os.sep:
            raise BadInput(
                f"the URL {path!r} holds {letter!r}, which the store cannot keep; rename it"
            )
    return path


def absolute(url: str) -> str:
    """Return a URL unchanged and a path as an absolute path; refuse what could escape.

    Raises:
        BadInput: for an empty URL, control characters, chained protocols or credentials.

    >>> absolute("s3://bucket/fleet")
    's3://bucket/fleet'
    >>> absolute("simplecache::s3://bucket/fleet")
    Traceback (most recent call last):
    argosy.errors.BadInput: the URL 'simplecache::s3://bucket/fleet' chains protocols; \
name the data itself
    """
    if not url.strip() or any(ord(letter) < 32 and letter != "\n" for letter in url):
        raise BadInput(f"the URL {url!r} is empty or holds control characters; give a path or URL")
    if "::" in url:
        raise BadInput(f"the URL {url!r} chains protocols; name the data itself")
    if _SCHEME.match(url):
        authority = url.split("://", 1)[1].split("/", 1)[0]
        if "@" in authority and not url.startswith(("abfs", "az", "adl")):
            hidden = url.replace(authority, "…")
            raise BadInput(f"the URL {hidden!r} holds credentials; pass them as storage options")
        return url.removeprefix("file://") if url.startswith("file:///") else url
    return str(Path(url).expanduser().absolute())


def _scheme(url: str) -> str:
    return url.split("://", 1)[0] if _SCHEME.match(url) else ""


@dataclass(frozen=True)
class Location:
    """A folder or bucket prefix that holds one fleet."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """May hold secrets: what prints a location does not print them."""
    roots: tuple[str, ...] = ()
    """What data and artifacts may come from (`argosy.store.roots`); none: the folder around it."""

    def child(self, *names: str) -> str:
        """Return the URL of something below."""
        return posixpath.join(self.url, *names)

    def storage_options(self) -> dict[str, str]:
        """Return the options in the words of the table engine."""
        return for_tables(self.url, self.options)

    def file_options(self, url: str) -> dict[str, Any]:
        """Return these options if a file's URL is of the same kind of store, else none."""
        return dict(self.options) if _scheme(url) == _scheme(self.url) else {}

    def table_options(self, url: str) -> dict[str, str]:
        """Return the same in the words of the table engine."""
        return for_tables(url, self.file_options(url))

    def size(self, url: str) -> int:
        """Return how many bytes lie at the URL of a file, a folder or a glob; 0 if none can tell.

        >>> Location("/tmp").size("/nowhere/*.parquet")
        0
        """
        with suppress(Exception):  # whoever reads it will say what is wrong
            filesystem, path = url_to_fs(url, **self.file_options(url))
            if is_pattern(path) and not filesystem.exists(path):
                found = filesystem.glob(path, detail=True).values()
                return sum(info["size"] or 0 for info in found)
            return int(filesystem.du(path))
        return 0

    def marker(self) -> dict[str, Any] | None:
        """Read what kind of store this is; None where there is none.

        Raises:
            StoreError: if the URL cannot be read.
            NewerStore: if a later argosy wrote it.
        """
        filesystem, root = self.filesystem()
        try:
            content = filesystem.cat_file(posixpath.join(root, _MARKER))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise StoreError(
                f"cannot read {self.url}: {error}; check the URL and rights"
            ) from error
        try:
            marker: dict[str, Any] = json.loads(content)
            written = int(marker["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{self.child(_MARKER)} is damaged ({error}); restore it from a backup"
            ) from error
        if written > FORMAT:
            raise NewerStore(
                f"{self.url} has store format {written}, this argosy reads up to {FORMAT}; upgrade"
            )
        if written < FORMAT:
            raise StoreError(
                f"{self.url} has store format {written}, which this argosy no longer reads; export"
                " it with the argosy that wrote it, and register that anew"
            )
        return marker

    def require(self) -> None:
        """Make sure that a fleet is here.

        Raises:
            FleetNotFound: if there is none.
        """
        if self.marker() is None:
            if self._holds("ledger/_delta_log"):
                raise StoreError(
                    f"{self.child(_MARKER)} is missing, and a ledger is there:"
                    f" `argosy --fleet {self.url} init` makes it anew and changes nothing else"
                )
            raise FleetNotFound(
                f"there is no fleet at {self.url}; create one with `argosy --fleet {self.url} init`"
                " or argosy.open(url, create=True)"
            )

    def _holds(self, name: str) -> bool:
        """Whether there is a file or folder of a name below."""
        filesystem, path = self.filesystem(self.child(name))
        with suppress(Exception):
            return bool(filesystem.exists(path))
        return False

    def create(self) -> None:
        """Mark the folder as a fleet; the first of several creators wins."""
        filesystem, root = self.filesystem()
        content = json.dumps({"format": FORMAT, "fleet": uuid.uuid4().hex}).encode()
        try:
            if not durable.is_local(filesystem):
                filesystem.makedirs(root, exist_ok=True)
            durable.publish(self, self.child(_MARKER), content)
            self._refuse_overwriting(content)
        except FileExistsError:
            if not filesystem.isdir(root):
                raise StoreError(f"{self.url} is a file; a fleet needs a folder") from None
        except (OSError, StoreError) as error:
            raise StoreError(
                f"cannot create a fleet at {self.url}: {error}; check the URL and your rights"
            ) from error

    def _refuse_overwriting(self, content: bytes) -> None:
        """Raise where a store lets a second writer have what the first has already.

        Raises:
            StoreError: if it does: changes would be lost.
        """
        try:
            durable.publish(self, self.child(_MARKER), content)
        except FileExistsError:
            return
        raise StoreError(
            f"{self.url} lies in a store that does not refuse to overwrite a file: two writers"
            " would lose each other's changes; use a folder, or a store with conditional puts"
        )

    def filesystem(self, url: str | None = None) -> tuple[fsspec.AbstractFileSystem, str]:
        """Return the filesystem of a URL below, or of the fleet's own, and the path in it.

        It remembers no listing: others write to the store, and a filesystem that looks a file up
        in an old listing answers that it is not there.

        Raises:
            StoreError: if there is no such filesystem.
        """
        try:
            forgetful = {**self.options, "use_listings_cache": False}
            filesystem, root = url_to_fs(url or self.url, **forgetful)
        except (ValueError, ImportError) as error:
            raise StoreError(
                f"cannot open {self.url}: {error}; use a path, or a URL whose filesystem is"
                " installed"
            ) from error
        return filesystem, root
