"""Exposures and purchases say the same in every format and type, on both sides of their join."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import argosy
from argosy.errors import BadInput
from argosy_cli.main import run as argosy_command
from argosy_cli.table_files import read_table
from argosy_experiments.exposures.credit import credited
from argosy_experiments.exposures.log import record, recorded
from argosy_experiments.guardrails import guarded

from ...core.stored_columns import Way  # noqa: TID252  (two folders share it)
from ...core.ways_to_store import write_file  # noqa: TID252

START = datetime(2024, 3, 29, tzinfo=UTC)
SHOWN = {
    "customer": "identity",
    "at": "time",
    "group": "word",
    "experiment": "word",
    "propensity": "fraction",
    "cluster": "identity",
}
SOLD = {"customer": "identity", "item": "identity", "at": "time", "amount": "fraction"}


def exposed(draws):
    """Return lists that were shown, and purchases."""
    customers = draws.integers(1, 16, 40)
    shown = pl.DataFrame(
        {
            "model": "shop",
            "version": "1",
            "customer": customers,
            "at": [START + timedelta(hours=5 * place) for place in range(40)],
            "items": [draws.permutation(6)[:3].astype(str).tolist() for _ in range(40)],
            "group": np.where(customers % 2, "control", "treatment"),
            "experiment": "e",
            "propensity": 0.25,
            "cluster": customers + 100,
        }
    )
    sold = pl.DataFrame(
        {
            "model": "shop",
            "customer": draws.integers(1, 16, 60),
            "item": draws.integers(0, 6, 60),
            "at": [START + timedelta(hours=4 * place + 1) for place in range(60)],
            "amount": draws.integers(1, 90, 60) / 16,
        }
    )
    return shown, sold


def read_back(folder, name, table, way):
    """Write a table and return what the command line would read of it."""
    rows = way.typed(table, way.types)
    return read_table(str(write_file(rows, folder / f"{name}.{way.format}")))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**31))
def test_purchases_find_what_was_shown_however_both_are_stored(seed, tmp_path_factory):
    folder, draws = tmp_path_factory.mktemp("stored"), np.random.default_rng(seed)
    shown, sold = exposed(draws)
    expected = credited(shown, sold, "2d")
    lists = Way.drawn(draws, SHOWN, ("parquet", "arrow", "jsonl"))  # CSV has no lists
    bought = Way.drawn(draws, SOLD)
    record(str(folder / "exposures"), read_back(folder, "shown", shown, lists))
    kept = recorded(str(folder / "exposures"))
    found = credited(kept, read_back(folder, "sold", sold, bought), "2d")

    assert 0 < found["bought"].sum()
    assert found.equals(expected.select(found.columns)), (lists, bought)


def test_purchases_in_a_csv_become_outcomes(tmp_path, capsys):
    shown, sold = exposed(np.random.default_rng(7))
    shown.with_columns(pl.col("at").dt.to_string("iso:strict")).write_ndjson(
        tmp_path / "shown.jsonl"
    )
    sold.with_columns(pl.col("at").dt.to_string("iso:strict")).write_csv(tmp_path / "sold.csv")
    fleet = ["--fleet", str(argosy.open(str(tmp_path / "fleet"), create=True).url)]
    to = str(tmp_path / "outcomes.parquet")

    assert argosy_command([*fleet, "experiment", "record", str(tmp_path / "shown.jsonl")]) == 0
    asked = ["experiment", "outcomes", str(tmp_path / "sold.csv"), "--experiment", "e", "--to", to]
    assert argosy_command([*fleet, *asked]) == 0
    capsys.readouterr()
    assert 0 < pl.read_parquet(to)["success"].sum()


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("at", ["soon"], "holds 'soon', which is no time|no time of column 'at' is understood"),
        ("at", [5], "'at' is Int64; give times, or text such as 2026-01-31T12:00:00Z"),
        ("amount", ["much"], "the column 'amount' holds 'much', which is no number"),
    ],
)
def test_what_is_no_time_or_number_is_refused_by_its_column(column, values, told):
    shown, sold = exposed(np.random.default_rng(7))
    odd = sold.head(1).with_columns(pl.Series(column, values))

    with pytest.raises(BadInput, match=told):
        credited(shown, odd)


def test_a_whole_number_is_read_from_text_and_no_other_is_cut():
    lists = pl.DataFrame(
        {"model": "m", "customer": 1, "items": [["a", "b"]], "scores": [[1.0, 2.0]]}
    )
    bounds = pl.DataFrame({"model": "m", "least": [" 3 "]})
    spare = pl.DataFrame({"model": "m", "items": [["best"]]})

    assert [["best"]] == guarded(lists, bounds, spare)[0]["items"].to_list()
    with pytest.raises(BadInput, match=r"'least' holds '2\.5', which is no whole number"):
        guarded(lists, bounds.with_columns(least=pl.lit(2.5)), spare)
