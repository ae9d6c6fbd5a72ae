"""Decide queued changes: one after another, those that are alike at once.

A whole table costs hardly more than one row, so sixteen callers that each move one alias are
decided as one table of sixteen rows. Each change keeps its own number, reason and hash.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.store.after_images import Change, constant, images_of, packed
from argosy.store.chain import link
from argosy.store.state import Decision, State, among

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence


_DRIFT = timedelta(hours=1)
"""By so much clocks that are looked after, and a summer's end, differ at most."""


@dataclass(frozen=True, slots=True)
class RowWise:
    """A decision on each row by itself, so that the rows of several callers can be put together.

    It holds as long as no model stands twice; outcomes are in the order of the rows.
    """

    rule: Hashable
    """Equal for callers whose rows may be put together."""
    rows: pl.DataFrame
    """One row per model, with the column `model`."""
    decide: Callable[[State, pl.DataFrame], Decision]
    """Its changes have the column `model`."""

    def __call__(self, state: State) -> Decision:
        """Decide on these rows alone."""
        return self.decide(state, self.rows)


@dataclass
class Request:
    """One caller's change, waiting for its turn."""

    op: str
    decide: Callable[[State], Decision]
    reason: str | None
    txn_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    decision: Decision | None = None
    before: State | None = None
    """What it was decided on."""
    seq: int | None = None
    """Its number, unless it changes nothing."""
    error: BaseException | None = None
    ended: bool = False

    @property
    def alike(self) -> Hashable:
        """Equal for requests that may be decided together."""
        rule = self.decide.rule if isinstance(self.decide, RowWise) else self.txn_id
        return self.op, self.reason, rule


Refuse = Callable[[str, str | None, State, Decision], None]
"""Called with the op, its reason, the state and the decision; raises to refuse it."""


def decided(
    requests: Sequence[Request],
    state: State,
    by: Mapping[str, str | None],
    refuse: Refuse,
    now: datetime,
) -> tuple[State, list[pl.DataFrame]]:
    """Decide every request; return the state that they leave and the rows to write.

    Args:
        requests: in the order in which they came.
        state: what the first of them is decided on.
        by: `actor` and `group` of all of them.
        refuse: asked about every decision.
        now: when they are made.
    """
    images: list[pl.DataFrame] = []
    for _, group in groupby(requests, key=lambda request: request.alike):
        alike = list(group)
        at_once = _at_once(alike, state, refuse) if len(alike) > 1 else None
        if at_once is not None:
            state = _moved(alike, at_once, state, by, images, now)
            continue
        for request in alike:
            state = _moved([request], [_alone(request, state, refuse)], state, by, images, now)
    return state, images


def _alone(request: Request, state: State, refuse: Refuse) -> Sequence[Change]:
    request.decision = request.error = None
    try:
        request.decision = request.decide(state)
        refuse(request.op, request.reason, state, request.decision)
    except Exception as error:
        request.error = error
        return ()
    return request.decision.changes


def _at_once(
    requests: Sequence[Request], state: State, refuse: Refuse
) -> list[list[Change]] | None:
    """Decide the rows of all requests together; None where they get in each other's way."""
    asked: Any = [request.decide for request in requests]
    rows = pl.concat([one.rows for one in asked])
    if rows["model"].is_duplicated().any():
        return None
    try:
        whole = asked[0].decide(state, rows)
        refuse(requests[0].op, None, state, whole)
    except Exception:
        return None  # one of them is refused, or all: each shall hear its own reason
    changes: list[list[Change]] = []
    start = 0
    for request, one in zip(requests, asked, strict=True):
        own = [Change(change.kind, _of(change.rows, one.rows["model"])) for change in whole.changes]
        request.error = None
        request.decision = Decision(whole.outcomes.slice(start, one.rows.height), own)
        changes.append(own)
        start += one.rows.height
    return changes


def _of(rows: pl.DataFrame, models: pl.Series) -> pl.DataFrame:
    return rows[np.flatnonzero(among(rows["model"], models))]


def _moved(
    requests: Sequence[Request],
    changes: Sequence[Sequence[Change]],
    state: State,
    by: Mapping[str, str | None],
    images: list[pl.DataFrame],
    now: datetime,
) -> State:
    """Give changes of different entities their numbers and hashes, and add their rows."""
    seq, at, chain = state.seq, state.at, state.chain
    by_kind: dict[str, list[pl.DataFrame]] = {}
    for request, own in zip(requests, changes, strict=True):
        touched = [change for change in own if change.rows.height]
        request.before, request.seq = state, None
        if not touched:
            continue
        request.seq = seq + 1
        seq, at = seq + 1, _time(now, at)
        commit = {
            "seq": seq,
            "at": at,
            **by,
            "op": request.op,
            "reason": request.reason or (request.decision and request.decision.otherwise),
            "txn_id": request.txn_id,
        }
        rows, start = [], 0
        for change in touched:
            rows.append(images_of(change, state, commit, start))
            start += change.rows.height
        narrow = [packed(part) for part in rows]
        chain = link(chain, narrow)
        for part in (*rows, *narrow):
            hashes = constant("chain", chain, part.height)
            part.replace_column(part.get_column_index("chain"), hashes)
        for part, change in zip(rows, touched, strict=True):
            by_kind.setdefault(change.kind, []).append(part)
        images += narrow
    if seq == state.seq:
        return state
    return state.moved(seq, at, chain, [pl.concat(parts) for parts in by_kind.values()])


def preview(state: State, changes: Sequence[Change]) -> State:
    """Return the state that changes would leave, for whoever is asked about them."""
    touched = [change for change in changes if change.rows.height]
    if not touched:
        return state
    seq, at = state.seq + 1, state.at
    commit = dict.fromkeys(("actor", "group", "op", "reason", "txn_id"))
    images = [images_of(change, state, {"seq": seq, "at": at, **commit}, 0) for change in touched]
    return state.moved(seq, at, state.chain, images)


def _time(now: datetime, last: datetime) -> datetime:
    """Return when a change is made: later than the last one, unless that is from the future.

    Where a clock was wrong once, those that come after shall not be wrong for ever.
    """
    if last - now > _DRIFT:
        return now
    return max(now, last + timedelta(microseconds=1))
