"""Remove files that nothing names and nobody is about to name.

Whether a file may go is asked three times. It must be older than what a reader may hold open or a
writer may still have in hand, by the store's own clock. It must be older than the oldest run that
is still at work or may be carried on, since what that run wrote is named when it ends. And it
must not be named in what is read last of all, right before it is removed.
"""

from __future__ import annotations

import io
import json
import posixpath
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from argosy.errors import StoreError
from argosy.store.clock import PROBE, store_time
from argosy.store.facts import STAGED_FOLDER
from argosy.store.listing import File, files, remove
from argosy.types.moments import span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from argosy.store.delta import Table
    from argosy.store.location import Location

KEEP_HOURS = 168
"""Files that a reader may still hold open are kept for a week."""
FLOOR_HOURS = 24
"""A writer names what it wrote within this time: less is kept only where nobody writes."""

_LOG = "_delta_log"
_ENTRY = re.compile(r"^\d{20}\.json$")
_CHECKPOINT = re.compile(r"^\d{20}\.checkpoint\.parquet$")
_UNFINISHED = re.compile(r"\.(part|torn|tmp)$")
_MARKER = "argosy.json"


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far back what nobody names is kept, by the store's own clock."""

    kept_from: datetime
    """What was written since is young: somebody may hold it open or be about to name it."""
    begun: datetime
    """When the oldest run that is at work, or can be resumed, began; else `kept_from`."""

    def is_past(self, file: File) -> bool:
        """Say whether a file is old enough to go, if nobody names it."""
        return file.at is not None and file.at <= min(self.kept_from, self.begun)


def horizon(
    location: Location, keep_hours: float = KEEP_HOURS, nobody_writes: bool = False
) -> Horizon:
    """Return how far back files are kept; never for less than a day while others may write.

    Args:
        location: the fleet's.
        keep_hours: for how long.
        nobody_writes: whether the caller promises that nobody else works on the fleet, reads it
            or has a run to resume there, so that the floor of a day does not hold.

    Raises:
        BadInput: for a time that is negative, or longer than a thousand years.
        StoreError: if the store cannot be written or listed.
    """
    kept = span(keep_hours, "hours", "keep files")
    floor = timedelta(0) if nobody_writes else timedelta(hours=FLOOR_HOURS)
    kept_from = store_time(location) - max(kept, floor)
    begun = [
        min(times)
        for times in _times(_runs(location)).values()
        if max(times) > kept_from  # it is at work, or may be resumed
    ]
    # a run stages its plan before anything else; a day more costs nothing
    since = min(begun) - timedelta(hours=FLOOR_HOURS) if begun else kept_from
    return Horizon(kept_from, since)


def clean_table(table: Table, location: Location, held: Horizon) -> int:
    """Remove files of a table that no version names which a reader may still hold open.

    Returns how many.

    Raises:
        StoreError: if the store cannot be read or written.
    """
    listed = files(location, posixpath.basename(table.url))
    data = [file for file in listed if not file.inside.startswith(_LOG)]
    log = [file for file in listed if file.inside.startswith(_LOG)]
    gone = [file for file in log if _UNFINISHED.search(file.inside) and held.is_past(file)]
    old = [file for file in data if held.is_past(file)]
    if old:
        handle = table.open()
        if handle is None:
            return 0  # its log is gone: whoever restores it needs its files
        live = {posixpath.basename(unquote(uri)) for uri in handle.file_uris()}
        live |= _lately_named(location, log, held.kept_from)
        gone += [file for file in old if posixpath.basename(file.inside) not in live]
    return remove(location, gone)


def clean_folder(
    location: Location, folder: str, named: Callable[[], Collection[str]], held: Horizon
) -> int:
    """Remove files of a folder that are not named; return how many.

    Args:
        location: the fleet's.
        folder: below it.
        named: asked after the folder was listed, for the names of files; not their paths.
        held: how far back they are kept.

    Raises:
        StoreError: if the store cannot be read or written.
    """
    old = [file for file in files(location, folder) if held.is_past(file)]
    if not old:
        return 0
    kept = named()
    return remove(location, [one for one in old if posixpath.basename(one.inside) not in kept])


def clean_staged(location: Location, held: Horizon) -> int:
    """Remove what runs staged that nobody carries on, a run as a whole; return how many files.

    Raises:
        StoreError: if the store cannot be read or written.
    """
    removed = 0
    for run, times in _times(_runs(location)).items():
        if max(times) > held.kept_from:
            continue
        folder = posixpath.join(STAGED_FOLDER, run)
        again = files(location, folder)  # somebody may just have resumed it
        if all(file.at is not None and file.at <= held.kept_from for file in again):
            removed += remove(location, again, folders=True)
    return removed


def clean_root(location: Location, held: Horizon) -> int:
    """Remove what those left in the fleet's own folder who were killed; return how many files.

    Raises:
        StoreError: if the store cannot be read or written.
    """
    ours = (PROBE, f"{_MARKER}.")
    return remove(
        location,
        [
            file
            for file in files(location, "", deep=False)
            if file.inside.startswith(ours) and held.is_past(file)
        ],
    )


def _runs(location: Location) -> list[File]:
    return files(location, STAGED_FOLDER)


def _times(staged: Collection[File]) -> dict[str, list[datetime]]:
    """Return when the files of each run were written; the future, where the store cannot say."""
    times: dict[str, list[datetime]] = {}
    for file in staged:
        run = file.inside.split("/", 1)[0]
        times.setdefault(run, []).append(file.at or datetime.max.replace(tzinfo=UTC))
    return times


def _lately_named(location: Location, log: Collection[File], since: datetime) -> set[str]:
    """Return the files that a version since a time named, which a reader may still hold open."""
    entries = [
        file
        for file in log
        if _ENTRY.match(posixpath.basename(file.inside)) and (file.at is None or file.at > since)
    ]
    filesystem, _ = location.filesystem()
    named: set[str] = set()
    for file in entries:
        try:
            lines = filesystem.cat_file(file.path).splitlines()
            actions = [json.loads(line) for line in lines if line.strip()]
        except FileNotFoundError:
            continue  # a checkpoint holds what it said
        except (OSError, ValueError) as error:
            raise StoreError(
                f"cannot read {file.path}: {error}; its files are kept. Restore it from a backup"
            ) from error
        named |= {path for action in actions for path in _paths(action)}
    return named | _buried(location, log, since)


def _paths(action: dict[str, Any]) -> list[str]:
    return [
        posixpath.basename(unquote(action[word]["path"]))
        for word in ("add", "remove")
        if action.get(word)
    ]


def _buried(location: Location, log: Collection[File], since: datetime) -> set[str]:
    """Return the files that the newest checkpoint remembers as removed since a time."""
    from pyarrow import ArrowException
    from pyarrow.parquet import read_table

    names = {posixpath.basename(file.inside): file for file in log}
    sums = sorted(name for name in names if _CHECKPOINT.match(name))
    if not sums:
        return set()
    filesystem, _ = location.filesystem()
    path = names[sums[-1]].path
    try:
        rows = read_table(io.BytesIO(filesystem.cat_file(path)), columns=["remove"])
        gone = [row for row in rows["remove"].to_pylist() if row]
    except (OSError, ArrowException, KeyError) as error:
        raise StoreError(
            f"cannot read {path}: {error}; files of its table are kept. Restore it from a backup"
        ) from error
    earliest = since.timestamp() * 1000
    return {
        posixpath.basename(unquote(row["path"]))
        for row in gone
        if (row.get("deletionTimestamp") or earliest) >= earliest
    }
