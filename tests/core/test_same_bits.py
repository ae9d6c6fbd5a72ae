"""Nothing depends on who shares a chunk, to the last bit: whatever is measured, wherever it is cut.

Every kind of work is handed a table of models, and the same table in parts that are drawn. What it
answers must be equal in every bit, whatever there is beside a model.
"""

from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from argosy.jobs import chunking
from argosy.kernels import aggregation, single_threaded
from argosy.plugins import installed
from argosy.testing.columns import dependent, sampled
from argosy.testing.columns import odd as odd_columns
from argosy.testing.fleets import logged_fleet
from argosy.testing.pairs import pair
from argosy.testing.predictions import handed, odd, predictions
from argosy_comparisons.bootstrap import resampled
from argosy_drift.calibration import FAULT, calibrated
from argosy_recommendations.recommenders.training import train
from argosy_scoring.bootstrap import bootstrap

LISTS = ("truth", "weight", "prediction", "score", "truth_score", "probabilities")
TASKS = ("binary", "multiclass", "regression")
WEIGHTS = ("ones", "whole", "real")
KINDS = ("numeric", "categorical", "joint", "course")
unshrunk = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""What is drawn is small, and to make it smaller takes minutes."""
some = settings(unshrunk, max_examples=12)

sizes = st.lists(st.integers(1, 300), min_size=2, max_size=12)
"""How many rows each model has."""
cuts = st.sets(st.integers(1, 11), max_size=11)
"""Where the table is cut: nowhere, between any two, or between all of them."""


def parts(table, at):
    """Cut a table."""
    edges = [0, *sorted(place for place in at if place < table.num_rows), table.num_rows]
    return [table.slice(one, two - one) for one, two in pairwise(edges)]


def assert_same(work, table, at):
    """Compare what is answered for the whole, for its parts, and for each row by itself."""
    whole = pl.DataFrame(work(table))
    for places in (at, range(1, table.num_rows)):
        found = pl.concat(pl.DataFrame(work(part)) for part in parts(table, places))
        assert_frame_equal(whole, found, check_exact=True)
    mixed = np.random.default_rng(len(at)).permutation(table.num_rows)
    assert_frame_equal(whole[mixed], pl.DataFrame(work(table.take(mixed))), check_exact=True)


def models_of(task, rows, weights, seed):
    """Lay out models of one task, some of them odd, as a metric is handed them."""
    drawn = {
        f"m{place}": predictions(task, many, 1.0, weights, seed + place).rows
        for place, many in enumerate(rows)
    }
    strange = list(odd(task).items())
    return handed(drawn | dict(strange[seed % 3 :: 3]), task)


@pytest.mark.parametrize("task", TASKS)
@some
@given(rows=sizes, weights=st.sampled_from(WEIGHTS), at=cuts, seed=st.integers(0, 999))
def test_every_metric_is_the_same_in_every_chunk(task, rows, weights, at, seed):
    table = models_of(task, rows, weights, seed)
    families = {}
    for name, metric in installed().metrics.items():
        if task in metric.tasks:
            families.setdefault(metric.measure, []).append(name)
    for measure, names in families.items():
        assert_same(lambda part, m=measure, n=names: m(part, n), table, at)


WEIGHT, MISS = pl.col("weight"), (pl.col("truth") - pl.col("prediction")).abs()
COUNTS = MISS.filter(WEIGHT > 0)
EXPRESSIONS = {
    "the guide's": (MISS * WEIGHT).filter(WEIGHT > 0).sum() / WEIGHT.sum(),
    "sum": MISS.sum(),
    "mean": MISS.mean(),
    "filtered mean": COUNTS.mean(),
    "spread": COUNTS.std(),
    "variance": MISS.var(),
    "product": MISS.dot(WEIGHT),
    "without nulls": pl.col("score").drop_nulls().mean(),
    "sorted": COUNTS.sort().head(20).sum(),
    "branches": pl.when(WEIGHT > 1).then(MISS).otherwise(0.0).sum(),
    "nested": (MISS - MISS.mean()).pow(2).mean(),
    "correlation": pl.corr("truth", "prediction"),
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
@some
@given(rows=sizes, weights=st.sampled_from(WEIGHTS), at=cuts, seed=st.integers(0, 999))
def test_a_metric_of_expressions_is_the_same_in_every_chunk(expression, rows, weights, at, seed):
    """Polars adds in one order where rows are filtered out of some group, in another elsewhere."""
    value = EXPRESSIONS[expression].fill_nan(None)
    undefined = pl.when(value.is_null()).then(pl.lit("none"))
    for task in ("binary", "regression"):
        measure = aggregation(value, undefined)
        assert_same(
            lambda part, m=measure: m(part, ["it"]), models_of(task, rows, weights, seed), at
        )


@pytest.mark.parametrize("task", TASKS)
@settings(unshrunk, max_examples=4)
@given(rows=sizes, at=cuts, seed=st.integers(0, 99))
def test_draws_are_the_same_in_every_chunk(task, rows, at, seed):
    names = {"binary": ("f1", "auc"), "multiclass": ("mcc",), "regression": ("r2", "mae")}[task]
    metrics = [installed().metrics[name] for name in names]
    table = models_of(task, rows, "real", seed)
    assert_same(lambda part: bootstrap(part, metrics, draws=12, seed=seed), table, at)


def pairs_of(task, rows, weighted, seed):
    """Lay out pairs of models as a comparison is handed them."""
    frames = []
    for place, many in enumerate(rows):
        drawn = pair(task, many, better=place % 3 / 3, seed=seed + place)
        if weighted and place % 2:
            weight = np.random.default_rng(place).gamma(1.0, size=many)
            drawn = drawn.with_columns(weight=pl.Series(weight))
        lists = [
            pl.col(name).explode().implode() if name.endswith("probabilities") else
            pl.when(pl.col(name).null_count() < pl.len()).then(pl.col(name).implode()).alias(name)
            for name in drawn.columns
        ]  # fmt: skip
        told = {"model": f"m{place}", "task": task}
        classes = {"binary": 2, "multiclass": 4}.get(task)
        frames.append(
            drawn.select(
                *(pl.lit(value).alias(name) for name, value in told.items()),
                pl.lit(classes, pl.Int64).alias("classes"),
                *lists,
            )
        )
    return pl.concat(frames).to_arrow()


@pytest.mark.parametrize("task", TASKS)
@some
@given(rows=sizes, weighted=st.booleans(), at=cuts, seed=st.integers(0, 999))
def test_every_comparison_is_the_same_in_every_chunk(task, rows, weighted, at, seed):
    table = pairs_of(task, rows, weighted, seed)
    for name, comparison in installed().comparisons.items():
        if task not in comparison.tasks or comparison.metrics is None:
            continue
        metrics = [one for one in comparison.metrics if task in installed().metrics[one].tasks]
        assert_same(lambda part, c=comparison, m=metrics: c.measure(part, m), table, at), name
    known = [one for one in installed().metrics.values() if task in one.tasks and not one.needs]
    assert_same(lambda part: resampled(part, known[:5], 11, seed), table, at)


@pytest.mark.parametrize("name", ["cbpe", "direct_loss"])
@some
@given(rows=sizes, at=cuts, seed=st.integers(0, 999))
def test_every_estimate_is_the_same_in_every_chunk(name, rows, at, seed):
    estimator = installed().estimators[name]
    (task,) = estimator.tasks
    many = [20 + each for each in rows]
    table = models_of(task, many, "ones", seed).slice(0, len(many))
    current = models_of(task, many, "ones", seed + 50).slice(0, len(many))
    assert_same(estimator.fit, table.select(["truth", "prediction", "score"]), at)
    fitted = estimator.fit(table)
    able = fitted["reason"].is_null()
    for column in fitted.drop_columns("reason").column_names:
        current = current.append_column(column, fitted[column])
    assert_same(estimator.estimate, current.filter(able), at)


@pytest.mark.parametrize("kind", KINDS)
@settings(unshrunk, max_examples=6)
@given(
    rows=st.integers(2, 7),
    before=st.integers(1, 200),
    after=st.integers(1, 200),
    at=cuts,
    seed=st.integers(0, 99),
)
def test_every_detector_is_the_same_in_every_chunk(kind, rows, before, after, at, seed):
    drawn = [sampled(kind, rows, (before, after), bool(seed % 2), seed), odd_columns(kind)]
    table = dependent(pa.concat_tables(drawn), (1, 2, 5)[seed % 3]).combine_chunks()
    for name, detector in installed().detectors.items():
        if kind in detector.kinds:
            assert_same(detector.measure, table, at), name


@pytest.mark.parametrize("kind", ["numeric", "categorical"])
@settings(unshrunk, max_examples=4)
@given(rows=st.integers(2, 7), sizes=st.tuples(*[st.integers(90, 200)] * 2), at=cuts)
def test_a_p_value_from_parts_of_the_reference_is_the_same_in_every_chunk(kind, rows, sizes, at):
    table = pa.concat_tables([sampled(kind, rows, sizes, seed=rows), odd_columns(kind)])
    bare = without_p_value(installed().detectors["psi"].measure)
    assert_same(lambda part: calibrated(part, bare(part), bare), table.combine_chunks(), at)
    assert calibrated(table, bare(table), bare)["p_value"].null_count < table.num_rows


def without_p_value(measure):
    """Take its p-values from a detector, so that they come from parts of the reference."""

    def bare(table):
        found = measure(table)
        for name in ("p_value", "p_method"):
            nothing = pa.nulls(found.num_rows, found.schema.field(name).type)
            found = found.set_column(found.schema.get_field_index(name), name, nothing)
        return found.append_column(FAULT, pa.nulls(found.num_rows, pa.string()))

    return bare


@settings(unshrunk, max_examples=5)
@given(
    customers=st.lists(st.integers(3, 60), min_size=2, max_size=6),
    at=cuts,
    kind=st.sampled_from(["ease", "item_knn", "auto"]),
)
def test_every_recommender_is_the_same_in_every_chunk(customers, at, kind):
    generator = np.random.default_rng(sum(customers))
    frames = [
        pl.DataFrame(
            {
                "customer": generator.integers(0, many, 6 * many).astype(str),
                "item": generator.integers(0, 9 + many, 6 * many).astype(str),
                "at": np.arange(6 * many),
            }
        )
        for many in customers
    ]
    rows, lengths = pl.concat(frames).to_arrow(), np.array([each.height for each in frames])
    params = {} if kind == "auto" else {"candidates": kind}
    lessons = pa.table(
        {
            "model": [f"m{place}" for place in range(len(frames))],
            "params": pa.array(
                [list(params.items())] * len(frames), pa.map_(pa.string(), pa.string())
            ),
            "seed": np.arange(len(frames)),
            "start": np.cumsum(lengths) - lengths,
            "length": lengths,
            "timestamp": ["at"] * len(frames),
        }
    )
    assert_same(lambda part: train(part, rows), lessons, at)
    assert train(lessons, rows)["reason"].null_count == len(frames)


def test_one_thread_is_kept_until_the_last_block_that_overlaps_is_left():
    """The limit belongs to the process: who leaves first must not give the others more threads."""
    from threadpoolctl import threadpool_info

    def threads():
        return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}

    before = threads()
    one, other = single_threaded(), single_threaded()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    inside = threads()
    other.__exit__(None, None, None)

    assert inside == {1}
    assert threads() == before


@settings(unshrunk, max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    models=st.integers(2, 9),
    rows=st.integers(30, 90),
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 2**16),
)
def test_every_run_is_the_same_however_its_models_are_cut(
    tmp_path_factory, models, rows, sizes, seed
):
    """With weights, slices and draws; through the whole of each job."""
    folder = tmp_path_factory.mktemp("fleet")
    fleet = logged_fleet(folder, models, rows, seed=seed, weighted=True)
    asked = {
        "all metrics": lambda: fleet.evaluate(
            slices=["colour"], least=5, fresh=True, metrics=sorted(binary())
        ),
        "draws": lambda: fleet.evaluate(metrics=["f1", "auc"], bootstrap=20, fresh=True),
        "drift": lambda: fleet.check_drift(detectors=detectors()),
        "estimates": fleet.estimate,
    }
    for what, run in asked.items():
        tables = []
        for size in (models, *sizes):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(chunking, "_size", lambda *_, most=size: most)
                tables.append(ordered(run().results()))
        assert tables[0].height > 0, what
        for other in tables[1:]:
            assert tables[0].equals(other), what


def binary():
    return [
        name for name, one in installed().metrics.items() if "binary" in one.tasks and not one.needs
    ]


def detectors():
    return [name for name, one in installed().detectors.items() if own(name, one)]


def own(name, detector):
    """Leave out what only follows windows, and the slow doubles of other tools."""
    return detector.kinds != {"course"} and not name.startswith(("evidently", "nannyml"))


def ordered(results):
    kept = results.drop("run_id", "at", "profile", strict=False)
    return kept.sort([name for name, kind in kept.schema.items() if not kind.is_nested()])
