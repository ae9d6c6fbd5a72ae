"""Notices that wait to be delivered, kept in the fleet from before the first try.

A letter holds the notices of one change for one sink, as a file of the folder `outbox` that is
never changed and goes once it is delivered. What became of the tries lies in a file beside it, so
that of two commands that try at once the one that fails cannot bring back what the other has
delivered; and a sink that fails has a file of its own, so that nobody waits for it again too soon.
"""

from __future__ import annotations

import json
import posixpath
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import polars as pl

from argosy.errors import StoreError
from argosy.store import blobs, durable, listing
from argosy.tables import SENT_NOTICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from argosy.store.location import Location

FOLDER = "outbox"
_LETTER, _TRIES, _DOWN = ".arrow", ".tries", ".down"
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Tried:
    """How often something was tried, and when it may be tried again."""

    tries: int
    error: str | None
    until: datetime

    @property
    def content(self) -> bytes:
        """What is kept of it."""
        told = {"tries": self.tries, "error": self.error, "until": self.until.isoformat()}
        return json.dumps(told).encode()

    @classmethod
    def read(cls, content: bytes) -> Tried | None:
        """Return what was kept; None where that is damaged: it is then tried at once."""
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(content)
            until = datetime.fromisoformat(told["until"]).astimezone(UTC)
            return cls(int(told["tries"]), told["error"], until)
        return None


@dataclass(frozen=True, slots=True)
class Letter:
    """The notices of one change for one sink."""

    name: str
    """That of its file, without the ending: the number of the change, a code, the sink."""
    tried: Tried | None = None

    @property
    def sink(self) -> str:
        """Where it goes."""
        return unquote(self.name.partition(".")[2])

    @property
    def seq(self) -> int:
        """The change that it tells of."""
        return int(self.name.partition("-")[0])

    @property
    def tries(self) -> int:
        """How often it was tried."""
        return self.tried.tries if self.tried else 0


class Outbox:
    """The letters of one fleet."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.url = location.child(FOLDER)

    def keep(self, seq: int, notices: pl.DataFrame, sinks: Iterable[str]) -> list[Letter]:
        """Keep the notices of a change for each sink; they are durable when this returns.

        Every notice gets an `id`, the same for all sinks and tries.

        Raises:
            StoreError: if the store cannot be written.
        """
        code = uuid.uuid4().hex[:12]
        table = identified(notices, seq, code).to_arrow().cast(SENT_NOTICES)
        letters = [Letter(f"{seq:010d}-{code}.{quote(sink, safe='')}") for sink in sinks]
        content = bytes(blobs.content(table))
        files = {letter.name + _LETTER: content for letter in letters}
        durable.write_all(self.location, self.url, files)
        return letters

    def names(self) -> list[str]:
        """Return the names of all files, sorted.

        Raises:
            StoreError: if the store cannot be read.
        """
        return listing.names(self.location, self.url)

    def letters(self, names: Sequence[str]) -> list[Letter]:
        """Return the letters among files, oldest first, with what became of them so far."""
        there, tried = _stems(names, _LETTER), _stems(names, _TRIES)
        told = self._read(name + _TRIES for name in tried & there)
        letters = [Letter(name, told.get(name + _TRIES)) for name in there if _is_letter(name)]
        return sorted(letters, key=lambda letter: letter.name)

    def clean(self, names: Sequence[str]) -> None:
        """Remove what is left of tries of letters that are delivered, among files."""
        with suppress(StoreError):  # it does no harm
            self.remove_files(
                name + _TRIES for name in _stems(names, _TRIES) - _stems(names, _LETTER)
            )

    def down(self, names: Sequence[str]) -> Mapping[str, Tried]:
        """Return the sinks that failed when they were last tried, among files."""
        told = self._read(name for name in names if name.endswith(_DOWN))
        return {unquote(name.removesuffix(_DOWN)): tried for name, tried in told.items()}

    def notices(self, letter: Letter) -> pl.DataFrame:
        """Return what a letter says.

        Raises:
            StoreError: if it is gone or damaged.
        """
        table = blobs.read(self.location, FOLDER, letter.name + _LETTER)
        if not set(SENT_NOTICES.names) <= set(table.column_names):
            raise StoreError(f"{self.url}/{letter.name}{_LETTER} holds no notices")
        return pl.DataFrame(table.select(SENT_NOTICES.names).cast(SENT_NOTICES))

    def note(self, letter: Letter, tried: Tried) -> None:
        """Keep what became of a try."""
        durable.write(self.location, f"{self.url}/{letter.name}{_TRIES}", tried.content)

    def note_down(self, sink: str, tried: Tried | None) -> None:
        """Keep that a sink failed, or that it works."""
        name = quote(sink, safe="") + _DOWN
        if tried is None:
            self.remove_files([name])
        else:
            durable.write(self.location, f"{self.url}/{name}", tried.content)

    def remove(self, letters: Iterable[Letter]) -> None:
        """Remove letters: they are delivered, or somebody lets them go.

        Raises:
            StoreError: if one cannot be removed, so that it would be sent again.
        """
        for letter in letters:
            self.remove_files([letter.name + _LETTER, letter.name + _TRIES])

    def contents(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return what small files hold, by name; those that are gone are left out."""
        filesystem, inner = self.location.filesystem(self.url)

        def read(name: str) -> bytes | None:
            with suppress(Exception):  # somebody has delivered it, or each filesystem's own
                return bytes(filesystem.cat_file(posixpath.join(inner, name)))
            return None

        wanted = list(names)
        with ThreadPoolExecutor(_AT_ONCE) as readers:  # a bucket takes its time for each
            told = dict(zip(wanted, readers.map(read, wanted), strict=True))
        return {name: content for name, content in told.items() if content is not None}

    def _read(self, names: Iterable[str]) -> dict[str, Tried]:
        tried = {name: Tried.read(content) for name, content in self.contents(names).items()}
        return {name: one for name, one in tried.items() if one is not None}

    def remove_files(self, names: Iterable[str]) -> None:
        """Remove files by name, those that are there.

        Raises:
            StoreError: if one cannot be removed.
        """
        filesystem, inner = self.location.filesystem(self.url)
        for name in names:
            try:
                filesystem.rm_file(posixpath.join(inner, name))
            except FileNotFoundError:
                continue
            except Exception as error:  # each filesystem raises its own
                raise StoreError(f"cannot remove {self.url}/{name}: {error}") from error


def identified(notices: pl.DataFrame, seq: int, code: str | None = None) -> pl.DataFrame:
    """Return the notices of a change with an `id` each: its number, a code, their place."""
    code = code or uuid.uuid4().hex[:12]
    ids = [f"{seq}-{code}-{number}" for number in range(notices.height)]
    return notices.with_columns(id=pl.Series(ids, dtype=pl.String)).select(SENT_NOTICES.names)


def _stems(names: Sequence[str], ending: str) -> set[str]:
    return {name.removesuffix(ending) for name in names if name.endswith(ending)}


def _is_letter(name: str) -> bool:
    return name.partition("-")[0].isdecimal() and "." in name
