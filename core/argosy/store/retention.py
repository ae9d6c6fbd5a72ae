"""Let old detail of runs go on purpose, so that a fleet that is checked every night does not grow.

What goes are the rows that only somebody who looks into that very run would read; verdicts,
evaluations, incidents and whatever names a file stay, and so does the last run of each model. The
ledger says first which rows are let go, and then the files are cut: after a crash in between the
next upkeep finishes it, and `verify` knows of rows that are missing on purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import StoreError
from argosy.store import data_files
from argosy.store.after_images import Change
from argosy.store.citations import cited
from argosy.store.clock import store_time
from argosy.store.contents import batches, files_of
from argosy.store.damage import collect
from argosy.store.fact_tables import fact_tables
from argosy.store.state import Decision
from argosy.tables import RUN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from argosy.store.actions import Action
    from argosy.store.delta import Table
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location
    from argosy.store.state import State

OP = "let_go"
"""What the change on the ledger is called."""

_TRIES = 5


def let_go(ledger: Ledger, facts: Facts, location: Location, keep: timedelta) -> int:
    """Say on the ledger that detail older than a time is let go; `finish` then removes it.

    Of each model the last run stays, however old it is.

    Returns:
        How many runs lose rows.

    Raises:
        StoreError: if the store cannot be read or written.
    """
    now = store_time(location)
    chosen = _old(ledger.state(), facts, now - keep)
    if chosen.is_empty():
        return 0
    gone = chosen.select("run_id", "table", when=pl.lit(now, pl.Datetime("us", "UTC")))

    def decide(state: State) -> Decision:
        rows = _marked(state, gone)
        return Decision(rows.select("run_id"), [Change("run", rows)])

    told = f"{', '.join(sorted(chosen['table'].unique()))} older than {keep.days} days"
    ledger.grouped(None).apply(OP, decide, f"let go: {told}")  # a group may be rolled back
    return int(chosen["run_id"].n_unique())


def finish(ledger: Ledger, facts: Facts, location: Location) -> None:
    """Remove the rows that the ledger says are let go, as far as they are still there.

    Raises:
        StoreError: if the store cannot be read or written.
    """
    gone = cited(ledger.state()).filter(pl.col("gone").is_not_null())
    for name in _detail():
        runs = set(gone.filter(table=name)["run_id"])
        if runs:
            _cut(facts.table(name), location, runs)


def with_gone(then: State, now: State) -> State:
    """Return the fleet as it stood, with what was let go since marked as it is now."""
    lost = cited(now).filter(pl.col("gone").is_not_null())
    if lost.is_empty():
        return then
    rows = then.lookup("run", lost["run_id"].unique())
    newer = now.lookup("run", rows["key"]).select("key", newer="facts")
    marked = rows.join(newer, on="key", how="left", maintain_order="left").with_columns(
        facts=pl.coalesce("newer", "facts")
    )
    return then.moved(then.seq, then.at, then.chain, [marked.drop("newer")])


def refuse_gone(run: Mapping[str, object], table: str) -> None:
    """Raise if the rows of a run in a table were let go.

    Args:
        run: the row of the run, with `run_id` and `facts`.
        table: of facts.

    Raises:
        StoreError: naming the day.
    """
    facts: object = run["facts"]
    for one in facts if isinstance(facts, list) else ():
        if one["table"] == table and one["gone"] is not None:
            raise StoreError(
                f"the {one['rows']:,} rows of {table} of run {run['run_id']} were let go on"
                f" {one['gone']:%Y-%m-%d} (`argosy maintain --keep-facts`); `argosy runs` and its"
                " verdicts say how it ended, and checking again finds them anew"
            )


def _old(state: State, facts: Facts, before: datetime) -> pl.DataFrame:
    """Return `run_id` and `table` of detail that may go: older, and not the last of any model."""
    rank = state["run"].select("run_id", "seq", "at")
    old = rank.filter(pl.col("at") < before)["run_id"]
    there = cited(state).filter(
        pl.col("gone").is_null(),
        pl.col("table").is_in(list(_detail())),
        pl.col("run_id").is_in(old.implode()),
    )
    found = [there.select("run_id", "table").clear()]
    for (name,), part in (
        there.select("run_id", "table").partition_by("table", as_dict=True).items()
    ):
        index = _detail()[str(name)]
        seen = facts.scan_cited(index, state).select("run_id", "model")
        last = (
            seen.join(rank.lazy(), on="run_id")
            .group_by("model")
            .agg(pl.col("run_id").sort_by("seq").last())
            .select("run_id")
            .unique()
        )
        found.append(part.join(collect(last, facts.table(index).url), on="run_id", how="anti"))
    return pl.concat(found)


def _marked(state: State, gone: pl.DataFrame) -> pl.DataFrame:
    """Return runs, as rows of a change, that say when their rows were let go."""
    runs = state.lookup("run", gone["run_id"].unique(), live=True).select("key", *RUN.names)
    facts = (
        runs.select("run_id", "facts")
        .explode("facts")
        .unnest("facts")
        .join(gone, on=["run_id", "table"], how="left", maintain_order="left")
        .with_columns(gone=pl.coalesce("gone", "when").cast(pl.Datetime("us", "UTC")))
        .group_by("run_id", maintain_order=True)
        .agg(facts=pl.struct("table", "rows", "digest", "gone"))
    )
    return runs.drop("facts").join(facts, on="run_id", maintain_order="left").select(runs.columns)


def _cut(table: Table, location: Location, runs: set[str]) -> None:
    for _ in range(_TRIES):
        handle = table.open()
        whole: list[str] = []
        refused = False
        for file in [] if handle is None else files_of(handle):
            if file.run in runs:
                whole.append(file.path)
            elif file.run is None:
                refused |= not _rewritten(table, location, file.path, runs)
        if whole and not table.exchange(whole, [], data_change=True):
            refused = True
        if not refused:
            return
    raise StoreError(f"others kept changing the files of {table.url}; run the upkeep again")


def _rewritten(table: Table, location: Location, path: str, runs: set[str]) -> bool:
    """Put the rows of other runs in a file's place; say whether it could be done."""
    held: set[str] = set()
    for batch in batches(location, table.url, path, ["run_id"]):
        held |= set(batch["run_id"])
    if not held & runs:
        return True
    added: list[Action] = []
    if held - runs:
        kept = table.read_lazily([path]).filter(~pl.col("run_id").is_in(list(runs)))
        added.append(data_files.write(location, table.name, collect(kept, table.url)))
    return table.exchange([path], added, data_change=True)


def _detail() -> dict[str, str]:
    """Return the tables whose rows may go; of each, the one that says what each run was about."""
    return {name: table.detail for name, table in fact_tables().items() if table.detail}
