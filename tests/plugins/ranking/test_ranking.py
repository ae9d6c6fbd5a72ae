"""Metrics of ranked lists: equal to their definitions, to scikit-learn, and sure as they say."""

import math

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats
from sklearn.metrics import ndcg_score

from argosy.plugins import installed
from argosy_ranking.metrics import METRICS, measure
from argosy_ranking.paired import COMPARISON
from argosy_ranking.paired import measure as paired
from argosy_scoring.bootstrap import bootstrap

from .plain import METRICS as PLAIN

MEANS = [name for name in (each.name for each in METRICS) if name.rpartition("_at_")[0] in PLAIN]


def drawn(rows, items=60, seed=0, longest=30):
    """Lists and relevant items of one model."""
    generator = np.random.default_rng(seed)
    lists = [
        generator.permutation(items)[: generator.integers(0, longest + 1)].tolist()
        for _ in range(rows)
    ]
    relevant = [
        generator.permutation(items)[: generator.integers(1, 25)].tolist() for _ in range(rows)
    ]
    return lists, relevant


def handed(models, items=60, weights=None, novelty=None):
    """Lay models out as a metric is handed them."""
    found = {name: [] for name in ("truth", "prediction", "weight", "items", "hits", "novelty")}
    for place, (lists, relevant) in enumerate(models):
        found["truth"].append([float(len(set(each))) for each in relevant])
        found["prediction"].append([float(len(each)) for each in lists])
        found["weight"].append([1.0] * len(lists) if weights is None else weights[place])
        found["items"].append([float(item) for each in lists for item in each])
        found["hits"].append(
            [
                float(item in other and item not in each[:at])
                for each, other in zip(lists, relevant, strict=True)
                for at, item in enumerate(each)
            ]
        )
        tells = novelty is not None and novelty[place] is not None
        told = [novelty[place][item] for each in lists for item in each] if tells else None
        found["novelty"].append(told)
    kind = pa.large_list(pa.float64())
    return pa.table(
        {
            "model": [f"m{place}" for place in range(len(models))],
            "version": ["1"] * len(models),
            "classes": pa.array([items] * len(models), pa.int64()),
            **{name: pa.array(values, kind) for name, values in found.items()},
        }
    )


def answers(table, names):
    found = measure(table, names)
    return {name: found[name].to_pylist() for name in names}


@pytest.mark.parametrize("name", MEANS)
def test_means_are_those_of_the_published_definitions(name):
    kind, _, cut = name.rpartition("_at_")
    models = [drawn(1 + 7 * place, seed=place) for place in range(20)]
    found = answers(handed(models), [name])[name]
    expected = [
        np.mean([PLAIN[kind](*both, int(cut)) for both in zip(*model, strict=True)])
        for model in models
    ]

    assert expected == pytest.approx([one["value"] for one in found], abs=1e-12)


@pytest.mark.parametrize("k", [10, 20])
def test_ndcg_is_that_of_scikit_learn(k):
    lists, relevant = drawn(200, seed=5)
    lists = [each or [0] for each in lists]
    truth, score = np.zeros((200, 60)), np.zeros((200, 60))
    for row, (ranked, bought) in enumerate(zip(lists, relevant, strict=True)):
        truth[row, bought] = 1
        # what is not ranked comes after what is, and is never relevant within the cut
        score[row, ranked] = np.arange(len(ranked), 0, -1)
        unranked = np.setdiff1d(np.arange(60), ranked)
        if len(ranked) < k:
            truth[row, unranked] = 0
    whole = [(ranked, np.flatnonzero(truth[row]).tolist()) for row, ranked in enumerate(lists)]
    kept = [row for row, (_, bought) in enumerate(whole) if bought]
    model = [lists[row] for row in kept], [whole[row][1] for row in kept]
    found = answers(handed([model]), [f"ndcg_at_{k}"])[f"ndcg_at_{k}"][0]["value"]

    assert ndcg_score(truth[kept], score[kept], k=k) == pytest.approx(found, abs=1e-9)


def test_coverage_is_the_share_of_the_catalogue_in_any_list():
    lists = [[0, 1, 2], [2, 3], []]
    found = answers(handed([(lists, [[5]] * 3)], items=8), ["coverage_at_10"])

    assert 0.5 == found["coverage_at_10"][0]["value"]
    assert found["coverage_at_10"][0]["error"] is None


