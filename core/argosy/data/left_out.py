"""Count the rows that were read and count nowhere, and why, wherever work leaves rows out.

Whoever leaves rows out says so with `leave_out`; the worker collects what is said while it works on
a chunk, and the driver adds the chunks up. What is said twice of the same rows counts once: a
drift check reads a model's rows column by column and cuts them by several segments, and each time
the same rows have no time.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from argosy.during import during

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from argosy.data.datasets import Dataset

    Counts = Mapping[str, Mapping[str, Any]]
    """By the name of a cause: `what`, how many `rows`, of how many `models`, and of which `files`
    (rows by URL) those are that were counted by file."""


class Cause(NamedTuple):
    """Why rows count nowhere."""

    name: str
    """What the summary of a run calls it."""
    what: str
    """What is the matter with the rows, to be read after `5 rows of 2 models`."""


UNTIMED = Cause("untimed", "have no time and are in no window")
UNNAMED = Cause("unnamed", "have no value in the column that names windows and are in no window")
UNCLEAR = Cause(
    "unclear",
    "are of an hour that the clock showed twice, or skipped: read as the first, or as the hour"
    " after",
)
EARLY = Cause(
    "early",
    "have times in January or February 1970 only, where those of today land if their unit is"
    " mistaken: they count as they are",
)
COUNTED = (UNCLEAR, EARLY)
"""The causes whose rows count: what a run did with them is told apart from what it left out."""


@dataclass(slots=True)
class LeftOut:
    """What a chunk left out."""

    _rows: dict[tuple[Cause, str, str, str], int] = field(default_factory=dict)
    """By cause, owner, data and detail."""
    _files: dict[tuple[Cause, str], int] = field(default_factory=dict)
    _counted: set[tuple[Cause, str, str, str]] = field(default_factory=set)

    def told(self) -> dict[str, dict[str, Any]]:
        """Add up what was said, by cause; causes without a row are not there."""
        owners: dict[Cause, dict[str, int]] = {}
        for key, rows in self._rows.items():
            if rows and key not in self._counted:
                cause, owner, *_ = key
                own = owners.setdefault(cause, {})
                own[owner] = own.get(owner, 0) + rows
        found = {
            cause.name: _count(cause.what, sum(own.values()), len(own), {})
            for cause, own in owners.items()
        }
        for (cause, url), rows in self._files.items():
            if rows:
                told = found.setdefault(cause.name, _count(cause.what, 0, 0, {}))
                told["files"][url] = rows
        return found


_LEFT_OUT: ContextVar[LeftOut | None] = ContextVar("left_out", default=None)


@contextmanager
def collecting() -> Iterator[LeftOut]:
    """Collect what is left out inside.

    >>> young = Cause("immature", "are too young to have a label")
    >>> with collecting() as left_out:
    ...     leave_out(young, pl.Series(["a", "a", "b"]))
    ...     leave_out(young, pl.Series(["a", "a"]))  # the same rows once more
    >>> left_out.told()["immature"]["rows"]
    3
    """
    left_out = LeftOut()
    with during(_LEFT_OUT, left_out):
        yield left_out


def leave_out(cause: Cause, owners: pl.Series, rows: pl.Series | None = None, of: str = "") -> None:
    """Say that rows of models count nowhere; outside of a chunk's work it is said to nobody.

    Args:
        cause: why.
        owners: the models, one element per row, or one per model where `rows` counts them.
        rows: how many of each owner, which may stand there several times.
        of: what tells these rows from others of the same models and cause, such as their URL.
    """
    left_out = _LEFT_OUT.get()
    if left_out is None or not len(owners):
        return
    many = pl.lit(1, pl.Int64) if rows is None else pl.lit(rows.cast(pl.Int64))
    each = owners.alias("owner").to_frame().with_columns(rows=many)
    for owner, number in each.group_by("owner").agg(pl.col("rows").sum()).iter_rows():
        left_out._rows[cause, str(owner), of, ""] = number


def leave_out_of(
    cause: Cause, dataset: Dataset, owners: pl.Series, rows: pl.Series | None = None
) -> None:
    """Say that rows of a dataset's models count nowhere, as `leave_out` does."""
    leave_out(cause, owners, rows, source(dataset.binding))


def leave_out_others(cause: Cause, rows: pl.DataFrame, counted: pl.DataFrame, of: str = "") -> None:
    """Say that rows count nowhere unless others of the same chunk count them.

    Of a champion and its challenger each counts its own rows and leaves those of the other out.

    Args:
        cause: why.
        rows: those left out: the model, and the version or whatever else they are of, as text.
        counted: the same of the rows that count here.
        of: what tells these rows from others of the same models, such as their URL.
    """
    left_out = _LEFT_OUT.get()
    if left_out is None:
        return
    for owner, detail in counted.iter_rows():
        left_out._counted.add((cause, owner, of, str(detail)))
    own, detail = rows.columns
    each = rows.group_by(own, detail).len()
    for owner, name, number in each.iter_rows():
        left_out._rows[cause, owner, of, str(name)] = number


def leave_out_of_files(cause: Cause, rows: Iterable[tuple[str, int]]) -> None:
    """Say how many rows of files count nowhere, whichever models and chunks read them.

    Args:
        cause: why.
        rows: the URLs, and how many rows each.
    """
    left_out = _LEFT_OUT.get()
    if left_out is not None:
        left_out._files |= {(cause, url): int(number) for url, number in rows}


def source(binding: Mapping[str, Any]) -> str:
    """Return what tells the rows of a binding from those of others."""
    return f"{binding['url']} {binding['where'] or ''}"


def merged(parts: Iterable[Counts]) -> dict[str, dict[str, Any]]:
    """Add up what chunks left out, which have no models in common, but perhaps files.

    >>> one = {"immature": {"what": "are young", "rows": 2, "models": 1, "files": {"f": 5}}}
    >>> merged([one, one])["immature"]
    {'what': 'are young', 'rows': 4, 'models': 2, 'files': {'f': 5}}
    """
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        for name, count in part.items():
            had = found.get(name) or _count(count["what"], 0, 0, {})
            rows, models = had["rows"] + count["rows"], had["models"] + count["models"]
            files = {**had["files"], **count["files"]}
            found[name] = _count(count["what"], rows, models, files)
    return found


def _count(what: str, rows: int, models: int, files: dict[str, int]) -> dict[str, Any]:
    return {"what": what, "rows": rows, "models": models, "files": files}
