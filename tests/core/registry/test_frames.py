"""What a user hands over as a struct is kept as a map, with its text as Python writes it."""

from __future__ import annotations

import polars as pl
import pytest

import argosy


@pytest.fixture
def empty(tmp_path):
    return argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")


def registered(fleet, **columns):
    fleet.register(pl.DataFrame({"model": ["a"], "version": ["1"], **columns}))
    return {
        **fleet.versions().collect().row(0, named=True),
        **fleet.models().collect().row(0, named=True),
    }


def test_values_of_any_type_become_text_in_tags(empty):
    """A tag is text, and reads as it would in Python."""
    tags = [{"region": "eu", "rank": 3, "share": 0.5, "live": True}]

    kept = registered(empty, tags=tags)["tags"]

    assert {"region": "eu", "rank": "3", "share": "0.5", "live": "True"} == kept


def test_a_missing_value_is_no_entry(empty):
    """In a struct of many rows each key exists everywhere; only those with a value were given."""
    tags = [{"x": "1", "y": None}, {"x": None, "y": "2"}, None]
    table = pl.DataFrame({"model": ["a", "b", "c"], "version": ["1"] * 3, "tags": tags})

    empty.register(table)

    assert [{"x": "1"}, {"y": "2"}, None] == empty.models().collect()["tags"].to_list()


@pytest.mark.parametrize("form", ["rows", "columns"])
def test_a_key_that_only_the_last_row_has_is_kept(empty, form):
    """Tags differ from model to model, and what only few have is what one searches for."""
    tags = [{"x": "1"}] * 150 + [{"y": "2"}]
    names = [f"m{number:03}" for number in range(151)]
    columns = {"model": names, "version": ["1"] * 151, "tags": tags}
    rows = [
        {"model": name, "version": "1", "tags": own} for name, own in zip(names, tags, strict=True)
    ]

    empty.register(rows if form == "rows" else columns)

    assert {"y": "2"} == empty.models().collect()["tags"][-1]


def test_whole_numbers_become_metrics(empty):
    """A count is as good a metric as a share."""
    assert {"n": 3.0, "auc": 0.5} == registered(empty, metrics=[{"n": 3, "auc": 0.5}])["metrics"]


def test_text_is_no_metric(empty):
    """A metric is compared as a number, so that it must be one when it is registered."""
    with pytest.raises(argosy.errors.BadInput, match="metrics"):
        registered(empty, metrics=[{"auc": "high"}])


def test_a_model_that_was_never_retired_says_so(empty):
    """`NOT retired` must find it, which it would not if the answer were unknown."""
    registered(empty)

    assert ["a"] == empty.sql("SELECT model FROM models WHERE NOT retired")["model"].to_list()
