"""Compare fact tables, and the files that they name, with what runs on the ledger cite.

Each table is read once, a part at a time, and only two sums per run are held. Only where a run
has more rows than it cites is the table read again, to see whether rows are stored twice.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import StoreError
from argosy.store.checksums import sha256_of
from argosy.store.citations import cited, cited_digest, rolled_back
from argosy.store.contents import batches, content_of, files_of, unreadable
from argosy.store.copies import different, times_wanted
from argosy.store.data_files import sound
from argosy.store.digests import Digest, row_hashes
from argosy.store.fact_tables import cited_tables, fact_tables
from argosy.store.findings import Finding
from argosy.tables import TRAINED_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from argosy.store.contents import DataFile
    from argosy.store.delta import Table
    from argosy.store.facts import Facts
    from argosy.store.findings import Kind
    from argosy.store.state import State

_READERS = 4

Named = dict[tuple[str, str], dict[str, Any]]
"""Files that rows name: by URL and SHA-256, the table and run that do."""


def examine(facts: Facts, state: State) -> tuple[list[Finding], int, int]:
    """Compare every fact table with what the finished runs cite.

    Returns:
        What was found, and how many rows and files were looked at.
    """
    wanted = cited(state)
    runs = dict(state["run"].select("run_id", "seq").rows())
    found, rows = [], 0
    named: Named = {}
    for name in cited_tables(state):
        own = {row["run_id"]: row for row in wanted.filter(table=name).to_dicts()}
        sums, faults = sums_of(facts, name, runs, named)
        rows += sum(one.rows for one in sums.values())
        found += faults + list(_judged(facts, name, own, sums, runs))
    found += _files(facts, state, named)
    return found, rows, len(named)


def sums_of(
    facts: Facts, name: str, runs: Mapping[str, int], named: Named
) -> tuple[dict[str, Digest], list[Finding]]:
    """Add up the rows of each finished run in a table, and take note of the files that they name.

    Args:
        facts: of the fleet.
        name: of the table.
        runs: the finished runs, and the change of each.
        named: what is added to.

    Returns:
        What the rows come to, and what could not be read.
    """
    found: dict[str, Digest] = {}
    faults: list[Finding] = []
    table = facts.table(name)
    try:
        handle = table.open()
        files = [] if handle is None else files_of(handle)
    except StoreError as error:
        way_out = "restore the table from a backup"
        return found, [Finding("table", "unreadable", str(error), way_out, table=name)]
    for file in files:
        try:
            content = content_of(facts.location, table.url, file.path)
            if not sound(file.path, content):
                faults.append(altered(table, file, runs))
            for batch in batches(facts.location, table.url, file.path, content=content):
                for run, *sums in _by_run(batch):
                    if run in runs:
                        found[run] = found.get(run, Digest()) + Digest(*sums)
                _note(named, name, batch, runs, facts)
        except (StoreError, pl.exceptions.PolarsError, TypeError) as error:
            # also rows of other columns or types than argosy writes
            told = (
                str(error) if isinstance(error, StoreError) else str(unreadable(file.path, error))
            )
            reason, _, way_out = told.rpartition("; ")
            faults.append(Finding("table", "unreadable", reason, way_out, table=name))
    return found, faults


def altered(table: Table, file: DataFile, runs: Mapping[str, int]) -> Finding:
    """Tell of a file of a table that is not what was written."""
    told = f"{table.url}/{file.path} is not what was written"
    way_out = f"restore {table.url} from a backup"
    seq = runs.get(file.run or "")
    return Finding("file", "altered", told, way_out, seq, file.run, table.name)


def _by_run(batch: pl.DataFrame) -> list[tuple[str, int, int, int]]:
    first, second = row_hashes(batch)
    lanes = pl.DataFrame({"run": batch["run_id"], "first": first, "second": second})
    summed = lanes.group_by("run").agg(pl.len(), pl.col("first").sum(), pl.col("second").sum())
    return summed.rows()


def _note(
    named: Named, name: str, batch: pl.DataFrame, runs: Mapping[str, int], facts: Facts
) -> None:
    table = fact_tables().get(name)
    if table is None or table.cites is None:
        return
    told = batch.select("run_id", "sha256", file=table.cites).drop_nulls("file").unique()
    for run, sha256, file in told.rows():
        if run in runs:
            below = (run, file) if table.by_run else (file,)
            url = facts.location.child(table.folder, *below)
            named.setdefault((url, sha256), {"table": name, "run_id": run, "seq": runs[run]})


def _judged(
    facts: Facts,
    name: str,
    wanted: Mapping[str, Mapping[str, Any]],
    sums: Mapping[str, Digest],
    runs: Mapping[str, int],
) -> Iterator[Finding]:
    table = facts.table(name)
    surplus = [run for run, one in wanted.items() if sums.get(run, Digest()).rows > one["rows"]]
    copies = {}
    for run, rows in different(facts.location, table, "run_id", surplus):
        copies[run] = rows.height, times_wanted(rows, cited_digest(wanted[str(run)])) is not None
    for run, seq in runs.items():
        cited_, there = wanted.get(run), sums.get(run, Digest())
        found = _difference(cited_, there, copies.get(run))
        if found is None:
            continue
        kind, told = found
        way_out = f"restore {table.url} from a backup, or {rolled_back(seq)}"
        if kind == "stored twice":
            way_out = "`argosy maintain --repair` removes the copies"
        yield Finding("table", kind, told, way_out, seq, run, name)


def _difference(
    wanted: Mapping[str, Any] | None, there: Digest, copies: tuple[int, bool] | None
) -> tuple[Kind, str] | None:
    """Say how the rows of a run differ from what it cites, if they do.

    Args:
        wanted: what the run cites of the table.
        there: what its rows come to.
        copies: of a run with more rows, how many different ones it has, and whether copies are all
            that is wrong.
    """
    if wanted is None:
        told = f"{there.rows} rows that the run does not cite"
        return ("added", told) if there.rows else None
    many = wanted["rows"]
    if there.rows < many:
        told = f"{many - there.rows} of {many} rows are missing"
        return ("missing", told) if wanted["gone"] is None else None
    if there.rows == many:
        same = there == cited_digest(wanted)
        return None if same else ("altered", f"at least one of {many} rows was edited")
    rows, only_copies = copies or (there.rows, False)
    if only_copies:
        return "stored twice", f"{there.rows - many} rows beyond {many} are exact copies"
    if rows > many:
        return "added", f"{there.rows} rows, where the run cites {many}"
    return "altered", f"{there.rows} rows, where the run cites {many}, and not all are copies"


def _files(facts: Facts, state: State, named: Named) -> Iterator[Finding]:
    def read(key: tuple[str, str]) -> str | StoreError:
        try:
            return sha256_of(facts.location, key[0])
        except StoreError as error:
            return error

    with ThreadPoolExecutor(_READERS) as threads:
        answers = list(threads.map(read, named))
    purged = _purged(state) if any(isinstance(one, StoreError) for one in answers) else set()
    for (url, sha256), answer in zip(named, answers, strict=True):
        place = named[url, sha256]
        way_out = f"restore it from a backup, or {rolled_back(place['seq'])}"
        if isinstance(answer, StoreError):
            missing = isinstance(answer.__cause__, FileNotFoundError)
            if missing and TRAINED_FOLDER in url and url in purged:
                continue  # upkeep removes the artifacts of deleted models
            kind: Kind = "missing" if missing else "unreadable"
            yield Finding("file", kind, str(answer), way_out, **place)
        elif answer != sha256:
            yield Finding("file", "altered", f"{url} is not what was written", way_out, **place)


def _purged(state: State) -> set[str]:
    """Return the artifacts of which no version is left."""
    every = state.whole("version").select("artifact", "deleted")
    return set(
        every.group_by("artifact").agg(pl.col("deleted").all()).filter("deleted")["artifact"]
    )
