"""A template is a row that many models are made from."""

import warnings

import pytest

from argosy.errors import ArgosyWarning, RowsRefused, UnknownName

from .clients import shop


def test_a_template_is_a_row_that_can_be_asked_for(fleet):
    row = fleet.templates().collect().row(0, named=True)

    assert {"template": "shop", "trainer": "echo", "data": "training", "models": 5}.items() <= (
        row.items()
    )
    assert fleet.sql("SELECT template, models FROM templates").rows() == [("shop", 5)]
    assert len(fleet.where("trainer = 'echo' AND template = 'shop'")) == 5
    fields = {"metrics": ["rmse"], "params": {"depth": "3"}, "metric": "rmse", "margin": 0.1}
    assert fleet.define(shop(**fields))["outcome"].to_list() == ["changed"]
    assert fleet.define(shop(**fields))["outcome"].to_list() == ["unchanged"]
    row = fleet.templates().collect().row(0, named=True)
    assert (row["metrics"], row["revision"], row["margin"]) == (["rmse"], 2, 0.1)
    assert fleet.as_of(1).templates().collect()["revision"].item() == 1
    assert fleet.sql("SELECT templates.params.depth AS d FROM templates")["d"].item() == "3"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trainer": "ecko"}, "no trainer is called 'ecko'; known: echo"),
        ({"metric": "rmsee"}, "no metric is called 'rmsee'"),
        ({"metrics": ["auc", "accurcy"]}, "no metric is called 'accurcy'"),
        ({"comparison": "hunch"}, "no comparison is called 'hunch'"),
        ({"task": "poetry"}, "no task is called 'poetry'"),
        (
            {"schedule": "nightly"},
            "the schedule 'nightly' is no period such as 1d or 6h, nor hourly",
        ),
        ({"effect_delay": "soon"}, "the effect_delay 'soon' is no period"),
        ({"margin": -1.0}, "the margin -1.0 is not zero or more"),
        ({"margin": float("nan")}, "the margin nan is not zero or more"),
        ({"template": "a/b"}, "holds one of"),
        ({"trainer": "sklearn", "params": {}}, "cannot take the params: estimator"),
        ({"trainer": "sklearn", "params": {"estimator": "SVC"}}, "no estimator is called 'SVC'"),
        (
            {"trainer": "sklearn", "params": {"estimator": "Ridge", "depth": "3"}},
            "Ridge has no param 'depth'",
        ),
    ],
)
def test_a_template_that_cannot_be_meant_is_refused(fleet, fields, reason):
    seq = fleet.seq
    with pytest.raises(RowsRefused) as refused:
        fleet.define(shop(**fields))

    assert reason in str(refused.value)
    assert fleet.seq == seq


def test_feature_32_a_cadence_faster_than_the_effect_warns(fleet):
    with pytest.warns(ArgosyWarning, match="cadence warning: the template 'shop' is trained"):
        outcomes = fleet.define(shop(schedule="1d", effect_delay="7d"))
    assert "every 1d" in outcomes["warning"].item()

    with pytest.warns(ArgosyWarning, match="can be seen only after 7d"):
        fleet.train()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for schedule, delay in (
            ("7d", "7d"),
            ("1w", "7d"),
            ("1mo", "2w"),
            (None, "7d"),
            ("1d", None),
        ):
            told = fleet.define(shop(schedule=schedule, effect_delay=delay))
            assert told["warning"].item() is None
        fleet.train()


def test_instances_have_the_templates_owner_and_no_version(fleet):
    outcomes = fleet.instantiate("shop", [{"model": "x", "tier": 2, "tags": {"serving": "off"}}])
    assert outcomes["outcome"].to_list() == ["instantiated"]
    found = fleet.models().collect().filter(model="x").row(0, named=True)

    assert (found["template"], found["owner"], found["tier"]) == ("shop", "ada", 2)
    assert (found["versions"], found["newest_version"]) == (0, None)
    assert fleet.where("tags.serving = 'off'").frame()["model"].to_list() == ["x"]
    assert set(fleet.triage()["cause"]) == {"no version"}
    with pytest.raises(UnknownName, match="the model 'x' has no version yet"):
        fleet.get("x")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"model": "c1"}], "a model is called 'c1' already"),
        ([{"model": "n"}, {"model": "n"}], "the model 'n' stands twice"),
        ([{"model": "a@b"}], "holds one of"),
        ([{"model": "n", "tier": 7}], "the tier 7 is not 1"),
    ],
)
def test_instances_that_cannot_enter_are_refused(fleet, rows, reason):
    with pytest.raises(RowsRefused, match=reason):
        fleet.instantiate("shop", [{"model": "fine"}, *rows])
    with pytest.raises(UnknownName, match="no template is called 'shup'; did you mean 'shop'"):
        fleet.instantiate("shup", rows)

    assert fleet.models().collect().height == 5


def test_instances_that_exist_may_be_skipped(fleet):
    outcomes = fleet.instantiate("shop", {"model": ["c1", "new"]}, existing="skip")
    assert outcomes["outcome"].to_list() == ["skipped", "instantiated"]


def test_a_template_that_has_models_cannot_vanish(fleet):
    with pytest.raises(RowsRefused, match="the template 'shop' has 5 models; delete them first"):
        fleet.undefine({"template": ["shop"]})
    with pytest.raises(RowsRefused, match="the template 'shop' has 5 models"):
        fleet.rollback(1)
    fleet.delete(fleet.where("true"))
    assert fleet.undefine({"template": ["shop"]})["outcome"].to_list() == ["undefined"]
    assert fleet.templates().collect().is_empty()
    with pytest.raises(RowsRefused, match="no template is called 'shop'"):
        fleet.undefine({"template": ["shop"]})


def test_a_group_that_defined_and_made_its_models_is_rolled_back(empty):
    night = empty.in_group("night")
    night.define(shop())
    night.instantiate("shop", {"model": ["a", "b"]})
    empty.rollback(group="night")

    assert empty.templates().collect().is_empty()
    assert empty.models().collect().is_empty()
