"""Gaps of slices: measured on the other rows themselves, and named where chance is no reason."""

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn import metrics

import argosy
from argosy.kernels import aggregation
from argosy.plugins import installed
from argosy.types import Metric
from argosy_evaluate.complements import others
from argosy_evaluate.fisher import fisher
from argosy_scoring.predictions import Predictions

pytestmark = pytest.mark.filterwarnings("ignore::argosy.errors.ArgosyWarning")

GAP = ["gap", "gap_lower", "gap_upper", "p_value", "q_value", "gap_reason"]


@pytest.fixture
def evaluated(tmp_path):
    """Evaluate a log in slices of `g`, and return the run."""

    def evaluate(frame, asked=None, **binding):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        frame.write_parquet(folder / "log.parquet")
        fleet = argosy.open(str(folder / "fleet"), create=True)
        names = frame["m"].unique().sort().to_list()
        fleet.register({"model": names, "version": ["1"] * len(names)})
        url = str(folder / "log.parquet")
        fleet.bind([{"role": "holdout", "url": url, "key": "m", "truth": "t", **binding}])
        return fleet.evaluate(**{"slices": ["g"], "least": 1, **(asked or {})})

    return evaluate


def slices_of(run):
    return run.results().filter(pl.col("slice") != "all").sort("model", "metric", "slice")


def binary(generator, n, groups=5, models=1):
    score = generator.beta(1.5, 4, models * n)
    return pl.DataFrame(
        {
            "m": np.repeat([f"m{number:04}" for number in range(models)], n),
            "g": generator.integers(0, groups, models * n).astype(str),
            "t": (generator.random(models * n) < score).astype(int),
            "s": score,
        }
    )


def test_r1_a_gap_of_r2_is_that_of_the_halves_themselves(evaluated):
    generator = np.random.default_rng(1)
    group = np.repeat([0, 1], 2_000)
    frame = pl.DataFrame(
        {
            "m": "m", "g": group.astype(str), "t": group * 10 + generator.normal(size=4_000),
            "p": group * 10 + generator.normal(0, 0.1, 4_000),
        }
    )  # fmt: skip

    found = slices_of(evaluated(frame, {"metrics": ["r2"]}, prediction="p"))

    assert found["gap"].abs().max() < 0.004
    assert found["gap"].sum() == 0
    assert found["q_value"].min() > 0.05


def test_r1_auc_has_no_gap_where_the_base_rate_alone_has_one(evaluated):
    generator = np.random.default_rng(1)
    truth = (generator.random(20_000) < np.repeat([0.1, 0.5], 10_000)).astype(int)
    score = np.log(np.repeat([1 / 9, 1.0], 10_000)) + generator.normal(size=20_000) + truth
    frame = pl.DataFrame(
        {"m": "m", "g": np.repeat(["low", "high"], 10_000), "t": truth, "s": score}
    )
    asked = {"metrics": ["auc", "recall"]}

    found = slices_of(evaluated(frame, asked, score="s"))

    auc, recall = (found.filter(metric=name) for name in ("auc", "recall"))
    assert auc["gap"].abs().max() < 0.01
    assert auc["q_value"].min() > 0.05
    assert recall["gap"].to_list() == pytest.approx([0.65, -0.65], abs=0.03)


@pytest.mark.parametrize("names", [["rmse", "mae", "max_error", "r2", "bias"]])
def test_r1_both_halves_of_a_partition_have_opposite_gaps(evaluated, names):
    generator = np.random.default_rng(2)
    truth = generator.normal(size=700)
    frame = pl.DataFrame(
        {
            "m": "m",
            "g": ["a"] * 100 + ["b"] * 600,
            "t": truth,
            "p": truth + generator.normal(size=700),
        }
    )

    found = slices_of(evaluated(frame, {"metrics": names}, prediction="p"))

    for name in names:
        a, b = found.filter(metric=name).select(*GAP[:4]).rows()
        assert a[0] == -b[0]
        assert a[1:3] == pytest.approx((-b[2], -b[1]))
        assert a[3] == pytest.approx(b[3])


