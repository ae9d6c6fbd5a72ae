"""Permuting which rows are of a slice: what is drawn, and what that says."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from argosy.plugins import installed
from argosy_evaluate.draws import BLOCKWISE, CLUSTERWISE, WITHIN, design, drawn
from argosy_evaluate.permuted import _is_quick, permuted, seed_of
from argosy_evaluate.tails import tail
from argosy_scoring.predictions import Predictions

ROWS = 120


def group(task="binary", seed=1, weight=False, rows=ROWS):
    generator = np.random.default_rng(seed)
    score = generator.random(rows).round(2)
    truth = (generator.random(rows) < score) * 1.0
    said = (score > 0.5) * 1.0
    if task == "regression":
        truth, said = score, score + generator.normal(size=rows)
    frame = pl.DataFrame(
        {
            "truth": truth, "prediction": said, "score": score,
            "truth_score": np.where(truth == 1, score, 1 - score).clip(0.001),
            "weight": generator.gamma(2, size=rows) if weight else np.ones(rows),
        }
    )  # fmt: skip
    of = {"model": ["m"], "version": ["1"], "task": [task], "classes": [2]}
    return Predictions(frame, pl.DataFrame(of), np.array([rows]))


def labels(many=30, rows=ROWS):
    found = np.zeros(rows, np.uint8)
    found[:many] = 1
    return found


@settings(max_examples=40)
@given(
    many=st.integers(1, 59), seed=st.integers(0, 2**63), cut=st.integers(1, 9),
    way=st.sampled_from(["rows", "order", "clusters", "mixed"]),
)  # fmt: skip
def test_a_draw_is_the_same_however_many_are_drawn_at_a_time(many, seed, cut, way):
    own, rows = labels(many, 60), np.arange(60)
    of = {
        "rows": lambda: design(own),
        "order": lambda: design(own, moments=rows[::-1].copy()),
        "clusters": lambda: design(own, clusters=np.where(rows < many, rows % 3, 3 + rows % 4)),
        "mixed": lambda: design(own, clusters=rows % 5),
    }[way]()

    whole = drawn(of, seed, 0, 10)
    parts = np.concatenate([drawn(of, seed, 0, cut), drawn(of, seed, cut, 10 - cut)])

    assert np.array_equal(whole, parts)
    if way != "clusters":
        assert (np.count_nonzero(whole, axis=1) == many).all()


def test_every_row_is_drawn_as_often():
    found = drawn(design(labels()), 3, 0, 20_000)

    share = np.count_nonzero(found, axis=0) / 20_000
    assert np.abs(share - 0.25).max() < 5 * (0.25 * 0.75 / 20_000) ** 0.5
    together = np.count_nonzero(found[:, 0] & found[:, 1]) / 20_000
    assert together == pytest.approx(30 * 29 / (120 * 119), abs=0.01)


def test_blocks_stay_together_in_the_order_of_time():
    moments = np.arange(ROWS)[::-1].copy()
    of = design(labels(24), moments=moments)
    assert of.way == BLOCKWISE

    steps = np.diff(drawn(of, 1, 0, 50).astype(int)[:, ::-1], axis=1)

    assert np.count_nonzero(steps, axis=1).max() <= 8, "four blocks of six rows, and no more"


def test_clusters_change_labels_whole_or_rows_inside_them():
    clusters = np.arange(ROWS) // 6
    whole, cut = design(labels(24), clusters=clusters), design(labels(27), clusters=clusters)

    assert (whole.way, whole.units) == (CLUSTERWISE, (4, 16))
    assert cut.way == WITHIN
    found = drawn(whole, 1, 0, 50).reshape(50, 20, 6)
    assert (found.min(axis=2) == found.max(axis=2)).all()
    inside = np.count_nonzero(drawn(cut, 1, 0, 50).reshape(50, 20, 6), axis=2)
    assert (inside[:, 4] == 3).all()


@pytest.mark.parametrize("weight", [False, True])
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_parts_are_measured_as_rows_by_themselves(task, weight):
    """The quick way and `measure` answer the same, of every metric that has both."""
    rows = group(task, weight=weight)
    inside = np.concatenate([labels()[None], drawn(design(labels()), 5, 0, 3)])
    own = [one for one in installed().metrics.values() if task in one.tasks and one.parts]
    assert len(own) >= 4
    for metric in own:
        found = metric.parts(rows.table(), inside, [metric.name])[0]
        for place, part in enumerate(inside):
            for side in (0, 1):
                chosen = rows.rows.filter(pl.Series(part == 1 - side))
                alone = Predictions(chosen, rows.groups, np.array([chosen.height]))
                answer = metric.measure(alone.table(), [metric.name])[metric.name][0].as_py()
                assert found[side, place] == pytest.approx(answer["value"], abs=1e-12), metric.name


def test_several_classes_have_no_quick_way():
    rows = group()
    rows = Predictions(rows.rows, rows.groups.with_columns(task=pl.lit("multiclass")), rows.lengths)

    assert not _is_quick(rows, installed().metrics["mcc"], labels())
    assert np.isfinite(
        permuted(rows, [installed().metrics["mcc"]], design(labels()), 1).p_value
    ).all()


def test_p_values_are_those_of_scipys_permutations():
    rows, own = group("regression"), labels()
    metric = installed().metrics["mae"]
    found = permuted(rows, [metric], design(own), seed_of(0, "m")).p_value[0]

    miss = (rows.rows["prediction"] - rows.rows["truth"]).abs().to_numpy()
    expected = stats.permutation_test(
        (miss[own == 1], miss[own == 0]), lambda a, b, axis: a.mean(axis) - b.mean(axis),
        vectorized=True, n_resamples=20_000, rng=np.random.default_rng(1),
    ).pvalue  # fmt: skip
    assert found == pytest.approx(expected, rel=0.25)


def test_a_tail_is_not_thinner_than_it_is():
    """Of normal values the exponential tail is too thick, of exponential ones it is right."""
    generator = np.random.default_rng(2)
    normal = [tail(generator.normal(size=100_000), stats.norm.isf(1e-7)) for _ in range(5)]
    straight = [tail(generator.exponential(size=100_000), stats.expon.isf(1e-7)) for _ in range(9)]

    assert 1e-7 < min(normal) < max(normal) < 1e-5
    assert np.median(straight) == pytest.approx(1e-7, rel=0.9)


def test_a_stranger_that_fails_on_parts_has_no_p_value():
    from dataclasses import replace

    def fails(table, names):
        raise ValueError("not today")

    metric = replace(installed().metrics["mae"], parts=None, measure=fails)
    assert np.isnan(permuted(group("regression"), [metric], design(labels()), 1).p_value).all()
