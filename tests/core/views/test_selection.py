"""Choosing models by a SQL expression."""

import pytest

from argosy.errors import BadInput, UnknownName


def chosen(fleet, expression):
    return fleet.where(expression).frame()["model"].to_list()


@pytest.mark.parametrize(
    ("expression", "models"),
    [
        ("team = 'risk'", ["m1", "m3", "m5"]),
        ("team = 'risk' AND tier <= 2", ["m1", "m5"]),
        ("team = 'web' OR tier = 4", ["m0", "m2", "m3", "m4"]),
        ("NOT team = 'web'", ["m1", "m3", "m5"]),
        ("tags.region = 'us'", ["m0", "m3"]),
        ("model IN ('m1', 'm4')", ["m1", "m4"]),
        ("model LIKE 'm%' AND owner IS NULL", ["m0", "m1", "m2", "m3", "m4", "m5"]),
        ("version = '2'", []),
        ("created > '2026-01-01' AND created > DATE '2026-01-01'", [f"m{n}" for n in range(6)]),
        ("created > '2126-01-01'", []),
    ],
)
def test_any_sql_condition_selects(fleet, expression, models):
    assert chosen(fleet, expression) == models


def test_aliases_metrics_and_drift_can_be_asked_for(fleet):
    fleet.set_alias(fleet.where("model = 'm1'"), "champion")
    fleet.evaluate()
    fleet.check_drift()

    assert chosen(fleet, "aliases.champion = '1'") == ["m1"]
    assert len(chosen(fleet, "metrics.auc > 0.5")) == 6
    assert chosen(fleet, "drifted") == ["m2"]


def test_a_selection_can_be_narrowed(fleet):
    narrowed = fleet.where("team = 'risk' OR team = 'web'").where("tier = 1")

    assert narrowed.frame()["model"].to_list() == ["m0", "m4"]


def test_an_unknown_column_lists_the_columns(fleet):
    with pytest.raises(UnknownName, match="no column is called 'teem'; did you mean 'team'"):
        chosen(fleet, "teem = 'risk'")


def test_an_unknown_tag_lists_the_tags(fleet):
    with pytest.raises(UnknownName, match=r"Known: tags\.region"):
        chosen(fleet, "tags.regin = 'eu'")


@pytest.mark.parametrize("expression", ["team =", "SELECT 1", "team + 1", ""])
def test_what_is_no_condition_is_refused(fleet, expression):
    with pytest.raises(BadInput, match="cannot"):
        chosen(fleet, expression)


def test_a_job_over_nothing_says_so(fleet):
    with pytest.raises(BadInput, match="no model matches \"team = 'nobody'\""):
        fleet.evaluate("team = 'nobody'")


def test_a_selection_becomes_a_champion_in_one_commit(fleet):
    outcomes = fleet.set_alias(fleet.where("team = 'risk'"), "champion", reason="better")

    assert outcomes["outcome"].to_list() == ["set"] * 3
    events = fleet.events().filter(op="set_alias").collect()
    assert (1, {"better"}) == (events["seq"].n_unique(), set(events["reason"]))


def test_setting_an_alias_twice_changes_nothing(fleet):
    fleet.set_alias(fleet.where("team = 'risk'"), "champion")
    before = fleet.events().collect().height
    outcomes = fleet.set_alias(fleet.where("team = 'risk'"), "champion")

    assert outcomes["outcome"].to_list() == ["unchanged"] * 3
    assert fleet.events().collect().height == before


def test_an_alias_of_a_version_that_is_not_there_is_refused(fleet):
    with pytest.raises(BadInput, match="there is no version '9' of the model 'm1'"):
        fleet.set_alias([{"model": "m1", "version": "9"}], "champion")

    assert fleet.aliases().collect().is_empty()


def test_sql_joins_tables(fleet):
    fleet.evaluate()

    answer = fleet.sql(
        "SELECT m.team, COUNT(*) AS n, AVG(e.value) AS auc FROM models m"
        " JOIN evaluations e ON m.model = e.model WHERE e.metric = 'auc'"
        " GROUP BY m.team ORDER BY m.team"
    )

    assert answer.select("team", "n").rows() == [("risk", 3), ("web", 3)]


def test_sql_sees_tags_by_name(fleet):
    answer = fleet.sql("SELECT model FROM models WHERE tags.region = 'us' ORDER BY model")

    assert answer["model"].to_list() == ["m0", "m3"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * FROM modles", "no table is called 'modles'; did you mean 'models'"),
        ("SELECT teem FROM models", "no column is called 'teem'"),
        ("SELECT FROM", "cannot answer"),
        ("DROP TABLE models", "tables change through verbs"),
        ("DELETE FROM models", "tables change through verbs"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(fleet, query, told):
    with pytest.raises((UnknownName, BadInput), match=told):
        fleet.sql(query)