def test_a_gap_is_to_the_value_of_the_other_rows_for_every_metric(evaluated, monkeypatch):
    """A plugin's metric too, which nobody but its `measure` knows."""
    odd = aggregation(pl.col("score").max() - pl.col("score").median(), pl.lit(None, pl.String))
    monkeypatch.setitem(
        installed().metrics, "odd", Metric("odd", frozenset({"binary"}), odd, True, (0, 1))
    )
    frame = binary(np.random.default_rng(3), 400, groups=3)
    names = ["odd", *(name for name, one in installed().metrics.items()
                      if "binary" in one.tasks and not one.needs and name != "odd")]  # fmt: skip
    found = slices_of(evaluated(frame, {"metrics": names}, score="s"))
    first = frame.filter(pl.col("g") != "1").with_columns(g=pl.lit("rest"))
    rest = slices_of(evaluated(first, {"metrics": names}, score="s"))

    values = dict(rest.select("metric", "value").rows())
    own = found.filter(slice="g=1")
    assert len(names) == own.height
    for name, value, gap in own.select("metric", "value", "gap").rows():
        if installed().metrics[name].counted:
            assert gap is None
        else:
            assert gap == pytest.approx(value - values[name], abs=1e-12), name
    told = own.filter(~pl.col("metric").str.contains("positives|negatives"))
    assert told["p_value"].null_count() == 0
    assert told["gap_lower"].null_count() <= 2, "a metric without an interval was not permuted"


def test_the_others_of_a_slice_are_the_other_slices_of_its_group():
    rows = pl.DataFrame({"truth": np.arange(9.0)})
    groups = pl.DataFrame({"slice": list("abcdef")})
    cut = Predictions(rows, groups, np.array([2, 1, 1, 3, 1, 1]))

    found = others(cut, np.array([0, 0, 0, 1, 1, 2]))

    assert [2, 3, 3, 1, 3, 0] == found.lengths.tolist()
    assert [2.0, 3, 0, 1, 3, 0, 1, 2, 7, 4, 5, 6] == found.rows["truth"].to_list()


def test_fishers_test_is_scipys():
    generator = np.random.default_rng(4)
    whole, other = generator.integers(1, 60, 400), generator.integers(1, 400, 400)
    part = generator.binomial(whole, generator.random(400))
    other_part = generator.binomial(other, 0.4)
    tables = list(zip(part, whole, other_part, other, strict=True))

    found = fisher(part, whole, other_part, other)

    expected = [stats.fisher_exact([[a, m - a], [b, n - b]]).pvalue for a, m, b, n in tables]
    assert expected == pytest.approx(found.tolist(), rel=1e-9)


def test_gaps_of_shares_are_tested_by_fisher_and_have_newcombes_interval(evaluated):
    frame = binary(np.random.default_rng(5), 300, groups=2)
    found = slices_of(evaluated(frame, {"metrics": ["accuracy", "specificity"]}, score="s"))

    right = frame.with_columns(hit=(pl.col("s") > 0.5) == (pl.col("t") == 1))
    for metric, rows in (("accuracy", right), ("specificity", right.filter(t=0))):
        a, b = (rows.filter(g=name)["hit"] for name in "01")
        table = [[a.sum(), (~a).sum()], [b.sum(), (~b).sum()]]
        expected = stats.fisher_exact(table).pvalue
        lower, upper = newcombe(a.sum(), len(a), b.sum(), len(b))
        row = found.filter(metric=metric, slice="g=0").row(0, named=True)
        assert expected == pytest.approx(row["p_value"], rel=1e-9)
        assert (lower, upper) == pytest.approx((row["gap_lower"], row["gap_upper"]), rel=1e-9)


def newcombe(a, m, b, n):
    one, two = (
        stats.binomtest(int(hits), of).proportion_ci(method="wilson")
        for hits, of in ((a, m), (b, n))
    )
    p, q = a / m, b / n
    low = p - q - np.hypot(p - one.low, two.high - q)
    return low, p - q + np.hypot(one.high - p, q - two.low)


def delong(truth, score):
    """The area and its variance, from every pair."""
    yes, no = score[truth == 1], score[truth == 0]
    above = (yes[:, None] > no).astype(float) + 0.5 * (yes[:, None] == no)
    variance = above.mean(1).var(ddof=1) / len(yes) + above.mean(0).var(ddof=1) / len(no)
    return above.mean(), variance


