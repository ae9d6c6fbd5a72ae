"""Write files so that what was acknowledged is on the platter.

On a folder a file is synced before it gets its name, and the folder before the caller goes on, so
that after a power cut a name stands for the whole file or is not there. A bucket's put is
durable when it is answered. `ARGOSY_SYNC=off` in the environment trades this away: what a killed
process wrote is still whole, what a power cut leaves is not.
"""

from __future__ import annotations

import os
import posixpath
import uuid
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Protocol

from argosy.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


SYNC = "ARGOSY_SYNC"
"""The environment variable that turns syncing off."""


class Reaching(Protocol):
    """A location whose storage options reach its files, such as a fleet's."""

    def filesystem(self, url: str | None = None) -> tuple[Any, str]:
        """Return the filesystem of a URL, and the path in it."""
        ...


def write(location: Reaching, url: str, content: bytes) -> None:
    """Write a file, in place of what has its name.

    Args:
        location: whose storage options reach the URL.
        url: of the file; folders above it are made.
        content: all of it.

    Raises:
        StoreError: if the store cannot be written.
    """
    folder, name = posixpath.split(url)
    write_all(location, folder, {name: content})


def write_all(location: Reaching, folder: str, files: Mapping[str, bytes]) -> None:
    """Write files of one folder, each in place of what has its name.

    Args:
        location: whose storage options reach the folder.
        folder: its URL; it is made where it is not there.
        files: the content of each, by name.

    Raises:
        StoreError: if the store cannot be written.
    """
    filesystem, inner = location.filesystem(folder)
    with _told(folder):
        if not is_local(filesystem):
            filesystem.pipe({posixpath.join(inner, name): bytes(files[name]) for name in files})
            return
        for name, content in files.items():
            path = posixpath.join(inner, name)
            with _unfinished(path, content) as unfinished:
                Path(unfinished).replace(path)
        if files:
            sync_folder(inner)


@contextmanager
def streamed(location: Reaching, url: str) -> Iterator[IO[bytes]]:
    """Open a file that is written bit by bit, and gets its name once the block ends.

    After an error there is no file, or the one that had the name before. What goes to a bucket
    waits on this machine's disk until it is whole.

    Args:
        location: whose storage options reach the URL.
        url: of the file; folders above it are made.

    Raises:
        StoreError: if the store cannot be written.
    """
    filesystem, path = location.filesystem(url)
    if not is_local(filesystem):
        with TemporaryDirectory() as folder:
            whole = Path(folder, posixpath.basename(path))
            with whole.open("wb") as file:
                yield file
            with _told(url):
                filesystem.put_file(str(whole), path)
        return
    folder = posixpath.dirname(path)
    try:
        make_folder(folder)
    except OSError as error:
        raise StoreError(f"cannot write {url}: {error}; check the folder and rights") from error
    unfinished = Path(f"{path}.{uuid.uuid4().hex}.part")
    try:
        with _told(url):
            file = unfinished.open("xb")
        with file:
            yield file
        with _told(url):
            sync_file(str(unfinished))
            unfinished.replace(path)
            sync_folder(folder)
    finally:
        unfinished.unlink(missing_ok=True)


def publish(location: Reaching, url: str, content: bytes) -> None:
    """Write a file that must not exist yet: of several who try, one succeeds.

    Raises:
        FileExistsError: if there is one of that name.
        StoreError: if the store cannot be written.
    """
    filesystem, path = location.filesystem(url)
    with _told(url):
        if is_local(filesystem):
            with _unfinished(path, content) as unfinished:
                os.link(unfinished, path)
            sync_folder(posixpath.dirname(path))
        else:
            filesystem.pipe_file(path, content, mode="create")


def sync(location: Reaching, folder: str, names: Iterable[str]) -> None:
    """Bring files of one folder that were written bit by bit to the platter.

    Raises:
        StoreError: if that fails.
    """
    filesystem, inner = location.filesystem(folder)
    if is_local(filesystem):
        with _told(folder):
            for name in names:
                sync_file(posixpath.join(inner, name))
            sync_folder(inner)


def sync_file(path: str) -> None:
    """Bring a file of this machine that somebody else wrote to the platter."""
    if not _syncing():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: str) -> None:
    """Bring the names in a folder of this machine to the platter."""
    if os.name == "posix":  # elsewhere a folder cannot be opened
        sync_file(path)


def make_folder(path: str) -> None:
    """Make a folder of this machine and those above it, and bring their names to the platter."""
    missing = []
    while not Path(path).is_dir():
        missing.append(path)
        path = posixpath.dirname(path)
    for folder in reversed(missing):
        Path(folder).mkdir(exist_ok=True)
        sync_folder(posixpath.dirname(folder))


def is_local(filesystem: object) -> bool:
    """Say whether a filesystem is that of this machine."""
    protocol = getattr(filesystem, "protocol", ())
    return "file" in ((protocol,) if isinstance(protocol, str) else protocol)


@contextmanager
def _unfinished(path: str, content: bytes) -> Iterator[str]:
    """Write a synced file beside a path; it is gone afterwards, unless it was renamed."""
    unfinished = f"{path}.{uuid.uuid4().hex}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        try:
            handle = os.open(unfinished, flags, 0o666)
        except FileNotFoundError:
            make_folder(posixpath.dirname(path))
            handle = os.open(unfinished, flags, 0o666)
        with os.fdopen(handle, "wb", buffering=0) as file:
            view = memoryview(content)
            while view:
                view = view[file.write(view) :]
            if _syncing():
                os.fsync(handle)
        yield unfinished
    finally:
        Path(unfinished).unlink(missing_ok=True)


@contextmanager
def _told(url: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except Exception as error:  # each filesystem raises its own
        raise StoreError(f"cannot write {url}: {error}; check space and rights") from error


def _syncing() -> bool:
    return os.environ.get(SYNC, "on") != "off"
