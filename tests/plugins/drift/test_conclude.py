"""The end of a drift check: what is asked of a few of its results is what all of them say."""

import time
from functools import partial

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from argosy.tables import DRIFT, DRIFT_FINDINGS
from argosy.types import Portion
from argosy_drift.conclude import DriftConclusion, _telling
from argosy_drift.correction import nested, numbered
from argosy_drift.verdict import JUDGED, verdicts


def test_results_without_a_unit_are_all_telling():
    rows = chunk("a", 0).with_columns(unit=pl.lit(None, pl.Int32))

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
        **dict.fromkeys(("partial", "strange", "slow"), np.zeros(many, bool)),
    }
    empty = pl.DataFrame(DRIFT.empty_table()).drop("run_id", "at", "q_model", "q_column")
    return numbered(pl.concat([empty, pl.DataFrame(drawn)], how="diagonal_relaxed"))


FAILED = pl.DataFrame({"model": ["z"], "version": ["1"], "reason": ["lost"]})
NOTHING = pl.DataFrame(DRIFT_FINDINGS.empty_table())
NOBODY = pl.DataFrame(schema={"model": pl.String, "column": pl.String})


def ending(answers, held=None, past=None):
    held = pl.DataFrame() if held is None else held
    return DriftConclusion(answers, FAILED, held, past, NOTHING, NOBODY)


def test_what_threads_found_stands_in_the_order_of_the_plan():
    """Whichever portion was made first."""
    check = ending(Answers([chunk(name, 5) for name in "abc"]))

    assert check.verdicts()["model"].unique(maintain_order=True).to_list() == ["a", "b", "c", "z"]
    found = check.noteworthy()["model"].rle().struct.field("value").to_list()
    assert found == ["a", "b", "c", "z"]


@pytest.mark.parametrize("past", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_told_of_a_fleet_is_what_its_results_say(past, seed):
    """It is told before they are all made, of those few that say it."""
    names = "abcdef"
    of = ("model", "segment_key", "segment_value", "window", "window_start", "column", "status")
    earlier = pl.concat(chunk(name, seed + 9) for name in names).select(of)
    held = pl.DataFrame({"model": list(names), "agree": 2, "among": 2})
    answers = Answers([chunk(name, seed) for name in names])
    check = ending(answers, held, earlier if past else None)
    rows = pl.concat([portion.make() for portion in check.results()], how="diagonal_relaxed")
    rows = rows.with_columns(
        pl.lit(value=False).alias(name) for name in ("partial", "strange", "slow")
    )

    noteworthy = rows.filter(pl.col("status").is_in(["drift", "watch", "failed"]))
    assert_frame_equal(check.noteworthy(), noteworthy.select(check.noteworthy().columns))
    assert_frame_equal(check.alerts(), check.noteworthy().filter(status="drift"))
    own = ["model", "version"]
    whole = verdicts(rows, rows, NOBODY)
    assert_frame_equal(
        check.verdicts().select(whole.columns).sort(own), whole.sort(own), check_dtypes=False
    )
    judged = rows.filter(pl.col("status").is_in(JUDGED))
    named = ["model", "window", "window_start"]
    assert set(check.judged().rows()) == set(judged.select(named).rows())
    assert {"drift", "ok", "failed", "insufficient", *(["watch"] if past else [])} == set(
        rows["status"]
    )
