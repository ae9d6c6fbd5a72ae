"""The ledger: every change of the fleet, one after another, and the state it folds to.

A change is decided on the latest state and written with compare-and-set: if somebody else was
first, the state is read again and the decision is made again. So the number of a change (`seq`)
is a total order, and a rule checked in a decision holds when the change lands.

Callers of one process queue, and whoever gets to write takes the whole queue into one commit of
the table: each change keeps its own number, actor and hash, and is decided on the state that the
one before it leaves.
"""

from __future__ import annotations

import random
import threading
import time
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import ArgosyWarning, StoreError
from argosy.store.after_images import EMPTY_LEDGER
from argosy.store.clock import Clock
from argosy.store.commit_queue import Request, decided
from argosy.store.compaction import compact
from argosy.store.damage import collect
from argosy.store.delta import Table, last_change
from argosy.store.entries import Taken
from argosy.store.head import Head, note, noted, way_out
from argosy.store.lock import turn
from argosy.store.log_cleanup import shorten
from argosy.store.recovery import recover
from argosy.store.sizes import refuse_long
from argosy.store.snapshot import Snapshot
from argosy.store.state import NOTHING, Decision, State, difference
from argosy.tables import LEDGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.store.location import Location

_PATIENCE = 60.0
_GATHERING = 0.005
_COMPACT_EVERY = 200
_FOLD_AFTER = 10_000
_FOLD_SHARE = 4


class Watch:
    """Who may refuse a change before it is written, and who hears of it afterwards: nobody."""

    def refuse(self, op: str, reason: str | None, state: State, decision: Decision) -> None:
        """Raise to refuse a decision on a state; may be called several times."""

    def promise(self, txn_id: str) -> None:
        """Hear that a change may be committed under an id, before it is."""

    def withdraw(self, txn_id: str) -> None:
        """Hear that it was not."""

    def tell(
        self,
        op: str,
        reason: str | None,
        state: State,
        decision: Decision,
        seq: int,
        txn_id: str,
    ) -> None:
        """Hear of a decision on a state that is committed as the change `seq`."""

    def make_good(self, by_hand: bool = False) -> None:
        """Tell what was promised and never told, all of it where somebody asks for it."""


