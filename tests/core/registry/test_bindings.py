"""Binding data to models by role."""

import polars as pl
import pytest

from argosy.errors import BadInput, RowsRefused, UnknownName
from argosy.registry.bindings import bound


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"client": ["a"], "x": [1.0], "y": [0]}).write_parquet(path)
    return str(path)


@pytest.fixture
def named(empty):
    empty.register({"model": ["a", "b", "c"], "version": ["1"] * 3, "template": ["t", "t", None]})
    return empty


def test_one_row_binds_every_model_to_one_table(named, rows):
    outcomes = named.bind([{"role": "current", "url": rows, "key": "client"}])

    assert outcomes["outcome"].to_list() == ["bound"]
    assert named.bindings().collect().row(0, named=True)["format"] == "parquet"


def test_the_binding_of_the_model_wins_over_its_templates_and_the_fleets(named, rows, tmp_path):
    other, own = str(tmp_path / "other.parquet"), str(tmp_path / "own.parquet")
    named.bind(
        [
            {"role": "current", "url": rows},
            {"role": "current", "url": other, "template": "t"},
            {"role": "current", "url": own, "model": "a"},
        ],
        check=False,
    )

    models = named.models().select("model", "template").collect()
    placed = bound(named.ledger.state(), models, "current")
    urls = placed["binding"].struct.field("url").to_list()
    assert urls == [own, other, rows]


def test_binding_a_role_again_replaces_it(named, rows, tmp_path):
    named.bind([{"role": "current", "url": rows}])
    named.bind([{"role": "current", "url": str(tmp_path / "new.csv")}], check=False)

    assert named.bindings().collect()["format"].to_list() == ["csv"]


def test_data_that_is_not_there_is_refused(named, tmp_path):
    with pytest.raises(RowsRefused, match=r"there is nothing at .*gone\.parquet"):
        named.bind([{"role": "current", "url": str(tmp_path / "gone.parquet")}])

    assert named.bindings().collect().is_empty()


def test_a_column_the_data_does_not_have_is_refused(named, rows):
    with pytest.raises(RowsRefused, match="no column 'custmer'; it has client, x, y"):
        named.bind([{"role": "current", "url": rows, "key": "custmer"}])


def test_data_of_another_kind_than_its_name_is_refused(named, tmp_path):
    path = tmp_path / "rows.parquet"
    path.write_text("not parquet")

    with pytest.raises(RowsRefused, match="cannot read .* as parquet"):
        named.bind([{"role": "current", "url": str(path)}])


def test_a_zone_that_is_none_or_has_no_timestamp_is_refused(named, rows):
    with pytest.raises(RowsRefused, match=r"zone 'Mars/Olympus' is none; say it as 'Europe/Paris'"):
        named.bind([{"role": "current", "url": rows, "timestamp": "x", "zone": "Mars/Olympus"}])
    with pytest.raises(RowsRefused, match="has a zone but no timestamp"):
        named.bind([{"role": "current", "url": rows, "zone": "Europe/Paris"}])

    named.bind([{"role": "current", "url": rows, "timestamp": "y", "zone": "Europe/Paris"}])
    assert named.bindings().collect()["zone"].to_list() == ["Europe/Paris"]


def test_a_cluster_is_a_column_and_no_feature(named, rows):
    with pytest.raises(RowsRefused, match="has no column 'device'"):
        named.bind([{"role": "current", "url": rows, "cluster": "device"}])

    named.bind([{"role": "current", "url": rows, "key": "client", "cluster": "y"}])
    assert named.bindings().collect()["cluster"].to_list() == ["y"]


def test_an_unknown_model_is_refused(named, rows):
    with pytest.raises(RowsRefused, match="no model is called 'z'"):
        named.bind([{"role": "current", "url": rows, "model": "z"}])


def test_an_unknown_format_lists_those_installed(named, rows):
    with pytest.raises(RowsRefused, match="no data format is called 'orc'; known: arrow, csv"):
        named.bind([{"role": "current", "url": rows, "format": "orc"}])


def test_a_url_of_unknown_ending_asks_for_the_format(named):
    with pytest.raises(RowsRefused, match="cannot tell the format"):
        named.bind([{"role": "current", "url": "/data/rows.xyz"}])


def test_a_row_is_for_a_model_or_a_template_not_both(named, rows):
    with pytest.raises(RowsRefused, match="name one"):
        named.bind([{"role": "current", "url": rows, "model": "a", "template": "t"}])


def test_a_role_is_required(named, rows):
    with pytest.raises(BadInput, match="you need the column 'role'"):
        named.bind([{"url": rows}])


def test_a_role_nobody_bound_lists_the_roles(named, rows):
    named.bind([{"role": "holdout", "url": rows}])

    with pytest.raises(UnknownName, match="no role is called 'curent'. Known: holdout"):
        named.evaluate(data="curent")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"frequency": "hourly", "timestamp": "y"}, "the frequency 'hourly' is no period"),
        ({"frequency": "1h"}, "has frequency but no timestamp"),
        ({"available_at": "2h"}, "has available_at but no timestamp"),
        ({"available_at": "sent", "timestamp": "y"}, "has no column 'sent'"),
    ],
)
def test_a_series_is_refused_where_it_says_too_little(named, rows, given, told):
    with pytest.raises(RowsRefused, match=told):
        named.bind([{"role": "current", "url": rows, **given}])


def test_a_row_is_available_after_a_time_or_as_a_column_says(named, rows):
    named.bind([{"role": "a", "url": rows, "timestamp": "y", "available_at": "2h"}])
    named.bind([{"role": "b", "url": rows, "timestamp": "y", "available_at": "x"}])
    assert named.bindings().collect()["available_at"].to_list() == ["2h", "x"]
