import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, PolicyRefused, ReadOnly, RowsRefused, UnknownName


@pytest.fixture
def fleet(tmp_path):
    return argosy.open(str(tmp_path / "fleet"), create=True, actor="ada")


def roots(fleet):
    return fleet.roots().collect()["url"].to_list()


def test_the_folder_that_holds_the_fleet_is_a_root_until_another_is_declared(fleet, tmp_path):
    shown = fleet.roots().collect()

    assert [str(tmp_path)] == shown["url"].to_list()
    assert shown["since"].null_count() == 1


def test_the_default_is_written_down_with_the_first_that_joins_it(fleet, tmp_path):
    told = fleet.add_root("/data/a", "s3://bucket/b/", reason="the trainers write there")

    assert [("/data/a", "added"), ("s3://bucket/b", "added")] == told.select(
        "url", "outcome"
    ).rows()
    assert ["/data/a", str(tmp_path), "s3://bucket/b"] == roots(fleet)
    assert {"ada"} == {*fleet.roots().collect()["by"]}
    assert ["unchanged"] == fleet.add_root("/data/a/")["outcome"].to_list()


def test_roots_have_a_history_and_are_rolled_back(fleet, tmp_path):
    fleet.add_root("/data/a")
    fleet.add_root("/data/b")
    fleet.remove_root(str(tmp_path))

    assert ["/data/a", "/data/b"] == roots(fleet)
    assert ["/data/a", str(tmp_path)] == roots(fleet.as_of(1))
    assert [str(tmp_path)] == roots(fleet.as_of(0))
    fleet.rollback(2)
    assert ["/data/a"] == roots(fleet)
    assert 4 == fleet.events().select("seq").unique().collect().height
    assert fleet.verify().intact


def test_a_dry_run_tells_the_difference_and_writes_nothing(fleet, tmp_path):
    told = fleet.add_root("/data/a", dry_run=True)

    assert {"/data/a", str(tmp_path)} == {*told["key"]}
    assert [str(tmp_path)] == roots(fleet)


def test_a_fleet_keeps_a_root_and_names_those_it_has(fleet, tmp_path):
    with pytest.raises(BadInput, match="the fleet needs a root"):
        fleet.remove_root(str(tmp_path))
    with pytest.raises(UnknownName, match=f"no root is called '/data/a'. Known: {tmp_path}"):
        fleet.remove_root("/data/a")
    with pytest.raises(RowsRefused, match="let everything in") as caught:
        fleet.add_root("/data/a", "/")
    assert [True, False] == caught.value.outcomes["reason"].is_null().to_list()
    with pytest.raises(ReadOnly):
        fleet.as_of(0).add_root("/data/a")


def test_a_binding_waits_for_nobody_who_takes_its_root_away(fleet, tmp_path, monkeypatch):
    """Roots are asked again on the state that a change is decided on."""
    (tmp_path / "data").mkdir()
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "data" / "a.parquet")
    fleet.add_root(str(tmp_path / "data"))
    other, apply = argosy.open(fleet.url), fleet.ledger.apply

    def late(*arguments, **more):
        other.remove_root(str(tmp_path))
        return apply(*arguments, **more)

    (tmp_path / "b.parquet").write_bytes((tmp_path / "data" / "a.parquet").read_bytes())
    monkeypatch.setattr(fleet.ledger, "apply", late)
    with pytest.raises(RowsRefused, match="lies outside of the roots"):
        fleet.bind([{"role": "holdout", "url": str(tmp_path / "b.parquet")}])


def test_a_policy_guards_the_roots_whatever_verb_widens_them(fleet):
    fleet.add_root("/data/a")
    fleet.remove_root("/data/a")
    fleet.require([{"policy": "roots", "options": '{"widened_by": ["bea"]}'}])
    for widen in (lambda: fleet.add_root("/data/b"), lambda: fleet.rollback(2)):
        with pytest.raises(PolicyRefused, match="would be added by ada, and only bea may"):
            widen()

    assert ["added"] == argosy.open(fleet.url, actor="bea").add_root("/b")["outcome"].to_list()
    assert ["removed"] == fleet.remove_root("/b")["outcome"].to_list()
