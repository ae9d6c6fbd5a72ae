"""Programs that use a fleet while something goes wrong, and note each call that returned.

Only what argosy documents is called. A note is a line of JSON in a file outside the fleet; it is
written in one piece once the call has returned, so that what it says was acknowledged.
"""

import hashlib
import json
import os
import random
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import polars as pl
from nursery import arm, shim

import argosy
from argosy.errors import ArgosyError, ArgosyWarning

RESULTS = ("evaluations", "drift", "distributions", "profiles")
"""What the runs played here leave for good, by the method that reads it."""
LOGGED = "team IN ('web', 'risk')"
"""The models of the fleet that have data."""


class Notes:
    """What was acknowledged, in a file."""

    def __init__(self, path):
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def begin(self):
        """Note that the first verb is about to begin."""
        os.write(self._file, b"begun\n")

    def add(self, **said):
        os.write(self._file, f"ack\t{json.dumps(said)}\n".encode())


def found(fleet, run_id):
    """Return a digest of all that a run found."""
    digest = hashlib.sha256()
    for name in RESULTS:
        rows = getattr(fleet, name)().filter(run_id=run_id).collect()
        lines = sorted(rows.write_ndjson().splitlines())
        digest.update(f"{name} {len(lines)} {lines}".encode())
    return digest.hexdigest()


class Writer:
    """One that does verbs at random to models of its own, pairs at a time."""

    def __init__(self, fleet, name, notes, seed, keep_hours=168):
        self.fleet = fleet
        self.name = name
        self.notes = notes
        self.chance = random.Random(f"{seed} {name}")
        self.turn = 0
        self.keep_hours = keep_hours
        self._pairs = []

    def do(self, verb):
        """Do one verb, and note that it returned."""
        self.turn += 1
        token = f"{self.name}.{self.turn}"
        said = getattr(self, f"_{verb}")(token)
        self.notes.add(verb=verb, token=token, **said)

    def _pair(self):
        return self.chance.choice(self._pairs) if self._pairs else ["m0", "m1"]

    def _register(self, token):
        pair = [f"{token}a", f"{token}b"]
        table = {"model": pair, "version": ["1", "1"], "purpose": [token] * 2}
        self.fleet.register(table, reason=token)
        self._pairs.append(pair)
        return {"models": pair}

    def _tag(self, token):
        pair = self._pair()
        self.fleet.tag({"model": pair}, {"turn": token}, reason=token)
        return {"models": pair}

    def _alias(self, token):
        pair = self._pair()
        table = {"model": pair, "version": ["1", "1"]}
        self.fleet.set_alias(table, f"a{token.replace('.', '-')}", reason=token)
        return {"models": pair}

    def _rollback(self, token):
        """Tag a new pair, which nobody else knows, and take that back."""
        pair = {"model": [f"{token}xa", f"{token}xb"]}
        self.fleet.register({**pair, "version": ["1", "1"]}, reason=f"{token} new")
        self.fleet.tag(pair, {"gone": token}, reason=f"{token} first")
        events = self.fleet.events().filter(reason=f"{token} first").collect()
        self.fleet.rollback(int(events["seq"][0]), reason=token)
        return {"models": pair["model"]}

    def _evaluate(self, _):
        run = self.fleet.evaluate(LOGGED, metrics=["auc", "log_loss"])
        return {"run": run.id, "digest": found(self.fleet, run.id)}

    def _drift(self, _):
        run = self.fleet.check_drift(LOGGED, detectors=["ks", "chi_squared"])
        return {"run": run.id, "digest": found(self.fleet, run.id)}

    def _maintain(self, _):
        self.fleet.maintain(keep_hours=self.keep_hours)
        return {}


def opened(url, options=None, actor="a player"):
    return argosy.open(url, create=True, actor=actor, storage_options=options or {})


def work(
    url, notes, name, verbs, seed, options=None, turns=10**9, seconds=None, pause=0, keep_hours=168
):
    """Do verbs at random until the turns or seconds are over; what is refused is an error."""
    warnings.simplefilter("error", ArgosyWarning)
    told = Notes(notes)
    writer = Writer(opened(url, options, name), name, told, seed, keep_hours)
    told.begin()
    until = time.monotonic() + seconds if seconds else float("inf")
    while writer.turn < turns and time.monotonic() < until:
        writer.do(writer.chance.choice(verbs))
        time.sleep(pause)
    return writer.turn


