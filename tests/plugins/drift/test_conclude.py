"""The end of a drift check: what is asked of a few of its results is what all of them say."""

import time
from functools import partial

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from argosy.tables import DRIFT
from argosy.types import Portion
from argosy_drift.conclude import DriftConclusion, _telling
from argosy_drift.correction import nested, numbered
from argosy_drift.verdict import COMPARED, verdicts

STATUS = ["ok", "ok", "ok", "ok", "watch", "drift", "insufficient", "failed"]


def results(seed, many=400):
    """Return results of some models in no order, with windows and columns that are null."""
    chance = np.random.default_rng(seed)
    drawn = {
        "model": chance.choice(["a", "b", "c"], many),
        "version": chance.choice(["1", "2"], many),
        "window": pl.Series(chance.choice(["w1", "w2", ""], many)).replace("", None),
        "column": pl.Series(chance.choice(["x", "y", ""], many)).replace("", None),
        "status": chance.choice(STATUS[: 1 + seed], many),
        "reason": pl.Series(chance.choice(["r", "s", ""], many)).replace("", None),
        "effect": chance.random(many),
        "threshold": np.full(many, 0.1),
        "q_model": pl.Series(chance.choice([0.01, 0.5, np.nan], many), nan_to_null=True),
    }
    empty = pl.DataFrame(DRIFT.empty_table()).drop("run_id", "at")
    rows = pl.concat([empty, pl.DataFrame(drawn)], how="diagonal_relaxed")
    per_unit = pl.col("q_model").first().over("model", "version", "window")
    return numbered(rows).with_columns(per_unit)


@pytest.mark.parametrize("seed", range(len(STATUS)))
def test_the_telling_results_give_the_verdicts_of_all(seed):
    rows = results(seed)
    few = rows.filter(_telling())
    compared = ["model", "window", "status"]

    assert few.height < rows.height
    assert verdicts(few).equals(verdicts(rows), null_equal=True)
    assert set(few.select(compared).filter(pl.col("status").is_in(COMPARED)).rows()) == set(
        rows.select(compared).filter(pl.col("status").is_in(COMPARED)).rows()
    )


def test_results_without_a_unit_are_all_telling():
    rows = results(0).with_columns(unit=pl.lit(None, pl.Int32))

    assert rows.filter(_telling()).height == rows.height


class Answers:
    """What chunks answered, the later the longer it takes to read."""

    def __init__(self, parts):
        self._results, self._units = zip(*map(nested, parts), strict=True)

    def parts(self, name):
        assert name == "units"
        yield from self._units

    def portions(self, name):
        assert name == "drift"
        last = len(self._results) - 1
        return [
            Portion(rows.height, partial(self._make, rows, 0.02 * (last - place)))
            for place, rows in enumerate(self._results)
        ]

    def _make(self, rows, seconds):
        time.sleep(seconds)
        return rows


def chunk(model, seed, many=60):
    """Return the results of a model: in some windows much is drift, in others nothing."""
    chance = np.random.default_rng([seed, ord(model)])
    window = chance.choice(["w1", "w2", "w3"], many)
    p_value = chance.uniform(size=many) ** np.where(window == "w1", 1, 12)
    drawn = {
        "model": [model] * many,
        "version": ["1"] * many,
        "window": window,
        "column": chance.choice(["x", "y", "z"], many),
        "detector": [f"d{number}" for number in range(many)],
        "status": chance.choice(["ok", "ok", "ok", "insufficient", "failed"], many),
        "reason": pl.Series(chance.choice(["r", "s", ""], many)).replace("", None),
        "effect": chance.random(many),
        "p_value": p_value,
        "threshold": np.full(many, 0.1),
        "level": np.full(many, 0.05),
        "weight": np.ones(many),
    }
    empty = pl.DataFrame(DRIFT.empty_table()).drop("run_id", "at", "q_model", "q_column")
    return numbered(pl.concat([empty, pl.DataFrame(drawn)], how="diagonal_relaxed"))


FAILED = pl.DataFrame({"model": ["z"], "version": ["1"], "reason": ["lost"]})


def test_what_threads_found_stands_in_the_order_of_the_plan():
    """Whichever portion was made first."""
    conclusion = DriftConclusion(
        Answers([chunk(name, 5) for name in "abc"]), FAILED, pl.DataFrame(), None
    )

    assert conclusion.verdicts()["model"].unique(maintain_order=True).to_list() == [
        "a",
        "b",
        "c",
        "z",
    ]
    found = conclusion.noteworthy()["model"].rle().struct.field("value").to_list()
    assert found == ["a", "b", "c", "z"]


@pytest.mark.parametrize("past", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_told_of_a_fleet_is_what_its_results_say(past, seed):
    """It is told before they are all made, of those few that say it."""
    names = "abcdef"
    of = ("model", "segment_key", "segment_value", "window", "column", "status")
    earlier = pl.concat(chunk(name, seed + 9) for name in names).select(of)
    held = pl.DataFrame({"model": list(names), "agree": 2, "among": 2})
    answers = Answers([chunk(name, seed) for name in names])
    conclusion = DriftConclusion(answers, FAILED, held, earlier if past else None)
    rows = pl.concat([portion.make() for portion in conclusion.results()], how="diagonal_relaxed")

    noteworthy = rows.filter(pl.col("status").is_in(["drift", "watch", "failed"]))
    assert_frame_equal(conclusion.noteworthy(), noteworthy.select(conclusion.noteworthy().columns))
    assert_frame_equal(conclusion.alerts(), conclusion.noteworthy().filter(status="drift"))
    own = ["model", "version"]
    assert_frame_equal(
        conclusion.verdicts().sort(own), verdicts(rows).sort(own), check_dtypes=False
    )
    compared = rows.filter(pl.col("status").is_in(COMPARED)).select("model", "window", "status")
    assert set(conclusion.compared().rows()) == set(compared.rows())
    assert {"drift", "ok", "failed", "insufficient", *(["watch"] if past else [])} == set(
        rows["status"]
    )
