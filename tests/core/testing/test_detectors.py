"""The suite for detectors notices each fault, by the test that names it."""

import ctypes

import numpy as np
import polars as pl
import pytest

from argosy.testing.detectors import DetectorSuite
from argosy.types import (
    Detector,
)

from .faults import failed

NUMBERS = dict.fromkeys(("statistic", "effect", "p_value"), pl.Float64)


def means(table):
    """A sound detector, as far as it goes: the difference of means, compared with a constant."""
    rows = pl.DataFrame(table)
    gap = (pl.col("reference").list.mean() - pl.col("current").list.mean()).abs()
    return rows.select(
        statistic=gap,
        effect=gap,
        p_value=(-(gap**2) * 30).exp(),
        p_method=pl.lit("made up"),
        reason=pl.when(~gap.is_finite() | gap.is_null()).then(pl.lit("there is no difference")),
    ).with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(name)) for name in NUMBERS)


def changed(**columns):
    return lambda table: means(table).with_columns(**columns).to_arrow()


def random_p(table):
    drawn = np.random.default_rng().random(table.num_rows)
    return means(table).with_columns(p_value=pl.Series(drawn)).to_arrow()


def by_the_mean_of_all(table):
    found = means(table)
    return found.with_columns(effect=found["effect"] - found["effect"].min()).to_arrow()


@pytest.mark.parametrize(
    ("measure", "noticed"),
    [
        (changed(p_value=pl.col("p_value") + 1), "every_row_has_a_sound_answer"),
        (changed(p_value=pl.lit(float("nan"))), "every_row_has_a_sound_answer"),
        (changed(effect=-pl.col("effect")), "every_row_has_a_sound_answer"),
        (changed(reason=pl.lit(None, pl.String)), "a_side_without_rows_is_undefined_and_says_so"),
        (changed(effect=pl.col("effect").fill_null(0)), "odd_columns_have_sound_answers"),
        (changed(effect=pl.col("effect").cast(pl.Float32)), "an_empty_table_has_an_empty_answer"),
        (changed(effect=pl.col("effect") / 1000), "a_strong_drift_is_seen"),
        (changed(p_value=pl.col("p_value") / 3), "identical_samples_show_no_drift"),
        (
            changed(p_value=pl.col("p_value") ** 200),
            "false_alarms_are_as_rare_as_the_p_value_says",
        ),
        (
            changed(
                p_value=pl.when(pl.col("p_value") < 0.01)
                .then(pl.col("p_value") / 10)
                .otherwise("p_value")
            ),
            "false_alarms_are_as_rare_as_the_p_value_says",
        ),
        (random_p, "the_same_table_has_the_same_answer"),
        (by_the_mean_of_all, "the_order_and_the_company_of_rows_change_nothing"),
        (lambda table: means(table).head(1).to_arrow(), "every_row_has_a_sound_answer"),
        (lambda table: means(table.take([0])).to_arrow(), "an_empty_table_has_an_empty_answer"),
        (lambda table: means(table).reverse().to_arrow(), "the_order_and_the_company_of_rows"),
    ],
)
def test_a_faulty_detector_is_noticed(measure, noticed, tmp_path):
    class Suite(DetectorSuite):
        name = "means"
        detector = Detector("means", frozenset({"numeric"}), measure, 0.5, "difference")

    assert failed(Suite, tmp_path, noticed)


def test_a_sound_detector_passes(tmp_path):
    class Suite(DetectorSuite):
        name = "means"
        detector = Detector("means", frozenset({"numeric"}), changed(), 0.5, "difference")

    assert set() == failed(Suite, tmp_path)


def test_a_detector_that_writes_into_its_input_is_noticed(tmp_path):
    def measure(table):
        if table.num_rows:
            shared = table["n_ref"].chunk(0)
            address = shared.buffers()[1].address + 8 * shared.offset
            ctypes.c_int64.from_address(address).value = -1
        return means(table).to_arrow()

    class Suite(DetectorSuite):
        name = "means"
        detector = Detector("means", frozenset({"numeric"}), measure, 0.5, "difference")

    assert failed(Suite, tmp_path, "the_table_it_is_given_stays_as_it_was")


@pytest.mark.parametrize("declared", ["none", "scale", "rate"])
@pytest.mark.parametrize("heeds", [True, False])
def test_a_p_value_that_takes_tau_otherwise_than_declared_is_noticed(declared, heeds, tmp_path):
    def measure(table):
        tau = pl.Series(table["tau"]) if heeds else 1.0
        p_value = (-(pl.col("effect") ** 2) / tau).exp()
        return means(table).with_columns(p_value=p_value).to_arrow()

    class Suite(DetectorSuite):
        name = "means"
        detector = Detector(
            "means", frozenset({"numeric"}), measure, 0.5, "difference", dependence=declared
        )

    noticed = failed(Suite, tmp_path, "its_p_values_take_rows_that_depend_on_each_other")
    assert bool(noticed) == (heeds == (declared == "none"))
