"""The suite for metrics notices each fault, by the test that names it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from argosy.kernels import ANSWER, aggregation
from argosy.plugins import installed
from argosy.testing.metrics import MetricSuite
from argosy.types import Metric

from .faults import failed

MISS = (pl.col("truth") - pl.col("prediction")).abs()
WEIGHT = pl.col("weight")
MEAN = (MISS * WEIGHT).filter(WEIGHT > 0).sum() / WEIGHT.sum()
ODD = (
    pl.when(WEIGHT.max() == 0)
    .then(pl.lit("all weights are zero"))
    .when((MISS.is_finite() | (WEIGHT == 0)).all().not_())
    .then(pl.lit("not finite"))
)


def found(value, undefined=ODD):
    return {"measure": aggregation(value, undefined)}


def spoiled(change):
    """Let the built-in metric measure, and change what it answers."""

    def measure(groups, names):
        answer = installed().metrics["mae"].measure(groups, names)
        known = pl.DataFrame(answer)["mae"].struct.unnest()
        changed = change(known).select(pl.struct(known.columns).alias("mae"))
        return changed.to_arrow().cast(pa.schema([("mae", ANSWER)]))

    return {"measure": measure}


def closer(known, factor):
    value = pl.col("value")
    return known.with_columns(value + (pl.col(end) - value) * factor for end in ("lower", "upper"))


def first_alone(groups, names):
    """Measure the first model of a chunk, and guess that the others are like it."""
    answer = installed().metrics["mae"].measure(groups, names)
    return answer.take(pa.array([0] * answer.num_rows, pa.int64()))


def refuses_none(groups, names):
    assert groups.num_rows
    return installed().metrics["mae"].measure(groups, names)


def with_a_memory():
    seen = []
    return spoiled(
        lambda known: known.with_columns(pl.col("error") * (1 + len(seen.append(1) or seen)))
    )


@pytest.mark.parametrize(
    ("changes", "noticed"),
    [
        (found(pl.col("truth").mean()), "a_fleet_is_scored_as_the_reference"),
        (found(MEAN, pl.lit(None)), "what_is_undefined_has_a_reason"),
        (
            spoiled(lambda known: known.with_columns(value=pl.col("value").fill_null(0.0))),
            "what_is_undefined_has_a_reason",
        ),
        ({"bounds": (0, 1)}, "values_are_finite_and_within_bounds"),
        (
            spoiled(lambda known: known.with_columns(lower=pl.col("upper"))),
            "values_are_finite_and_within_bounds",
        ),
        (
            spoiled(lambda known: known.with_columns(error=-pl.col("error"))),
            "values_are_finite_and_within_bounds",
        ),
        ({"higher_is_better": True}, "better_predictions_have_the_better_value"),
        (found(MISS.mean()), "a_weight_of_two_counts_like_two_rows"),
        (found(MISS.max()), "a_row_of_weight_zero_counts_as_absent"),
        (found(MEAN * WEIGHT.mean()), "weights_are_relative"),
        (found(MISS.first()), "the_order_of_the_rows_does_not_matter"),
        (found(MEAN.cast(pl.Float32)), "a_fleet_is_scored_as_the_reference"),
        (
            found((MISS.cast(pl.Float32) * WEIGHT.cast(pl.Float32)).sum() / WEIGHT.sum()),
            "a_million_rows_lose_no_digits",
        ),
        (
            found((MISS.cast(pl.Int32).pow(2).cast(pl.Int32) * WEIGHT).sum() / WEIGHT.sum()),
            "great_whole_numbers_do_not_wrap",
        ),
        ({"measure": first_alone}, "models_do_not_influence_each_other"),
        ({"measure": refuses_none}, "no_model_is_no_answer"),
        (with_a_memory(), "it_answers_alike_beside_its_family"),
        (spoiled(lambda known: closer(known, 0.5)), "its_intervals_hold_the_true_value"),
        (spoiled(lambda known: closer(known, 2.0)), "its_intervals_hold_the_true_value"),
    ],
)
def test_a_faulty_metric_is_noticed(changes, noticed, tmp_path):
    class Suite(MetricSuite):
        name = "mae"
        metric: Metric = replace(installed().metrics["mae"], **changes)

        def reference(self, truth, prediction, score, weight):
            return np.average(np.abs(truth - prediction), weights=weight)

    assert failed(Suite, tmp_path, noticed)