def test_gaps_of_auc_are_tested_by_delong_on_logits(evaluated):
    frame = binary(np.random.default_rng(6), 300, groups=2)
    found = slices_of(evaluated(frame, {"metrics": ["auc"]}, score="s"))

    z = []
    for name in "01":
        rows = frame.filter(g=name)
        area, variance = delong(rows["t"].to_numpy(), rows["s"].to_numpy())
        assert area == pytest.approx(metrics.roc_auc_score(rows["t"], rows["s"]))
        z.append((np.log(area / (1 - area)), variance / (area * (1 - area)) ** 2))
    expected = 2 * stats.norm.sf(abs(z[0][0] - z[1][0]) / np.sqrt(z[0][1] + z[1][1]))
    assert expected == pytest.approx(found["p_value"][0], rel=1e-9)


def test_fewer_than_five_of_a_class_on_a_side_are_too_few(evaluated):
    frame = pl.DataFrame(
        {
            "m": "m", "g": ["a"] * 40 + ["b"] * 200, "s": np.linspace(0.01, 0.99, 240),
            "t": [1] * 4 + [0] * 36 + [0, 1] * 100,
        }
    )  # fmt: skip
    found = slices_of(
        evaluated(frame, {"metrics": ["auc", "f1", "recall", "specificity"]}, score="s")
    )

    told = dict(found.filter(slice="g=a").select("metric", "gap_reason").rows())
    assert told["auc"] == told["recall"]
    assert told["auc"] == "too few: 4 rows of a kind on one side, and 5 are needed"
    few = found.filter(metric="auc")
    assert few["p_value"].null_count() == few.height == 2
    assert few["gap"].null_count() == 0
    assert found.filter(metric="specificity")["p_value"].null_count() == 0


def test_a_metric_that_moves_with_the_base_rate_says_so_or_gives_way(evaluated):
    generator = np.random.default_rng(7)
    rate = np.repeat([0.12, 0.5], [300, 900])
    truth = (generator.random(1_200) < rate).astype(int)
    chance = 1 / (1 + np.exp(-2 * generator.normal(size=1_200) - 2 * (2 * truth - 1)))
    frame = pl.DataFrame({"m": "m", "g": ["a"] * 300 + ["b"] * 900, "t": truth, "s": chance})

    run = evaluated(
        frame, {"metrics": ["precision", "average_precision", "auc", "recall"]}, score="s"
    )

    worst = run.worst_slices().row(0, named=True)
    assert ("g=a", True) == (worst["slice"], worst["metric"] in {"precision", "average_precision"})
    assert worst["gap_reason"].startswith("fewer positives: 1")
    assert " % against " in worst["gap_reason"]

    turned = frame.with_columns(s=pl.when(pl.col("g") == "a").then(1 - pl.col("s")).otherwise("s"))
    run = evaluated(turned, {"metrics": ["precision", "f1", "auc", "recall"]}, score="s")
    assert run.worst_slices()["metric"].item() in {"auc", "recall"}


def test_r6_a_clean_fleet_names_next_to_no_slice(evaluated):
    run = evaluated(binary(np.random.default_rng(5), 300, models=150), {"least": 30}, score="s")

    assert run.worst_slices().is_empty()
    p = run.results()["p_value"].drop_nulls()
    assert len(p) > 0.9 * 12 * 5 * 150
    assert ((p >= 0) & (p <= 1)).all()


def turned(frame, bad):
    hit = (pl.col("g") == "1") & (pl.col("m") < f"m{bad:04}")
    return frame.with_columns(t=pl.when(hit).then(1 - pl.col("t")).otherwise("t"))


def test_slices_with_every_label_turned_are_named(evaluated):
    frame = turned(binary(np.random.default_rng(8), 300, models=60), 5)
    worst = evaluated(frame, {"least": 30}, score="s").worst_slices()

    assert {f"m{number:04}" for number in range(5)} >= set(worst["model"])
    assert worst.height >= 4
    assert set(worst["slice"]) == {"g=1"}


@pytest.mark.simulation
def test_fleets_of_a_thousand_clean_models_and_twenty_bad_slices(evaluated, seeds):
    """A slice is named in at most five of a hundred clean fleets; of twenty bad ones 16 are."""
    fleets = named = 0
    for seed in seeds(1):
        generator = np.random.default_rng([seed, 6])
        for _ in range(10):
            run = evaluated(binary(generator, 300, models=1_000), {"least": 30}, score="s")
            fleets, named = fleets + 1, named + (not run.worst_slices().is_empty())
        frame = turned(binary(generator, 300, models=1_000), 20)
        worst = evaluated(frame, {"least": 30}, score="s").worst_slices()
        bad = worst.filter(pl.col("model") < "m0020", slice="g=1")
        assert bad.height >= 16
        print(f"seed {seed}: {bad.height} of 20 named, and {worst.height - bad.height} others")
    print(f"a slice is named in {named} of {fleets} clean fleets")
    assert named <= max(2, 0.05 * fleets)


