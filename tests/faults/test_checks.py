"""The checks themselves: what is lost, doubled or altered is counted, and the table adds it up."""

import json

import pytest
from deltalake import DeltaTable, write_deltalake

from .tally import Tally, table


@pytest.fixture
def noted(made, nursery, tmp_path):
    """A fleet that was used, and the file of what was acknowledged."""
    fleet, notes = made(), tmp_path / "notes"
    verbs = ["register", "tag", "alias", "rollback", "evaluate", "drift"]
    nursery.ask("follow", url=str(fleet), notes=str(notes), name="w", verbs=verbs, seed=0)
    return fleet, notes


def test_a_fleet_that_nobody_touched_holds_what_was_acknowledged(nursery, noted):
    fleet, notes = noted
    found = nursery.ask("check", url=str(fleet), notes=[str(notes)])

    assert found["acknowledged"] == 6
    assert [found[name] for name in ("lost", "doubled", "altered", "broken")] == [[], [], [], None]
    assert found["seconds"] > 0


def test_what_is_not_there_is_lost(nursery, noted):
    fleet, notes = noted
    more = [
        {"verb": "tag", "token": "w.100", "models": ["m0", "m1"]},
        {"verb": "evaluate", "token": "w.101", "run": "none", "digest": ""},
    ]
    with notes.open("a") as file:
        file.write("".join(f"ack\t{json.dumps(one)}\n" for one in more))
    found = nursery.ask("check", url=str(fleet), notes=[str(notes)])

    assert found["lost"] == ["w.100", "w.101"]


def test_what_says_something_else_is_altered(nursery, noted):
    fleet, notes = noted
    other = notes.read_text().replace('"digest": "', '"digest": "0')
    notes.write_text(other.replace('"models": ["w.1a", "w.1b"]', '"models": ["m0", "m1"]'))
    found = nursery.ask("check", url=str(fleet), notes=[str(notes)])

    assert {"w.1", "w.5", "w.6"} <= set(found["altered"])


def test_what_stands_twice_is_doubled(nursery, noted):
    """As where two compactions of one table are committed."""
    fleet, notes = noted
    rows = DeltaTable(fleet / "evaluations").to_pyarrow_table()
    write_deltalake(fleet / "evaluations", rows, mode="append")
    found = nursery.ask("check", url=str(fleet), notes=[str(notes)])

    assert found["doubled"] == [f"{rows.num_rows} rows of evaluations"] or found["broken"]
    assert found["doubled"] or "twice" in found["broken"]


def test_the_table_has_a_row_per_fault_in_their_order():
    rows = [
        Tally("F10 b", "kills", 3, 4, seconds=[2.0]).told(),
        Tally("F2 a", "calls", 1, 1, lost=1, seconds=[0.5, 9.0, 1.0]).told(),
        Tally("F10 b", "kills", 2000, 1, doubled=2).told(),
    ]

    assert table(rows)[2:] == [
        "| F2 a | 1 calls | 1 | 1 | 0 | 0 | 1.0, at most 9.0 |",
        "| F10 b | 2,003 kills | 5 | 0 | 2 | 0 | 2.0, at most 2.0 |",
    ]


@pytest.mark.parametrize(
    "row",
    [
        Tally("F1", "kills", 1, lost=1),
        Tally("F1", "kills", 1, doubled=1),
        Tally("F1", "kills", 1, altered=1),
        Tally("F1", "kills", 1, wrong=["half a pair"]),
        Tally("F1", "kills", 0),
    ],
)
def test_a_fault_that_does_harm_or_was_never_played_fails(row):
    with pytest.raises(AssertionError):
        row.holds()
