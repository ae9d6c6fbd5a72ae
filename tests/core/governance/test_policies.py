"""Policies bind effects: whatever verb moves an alias or binds data, the same rule is asked."""

import polars as pl
import pytest

import argosy
from argosy.errors import PolicyRefused
from argosy.plugins import installed
from argosy.tables import FINDINGS
from argosy.testing.fleets import logged_fleet
from argosy.types import Policy

REASON = "no reason was given"


@pytest.fixture
def seen():
    """What the policy under test was asked about."""
    return []


@pytest.fixture
def policy(monkeypatch, seen):
    """Require a policy that objects to whatever touches something, and remembers what it saw."""

    def required(fleet, touches, objects=True, lift=None):
        def check(event, _):
            seen.append(event)
            models = pl.DataFrame(event.models).select("model", reason=pl.lit("never"))
            return (models if objects else models.clear()).cast(pl.String).to_arrow().cast(FINDINGS)

        own = Policy(
            "never", "Nothing moves.", frozenset(), check, touches=frozenset(touches), lift=lift
        )
        monkeypatch.setitem(installed().policies, "never", own)
        fleet.require({"policy": ["never"]})

    return required


@pytest.fixture
def fleet(tmp_path):
    fleet = logged_fleet(tmp_path, models=3)
    everything = fleet.where("true")
    fleet.set_alias(everything, "champion", reason="first")
    fleet.register({"model": ["m0", "m1", "m2"], "version": ["2"] * 3})
    fleet.set_alias(everything, "champion", reason="second")
    return fleet


def templated(fleet):
    """Make a model that can be trained."""
    params = {"estimator": "LogisticRegression"}
    fleet.define(
        {"template": ["t"], "trainer": ["sklearn"], "params": [params], "data": ["holdout"]}
    )
    fleet.instantiate("t", {"model": ["new"]})


def moved(fleet):
    """Every way to move the champion, by its name."""
    table = {"model": ["m0"], "version": ["1"]}
    return {
        "set_alias": lambda: fleet.set_alias(table, "champion"),
        "clear_alias": lambda: fleet.clear_alias({"model": ["m0"]}, "champion"),
        "rollback": lambda: fleet.rollback(fleet.seq - 1),
        "promote": lambda: fleet.promote(table, "champion", steps=(1.0,), checks="none"),
        "delete": lambda: fleet.delete({"model": ["m0"]}),
    }


@pytest.mark.parametrize("verb", ["set_alias", "clear_alias", "rollback", "promote", "delete"])
def test_whatever_moves_an_alias_is_bound_by_its_policy(fleet, policy, verb):
    policy(fleet, {"alias:champion"})
    before = fleet.aliases().collect()

    with pytest.raises(PolicyRefused, match="never"):
        moved(fleet)[verb]()
    assert before.equals(fleet.aliases().collect())


@pytest.mark.parametrize("verb", ["set_alias", "rollback", "promote"])
def test_a_reason_that_only_the_machine_gives_is_none(fleet, verb):
    """`rollback of change 3` says what is done, not why."""
    fleet.require({"policy": ["reason"]})
    way = moved(fleet)[verb]

    with pytest.raises(PolicyRefused, match=REASON):
        way()


def test_a_policy_for_one_alias_leaves_the_others_alone(fleet, policy):
    policy(fleet, {"alias:champion"})

    assert fleet.set_alias(fleet.where("true"), "canary").height == 3


def test_a_training_that_moves_an_alias_is_refused_before_any_work(fleet, policy, seen):
    templated(fleet)
    policy(fleet, {"alias:champion"})
    runs = fleet.runs().collect().height

    with pytest.raises(PolicyRefused, match="train was refused by policy"):
        fleet.train("model = 'new'", alias="champion")
    assert runs == fleet.runs().collect().height
    assert "alias:champion" in seen[-1].touches
    assert fleet.unfinished().is_empty()


def test_a_prediction_that_binds_data_is_bound_as_bind_is(fleet, policy):
    policy(fleet, {"binding"})

    with pytest.raises(PolicyRefused, match="predict was refused by policy"):
        fleet.predict(role="lists")
    with pytest.raises(PolicyRefused, match="bind was refused by policy"):
        fleet.bind({"role": ["more"], "url": [f"{fleet.url}/rows.parquet"]}, check=False)


def test_a_run_may_say_why(fleet):
    """Then a policy that wants a reason has one."""
    fleet.require({"policy": ["reason"]})
    templated(fleet)

    with pytest.raises(PolicyRefused, match=REASON):
        fleet.train("model = 'new'")
    run = fleet.train("model = 'new'", reason="the first of its kind")
    told = fleet.events().filter(kind="run").collect()

    assert run.summary["models"] == 1
    assert told["reason"].to_list() == ["the first of its kind"]


def test_runs_that_touch_nothing_are_not_asked_about(fleet, policy, seen):
    policy(fleet, {"alias", "binding", "version"})

    assert fleet.evaluate().summary["failed"] == 0
    assert seen == []


def test_a_policy_sees_the_fleet_as_it_would_be(fleet, policy, seen):
    """And the fleet is as it was once the change is refused."""
    policy(fleet, {"alias"})
    with pytest.raises(PolicyRefused):
        fleet.set_alias({"model": ["m0"], "version": ["1"]}, "champion")
    would = seen[-1].view.aliases().filter(model="m0", alias="champion").collect()
    still = fleet.aliases().filter(model="m0", alias="champion").collect()

    assert ["1"] == would["version"].to_list()
    assert ["2"] == still["version"].to_list()
    assert not hasattr(seen[-1].view, "set_alias")


def test_a_policy_says_who_may_take_it_away(fleet, policy):
    def lift(event, _):
        return None if event.actor == "auditor" else "only the auditor may"

    policy(fleet, {"alias"}, lift=lift)
    with pytest.raises(PolicyRefused, match="'never' stays as it is: only the auditor may"):
        fleet.unrequire({"policy": ["never"]}, reason="in the way")
    with pytest.raises(PolicyRefused, match="only the auditor may"):
        fleet.require({"policy": ["never"], "where": ["team = 'web'"]})
    auditor = argosy.open(fleet.url, actor="auditor")

    assert auditor.unrequire({"policy": ["never"]}).height == 1
    assert fleet.policies().collect().is_empty()


def test_the_built_in_policies_say_who_may_lift_them(fleet):
    options = '{"lifted_by": ["auditor"]}'
    fleet.require({"policy": ["owner"], "where": ["team = 'none'"], "options": [options]})

    with pytest.raises(PolicyRefused, match="only auditor may take it away"):
        fleet.unrequire({"policy": ["owner"]}, reason="in the way")
    assert argosy.open(fleet.url, actor="auditor").unrequire({"policy": ["owner"]}).height == 1
