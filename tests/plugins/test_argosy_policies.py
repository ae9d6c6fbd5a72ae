"""The policies that come with argosy, in a fleet that requires them."""

from dataclasses import replace

import pyarrow as pa
import pytest

import argosy
from argosy.errors import BadInput, PolicyRefused, UnknownName
from argosy.testing.events import event
from argosy.testing.policies import PolicySuite


class TestOwner(PolicySuite):
    name = "owner"
    options = {"worst_tier": 2}

    def allowed(self):
        yield event("register", [{"model": "a", "owner": "bea", "tier": 1}])
        yield event("register", [{"model": "a", "tier": 3}, {"model": "b", "tier": 4}])

    def refused(self):
        models = [
            {"model": "a", "owner": "bea", "tier": 1},
            {"model": "b", "tier": 1},
            {"model": "c", "owner": "  ", "tier": 2},
            {"model": "d"},
        ]
        yield event("register", models), {"b", "c", "d"}


class TestReason(PolicySuite):
    name = "reason"
    options = {"shortest": 5}

    def allowed(self):
        yield event("retire", [{"model": "a"}], "replaced")

    def refused(self):
        yield event("retire", [{"model": "a"}, {"model": "b"}], "old"), {"a", "b"}
        yield event("retire", [{"model": "a"}], None), {"a"}


def widened(*urls):
    return event("add_root", [], after={"root": pa.table({"url": urls})})


class TestRoots(PolicySuite):
    name = "roots"
    options = {"widened_by": ["ada"]}

    def allowed(self):
        yield event("retire", [{"model": "a"}])
        yield replace(widened("/data"), actor="ada")
        yield event("remove_root", [], before={"root": pa.table({"url": ["/data"]})})

    def refused(self):
        yield widened("/data", "/etc"), {None}


@pytest.fixture
def fleet(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="bea")
    fleet.register({"model": ["a", "b"], "version": ["1", "1"], "owner": ["bea", None]})
    return fleet


def promote(fleet, model, **options):
    return fleet.set_alias({"model": [model], "version": ["1"]}, "champion", **options)


def test_a_required_policy_refuses_and_nothing_is_written(fleet):
    fleet.require({"policy": ["owner"]})

    with pytest.raises(PolicyRefused, match="b: it has no owner .owner.") as refused:
        fleet.set_alias({"model": ["a", "b"], "version": ["1", "1"]}, "champion")
    assert refused.value.outcomes.rows() == [("b", "owner", "refused", "it has no owner")]
    assert fleet.aliases().collect().is_empty()


def test_what_it_has_nothing_against_passes(fleet):
    fleet.require({"policy": ["owner"]})

    assert promote(fleet, "a")["outcome"].item() == "set"


def test_a_dry_run_is_refused_too(fleet):
    fleet.require({"policy": ["owner"]})

    with pytest.raises(PolicyRefused):
        promote(fleet, "b", dry_run=True)


def test_the_state_after_the_change_counts(fleet):
    """Giving the missing owner is allowed, and with it the promotion."""
    fleet.require({"policy": ["owner"]})
    fleet.set_owner({"model": ["b"], "owner": ["max"]})

    assert promote(fleet, "b")["outcome"].item() == "set"


def test_everybody_is_bound_by_it(fleet):
    """Whoever opens the fleet anew, and whoever has had it open."""
    other = argosy.open(fleet.url)
    fleet.require({"policy": ["owner"]})

    with pytest.raises(PolicyRefused):
        promote(other, "b")
    with pytest.raises(PolicyRefused):
        promote(argosy.open(fleet.url), "b")


def test_where_limits_it_to_some_models(fleet):
    fleet.tag({"model": ["a"], "tags": [{"region": "eu"}]})
    fleet.require({"policy": ["owner"], "where": ["model = 'a'"]})

    assert promote(fleet, "b")["outcome"].item() == "set"


