"""Two who gather the files of a table at once: no row is there twice, whoever is first."""

import threading
from functools import partial

import polars as pl
import pytest

import argosy
from argosy.store import compaction
from argosy.store.compaction import compact
from argosy.store.delta import Table
from argosy.store.location import Location
from argosy.tables import FACTS, LEDGER


@pytest.fixture
def fleet(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    for number in range(10):
        fleet.register({"model": [f"m{number}"], "version": ["1"]})
    return fleet


def tables(fleet):
    location = Location(fleet.url)
    empty = pl.DataFrame(FACTS["incidents"].schema.empty_table())
    for wave in range(10):
        rows = pl.DataFrame({"run_id": ["r"], "place": [wave]})
        make = partial(pl.concat, [empty, rows], how="diagonal_relaxed")
        fleet.facts.append("incidents", [make], f"r{wave}", 1)
    yield location, Table(location, "ledger", LEDGER), "min.seq"
    yield location, Table(location, "incidents", FACTS["incidents"].schema), "modification_time"


def test_of_two_who_copied_the_same_files_one_has_worked_in_vain(fleet, monkeypatch):
    """The second commits what it has copied after the first has exchanged the files."""
    for location, table, by in tables(fleet):
        before = table.scan().collect()
        exchange = Table.exchange

        def beaten(table_, *given, exchange=exchange, location=location, by=by, **options):
            monkeypatch.setattr(Table, "exchange", exchange)
            assert compact(location, table_, by) == 10
            return exchange(table_, *given, **options)

        monkeypatch.setattr(Table, "exchange", beaten)

        assert compact(location, table, by) == 0
        assert table.files() == 1
        columns = ["seq", "ord"] if table.name == "ledger" else ["place"]
        assert table.scan().sort(columns).collect().equals(before.sort(columns))


def test_many_who_gather_at_once_leave_every_row_once(fleet):
    for location, table, by in tables(fleet):
        before = table.scan().collect()
        start = threading.Barrier(4)

        def gather(location=location, table=table, by=by, start=start):
            start.wait()
            compact(location, Table(location, table.name, table._schema), by)

        threads = [threading.Thread(target=gather) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        order = ["seq", "ord"] if table.name == "ledger" else ["place"]
        assert table.scan().sort(order).collect().equals(before.sort(order))
    assert fleet.verify().broken_at is None


def test_files_that_are_large_are_left_alone(fleet, monkeypatch):
    table = Table(Location(fleet.url), "ledger", LEDGER)
    monkeypatch.setattr(compaction, "data_files", None)  # nothing is written

    assert compact(Location(fleet.url), table, "min.seq", target=10) == 0
    assert table.files() == 10


def test_changes_stand_in_their_order_in_what_was_gathered(fleet):
    """So that readers of later changes skip files by their bounds."""
    table = Table(Location(fleet.url), "ledger", LEDGER)
    compact(Location(fleet.url), table, "min.seq")

    assert table.scan().collect()["seq"].is_sorted()
    assert "m3" in argosy.open(fleet.url).models().collect()["model"]
