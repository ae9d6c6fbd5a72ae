"""Verbs on whole tables: one change, an outcome per row, a dry run that only tells."""

import polars as pl
import pytest

from argosy.errors import BadInput, RowsRefused, UnknownName


def tags(fleet):
    rows = fleet.models().select("model", "tags").collect().rows()
    return {model: dict(entry) if entry else {} for model, entry in rows}


def seq(fleet):
    return fleet.events().collect()["seq"].max()


VERBS = {
    "tag": lambda fleet, **how: fleet.tag(fleet.where("team = 'risk'"), {"wave": "1"}, **how),
    "untag": lambda fleet, **how: fleet.untag(fleet.where("team = 'risk'"), ["region"], **how),
    "owner": lambda fleet, **how: fleet.set_owner(fleet.where("team = 'risk'"), "night", **how),
    "retire": lambda fleet, **how: fleet.retire(fleet.where("team = 'risk'"), **how),
    "alias": lambda fleet, **how: fleet.set_alias(fleet.where("team = 'risk'"), "champion", **how),
    "delete": lambda fleet, **how: fleet.delete(fleet.where("team = 'risk'"), **how),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_verb_is_one_change_with_an_outcome_per_row(fleet, verb):
    before = seq(fleet)
    outcomes = verb(fleet, reason="because")

    assert outcomes.height == 3
    assert outcomes["reason"].null_count() == 3
    assert seq(fleet) == before + 1
    last = fleet.events().filter(pl.col("seq") == before + 1).collect()
    assert set(last["reason"]) == {"because"}
    assert set(last["actor"]) == {"tests"}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_dry_run_writes_nothing_and_tells_the_difference(fleet, verb):
    before = seq(fleet)
    difference = verb(fleet, dry_run=True)

    assert difference.columns == ["kind", "key", "column", "old", "new"]
    assert difference.height >= 3
    assert seq(fleet) == before


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_rollback_restores_every_table(fleet, verb):
    def whole():
        names = ("models", "versions", "aliases", "bindings")
        return [
            getattr(fleet, name)()
            .drop("updated", "since", "registered", "bound", "created", "moved_by", strict=False)
            .collect()
            for name in names
        ]

    before = whole()
    verb(fleet)
    fleet.rollback(seq(fleet))

    for was, now in zip(before, whole(), strict=True):
        assert was.sort(pl.nth(0)).equals(now.sort(pl.nth(0)))


def test_the_difference_of_a_promotion_names_old_and_new(fleet):
    fleet.set_alias([{"model": "m1", "version": "1"}], "champion")
    fleet.register([{"model": "m1", "version": "2"}])
    difference = fleet.set_alias([{"model": "m1", "version": "2"}], "champion", dry_run=True)

    assert difference.rows() == [("alias", "champion/m1", "version", "1", "2")]


def test_tags_are_added_to_those_there(fleet):
    fleet.tag([{"model": "m1", "tags": {"wave": "1", "region": "uk"}}])

    assert tags(fleet)["m1"] == {"region": "uk", "wave": "1"}
    assert tags(fleet)["m2"] == {"region": "eu"}


def test_tags_are_taken_away_by_key(fleet):
    fleet.untag(fleet.where("model = 'm1'"), ["region", "nosuch"])

    assert tags(fleet)["m1"] == {}


def test_what_changes_nothing_is_no_change(fleet):
    before = seq(fleet)
    outcomes = fleet.tag([{"model": "m1", "tags": {"region": "eu"}}])

    assert outcomes["outcome"].to_list() == ["unchanged"]
    assert seq(fleet) == before


def test_an_unknown_model_is_refused_and_nothing_is_written(fleet):
    before = seq(fleet)
    with pytest.raises(RowsRefused, match="no model is called 'm9'"):
        fleet.set_owner([{"model": "m1", "owner": "x"}, {"model": "m9", "owner": "x"}])

    assert seq(fleet) == before


def test_retired_models_are_in_no_job_until_restored(fleet):
    fleet.retire(fleet.where("team = 'risk'"))
    assert fleet.evaluate().summary["models"] == 3
    with pytest.raises(BadInput, match="no model matches"):
        fleet.evaluate("model = 'm1'")

    fleet.restore([{"model": "m1"}, {"model": "m3"}, {"model": "m5"}])
    assert fleet.evaluate().summary["models"] == 6


def test_deleted_models_are_gone_and_can_be_restored_with_all_they_had(fleet):
    fleet.set_alias(fleet.where("model = 'm1'"), "champion")
    fleet.delete([{"model": "m1"}])
    assert "m1" not in fleet.models().collect()["model"]
    assert fleet.aliases().collect().is_empty()

    fleet.restore([{"model": "m1"}])
    assert fleet.get("m1", alias="champion")["version"] == "1"


def test_after_its_retention_a_model_stays_deleted(fleet):
    fleet.delete([{"model": "m1"}], keep_days=-1)

    with pytest.raises(RowsRefused, match="the model 'm1' was kept until"):
        fleet.restore([{"model": "m1"}])


def test_artifacts_of_the_deleted_go_when_their_retention_has_passed(empty, tmp_path):
    own, other = tmp_path / "fleet/artifacts", tmp_path / "elsewhere"
    for folder in (own, other):
        folder.mkdir()
        (folder / "a.skops").write_bytes(b"a")
    empty.register(
        {
            "model": ["a", "b"],
            "version": ["1", "1"],
            "format": ["skops"] * 2,
            "artifact": [str(own / "a.skops"), str(other / "a.skops")],
        }
    )
    empty.delete({"model": ["a", "b"]}, keep_days=1)
    assert empty.maintain()["artifacts_removed"] == 0
    empty.restore({"model": ["a", "b"]})
    empty.delete({"model": ["a", "b"]}, keep_days=-1)

    assert empty.maintain()["artifacts_removed"] == 1
    assert not (own / "a.skops").exists()
    assert (other / "a.skops").exists()


def test_the_name_of_a_deleted_version_is_never_used_again(fleet):
    fleet.delete([{"model": "m1"}])

    with pytest.raises(RowsRefused, match="was deleted, and the name of a version is never used"):
        fleet.register([{"model": "m1", "version": "1"}])


def test_two_promoters_cannot_overwrite_each_other(fleet):
    """Both saw version 1 as champion; the second to write is told that it moved."""
    fleet.register([{"model": "m1", "version": "2"}, {"model": "m1", "version": "3"}])
    fleet.set_alias([{"model": "m1", "version": "1"}], "champion")
    fleet.set_alias([{"model": "m1", "version": "2"}], "champion", if_version="1")

    with pytest.raises(RowsRefused, match="champion of 'm1' points at '2', not at '1' as expected"):
        fleet.set_alias([{"model": "m1", "version": "3"}], "champion", if_version="1")

    assert fleet.get("m1", alias="champion")["version"] == "2"


def test_an_alias_may_be_expected_to_be_unset(fleet):
    table = pl.DataFrame(
        {"model": ["m1"], "version": ["1"], "if_version": [None]},
        schema_overrides={"if_version": pl.String},
    )
    fleet.set_alias(table, "champion")

    with pytest.raises(RowsRefused, match="points at '1', not at nothing as expected"):
        fleet.set_alias(table, "champion")


def test_an_alias_can_be_cleared(fleet):
    fleet.set_alias(fleet.where("team = 'risk'"), "champion")
    outcomes = fleet.clear_alias(fleet.where("tier = 2"), "champion")

    assert outcomes.select("model", "outcome").rows() == [("m1", "cleared"), ("m5", "cleared")]
    assert fleet.aliases().collect()["model"].to_list() == ["m3"]


def test_get_finds_one_model(fleet):
    fleet.register([{"model": "m1", "version": "2"}])

    assert fleet.get("m1")["version"] == "2"
    assert fleet.get("m1", version="1")["team"] == "risk"
    with pytest.raises(UnknownName, match="no alias of m1 is called 'champion'. Known: none"):
        fleet.get("m1", alias="champion")
    with pytest.raises(UnknownName, match="no model is called 'm9'"):
        fleet.get("m9")
    with pytest.raises(UnknownName, match="no version of m1 is called '7'. Known: 1, 2"):
        fleet.get("m1", version="7")


def test_a_large_tag_is_kept_whole(fleet):
    fleet.tag([{"model": "m1", "tags": {"note": "x" * 65_536}}])

    assert len(tags(fleet)["m1"]["note"]) == 65_536
    with pytest.raises(BadInput, match="a text of 65,537 bytes, and at most 65,536 are kept"):
        fleet.tag([{"model": "m1", "tags": {"note": "x" * 65_537}}])