def test_coverage_looks_no_deeper_than_the_cut():
    lists = [list(range(15))]
    found = answers(handed([(lists, [[5]])], items=30), ["coverage_at_10", "coverage_at_20"])

    assert [10 / 30, 15 / 30] == [found[f"coverage_at_{k}"][0]["value"] for k in (10, 20)]


def test_novelty_is_the_mean_of_the_items_bits():
    bits = np.arange(60) / 4
    lists, relevant = drawn(40, seed=9)
    expected = np.mean([bits[each[:10]].mean() for each in lists if each])
    found = answers(handed([(lists, relevant)], novelty=[bits]), ["novelty_at_10"])

    assert expected == pytest.approx(found["novelty_at_10"][0]["value"])


def test_novelty_of_one_model_is_not_that_of_its_neighbour():
    models = [drawn(5, seed=1), drawn(6, seed=2), drawn(7, seed=3)]
    bits = np.linspace(1, 9, 60)
    found = answers(handed(models, novelty=[bits, None, bits]), ["novelty_at_20"])["novelty_at_20"]
    alone = answers(handed(models[2:], novelty=[bits]), ["novelty_at_20"])["novelty_at_20"]

    assert found[1]["value"] is None
    assert "no list tells how novel its items are" == found[1]["reason"]
    assert alone[0] == found[2]


def test_weights_count_as_rows_do_and_zero_is_absent():
    lists, relevant = drawn(30, seed=4)
    often = [place % 3 for place in range(30)]
    repeated = [
        [each for each, times in zip(side, often, strict=True) for _ in range(times)]
        for side in (lists, relevant)
    ]
    table = handed([(lists, relevant), tuple(repeated)],
                   weights=[[float(each) for each in often], [1.0] * sum(often)])  # fmt: skip
    names = [*MEANS, "coverage_at_10"]
    found = answers(table, names)

    for name in names:
        assert found[name][0]["value"] == pytest.approx(found[name][1]["value"]), name


def test_models_do_not_influence_each_other():
    models = [drawn(25, seed=seed) for seed in range(4)]
    names = [each.name for each in METRICS if not each.needs]
    together = answers(handed(models), names)

    for place, model in enumerate(models):
        alone = answers(handed([model]), names)
        assert all(alone[name][0] == together[name][place] for name in names)


@pytest.mark.parametrize(
    ("model", "weights", "value"),
    [
        (([[]], [[1]]), None, 0.0),
        (([[1]], [[1]]), None, 1.0),
        (([], []), None, None),
        (([[1]], [[1]]), [0.0], None),
    ],
)
def test_edges_have_a_value_or_a_reason(model, weights, value):
    table = handed([model], weights=None if weights is None else [weights])
    found = answers(table, [each.name for each in METRICS])

    for name, (one,) in found.items():
        if value is None:
            assert "all weights are zero" == one["reason"], name
            assert one["value"] is None
        elif "coverage" not in name and "novelty" not in name and "precision" not in name:
            assert value == one["value"], name
        for number in ("value", "error", "lower", "upper"):
            assert one[number] is None or math.isfinite(one[number])


def test_a_row_of_weight_zero_may_hold_anything():
    """Weight zero is how a user leaves a row out; nothing may be read by its number."""
    lists, relevant = drawn(20, seed=6)
    table = handed([(lists, relevant)])
    junk = handed([([*lists, [3, 4]], [*relevant, [3]])], weights=[[1.0] * 20 + [0.0]])
    truth = [[*table["truth"][0].as_py(), float("nan")]]
    junk = junk.set_column(
        junk.column_names.index("truth"), "truth", pa.array(truth, pa.large_list(pa.float64()))
    )

    assert answers(table, MEANS) == answers(junk, MEANS)


def test_no_model_is_no_answer():
    table = handed([drawn(3)]).slice(0, 0)

    assert 0 == measure(table, [each.name for each in METRICS]).num_rows


def test_standard_errors_agree_with_rows_drawn_anew():
    table = handed([drawn(400, seed=8)])
    names = ["ndcg_at_10", "recall_at_20", "map_at_10"]
    known = [installed().metrics[name] for name in names]
    own, again = answers(table, names), bootstrap(table, known, 600)

    for name in names:
        assert own[name][0]["error"] == pytest.approx(again[name][0]["error"].as_py(), rel=0.1)


