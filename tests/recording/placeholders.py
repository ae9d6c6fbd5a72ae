"""What differs from recording to recording, and what is written in its place."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

import argosy

BY_NAME: Mapping[str, str] = {
    # how long it took, and how it was cut, which follows from that
    **dict.fromkeys(("seconds", "took", "load_ms"), "<seconds>"),
    "bytes": "<bytes>",  # of a page that tells how long runs took
    # names that are drawn at random, for a change, a file or a cause
    **dict.fromkeys(("txn_id", "incident", "plan", "promotion"), "<id>"),
    **dict.fromkeys(("file", "profile", "fit"), "<file>"),
    # hashes of what holds times: of zip files, of changes, of bindings by their number
    **dict.fromkeys(("sha256", "digest", "chain", "head", "source", "reference_id"), "<hash>"),
}
"""Columns, and keys in JSON, whose every value is replaced."""

UNORDERED = ("metrics",)
"""Structs of a fleet's overview: their fields come in the order of the rows of a join."""

_HASH = re.compile(r"sha256:[0-9a-f]+…?|(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])")
_HEX = re.compile(r"(?:sha256:|\d+:)?[0-9a-f]{16,64}")
_ID = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{12}|[0-9a-f]{10})(?![0-9a-f])")
_SECONDS = re.compile(r"(?<![\w.])\d+(?:\.\d+)? s\b")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?: ?(?:Z|UTC|\+00:?00))?")
_SOON = timedelta(hours=2)
_KEPT = timedelta(days=30)
"""For how long what was deleted can be restored, unless somebody says otherwise."""


@dataclass
class Placeholders:
    """What stands for folders, runs, incidents, the present time and what took how long."""

    folders: Mapping[str, str]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    known: dict[str, str] = field(default_factory=dict)
    """What stands for the identities of runs and incidents."""

    def learn(self, fleet: argosy.Fleet) -> None:
        """Number the runs of a fleet in their order, after those that are known."""
        finished = fleet.events().filter(kind="run").sort("seq", "ord").select("run_id").collect()
        waiting = fleet.unfinished().sort("started")["run_id"]
        runs = [*finished["run_id"].unique(maintain_order=True), *waiting]
        for run in runs:
            self.known.setdefault(run, f"<run {len(self.known) + 1}>")
        incidents = fleet.incidents().collect()["incident"]
        self.known.update(dict.fromkeys(incidents, "<id>"))

    def plain(self, found: Any, name: str = "") -> Any:
        """Return a value of JSON in which all that differs is replaced."""
        if found is not None and name in BY_NAME:
            hidden = BY_NAME[name]
            return hidden if hidden != "<hash>" or _HEX.fullmatch(str(found)) else found
        if isinstance(found, Mapping):
            names = sorted(found) if name in UNORDERED else found
            return {str(key): self.plain(found[key], str(key)) for key in names}
        if isinstance(found, (list, tuple)):
            return [self.plain(value, name) for value in found]
        if found is None or isinstance(found, (bool, int, float)):
            return found
        text = str(found)
        if text[:1] in "{[" and text[1:]:
            try:
                return self.plain(json.loads(text), name)
            except ValueError:
                pass
        return self.text(text)

    def text(self, text: str) -> str:
        """Return text in which all that differs is replaced."""
        for folder, placeholder in self.folders.items():
            text = text.replace(folder, placeholder)
        text = _HASH.sub("<hash>", text)
        text = _ID.sub(lambda found: self.known.get(found[0], found[0]), text)
        return _SECONDS.sub("<seconds>", _TIME.sub(self._time, text))

    def columns(self, frame: pl.DataFrame) -> str:
        """Return the columns of a table, a line for each."""
        lines = []
        for name, kind in frame.schema.items():
            if name in UNORDERED and isinstance(kind, pl.Struct):
                kind = pl.Struct(sorted(kind.fields, key=lambda field: field.name))
            lines.append(f"{name}: {kind}")
        return "\n".join(lines)

    def rows(self, frame: pl.DataFrame) -> str:
        """Return the rows of a table as JSON, a line for each, sorted."""
        rows = (self.plain(row) for row in frame.iter_rows(named=True))
        return "\n".join(sorted(json.dumps(row, ensure_ascii=False) for row in rows))

    def _time(self, found: re.Match[str]) -> str:
        told = datetime.fromisoformat(f"{found[1]} {found[2]}").replace(tzinfo=UTC)
        near = min(abs(told - self.now), abs(told - self.now - _KEPT)) < _SOON
        return "<time>" if near else found[0]
