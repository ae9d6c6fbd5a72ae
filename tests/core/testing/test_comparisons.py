"""The suite for comparisons notices each fault, by the test that names it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from argosy.plugins import installed
from argosy.testing.comparisons import ComparisonSuite

from .faults import failed


def comparing(change, **changes):
    """Our own paired t-test of regressions, with a fault in its answer."""
    own = installed().comparisons["paired_t"]

    def measure(table, metrics):
        answer = pl.DataFrame(own.measure(table, metrics))
        faults = change(*(pl.col("mae").struct.field(name) for name in ("effect", "p_value")))
        return answer.with_columns(pl.col("mae").struct.with_fields(**faults)).to_arrow()

    class Suite(ComparisonSuite):
        name = "paired_t"
        pairs = 300
        false_alarms = 0.09
        coverage = 0.91
        comparison = replace(
            own, tasks=frozenset({"regression"}), metrics=("mae",), measure=measure, **changes
        )

    return Suite


def drawn(effect, p_value):
    return {"p_value": p_value * np.random.default_rng().uniform(0.5, 1)}


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (lambda e, p: {"p_value": p + 1}, "every_pair_has_a_sound_answer"),
        (lambda e, p: {"p_value": p * np.nan}, "every_pair_has_a_sound_answer"),
        (lambda e, p: {"lower": e + 1}, "every_pair_has_a_sound_answer"),
        (lambda e, p: {"p_value": p.cast(pl.Float32)}, "every_pair_has_a_sound_answer"),
        (lambda e, p: {"p_value": p.fill_null(1.0)}, "odd_pairs_have_sound_answers"),
        (lambda e, p: {"effect": e.abs()}, "swapping_the_models_turns_the_effect_around"),
        (lambda e, p: {"effect": -e}, "the_values_are_the_metrics_themselves"),
        (lambda e, p: {"p_value": p / 2}, "equal_predictions_show_no_difference"),
        (lambda e, p: {"p_value": p**2}, "equally_good_models_are_seldom_told_apart"),
        (lambda e, p: {"lower": e, "upper": e}, "equally_good_models_are_seldom_told_apart"),
        (lambda e, p: {"p_value": p.clip(0.01, 1)}, "a_better_challenger_is_found"),
        (lambda e, p: {"p_value": p.min()}, "the_order_and_the_company_of_pairs_change_nothing"),
        (drawn, "the_same_rows_have_the_same_answer"),
    ],
)
def test_a_faulty_comparison_is_noticed(change, noticed, tmp_path):
    assert failed(comparing(change), tmp_path, noticed)


def test_a_sound_comparison_passes(tmp_path):
    assert set() == failed(comparing(lambda effect, p_value: {"effect": effect}), tmp_path)


def test_a_comparison_that_tests_no_metric_is_noticed(tmp_path):
    suite = comparing(lambda effect, p_value: {"effect": effect})
    suite.comparison = replace(suite.comparison, metrics=("auc",))

    assert failed(suite, tmp_path, "it_is_described")
