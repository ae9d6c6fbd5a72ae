"""The checks that come with argosy: what they find of promoted models, and what they leave."""

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
    "better": (0.5, 0.1),
    "worse": (0.1, 0.5),
    "slightly": (0.1, 0.11),
    "broken": (0.1, None),
    "alone": (None, 0.9),
}
"""By how much the first and the second version of each model are wrong; None: never heard of."""


def rows(name, version, error):
    """Return thirty logged predictions whose mean absolute error is known."""
    truth = np.arange(30.0)
    sign = np.where(truth % 2 == 0, 1.0, -1.0)
    told = {"client": name, "version": version}
    return pl.DataFrame({"id": range(30), "y": truth, "p": truth + sign * error}).with_columns(
        **{key: pl.lit(value) for key, value in told.items()}
    )


@cache
def evaluated():
    """Return a fleet whose first versions were evaluated, and then the second ones."""
    folder = Path(mkdtemp())
    parts = [
        rows(name, str(number), error)
        for name, errors in ERRORS.items()
        for number, error in enumerate(errors, 1)
        if error is not None
    ]
    pl.concat(parts).write_parquet(folder / "log.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    log = {"url": str(folder / "log.parquet"), "key": "client", "version": "version", "id": "id"}
    fleet.bind([{"role": "holdout", "truth": "y", "prediction": "p", **log}])
    first = [name for name, errors in ERRORS.items() if errors[0] is not None]
    for version, names in {"1": first, "2": list(ERRORS)}.items():
        fleet.register({"model": names, "version": [version] * len(names)})
        fleet.evaluate(metrics=["mae", "rmse"])
    return fleet


def pairs(*names):
    return moved([(name, "2", None if name == "alone" else "1") for name in names])


class TestEvaluation(CheckSuite):
    name = "evaluation"

    def well(self):
        yield evaluated(), pairs("better", "slightly", "alone")
        yield evaluated(), moved([("worse", "1", "2")])

    def ill(self):
        yield evaluated(), pairs(*ERRORS), {"worse", "broken"}
        yield evaluated(), moved([("better", "3", "2")]), {"better"}

    def test_each_says_why(self):
        found = dict(self.findings(evaluated(), pairs(*ERRORS)).rows())

        assert found["worse"] == "mae is 0.5, it was 0.1 in version 1"
        assert found["broken"].startswith("its evaluation failed: there is no row")
        unknown = self.findings(evaluated(), moved([("better", "3", "2")]))
        assert unknown["reason"].item() == "its version 3 was not evaluated"

    def test_the_margin_and_the_metrics_are_set_by_options(self):
        with using({"checks": {"margin": 0.001}}):
            assert "slightly" in set(self.findings(evaluated(), pairs(*ERRORS))["model"])
        with using({"checks": {"margin": 0.5, "metrics": ["rmse"]}}):
            assert {"broken"} == set(self.findings(evaluated(), pairs(*ERRORS))["model"])
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
        yield drifting(), moved([("m0", "1", None), ("m1", "2", "1"), ("m3", "1", None)])

    def ill(self):
        yield drifting(), moved([("m1", "1", None), ("m2", "1", None)]), {"m1", "m2"}

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


def test_an_option_that_makes_no_sense_is_refused():
    from argosy_checks.options import Options

    with pytest.raises(ValidationError, match="margin"):
        Options(margin=-1)