def test_intervals_hold_the_true_value():
    lists, relevant = drawn(200_000, seed=11)
    true = answers(handed([(lists, relevant)]), ["ndcg_at_10"])["ndcg_at_10"][0]["value"]
    parts = [(lists[at : at + 200], relevant[at : at + 200]) for at in range(0, 200_000, 200)]
    found = answers(handed(parts), ["ndcg_at_10"])["ndcg_at_10"]
    held = np.mean([one["lower"] <= true <= one["upper"] for one in found])

    assert 0.93 <= held <= 0.97


# The paired test


def pair(rows, seed=0, better=0.0):
    generator = np.random.default_rng(seed)
    lists, relevant = drawn(rows, seed=seed)
    other = [
        sorted(each, key=lambda item: (item not in bought) if generator.random() < better else 0)
        for each, bought in zip(drawn(rows, seed=seed + 1000)[0], relevant, strict=True)
    ]
    return lists, other, relevant


def laid_out(pairs):
    sides = [handed([(each[side], each[2]) for each in pairs]) for side in (0, 1)]
    table = sides[0].select(["model", "classes", "truth", "weight"])
    for name, side in zip(("champion", "challenger"), sides, strict=True):
        for column in ("prediction", "hits"):
            table = table.append_column(f"{name}_{column}", side[column])
    return table


def test_the_paired_test_is_that_of_scipy():
    pairs = [pair(40 + 10 * seed, seed) for seed in range(8)]
    found = paired(laid_out(pairs), ["ndcg_at_10", "recall_at_20"])
    for name in found.column_names:
        kind, _, cut = name.rpartition("_at_")
        for (one, other, relevant), told in zip(pairs, found[name].to_pylist(), strict=True):
            values = [
                [PLAIN[kind](*both, int(cut)) for both in zip(side, relevant, strict=True)]
                for side in (one, other)
            ]
            expected = stats.ttest_rel(values[1], values[0])
            interval = expected.confidence_interval()
            assert told["p_value"] == pytest.approx(expected.pvalue, abs=1e-10)
            assert (told["lower"], told["upper"]) == pytest.approx(interval, abs=1e-10)
            assert told["champion"] == pytest.approx(np.mean(values[0]))


def test_a_better_ranking_is_found_and_equal_ones_are_not():
    good = paired(laid_out([pair(400, better=0.8)]), ["ndcg_at_10"])["ndcg_at_10"][0].as_py()
    same = [pair(100, seed) for seed in range(400)]
    alarms = [
        one["p_value"] < 0.05
        for one in paired(laid_out(same), ["map_at_10"])["map_at_10"].to_pylist()
    ]

    assert good["effect"] > 0
    assert good["p_value"] < 1e-6
    assert np.mean(alarms) <= 0.08


@pytest.mark.parametrize(
    ("rows", "reason"),
    [(0, "there are no rows"), (19, "fewer than 20 rows")],
)
def test_few_rows_are_not_tested(rows, reason):
    found = paired(laid_out([pair(rows)]), ["ndcg_at_10"])["ndcg_at_10"][0].as_py()

    assert reason == found["reason"]
    assert found["p_value"] is None


def test_lists_that_are_equal_do_not_differ_and_a_constant_difference_is_not_judged():
    lists, relevant = drawn(50, seed=2)
    constant = [[1]] * 30, [[2]] * 30, [[2]] * 30
    found = paired(laid_out([(lists, lists, relevant), constant]), ["mrr_at_10"])["mrr_at_10"]
    same, stuck = found.to_pylist()

    assert (0.0, 1.0, None) == (same["effect"], same["p_value"], same["reason"])
    assert (1.0, None) == (stuck["effect"], stuck["p_value"])
    assert "the difference is the same in every row" in stuck["reason"]


def test_the_package_offers_what_its_metrics_are_named():
    names = {f"{kind}_at_{k}" for kind in (*PLAIN, "coverage", "novelty") for k in (10, 20)}

    assert names <= set(installed().metrics)
    assert set(COMPARISON.metrics) <= names
    assert pl.Series(sorted(names)).is_unique().all()
