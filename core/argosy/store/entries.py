"""The entries of a table's log: each is a commit, and whoever creates the next one has it.

An entry ends with a line that holds the checksum of all before it, so that one that was torn or
edited is told from a whole one. Entries of other engines have no such line; they must at least be
JSON.
"""

from __future__ import annotations

import json
import posixpath
import re
import time
import warnings
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from argosy.errors import ArgosyWarning, StoreError
from argosy.store import durable
from argosy.store.checkpoints import newest
from argosy.store.lock import turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from argosy.store.actions import Action
    from argosy.store.location import Location

FOLDER = "_delta_log"
_ENDS = "checksum"
_NAME = re.compile(r"^(\d{20})\.json$")


class Taken(Exception):
    """Somebody else has committed this version; read again and decide again."""


class Torn(Exception):
    """An entry is not whole."""


class Sound(NamedTuple):
    """How far a log is whole."""

    version: int
    """The last version whose entry is whole; -1 where none is."""
    torn: bool
    """Whether an entry follows that is not."""


class Log:
    """The entries of one table."""

    def __init__(self, location: Location, url: str) -> None:
        self.location = location
        self.folder = posixpath.join(url, FOLDER)
        self._name = posixpath.basename(url)

    def entry(self, version: int) -> str:
        """Return the URL of an entry."""
        return posixpath.join(self.folder, f"{version:020d}.json")

    def publish(self, version: int, actions: Sequence[Action]) -> None:
        """Commit actions as a version, whole and synced, or not at all.

        Raises:
            Taken: if the version exists.
            StoreError: if the store cannot be written.
        """
        content = encode(actions)
        try:
            durable.publish(self.location, self.entry(version), content)
        except FileExistsError:
            if not self._set_aside(version):
                raise Taken from None
            try:
                durable.publish(self.location, self.entry(version), content)
            except FileExistsError:
                raise Taken from None

    def after(self, version: int) -> Iterator[tuple[int, list[Action]]]:
        """Yield the versions that follow one, as far as they are there, with their actions.

        Raises:
            LookupError: if the log no longer reaches back to the version.
            StoreError: if an entry cannot be read, or one that is not the last is damaged.
        """
        following = version + 1
        while (content := self._read(following)) is not None:
            try:
                actions = decode(content)
            except Torn as error:
                if self._exists(following + 1):
                    raise damaged(self.entry(following), error) from error
                warn_of(self.entry(following))
                return
            yield following, actions
            following += 1
        if following == version + 1 and not self._exists(version):
            # the oldest entries go first: where this one is gone, the next may be too
            raise LookupError(version)

    def sound(self) -> Sound | None:
        """Return the last version whose entry is whole; None where there is no entry.

        What a torn last entry would have said was never acknowledged, so it is passed over, and
        told of. Only entries after the last checkpoint are looked at: nobody reads the others.

        Raises:
            StoreError: if the log cannot be read, an entry is missing, or one that is not the
                last is damaged.
        """
        filesystem, folder = self.location.filesystem(self.folder)
        try:
            filesystem.invalidate_cache(folder)
            names = [posixpath.basename(path) for path in filesystem.ls(folder, detail=False)]
        except FileNotFoundError:
            return None
        except Exception as error:
            raise StoreError(f"cannot read {self.folder}: {error}; check rights") from error
        versions = sorted(int(found[1]) for name in names if (found := _NAME.match(name)))
        if not versions:
            return None
        summed_up = newest(names)
        recent = [version for version in versions if version > summed_up]
        expected = summed_up + 1 if summed_up >= 0 else 0
        for version in recent:
            if version != expected:
                raise StoreError(
                    f"{self.entry(expected)} is missing; restore the folder from a backup"
                )
            expected += 1
            try:
                decode(self._read(version) or b"")
            except Torn as error:
                if version != versions[-1]:
                    raise damaged(self.entry(version), error) from error
                warn_of(self.entry(version))
                return Sound(version - 1, torn=True)
        return Sound(max(versions[-1], summed_up), torn=False)

    def torn(self, version: int) -> bool:
        """Say whether there is an entry of a version that is not whole."""
        content = self._read(version)
        if content is None:
            return False
        try:
            decode(content)
        except Torn:
            return True
        return False

    def _set_aside(self, version: int) -> bool:
        """Take a torn last entry out of the way; say whether there was one.

        One at a time: whoever looked at it before another did would move away what has been
        published in its place since.
        """
        with turn(self.location, f"{self._name}.torn"):
            content = self._read(version)
            if content is None:  # somebody else was faster
                return False
            try:
                decode(content)
            except Torn as error:
                if self._exists(version + 1):
                    raise damaged(self.entry(version), error) from error
                warn_of(self.entry(version))
                filesystem, path = self.location.filesystem(self.entry(version))
                with suppress(FileNotFoundError):
                    filesystem.mv(path, f"{path}.{time.time_ns()}.torn")
                return True
            return False

    def _read(self, version: int) -> bytes | None:
        filesystem, path = self.location.filesystem(self.entry(version))
        try:
            content: bytes = filesystem.cat_file(path)
        except FileNotFoundError:
            return None
        except Exception as error:
            raise StoreError(f"cannot read {self.entry(version)}: {error}") from error
        return content

    def _exists(self, version: int) -> bool:
        return self._read(version) is not None


def encode(actions: Sequence[Action]) -> bytes:
    """Return an entry: a line per action, and the line that shows that it is whole."""
    lines = "".join(json.dumps(action, separators=(",", ":")) + "\n" for action in actions).encode()
    end = {
        "commitInfo": {
            "timestamp": time.time_ns() // 1_000_000,
            "operation": "WRITE",
            "operationParameters": {},
            "engineInfo": "argosy",
            _ENDS: zlib.crc32(lines),
        }
    }
    return lines + json.dumps(end, separators=(",", ":")).encode() + b"\n"


def decode(content: bytes) -> list[Action]:
    """Return the actions of an entry.

    Raises:
        Torn: if it is not whole.

    >>> decode(encode([{"txn": {"appId": "ledger", "version": 7}}]))
    [{'txn': {'appId': 'ledger', 'version': 7}}]
    """
    lines = [line for line in content.split(b"\n") if line]
    try:
        actions = [json.loads(line) for line in lines]
    except ValueError as error:
        raise Torn(f"a line is not JSON ({error})") from error
    if not actions or not all(isinstance(action, dict) for action in actions):
        raise Torn("a line is not an action")
    if not any("commitInfo" in action for action in actions):
        raise Torn("its last line is missing")
    checksum = (actions[-1].get("commitInfo") or {}).get(_ENDS)
    if checksum is None:
        return actions
    if zlib.crc32(content[: content.rindex(lines[-1])]) != checksum:
        raise Torn("its checksum is another one")
    return actions[:-1]


def damaged(url: str, error: Exception) -> StoreError:
    """Return what to say of an entry that others build on."""
    return StoreError(f"{url} is damaged: {error}; restore it from a backup")


def warn_of(url: str) -> None:
    """Tell that a torn last entry is passed over."""
    warnings.warn(
        f"{url} is not whole and is set aside: a change is acknowledged once its entry is whole",
        ArgosyWarning,
        stacklevel=3,
    )
