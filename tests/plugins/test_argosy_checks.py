"""The checks that come with argosy: what they find of promoted models, and what they leave."""

import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

import argosy
from argosy.plugins.settings import using
from argosy.testing.checks import CheckSuite, moved
from argosy.testing.fleets import logged_fleet

ERRORS = {
    "better": (1.0, 0.2),
    "worse": (0.2, 1.0),
    "slightly": (0.2, 0.2),
    "broken": (0.2, None),
    "alone": (None, 0.9),
}
"""By how much the first and the second version of each model are wrong; None: never heard of."""
ROWS = 200


def rows(name, version, error, bias=0.0):
    """Return logged predictions whose errors are drawn."""
    drawn = np.random.default_rng([ord(name[0]), int(version)])
    truth = np.arange(float(ROWS))
    frame = pl.DataFrame(
        {"id": range(ROWS), "y": truth, "p": truth + bias + error * drawn.normal(size=ROWS)}
    )
    return frame.with_columns(client=pl.lit(name), version=pl.lit(version))


def fleet_of(parts, names, **registered):
    """Return a fleet whose first versions were evaluated, then the second ones, then both."""
    folder = Path(mkdtemp())
    pl.concat(parts).write_parquet(folder / "log.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    log = {"url": str(folder / "log.parquet"), "key": "client", "version": "version", "id": "id"}
    fleet.bind([{"role": "holdout", "truth": "y", "prediction": "p", **log}])
    for version, each in names.items():
        fleet.register({"model": each, "version": [version] * len(each), **registered})
        fleet.evaluate()
    return fleet


def compared(fleet, names, **asked):
    """Compare the second versions of models with the first ones."""
    for alias, version in {"champion": "1", "challenger": "2"}.items():
        fleet.set_alias({"model": names, "version": [version] * len(names)}, alias)
    fleet.compare(**asked)
    return fleet


@cache
def evaluated():
    """Return a fleet of models whose second version is better, worse, no different or lost."""
    parts = [
        rows(name, str(number), error)
        for name, errors in ERRORS.items()
        for number, error in enumerate(errors, 1)
        if error is not None
    ]
    first = [name for name, errors in ERRORS.items() if errors[0] is not None]
    fleet = fleet_of(parts, {"1": first, "2": list(ERRORS)})
    compared(fleet, first, metrics=["mae", "mse"])
    fleet.register({"model": ["better", "new"], "version": ["3", "1"]})
    return fleet


def pairs(*names):
    return moved([(name, "2", None if name == "alone" else "1") for name in names])


class Judged(CheckSuite):
    """What holds of both checks that judge versions by what was measured of them."""

    def well(self):
        yield evaluated(), pairs("better", "slightly", "alone")
        yield evaluated(), moved([("worse", "1", "2")])

    def ill(self):
        yield evaluated(), pairs(*ERRORS), {"worse", "broken"}
        yield evaluated(), moved([("better", "3", "2"), ("new", "1", None)]), {"better", "new"}

    def found(self, fleet, models):
        return dict(self.findings(fleet, models).rows())

    def test_s1_5_a_difference_within_noise_does_not_speak_against_a_version(self):
        """MSE 6,529 against 6,442, which the comparison calls no difference."""
        assert {} == self.found(evaluated(), pairs("slightly"))
        worse = self.found(evaluated(), pairs("worse"))["worse"]
        assert re.match(r"its m.e is worse: .*, it was .* in version 1 \(paired_t, q ", worse)

    def test_s1_6_what_was_measured_too_long_ago_is_too_old(self):
        with using({"checks": {"age": "1m"}}):
            assert {} == self.found(evaluated(), pairs("better"))
        fleet = evaluated().as_of(evaluated().seq)
        assert {} == self.found(fleet, pairs("better", "alone"))
        later = Later(fleet, days=40)
        found = self.found(later, pairs("better", "alone"))
        assert {"better", "alone"} == set(found)
        assert all("too old" in reason for reason in found.values())
        with using({"checks": {"age": "2mo"}}):
            assert {} == self.found(later, pairs("better", "alone"))

    def test_s2_29_a_bias_that_grows_is_worse(self):
        fleet = biased()

        found = self.found(fleet, pairs("grows"))["grows"]
        assert found.startswith("its bias is worse: -299.9, it was -143.3 in version 1")
        assert {} == self.found(fleet, pairs("shrinks"))
        assert {"shrinks"} == set(self.found(fleet, moved([("shrinks", "1", "2")])))

    def test_a_template_says_by_which_metric_and_margin_a_version_must_win(self):
        """Margins are in units of the metric; one that has none may be no different."""
        fleet = by_template()

        assert {"close"} == set(self.found(fleet, pairs("wins", "close", "other")))
        assert "margin of 0.5" in self.found(fleet, pairs("close"))["close"]

    def test_a_version_that_is_measured_again_and_has_become_worse_is_found(self):
        fleet, log = declining()
        assert {} == self.found(fleet, pairs("wins"))
        spoiled = pl.read_parquet(log).with_columns(
            p=pl.when(version="2").then(pl.col("p") + 3).otherwise("p")
        )
        spoiled.write_parquet(log)
        fleet.evaluate()

        with using({"checks": {"metrics": ["mae"]}}):
            found = self.found(fleet, pairs("plain"))["plain"]
        assert found.startswith("its mae has become worse: ")
        assert {"wins"} == set(self.found(fleet, pairs("wins")))


class Later:
    """A fleet as it will be seen some days from now."""

    def __init__(self, fleet, days):
        self._fleet, self.moment = fleet, fleet.moment + timedelta(days=days)

    def __getattr__(self, name):
        return getattr(self._fleet, name)


@cache
def biased():
    """Return models whose bias goes from -143 to -300, and from -143 to 20."""
    parts = [
        rows(name, str(number), 5.0, bias)
        for name, biases in {"grows": (-143, -300), "shrinks": (-143, 20)}.items()
        for number, bias in enumerate(biases, 1)
    ]
    names = ["grows", "shrinks"]
    fleet = fleet_of(parts, {"1": names, "2": names})
    return compared(fleet, names, comparisons=["bootstrap"], metrics=["bias"])


TEMPLATES = [
    {
        "template": "strict",
        "trainer": "sklearn",
        "params": {"estimator": "Ridge"},
        "metric": "mae",
        "margin": 0.5,
    },
    {"template": "easy", "trainer": "sklearn", "params": {"estimator": "Ridge"}, "metric": "mae"},
]


def with_templates(errors, templates):
    parts = [
        rows(name, str(number), error)
        for name, each in errors.items()
        for number, error in enumerate(each, 1)
    ]
    fleet = fleet_of(parts, {"1": list(errors)}, template=templates)
    fleet.define(TEMPLATES)
    fleet.register({"model": list(errors), "version": ["2"] * len(errors)})
    fleet.evaluate()
    return compared(fleet, list(errors))


@cache
def by_template():
    errors = {"wins": (1.5, 0.2), "close": (0.5, 0.3), "other": (0.3, 0.3)}
    return with_templates(errors, ["strict", "strict", "easy"])


def declining():
    fleet = with_templates({"wins": (1.5, 0.2), "plain": (1.5, 0.2)}, ["strict", None])
    return fleet, fleet.bindings().collect()["url"][0]


class TestComparison(Judged):
    name = "comparison"

    def test_s1_6_what_was_never_compared_blocks(self):
        found = self.found(evaluated(), moved([("better", "3", "2"), ("new", "1", None)]))

        assert (
            "version 3 was never compared with version 2, which it replaces; run `argosy compare`"
            == found["better"]
        )
        assert "its version 1 was not evaluated" == found["new"]

    def test_a_pair_that_could_not_be_compared_is_found(self):
        assert self.found(evaluated(), pairs("broken"))["broken"].startswith(
            "it could not be compared: "
        )

    def test_a_metric_that_no_comparison_has_tested_is_not_told_of(self):
        with using({"checks": {"metrics": ["r2"]}}):
            found = self.found(evaluated(), pairs("better"))

        assert {"better": "no comparison of it has tested r2; run `argosy compare`"} == found

    def test_a_comparison_of_other_metrics_takes_nothing_back(self):
        fleet = compared(with_pair(), ["worse"], metrics=["mae"])
        fleet.compare(metrics=["mse"])

        assert "its mae is worse" in self.found(fleet, pairs("worse"))["worse"]


def with_pair():
    parts = [rows("worse", "1", 0.2), rows("worse", "2", 0.2).with_columns(pl.col("p") + 0.1)]
    return fleet_of(parts, {"1": ["worse"], "2": ["worse"]})


class TestEvaluation(Judged):
    name = "evaluation"

    def test_each_says_why(self):
        found = self.found(evaluated(), pairs(*ERRORS))

        assert found["broken"].startswith("its evaluation failed: there is no row")
        unknown = self.findings(evaluated(), moved([("better", "3", "2")]))
        assert unknown["reason"].item() == "its version 3 was not evaluated"

    def test_s1_6_a_version_before_that_was_never_measured_blocks(self):
        """There is nothing that the new one could be held against."""
        fleet = fleet_of([rows("m", "2", 0.2)], {"2": ["m"]})

        found = self.found(fleet, moved([("m", "2", "1")]))

        assert "was never compared with version 1" in found["m"]

    def test_the_role_is_set_by_an_option(self):
        with using({"checks": {"data": "elsewhere"}}):
            assert set(ERRORS) == set(self.findings(evaluated(), pairs(*ERRORS))["model"])


@cache
def drifting():
    """Return a fleet in which m2 drifts; m1 has a version that was registered after the check."""
    fleet = logged_fleet(Path(mkdtemp()), models=4, drifting={"m1", "m2"})
    fleet.check_drift()
    fleet.register({"model": ["m1"], "version": ["2"]})
    return fleet


class TestDrift(CheckSuite):
    name = "drift"

    def well(self):
        yield drifting(), moved([("m0", "1", None), ("m3", "1", None)])

    def ill(self):
        yield drifting(), moved([("m1", "1", None), ("m2", "1", None)]), {"m1", "m2"}
        yield drifting(), moved([("m0", "1", None), ("m1", "2", "1")]), {"m1"}

    def test_s1_6_a_version_that_was_never_checked_is_unknown(self):
        [reason] = self.findings(drifting(), moved([("m1", "2", "1")]))["reason"]

        assert reason == (
            "whether its version 2 drifts is unknown: never checked; run `argosy drift`"
        )

    def test_a_judgement_of_long_ago_is_too_old(self):
        found = self.findings(Later(drifting(), days=40), moved([("m0", "1", None)]))

        assert "too old" in found["reason"].item()

    def test_it_says_what_the_check_said(self):
        [reason] = self.findings(drifting(), moved([("m2", "1", None)]))["reason"]

        assert reason.startswith("it drifts: ")
        assert "size" in reason


@cache
def listed():
    """Return a fleet with lists of one model, of one template, and of a model that then failed."""
    folder = Path(mkdtemp())
    pl.DataFrame({"model": ["own"], "id": [1], "prediction": [0.5]}).write_parquet(
        folder / "lists.parquet"
    )
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    names = ["own", "shared", "bare", "failed"]
    fleet.register(
        {"model": names, "version": ["1"] * 4, "template": [None, "shop", "other", None]}
    )
    fleet.bind([{"role": "rows", "url": str(folder / "lists.parquet"), "key": "model"}])
    fleet.predict("model = 'failed'", "rows", role="lists")
    bound = {"role": "lists", "url": str(folder / "lists.parquet"), "key": "model", "id": "id"}
    fleet.bind(
        [{**bound, "model": "own"}, {**bound, "template": "shop"}, {**bound, "model": "failed"}]
    )
    return fleet


class TestLists(CheckSuite):
    name = "lists"

    def well(self):
        yield listed(), moved([("own", "1", None), ("shared", "1", None)])

    def ill(self):
        names = ("own", "shared", "bare", "failed")
        yield listed(), moved([(name, "1", None) for name in names]), {"bare", "failed"}

    def test_it_says_what_is_missing(self):
        found = dict(
            self.findings(listed(), moved([("bare", "1", None), ("failed", "1", None)])).rows()
        )

        assert "nothing is bound to its role 'lists'" == found["bare"]
        assert found["failed"].startswith("its last prediction failed: it is scored elsewhere")

    def test_a_binding_of_the_whole_fleet_is_enough(self):
        with using({"checks": {"lists": "rows"}}):
            assert self.findings(listed(), moved([("bare", "1", None)])).is_empty()


@pytest.mark.parametrize(
    "wrong", [{"age": "soon"}, {"age": "0d"}, {"ages": ("5=7d",)}, {"ages": ("1",)}]
)
def test_an_option_that_makes_no_sense_is_refused(wrong):
    from argosy_checks.options import Options

    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Options(**wrong)


def test_a_tier_may_have_an_age_of_its_own():
    fleet = Later(evaluated(), days=10)
    evaluated().register({"model": ["tiered"], "version": ["1"], "tier": [1]})
    from argosy_checks.subjects import subjects

    with using({"checks": {"ages": "1=7d,2=14d"}}):
        since = dict(
            subjects(fleet, moved([("tiered", "1", None), ("better", "2", "1")]))
            .select("model", fleet.moment - pl.col("since"))
            .rows()
        )

    assert {"tiered": timedelta(days=7), "better": timedelta(days=31)} == since
