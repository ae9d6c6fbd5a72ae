"""The suite for estimators notices each fault, by the test that names it."""

import ctypes
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from argosy.plugins import installed
from argosy.testing.estimators import EstimatorSuite

from .faults import failed


def estimating(fit=lambda fitted, table: fitted, change=lambda value, lower, upper: {}, **changes):
    """Our own estimator of regressions, with a fault in what it learns or in its answer."""
    own = installed().estimators["direct_loss"]

    def estimate(table):
        answer = pl.DataFrame(own.estimate(table))
        bands = {}
        for name in own.metrics:
            fields = [pl.col(name).struct.field(each) for each in ("value", "lower", "upper")]
            bands[name] = pl.col(name).struct.with_fields(**change(*fields))
        return answer.with_columns(**bands).to_arrow()

    class Suite(EstimatorSuite):
        name = "direct_loss"
        models = 400
        coverage = (0.91, 0.98)
        estimator = replace(
            own, fit=lambda table: fit(own.fit(table), table), estimate=estimate, **changes
        )

    return Suite


def noise(value, lower, upper):
    return {"value": value + (upper - value) * np.random.default_rng().uniform(0, 0.5)}


def overwritten(fitted, table):
    shared = table["truth"].chunk(0).flatten()
    if len(shared):
        ctypes.c_double.from_address(shared.buffers()[1].address).value = -1.0
    return fitted


@pytest.mark.parametrize(
    ("faults", "noticed"),
    [
        ({"metrics": ("mae", "mae")}, "it_is_described"),
        ({"metrics": ("auc",)}, "it_is_described"),
        ({"change": lambda v, lo, up: {"lower": up}}, "every_model_has_a_sound_estimate"),
        ({"change": lambda v, lo, up: {"upper": v * np.nan}}, "every_model_has_a_sound_estimate"),
        ({"change": lambda v, lo, up: {"lower": lo - 9}}, "every_model_has_a_sound_estimate"),
        (
            {"change": lambda v, lo, up: {"value": v.cast(pl.Float32)}},
            "every_model_has_a_sound_estimate",
        ),
        (
            {"change": lambda v, lo, up: {"value": v.fill_null(0)}},
            "what_cannot_be_estimated_has_a_reason",
        ),
        (
            {"change": lambda v, lo, up: {"lower": v - (v - lo) / 2, "upper": v + (up - v) / 2}},
            "the_band_holds_what_is_realised_later",
        ),
        (
            {"change": lambda v, lo, up: {"lower": lo / 2, "upper": up * 2}},
            "the_band_holds_what_is_realised_later",
        ),
        (
            {"change": lambda v, lo, up: {"value": v.min(), "lower": lo.min()}},
            "the_order_and_the_company_of_models_change_nothing",
        ),
        (
            {"change": lambda v, lo, up: {"value": (lo + up - v).clip(lo, up).reverse()}},
            "the_order_and_the_company_of_models_change_nothing",
        ),
        ({"change": noise}, "the_same_rows_have_the_same_answer"),
        (
            {"change": lambda v, lo, up: {"value": 1 / v, "lower": 0.0, "upper": 1 / v}},
            "better_models_have_the_better_estimate",
        ),
        ({"fit": lambda fitted, table: fitted.slice(1)}, "every_model_has_a_sound_estimate"),
        (
            {"fit": lambda fitted, table: fitted.drop(["reason"])},
            "every_model_has_a_sound_estimate",
        ),
        ({"fit": overwritten}, "the_tables_it_is_given_stay_as_they_were"),
    ],
)
def test_a_faulty_estimator_is_noticed(faults, noticed, tmp_path):
    assert failed(estimating(**faults), tmp_path, noticed)


def test_a_sound_estimator_passes(tmp_path):
    assert set() == failed(estimating(), tmp_path)


def test_an_estimator_that_heeds_the_order_of_rows_is_noticed(tmp_path):
    """A mean over the first rows only is a mean of something else when they are shuffled."""

    def first(fitted, table):
        head = pl.DataFrame(table).with_columns(pl.col("truth", "prediction").list.head(40))
        return installed().estimators["direct_loss"].fit(head.to_arrow())

    assert failed(estimating(fit=first), tmp_path, "the_order_of_rows_changes_nothing")
