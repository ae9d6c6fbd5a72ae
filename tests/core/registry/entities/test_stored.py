"""Entities of plugins' kinds in the store: saved, damaged, and written by many at once."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

import argosy
from argosy.errors import PluginError, StoreError
from argosy.store import state as states
from argosy.tables import LEDGER

from .approvals import BARE, WHOLE, kept, without_plugin


def test_many_are_folded_saved_and_read_again(empty, monkeypatch):
    monkeypatch.setattr(states, "_SETTLE", 50)
    for start in range(0, 300, 60):
        names = [f"m{number}" for number in range(start, start + 60)]
        empty.put("approval", {"model": names, "version": ["1"] * 60})
    empty.put("approval", [{"model": "m7", "version": "1", "score": 7.0}])
    empty.remove("approval", {"model": ["m8"], "version": ["1"]})
    before = kept(empty)
    empty.ledger.fold()
    saved = pl.DataFrame(DeltaTable(f"{empty.url}/state").to_pyarrow_table())

    assert len(before) == 299
    assert saved["payload"].null_count() == 0
    shutil.rmtree(f"{empty.url}/ledger/_delta_log", ignore_errors=False) if False else None
    again = argosy.open(empty.url)
    assert again.state._settled["approval"].height == 300
    assert kept(again) == before
    assert again.verify().intact
    empty.register({"model": ["a"], "version": ["1"]})
    empty.put("approval", [{"model": "m8", "version": "1"}])
    assert len(kept(again)) == 300
    assert again.verify().intact


def edited(url, edit):
    rows = pl.DataFrame(DeltaTable(f"{url}/ledger").to_pyarrow_table()).sort("seq", "ord")
    rows = edit(rows).select(LEDGER.names).to_arrow().cast(LEDGER)
    shutil.rmtree(f"{url}/ledger")
    write_deltalake(f"{url}/ledger", rows)
    os.remove(f"{url}/ledger.head")  # noqa: PTH107


@pytest.mark.parametrize("present", [True, False])
def test_an_edited_payload_is_found(fleet, monkeypatch, present):
    fleet.put("approval", [WHOLE, BARE])
    fleet.put("approval", [{**BARE, "approver": "bea"}])
    forged = pl.col("payload").str.replace("zoë", "eve", literal=True)
    edited(fleet.url, lambda rows: rows.with_columns(payload=forged))
    if not present:
        without_plugin(monkeypatch)

    found = argosy.open(fleet.url).verify()
    assert found.broken_at == 2
    assert found.findings.select("seq", "finding").rows() == [(2, "altered")]


@pytest.mark.parametrize("payload", ["{", "[1]", ""])
def test_a_payload_that_is_damaged_hinders_only_who_reads_it(fleet, payload):
    fleet.put("approval", [WHOLE])
    hit = pl.when(kind="approval").then(pl.lit(payload)).otherwise("payload")
    edited(fleet.url, lambda rows: rows.with_columns(payload=hit))
    again = argosy.open(fleet.url)

    assert again.models().collect().height == 3
    assert again.verify().broken_at == 2
    with pytest.raises(PluginError, match="cannot read"):
        again.table("approvals")
    assert again.rollback(2, dry_run=True).rows() == [("approval", "a/1", "payload", payload, None)]


def test_a_row_without_a_kind_is_damage(fleet):
    edited(fleet.url, lambda rows: rows.with_columns(kind=pl.lit(None, pl.String)))

    with pytest.raises(StoreError, match="change 1 has a row without a kind"):
        argosy.open(fleet.url).models()


def test_many_writers_lose_nothing(fleet):
    def write(number):
        own = argosy.open(fleet.url, actor=f"writer-{number}") if number % 2 else fleet
        for turn in range(5):
            own.put("approval", [{"model": f"w{number}", "version": str(turn)}])
            own.put("approval", [{"model": "shared", "version": "1", "score": float(turn)}])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    again = argosy.open(fleet.url)
    assert len(kept(again)) == 31
    assert kept(fleet) == kept(again)
    assert again.verify().intact
