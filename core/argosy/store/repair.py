"""Remove rows that are stored several times, where that makes a table what the ledger says.

Files that hold copies are written anew without them, and exchanged in one commit. Where rows were
edited, removed or slipped in as well, nothing is touched: what is right cannot be told from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import StoreError
from argosy.store import data_files
from argosy.store.actions import bounds
from argosy.store.citations import cited, cited_digest
from argosy.store.contents import batches, files_of
from argosy.store.copies import LANES, different, hashed, times_wanted
from argosy.store.evidence import sums_of
from argosy.store.fact_tables import cited_tables
from argosy.store.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from argosy.store.actions import Action
    from argosy.store.delta import Table
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location

Done = tuple[Any, ...]
"""A row of what was done."""

_TRIES = 5
_DONE = {
    "table": pl.String,
    "seq": pl.Int64,
    "run_id": pl.String,
    "rows": pl.Int64,
    "done": pl.String,
}


def repair(ledger: Ledger, facts: Facts) -> pl.DataFrame:
    """Remove exact copies of rows from the ledger and the fact tables, bring lost changes back.

    Returns:
        `table`, `seq`, `run_id`, and what was done with how many `rows` of that change or run; 0
        where there are too many that are not all copies, so that nothing was done.

    Raises:
        StoreError: if the store cannot be read or written, or others keep changing its files.
    """
    ledger.state()
    back = [("ledger", seq, None, None, "listed again") for seq in ledger.recover()]
    done = [*back, *_ledger(ledger, facts.location)]
    for name in cited_tables(ledger.state()):
        done += _facts(ledger, facts, name)
    return pl.DataFrame(done, _DONE, orient="row")


def _ledger(ledger: Ledger, location: Location) -> list[Done]:
    def wanted() -> tuple[pl.DataFrame, list[object]]:
        walked = walk(ledger.scan(), ledger.table.url, ledger.state().seq, {})
        rows = [
            lanes.select(pl.lit(seq, pl.Int64).alias("key"), *LANES, "times", wanted=1)
            for seq, lanes in different(location, ledger.table, "seq", walked.copied)
        ]
        return _surplus(rows, pl.Int64), []

    def written(rows: pl.DataFrame) -> Action:
        ordered = rows.sort("seq", "ord")
        return data_files.write(location, "ledger", ordered, bounds(ordered), data_change=False)

    removed, _ = _without_copies(location, ledger.table, "seq", wanted, written)
    return [
        ("ledger", seq, None, many, f"{many} rows that were copies were removed")
        for seq, many in sorted(removed.items())
    ]


def _facts(ledger: Ledger, facts: Facts, name: str) -> list[Done]:
    table = facts.table(name)
    state = ledger.state()
    runs = dict(state["run"].select("run_id", "seq").rows())
    cites: dict[str, Mapping[str, Any]] = {
        row["run_id"]: row for row in cited(state).filter(table=name).to_dicts()
    }

    def wanted() -> tuple[pl.DataFrame, list[object]]:
        sums, faults = sums_of(facts, name, runs, {})
        unread = [fault for fault in faults if fault.finding == "unreadable"]
        if unread:
            raise StoreError(f"{unread[0].detail}; {unread[0].way_out}")
        over = [run for run, one in sums.items() if run in cites and one.rows > cites[run]["rows"]]
        rows, left = [], []
        for run, lanes in different(facts.location, table, "run_id", over):
            times = times_wanted(lanes, cited_digest(cites[str(run)]))
            if times is None:
                left.append(run)
            else:
                own = lanes.with_columns(times).select(
                    pl.lit(run).alias("key"), *LANES, "times", "wanted"
                )
                rows.append(own)
        return _surplus(rows, pl.String), left

    def written(rows: pl.DataFrame) -> Action:
        return data_files.write(facts.location, name, rows, data_change=False)

    removed, left = _without_copies(facts.location, table, "run_id", wanted, written)
    told = {
        run: (many, f"{many} rows that were copies were removed") for run, many in removed.items()
    }
    told |= dict.fromkeys(left, (0, "not all of the rows too many are copies, so nothing was done"))
    return [(name, runs[run], run, *what) for run, what in told.items()]


def _surplus(rows: list[pl.DataFrame], key: type[pl.DataType]) -> pl.DataFrame:
    none = pl.DataFrame(schema=["key", *LANES, "times", "wanted"])
    numbers = [pl.col(name).cast(pl.Int64) for name in ("times", "wanted")]
    whole = pl.concat([none, *rows], how="vertical_relaxed").with_columns(
        pl.col("key").cast(key), pl.col(LANES).cast(pl.UInt64), *numbers
    )
    return whole.filter(pl.col("times") > pl.col("wanted"))


def _without_copies(
    location: Location,
    table: Table,
    key: str,
    wanted: Callable[[], tuple[pl.DataFrame, list[object]]],
    written: Callable[[pl.DataFrame], Action],
) -> tuple[dict[object, int], list[object]]:
    """Exchange the files that hold copies for ones without; return how many rows went, by key.

    Args:
        location: the fleet's.
        table: to be repaired.
        key: the column that says whose a row is.
        wanted: says which rows are there too often, and which keys cannot be repaired.
        written: writes rows as a file of the table.
    """
    for _ in range(_TRIES):
        surplus, left = wanted()
        if surplus.is_empty():
            return {}, left
        dropped = _dropped(location, table, key, surplus)
        added = [
            written(rows)
            for path, places in dropped.items()
            if (rows := _rest(location, table, path, places)).height
        ]
        if table.exchange(list(dropped), added, data_change=False):
            many = surplus.group_by("key").agg((pl.col("times") - pl.col("wanted")).sum())
            return dict(many.rows()), left
    raise StoreError(f"others kept changing the files of {table.url}; try again")


def _dropped(
    location: Location, table: Table, key: str, surplus: pl.DataFrame
) -> dict[str, pl.Series]:
    """Return the places of the rows to be dropped, by file; the first of equal rows stay."""
    handle = table.open()
    on = ["key", *LANES]
    met = surplus.select(*on, "wanted", met=pl.lit(0, pl.Int64))
    keys = surplus["key"].unique().to_list()
    found: dict[str, list[pl.Series]] = {}
    for file in [] if handle is None else files_of(handle):
        for rows in hashed(location, table, file.path, key, keys):
            own = rows.join(met, on=on, maintain_order="left")
            nth = pl.col("met") + pl.int_range(pl.len()).over(on)
            places = own.filter(nth >= pl.col("wanted"))["place"]
            more = own.group_by(on).len("more")
            met = met.join(more, on=on, how="left").select(
                *on, "wanted", met=pl.col("met") + pl.col("more").fill_null(0)
            )
            if len(places):
                found.setdefault(file.path, []).append(places)
    return {path: pl.concat(places) for path, places in found.items()}


def _rest(location: Location, table: Table, path: str, places: pl.Series) -> pl.DataFrame:
    whole = pl.concat(list(batches(location, table.url, path))).with_row_index("argosy_place")
    return whole.filter(~pl.col("argosy_place").is_in(places.implode())).drop("argosy_place")