def test_requiring_it_again_replaces_its_options(fleet):
    fleet.require({"policy": ["reason"]})
    fleet.require({"policy": ["reason"], "options": ['{"shortest": 9}']}, reason="too short")

    assert fleet.policies().select("policy", "options").collect().rows() == [
        ("reason", '{"shortest": 9, "lifted_by": []}')
    ]
    with pytest.raises(PolicyRefused, match="has 7 characters, and 9 are needed"):
        promote(fleet, "a", reason="go live")


def test_requiring_the_same_is_no_change(fleet):
    fleet.require({"policy": ["reason"]})
    seq = fleet.events().collect()["seq"].max()

    assert fleet.require({"policy": ["reason"]})["outcome"].to_list() == ["unchanged"]
    assert fleet.events().collect()["seq"].max() == seq


def test_requirements_are_events_and_can_be_taken_away(fleet):
    fleet.require({"policy": ["owner"]}, reason="audit")
    fleet.unrequire({"policy": ["owner"]}, reason="too early")

    told = fleet.events().filter(kind="policy").select("op", "reason").collect().rows()
    assert told == [("require", "audit"), ("unrequire", "too early")]
    assert promote(fleet, "b")["outcome"].item() == "set"


def test_they_are_as_they_were_in_the_past(fleet):
    fleet.require({"policy": ["owner"]})
    seq = fleet.events().collect()["seq"].max()
    fleet.unrequire({"policy": ["owner"]})

    assert fleet.policies().collect().is_empty()
    assert fleet.as_of(seq).policies().collect()["policy"].to_list() == ["owner"]


def test_a_rollback_is_checked_by_what_it_leaves(fleet):
    fleet.set_owner({"model": ["b"], "owner": ["max"]})
    seq = fleet.events().collect()["seq"].max()
    fleet.require({"policy": ["owner"]})

    with pytest.raises(PolicyRefused, match="b: it has no owner"):
        fleet.rollback(seq)


@pytest.mark.parametrize(
    ("row", "error", "said"),
    [
        ({"policy": "ownr"}, UnknownName, "did you mean 'owner'"),
        ({"policy": "owner", "options": "{"}, BadInput, "are no JSON"),
        ({"policy": "owner", "options": '{"tier": 1}'}, UnknownName, "option of the policy owner"),
        ({"policy": "owner", "options": '{"worst_tier": 9}'}, BadInput, "should be 1, 2, 3 or 4"),
        ({"policy": "owner", "where": "tiger = 1"}, UnknownName, "did you mean 'tier'"),
    ],
)
def test_a_requirement_that_cannot_be_meant_is_refused(fleet, row, error, said):
    with pytest.raises(error, match=said):
        fleet.require([row])
    assert fleet.policies().collect().is_empty()


def test_a_policy_that_is_not_required_cannot_be_taken_away(fleet):
    with pytest.raises(UnknownName, match="no required policy is called 'owner'"):
        fleet.unrequire({"policy": ["owner"]})


def test_a_policy_that_is_not_installed_here_lets_nothing_pass(fleet, monkeypatch):
    """Otherwise a client without the plugin would be the way around it."""
    from argosy.errors import PluginError
    from argosy.plugins import installed

    fleet.require({"policy": ["owner"]})
    monkeypatch.delitem(installed().policies, "owner")

    with pytest.raises(PluginError, match="not installed here.*argosy unrequire owner"):
        promote(fleet, "a")
    with pytest.raises(PolicyRefused, match="it cannot be asked; say why"):
        fleet.unrequire({"policy": ["owner"]})
    lifted = fleet.unrequire({"policy": ["owner"]}, reason="the plugin is gone")
    assert lifted["outcome"].item() == "no longer required"


def test_changes_that_wait_together_are_each_checked(fleet):
    from concurrent.futures import ThreadPoolExecutor

    fleet.require({"policy": ["owner"]})

    def attempt(model):
        try:
            return promote(fleet, model)["outcome"].item()
        except PolicyRefused:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(attempt, ["a", "b"])) == ["set", "refused"]
