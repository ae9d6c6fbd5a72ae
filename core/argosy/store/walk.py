"""Walk along the hash chain of the ledger, some changes at a time, so that memory is bounded.

Where a change does not fit, the walk goes on from the hash that is written there, so that every
change that was tampered with is named and not the first alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import BadInput, StoreError
from argosy.store.chain import following, texts
from argosy.store.damage import collect
from argosy.store.findings import Finding
from argosy.store.state import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from argosy.store.findings import Kind
    from argosy.store.state import State

_ROWS = 20_000
"""Rows that are held at a time, unless a single change has more."""
_TOLD = 20
_HEAD = re.compile(r"(\d+):([0-9a-f]{64})|0:")
_RESTORE = "restore the ledger from a backup; what follows is vouched for by itself only"
_BRING_BACK = (
    "`argosy maintain --repair` brings back those whose rows are there, else restore the ledger"
    " from a backup"
)
_REPAIR = "`argosy maintain --repair` removes the copies"


@dataclass
class Walked:
    """What a walk found."""

    changes: int = 0
    """How many changes there are."""
    seq: int = 0
    """The last of them."""
    chain: str | None = ""
    """Its hash; None where its rows do not agree on one."""
    broken_at: int | None = None
    findings: list[Finding] = field(default_factory=list)
    copied: list[int] = field(default_factory=list)
    """The changes of which rows are stored several times, and nothing else is wrong."""
    state: State | None = NOTHING
    """What the changes add up to; None where they cannot be read."""

    def find(self, seq: int, kind: Kind, told: str, way_out: str = _RESTORE) -> None:
        """Take note of a change that is not as it was written."""
        self.broken_at = seq if self.broken_at is None else min(seq, self.broken_at)
        if len(self.findings) < _TOLD:
            self.findings.append(Finding("ledger", kind, told, way_out, seq))


def read_head(head: str) -> dict[int, str]:
    """Read a head that was noted down: a change and its hash; that of an empty ledger is `0:`.

    Raises:
        BadInput: for a text that is no head.

    >>> read_head("15:abc")
    Traceback (most recent call last):
    argosy.errors.BadInput: '15:abc' is no head; write SEQ:HASH as `argosy verify` prints it, \
the hash with its 64 digits
    """
    found = _HEAD.fullmatch(head.strip().lower())
    if found is None:
        raise BadInput(
            f"{head!r} is no head; write SEQ:HASH as `argosy verify` prints it, the hash with its"
            " 64 digits"
        )
    return {int(found[1]): found[2]} if found[1] else {}


def walk(changes: pl.LazyFrame, url: str, upto: int, noted: Mapping[int, str]) -> Walked:
    """Compute every hash anew.

    Args:
        changes: the rows of the ledger, in no particular order.
        url: of the ledger.
        upto: the last change that is looked at, and which must be there.
        noted: changes, which must be there, and the hash that was noted down for each.
    """
    found = Walked()
    rows = changes.filter(pl.col("seq") <= upto)
    try:
        for low, high in _ranges(rows, url):
            part = collect(rows.filter(pl.col("seq").is_between(low, high)), url)
            _follow(found, part.sort("seq", "ord"), noted)
    except StoreError as error:
        found.find(found.seq + 1, "unreadable", str(error))
        found.state = None
        return found
    last = max(upto, *noted, 0)
    if found.seq < last:
        told = f"changes {found.seq + 1} to {last} are missing at the end"
        found.find(found.seq + 1, "missing", told, _BRING_BACK)
    return found


def _ranges(rows: pl.LazyFrame, url: str) -> Iterator[tuple[int, int]]:
    """Cut the changes into ranges of so many rows that these can be held."""
    counted = collect(rows.group_by("seq").len().sort("seq"), url)
    if counted.is_empty():
        return
    seqs = counted["seq"].to_numpy()
    part = counted["len"].cum_sum().to_numpy() // _ROWS
    starts = [0, *(np.flatnonzero(np.diff(part)) + 1), len(seqs)]
    for start, end in pairwise(starts):
        yield int(seqs[start]), int(seqs[end - 1])


def _follow(found: Walked, rows: pl.DataFrame, noted: Mapping[int, str]) -> None:
    """Walk over the next rows, which are whole changes in their order."""
    for seq, change in _changes(rows):
        if seq != found.seq + 1:
            one = seq == found.seq + 2
            many = (
                f"change {found.seq + 1} is" if one else f"changes {found.seq + 1} to {seq - 1} are"
            )
            found.find(found.seq + 1, "missing", f"{many} missing")
            found.chain = None
        _step(found, seq, change)
        if found.chain != noted.get(seq, found.chain):
            found.find(seq, "altered", f"change {seq} is not the one of the head noted down")
        found.changes += 1
        found.seq = seq
    for part in rows.iter_slices(_ROWS):
        try:
            found.state = None if found.state is None else found.state.after(part)
        except StoreError:
            if found.broken_at is None:
                raise
            found.state = None


class _Change(NamedTuple):
    """The rows of a change."""

    lines: Callable[[], Iterable[str]]
    """As the texts that are hashed."""
    rows: int
    chain: str | None
    """Its hash; None where the rows do not agree on one."""


def _changes(rows: pl.DataFrame) -> Iterator[tuple[int, _Change]]:
    seqs = rows["seq"].to_numpy()
    starts = [*np.flatnonzero(np.diff(seqs, prepend=-1)).tolist(), len(seqs)]
    if len(starts) == 2:  # it may be large, so its texts are made a part at a time
        told = rows["chain"].unique().to_list()
        lines = partial(_lines, rows)
        yield int(seqs[0]), _Change(lines, len(seqs), told[0] if len(told) == 1 else None)
        return
    every, chains = texts(rows), rows["chain"].to_list()
    for start, end in pairwise(starts):
        told, own = chains[start:end], every[start:end]
        chain = told[0] if told.count(told[0]) == end - start else None
        yield int(seqs[start]), _Change(partial(iter, own), end - start, chain)


def _lines(rows: pl.DataFrame) -> Iterator[str]:
    for part in rows.iter_slices(_ROWS):
        yield from texts(part)


def _step(found: Walked, seq: int, change: _Change) -> None:
    """Compare one change with its hash."""
    before, found.chain = found.chain, change.chain
    if before is None:  # nobody can tell what came before, so this change is believed
        return
    if change.chain is not None:
        if following(before, change.lines()) == change.chain:
            return
        once = dict.fromkeys(change.lines())
        copies = change.rows - len(once)
        if copies and following(before, once) == change.chain:
            found.copied.append(seq)
            told = f"change {seq} is stored more than once: {copies} of its rows are copies"
            found.find(seq, "stored twice", told, _REPAIR)
            return
    found.find(seq, "altered", f"change {seq} is not what was written")