def test_p_values_are_the_same_however_the_work_is_cut(evaluated, monkeypatch):
    from argosy.jobs import chunking

    frame = turned(binary(np.random.default_rng(9), 200, models=6), 2)
    tables = []
    for size in (6, 1):
        monkeypatch.setattr(chunking, "_size", lambda *_, most=size: most)
        tables.append(slices_of(evaluated(frame, score="s")).select("model", "metric", *GAP))
    assert tables[0].equals(tables[1])


def series(generator, models, shifted=0):
    """Errors that hang together over days, in slices that take turns every 40 hours."""
    errors = generator.normal(size=(models, 600))
    for hour in range(1, 600):
        errors[:, hour] += 0.9 * errors[:, hour - 1]
    group = (np.arange(600) // 40) % 2
    errors[:shifted] += 12 * group
    hours = pl.datetime_range(
        pl.datetime(2026, 1, 1), pl.datetime(2026, 1, 25, 23), "1h", eager=True
    )
    return pl.DataFrame(
        {
            "m": np.repeat([f"m{number:04}" for number in range(models)], 600),
            "h": pl.concat([hours] * models), "g": np.tile(group.astype(str), models),
            "t": np.zeros(models * 600), "p": errors.ravel(),
        }
    )  # fmt: skip


def test_in_an_order_of_time_blocks_are_permuted(evaluated):
    frame = series(np.random.default_rng(11), 40, shifted=2)
    asked = {"metrics": ["mae", "bias"]}

    blind = evaluated(frame, asked, prediction="p").worst_slices()
    seen = evaluated(frame, asked, prediction="p", timestamp="h").worst_slices()

    assert blind.height > 10, "as if rows were independent, most models have a bad slice"
    assert {"m0000", "m0001"} <= set(seen["model"])
    assert seen.height <= 3


def test_clusters_are_permuted_as_wholes(evaluated):
    generator = np.random.default_rng(12)
    customers = generator.normal(size=(30, 40)).repeat(10, axis=1)
    frame = pl.DataFrame(
        {
            "m": np.repeat([f"m{number:04}" for number in range(30)], 400),
            "c": np.tile(np.arange(40).repeat(10), 30),
            "g": np.tile((np.arange(40) % 2).repeat(10).astype(str), 30),
            "t": np.zeros(12_000),
            "p": customers.ravel() + generator.normal(0, 0.3, 12_000),
        }
    )
    asked = {"metrics": ["mae", "bias"]}

    blind = evaluated(frame, asked, prediction="p").worst_slices()
    seen = evaluated(frame, asked, prediction="p", cluster="c").worst_slices()

    assert blind.height > 8
    assert seen.height <= 1


def test_of_fewer_than_five_clusters_nothing_can_be_said(evaluated):
    frame = pl.DataFrame(
        {
            "m": "m", "c": np.arange(8).repeat(20), "t": np.zeros(160),
            "g": (np.arange(8) % 2).repeat(20).astype(str),
            "p": np.random.default_rng(13).normal(size=160) + 5 * (np.arange(8) % 2).repeat(20),
        }
    )  # fmt: skip
    found = slices_of(evaluated(frame, {"metrics": ["mae"]}, prediction="p", cluster="c"))

    assert found["p_value"].null_count() == 2
    assert found["gap_reason"].str.starts_with("too few clusters").all()


def test_gaps_are_the_same_however_many_rows_are_laid_out_at_a_time(evaluated, monkeypatch):
    from argosy_evaluate import complements

    frame = binary(np.random.default_rng(14), 100, models=5)
    asked = {"metrics": ["auc", "f1"], "depth": 1}
    whole = slices_of(evaluated(frame, asked, score="s")).select("model", "slice", "metric", *GAP)
    monkeypatch.setattr(complements, "TOGETHER", 500)
    parts = slices_of(evaluated(frame, asked, score="s")).select("model", "slice", "metric", *GAP)

    assert whole.equals(parts)