def follow(
    url, notes, name, verbs, seed, options=None, turns=1, keep_hours=168, first=(), breaks=None
):
    """Do verbs in their order; return what each refused, or None.

    What breaks, as `nursery.arm` has it, breaks after the verbs that come `first`.
    """
    writer = Writer(opened(url, options, name), name, Notes(notes), seed, keep_hours)
    for verb in first:
        writer.do(verb)
    if breaks:
        arm(**breaks)
    told = []
    for _ in range(turns):
        for verb in verbs:
            try:
                writer.do(verb)
                told.append(None)
            except ArgosyError as error:
                told.append(f"{type(error).__name__}: {error}")
    return told


def count(url, notes, name, verb, seed, first=()):
    """Return how many calls of the file system a verb makes, and leave it done."""
    assert follow(url, notes, name, [verb], seed, first=first, breaks={"watch": url}) == [None]
    return shim().platter_count()


def tidy(url, seconds, pause, options=None, keep_hours=168):
    """Maintain again and again; return how often, and what was refused."""
    fleet = opened(url, options)
    done, refused, until = 0, [], time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            fleet.maintain(keep_hours=keep_hours)
            done += 1
        except ArgosyError as error:
            refused.append(str(error))
        time.sleep(pause)
    return {"done": done, "refused": refused}


def tidy_at(url, moment, options=None, handles=1, blind=False):
    """Maintain once at a moment of the system's clock; with two handles, by both at once.

    With `blind`, the table engine commits compactions as deltalake 1.6.6 does, whoever else did.
    """
    if blind:
        _blinded()
    fleets = [opened(url, options) for _ in range(handles)]
    for fleet in fleets:
        fleet.models().collect()
    time.sleep(max(0.0, moment - time.time()))
    refused = []

    def tidied(fleet):
        try:
            fleet.maintain()
        except ArgosyError as error:
            refused.append(str(error))

    with ThreadPoolExecutor(handles) as pool:
        list(pool.map(tidied, fleets))
    return refused


def _blinded():
    """Let the engine's compaction commit what it read, though another was faster."""
    from deltalake import write_deltalake
    from deltalake.exceptions import CommitFailedError
    from deltalake.table import TableOptimizer

    real = TableOptimizer.compact

    def compact(self, *arguments, **options):
        held = self.table.to_pyarrow_table()
        time.sleep(0.3)  # so that two of them overlap
        try:
            return real(self, *arguments, **options)
        except CommitFailedError:
            write_deltalake(
                self.table.table_uri,
                held,
                mode="append",
                storage_options=self.table._storage_options,
            )
            return {}

    TableOptimizer.compact = compact


def read(url, reads, options=None, fresh_every=10):
    """Look at a fleet many times; return how it ever went wrong."""
    wrong, fleet, newest, pinned = [], opened(url, options), 0, None
    for number in range(reads):
        if number % fresh_every == 0:
            fleet = opened(url, options)
        try:
            if number % 5 == 0:
                events = fleet.events().select("seq", "kind", "key").collect()
                seqs, rows = events["seq"], events.rows()
                if len(set(rows)) != len(rows):
                    wrong.append(f"read {number}: rows twice")
                if seqs.unique().len() != (seqs.max() or 0):
                    wrong.append(f"read {number}: a hole")
                if (seqs.max() or 0) < newest:
                    wrong.append(f"read {number}: from {newest} back to {seqs.max()}")
                newest = max(newest, seqs.max() or 0)
            models = fleet.models().collect()
            names = models["model"]
            if names.filter(names.str.ends_with("a")).len() * 2 != names.len() - 2:
                wrong.append(f"read {number}: half a pair")
            if pinned is None:
                pinned = (newest, None)
                past = fleet.as_of(newest).models().collect().sort("model")
                pinned = (newest, past)
            elif number % 10 == 3:
                past = fleet.as_of(pinned[0]).models().collect().sort("model")
                if not past.equals(pinned[1]):
                    wrong.append(f"read {number}: the past is another")
        except (ArgosyError, pl.exceptions.PolarsError, OSError) as error:
            wrong.append(f"read {number}: {error}")
    return {"reads": reads, "wrong": wrong}
