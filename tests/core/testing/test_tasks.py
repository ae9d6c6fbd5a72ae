"""The suite for tasks notices each fault, by the test that names it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from argosy.kernels import aggregation
from argosy.plugins import installed
from argosy.testing.tasks import Drawn, TaskSuite
from argosy.types import Metric, Readout, TaskColumn, TaskKind

from .faults import failed


class OddSuite(TaskSuite):
    name = "odd"
    metric = "odd_error"

    def drawn(self, rows, seed):
        generator = np.random.default_rng(seed)
        truth, prediction = generator.gamma(2.0, size=(2, rows))
        log = pl.DataFrame({"truth": truth, "prediction": prediction})
        return Drawn(log, log.select("prediction"))

    def unreadable(self, log):
        yield log.with_columns(prediction=-pl.col("prediction")), "it is negative"

    def unsound(self, answer):
        yield answer.with_columns(prediction=pl.lit("many"))


def read(handed, prediction):
    negative = pl.when(pl.col("prediction") < 0).then(pl.lit("it is negative"))
    rows = handed.rows.select(truth="truth", prediction=prediction)
    return Readout(rows.with_columns(reason=negative))


def changing(change):
    """A way to read a log, and to change what was read."""

    def from_log(handed):
        told = read(handed, handed.rows["prediction"])
        return replace(told, rows=told.rows.with_columns(**change))

    return from_log


def from_models(handed, answers):
    return read(handed, pl.concat([one.rows["prediction"] for one in answers]))


SOUND = TaskKind("odd", "Nothing in particular.", changing({}), from_models)
PREDICTION = pl.col("prediction")


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    error = aggregation((PREDICTION - pl.col("truth")).abs().mean(), pl.lit(None, pl.String))
    metric = Metric("odd_error", frozenset({"odd"}), error, False, (0, float("inf")))
    monkeypatch.setitem(installed().metrics, "odd_error", metric)


def test_a_sound_task_fails_nothing(monkeypatch, tmp_path):
    monkeypatch.setitem(installed().tasks, "odd", SOUND)

    assert failed(OddSuite, tmp_path) == set()


@pytest.mark.parametrize(
    ("fault", "noticed"),
    [
        ({"summary": " "}, "it_is_described"),
        (
            {"columns": (TaskColumn("hits", "prediction", "number"),)},
            "its_columns_are_what_other_tasks_call_so",
        ),
        (
            {"from_log": changing({"more": pl.lit(1.0)})},
            "what_it_reads_is_what_it_declares",
        ),
        (
            {"from_log": changing({"prediction": PREDICTION * 2})},
            "a_log_and_a_model_are_read_alike",
        ),
        (
            {"from_log": changing({"prediction": PREDICTION.cum_sum()})},
            "the_order_of_rows_does_not_matter",
        ),
        (
            {"from_log": changing({"prediction": PREDICTION - PREDICTION.min()})},
            "neighbours_do_not_matter",
        ),
        (
            {"from_log": changing({"reason": pl.lit(None, pl.String)})},
            "what_cannot_be_read_is_a_reason_of_its_model_alone",
        ),
        ({"sound": lambda model, answer: answer}, "answers_that_are_unsound_are_refused"),
        (
            {"from_log": changing({"reason": pl.lit("never")})},
            "a_metric_is_evaluated_in_a_fleet",
        ),
        (
            {"naive": lambda rows, lengths: rows.with_columns(truth=pl.lit(0.0))},
            "a_constant_leaves_truth_and_weight_alone",
        ),
    ],
)
def test_a_fault_is_noticed(monkeypatch, tmp_path, fault, noticed):
    monkeypatch.setitem(installed().tasks, "odd", replace(SOUND, **fault))

    assert noticed in failed(OddSuite, tmp_path, noticed)
