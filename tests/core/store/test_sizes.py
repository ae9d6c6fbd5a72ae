"""No text of a change is larger than everybody can afford to read again and again."""

import polars as pl
import pytest

import argosy
from argosy.errors import BadInput
from argosy.store.sizes import CELL, TEXT, refuse_large_cells

LONG = "é" * (TEXT // 2 + 1)


@pytest.fixture
def fleet(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["a", "b"], "version": ["1", "1"]})
    return fleet


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", LONG),
        ("environment", LONG),
        ("tags", {"k": LONG}),
        ("params", {"k": LONG}),
        ("upstream", ["a", LONG]),
        ("features", [{"name": LONG, "type": None, "role": None}]),
    ],
)
def test_row_column_and_limit_of_a_long_text_are_named(fleet, field, value):
    rows = [{"model": "c", "version": "1"}, {"model": "d", "version": "1", field: value}]

    with pytest.raises(BadInput, match=f"row 1: {field} of a registration .*65,538 .*65,536"):
        fleet.register(rows)
    assert 2 == fleet.models().collect().height


def test_many_texts_of_one_cell_are_too_much_together():
    texts = pl.DataFrame({"nulls": [["x"], ["y" * TEXT] * (CELL // TEXT + 1)]})

    with pytest.raises(
        BadInput, match="row 1: nulls of a binding holds texts of together 1,114,112"
    ):
        refuse_large_cells(texts, "binding")


@pytest.mark.parametrize("change", ["tag", "retire", "rollback"])
def test_a_long_reason_is_refused_before_anything_is_done(fleet, change):
    before = fleet.seq
    said = {
        "tag": lambda: fleet.tag([{"model": "a"}], {"k": "v"}, reason=LONG),
        "retire": lambda: fleet.retire([{"model": "a"}], reason=LONG),
        "rollback": lambda: fleet.rollback(before, reason=LONG),
    }

    with pytest.raises(BadInput, match="the reason has 65,538 bytes, and at most 65,536"):
        said[change]()
    assert before == fleet.seq


def test_what_is_just_short_enough_is_kept(fleet):
    fleet.register({"model": ["c"], "version": ["1"], "purpose": ["x" * TEXT]})

    assert TEXT == len(fleet.get("c")["purpose"])