class Ledger:
    """The fleet's one table of changes."""

    def __init__(
        self,
        location: Location,
        actor: str,
        watch: Watch | None = None,
        group: str | None = None,
    ) -> None:
        self.location = location
        self.watch = watch or Watch()
        self.table = Table(location, "ledger", LEDGER)
        self.snapshot = Snapshot(location)
        self.clock = Clock(location)
        self.actor = actor
        self.group = group
        self._state = NOTHING
        self._read_at = -1
        self._lost: Head | None = None
        """What was acknowledged and is missing."""
        self._committed: int | None = None
        """The version that was written, whose upkeep may be due."""
        self._unsaved = 0
        self._waiting: list[Request] = []
        self._writing = False
        self._crowd = 0
        self._queue = threading.Condition()
        self._turn = threading.RLock()

    def grouped(self, group: str | None, watch: Watch | None = None) -> Ledger:
        """Return the same ledger, whose changes are of a group."""
        other = Ledger(self.location, self.actor, watch or self.watch, group)
        other.clock = self.clock
        with self._turn:
            other._state, other._read_at = self.state(), self._read_at
        return other

    def scan(self) -> pl.LazyFrame:
        """Return every change, lazily, in no particular order."""
        return self.table.scan()

    def state(self) -> State:
        """Return the state after the latest change."""
        with self._turn:
            if self._read_at >= 0:
                try:
                    self._follow()
                except (LookupError, StoreError):
                    # too far behind: the log no longer reaches back, or the files that it names
                    # were gathered into others and removed since
                    self._open()
            else:
                self._open()
            return self._state

    def _open(self) -> None:
        """Read the saved state, and what was changed since."""
        # in this order: what is noted first may grow, and is never ahead of the log
        saved = self.snapshot.read() if self._read_at < 0 else None
        farthest = self._farthest(saved)
        handle = self.table.open()
        there = 0 if handle is None else last_change(handle)
        self._lost = farthest if farthest is not None and farthest.seq > there else None
        if self._read_at < 0:  # the ledger is the truth, however little of it is left
            self._state = NOTHING if saved is None or self._lost is not None else saved
        if handle is not None:
            torn = self._lost is not None and self.table.log.torn(handle.version() + 1)
            newer = self.table.scan(handle).filter(pl.col("seq") > self._state.seq)
            self._fold_in(collect(newer, self.table.url), handle.version())
            if torn and self.recover():
                self._open()
                return
        if self._lost is not None:
            told = way_out(self.location, self.table.name, self._lost)
            warnings.warn(told, ArgosyWarning, stacklevel=2)

    def _farthest(self, saved: State | None) -> Head | None:
        """Return how far the ledger was, as somebody noted or saved it."""
        head = noted(self.location, self.table.name)
        heads = [head] if head is not None else []
        if saved is not None:
            heads.append(Head(saved.seq, saved.chain))
        return max(heads, default=None)

    @property
    def lost(self) -> Head | None:
        """How far it was, where acknowledged changes are missing at its end."""
        return self._lost

    def recover(self) -> list[int]:
        """Bring back acknowledged changes whose entries are damaged or gone; return their numbers.

        Raises:
            StoreError: if the store cannot be written.
        """
        handle = self.table.open()
        if self._lost is None or handle is None:
            return []
        back = recover(self.location, self.table, handle, self._state, self._lost)
        if back:
            warnings.warn(
                f"the changes {back[0]} to {back[-1]} were acknowledged and their entries in"
                f" {self.table.log.folder} are damaged or gone; they were listed again",
                ArgosyWarning,
                stacklevel=2,
            )
        return back

    def _follow(self) -> None:
        """Read the entries that came since the last look: mostly there are none."""
        newer = dict(self.table.log.after(self._read_at))
        if not newer:
            return
        added = [
            action["add"] for actions in newer.values() for action in actions if "add" in action
        ]
        files = {add["path"]: add["size"] for add in added if add["dataChange"]}
        if files:
            self.table.refuse_damaged(files.items())
            rows = collect(self.table.read_lazily(list(files)), self.table.url)
            self._fold_in(rows.filter(pl.col("seq") > self._state.seq), max(newer))
        self._read_at = max(newer)

    def _fold_in(self, rows: pl.DataFrame, version: int) -> None:
        self._state = self._state.after(rows)
        self._unsaved += rows.height
        self._read_at = version

    def latest(self) -> State:
        """Return the state after the latest change, as `state` does unless it is pinned."""
        return self.state()

    def apply(
        self,
        op: str,
        decide: Callable[[State], Decision],
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Decide on the latest state and write all of it, or nothing; return the outcomes.

        With `dry_run`, write nothing and return the difference that the change would make.
        `decide` may be called several times and must have no other effect; it raises to refuse.

        Raises:
            StoreError: if the store cannot be written, or others keep committing for a minute.
            BadInput: for a reason that is too long.
        """
        refuse_long(reason, "the reason")
        if dry_run:
            state = self.state()
            decision = decide(state)
            self.watch.refuse(op, reason, state, decision)
            return difference(state, decision.changes)
        request = Request(op, decide, reason)
        self.watch.promise(request.txn_id)
        with self._queue:
            self._waiting.append(request)
            if len(self._waiting) == self._crowd:
                self._queue.notify_all()
            self._queue.wait_for(lambda: request.ended or not self._writing)
            if not request.ended and self._crowd > 1:
                self._gather()
            batch = [] if request.ended else self._waiting
            if batch:
                self._waiting, self._writing = [], True
        if batch:
            self._write(batch)
        if request.error is not None:
            if not isinstance(request.error, StoreError):  # after which it may be there or not
                self.watch.withdraw(request.txn_id)
            raise request.error
        assert request.decision and request.before  # noqa: S101, PT018  (told to the type checker)
        if request.seq is None:
            self.watch.withdraw(request.txn_id)
        else:
            self.watch.tell(
                op, reason, request.before, request.decision, request.seq, request.txn_id
            )
        return request.decision.outcomes

    def refuse(
        self,
        op: str,
        models: pl.Series,
        reason: str | None = None,
        expects: frozenset[str] = frozenset(),
    ) -> None:
        """Raise if a run over models is not allowed, before it costs anything.

        Args:
            op: the kind of the run.
            models: that it is about.
            reason: of the run.
            expects: the kinds of entities, and the aliases, that it will touch.
        """
        refuse_long(reason, "the reason")
        about = Decision(pl.DataFrame(), (), models=models, expects=expects)
        self.watch.refuse(op, reason, self.state(), about)

    def _gather(self) -> None:
        """Let those whose changes were just written come back, so that they share this commit."""
        self._writing = True
        try:
            self._queue.wait_for(lambda: len(self._waiting) >= self._crowd, _GATHERING)
        finally:
            self._writing = False

    def _write(self, requests: list[Request]) -> None:
        try:
            with self._turn:
                self._commit(requests)
        except Exception as error:
            for request in requests:
                request.error = error
            raise
        except BaseException:  # whoever wrote for the others was interrupted, they were not
            for request in requests:
                request.error = StoreError(
                    "the writing was interrupted; `argosy history` tells whether it is there"
                )
            raise
        finally:
            with self._queue:
                for request in requests:
                    request.ended = True
                self._writing = False
                self._crowd = len(requests) + len(self._waiting)
                self._queue.notify_all()

    def _commit(self, requests: list[Request]) -> None:
        deadline = time.monotonic() + _PATIENCE
        with turn(self.location, self.table.name, meanwhile=self._look_ahead):
            while not self._attempt(requests):
                if time.monotonic() > deadline:
                    raise StoreError(
                        f"others kept committing to {self.table.url} for {_PATIENCE:.0f} s;"
                        " nothing was written, try again"
                    )
                time.sleep(random.uniform(0.005, 0.05))  # noqa: S311
        if self._committed is not None:  # and the next may write meanwhile
            self._upkeep(self._committed)
            self._committed = None

    def _look_ahead(self) -> None:
        """Read what others have written so far, while another of them writes."""
        with suppress(StoreError):  # the attempt will say what is wrong
            self.state()

    def _attempt(self, requests: list[Request]) -> bool:
        """Decide on the latest state, and write that; say whether it is settled."""
        state = self.state()
        if self._lost is not None:
            raise StoreError(way_out(self.location, self.table.name, self._lost))
        by = {"actor": self.actor, "group": self.group}
        now = self.clock.now(state.at if state.seq else None)
        after, images = decided(requests, state, by, self.watch.refuse, now)
        if after is state:
            return True
        if self._read_at < 0:
            self.table.create()  # and somebody may have committed since the decision
            return False
        rows = pl.concat([EMPTY_LEDGER, *images])
        version = self._read_at + 1
        try:
            self.table.append_at(version, rows)
        except (Taken, StoreError) as error:
            if self._landed(requests, state.seq):
                return True
            if isinstance(error, StoreError):
                raise
            return False
        self._state, self._read_at = after, version
        self._unsaved += rows.height
        note(self.location, self.table.name, Head(after.seq, after.chain))
        self._committed = version
        return True

    def _landed(self, requests: list[Request], before: int) -> bool:
        """Say whether a commit that was answered with an error is there all the same.

        A store may take a commit and lose the answer, and a client that asks again is then told
        that somebody else was first.
        """
        ours = [request.txn_id for request in requests]
        try:
            later = self.table.scan().filter(pl.col("seq") > before, pl.col("txn_id").is_in(ours))
            return collect(later.head(1), self.table.url).height > 0
        except StoreError as error:
            raise StoreError(
                f"the store stopped answering while a change was written ({error});"
                " look at `argosy history` to see whether it was kept"
            ) from error

    def fold(self) -> None:
        """Save the state, so that the next opening reads little of the ledger."""
        state = self.state()
        self.snapshot.write(state)
        self._unsaved = 0

    def _upkeep(self, version: int) -> None:
        """Do what pays: it costs a fraction of the work since it was done last."""
        with suppress(StoreError):  # the change is committed, whatever becomes of this
            self.table.sum_up(version)
            if version % _COMPACT_EVERY == 0:
                compact(self.location, self.table, by="min.seq")
                shorten(self.location, self.table.url)
            if self._unsaved > max(_FOLD_AFTER, self._state.rows // _FOLD_SHARE):
                self.fold()
