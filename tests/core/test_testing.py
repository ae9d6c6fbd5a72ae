"""The conformance suites notice what they are for: each fault fails the test that names it."""

import ctypes
import inspect
import json
from contextlib import suppress
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from pydantic import Field, field_validator

import argosy
from argosy.data.datasets import MODEL, read
from argosy.kernels import ANSWER, aggregation
from argosy.plugins import configured, installed
from argosy.plugins.html_check import unfit
from argosy.store.fact_tables import fact_tables
from argosy.testing.checks import CheckSuite, moved
from argosy.testing.comparisons import ComparisonSuite
from argosy.testing.detectors import DetectorSuite
from argosy.testing.entity_kinds import EntityKindSuite
from argosy.testing.estimators import EstimatorSuite
from argosy.testing.events import event
from argosy.testing.exporters import ExporterSuite
from argosy.testing.importers import ImporterSuite
from argosy.testing.jobs import JobSuite
from argosy.testing.listeners import ListenerSuite
from argosy.testing.loaders import Artifact, LoaderSuite, hostile
from argosy.testing.metrics import MetricSuite
from argosy.testing.panels import PanelSuite
from argosy.testing.policies import PolicySuite
from argosy.testing.readings import reading
from argosy.testing.sinks import AT, SinkSuite
from argosy.testing.sources import SourceSuite
from argosy.testing.trainers import TrainerSuite
from argosy.types import (
    Check,
    Detector,
    EntityKind,
    Exporter,
    FactTable,
    Importer,
    Job,
    JobKind,
    Listener,
    Loader,
    Metric,
    Panel,
    Policy,
    Sink,
    Source,
)
from argosy.types.request import Request, Role

NUMBERS = dict.fromkeys(("statistic", "effect", "p_value"), pl.Float64)


def failed(suite, tmp_path, of=""):
    """The tests of a suite that fail, of those whose names begin so."""
    found = set()
    for name in dir(suite):
        if name.startswith(f"test_{of}"):
            test = getattr(suite(), name)
            folder = tmp_path / name
            folder.mkdir()
            try:
                test(**({"tmp_path": folder} if inspect.signature(test).parameters else {}))
            except Exception:
                found.add(name.removeprefix("test_"))
    return found


# Detectors


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


# Metrics


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


# Loaders


class Threshold:
    """Calls a row when its number is positive."""

    task, classes = "binary", (False, True)

    def predict(self, rows):
        chance = pl.col("x").clip(0, 1)
        return rows.select(prediction=chance > 0, probabilities=pl.concat_list(1 - chance, chance))


def strict(content):
    if content != b"threshold":
        raise ValueError("it is no threshold")
    return Threshold()


def model(predict):
    return type("Odd", (Threshold,), {"predict": lambda self, rows: predict(rows)})()


def runs_it(content):
    if content != b"threshold":
        exec(content)  # noqa: S102
        raise ValueError("it is no threshold")
    return Threshold()


@pytest.mark.parametrize(
    ("load", "noticed"),
    [
        (lambda content: Threshold(), "damaged_content_is_refused"),
        (runs_it, "content_that_would_run_code_is_refused_unrun"),
        (
            lambda content: model(lambda rows: Threshold().predict(rows.head(1))),
            "the_answer_has_the_columns_and_rows",
        ),
        (
            lambda content: model(lambda rows: Threshold().predict(rows.sort("x"))),
            "models_predict_what_they_are_known_to",
        ),
        (
            lambda content: model(
                lambda rows: rows.select(prediction="x", probabilities=pl.concat_list("x", "x"))
            ),
            "probabilities_are_shares_of_one",
        ),
        (
            lambda content: model(
                lambda rows: rows.select(prediction=pl.lit("neither").repeat_by(1).explode())
            ),
            "models_say_what_they_predict",
        ),
    ],
)
def test_a_faulty_loader_is_noticed(load, noticed, tmp_path):
    assert failed(loading(load), tmp_path, noticed)


def test_a_sound_loader_passes(tmp_path):
    assert set() == failed(loading(strict), tmp_path)


def loading(load):
    class Suite(LoaderSuite):
        name = "threshold"
        loader = Loader("threshold", load)

        def artifacts(self):
            rows = pl.DataFrame({"x": [0.5, -1.0, 0.25, 1.0]})
            yield Artifact(b"threshold", rows, [True, False, True, True])

    return Suite


def test_hostile_content_does_run_where_it_is_trusted(tmp_path):
    """Else the suite would prove nothing."""
    import pickle  # noqa: TID251  (our own bytes, to show that they work)

    pickle.loads(hostile(f"open({str(tmp_path / 'trace')!r}, 'w').close()")[0])

    assert (tmp_path / "trace").exists()


# Sources


@pytest.mark.parametrize(
    ("scan", "noticed"),
    [
        (lambda url, options: pl.read_parquet(url), "a_table_is_opened_lazily"),
        (lambda url, options: pl.scan_parquet(url).tail(-1), "the_rows_come_back"),
        (lambda url, options: pl.scan_parquet(url).fill_null(0), "the_rows_come_back"),
        (
            lambda url, options: (
                pl.scan_parquet(url) if url.endswith("table.parquet") else pl.LazyFrame()
            ),
            "what_is_missing_raises",
        ),
    ],
)
def test_a_faulty_source_is_noticed(scan, noticed, tmp_path):
    class Suite(SourceSuite):
        name, suffix = "own", ".parquet"
        source = Source("own", (".parquet",), scan)

        def write(self, frame, path):
            frame.write_parquet(path)

    assert failed(Suite, tmp_path, noticed)


# Estimators


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


# Trainers


def training(lessons=lambda table: {}, rows=lambda frame: frame, answer=lambda table: table):
    """Our own trainer, with a fault in what it heeds or in what it answers."""
    own = installed().trainers["sklearn"]

    def train(told, data):
        frame = pl.DataFrame(told)
        return answer(own.train(frame.with_columns(**lessons(frame)).to_arrow(), rows(data)))

    class Suite(TrainerSuite):
        name = "sklearn"
        params = {"estimator": "RandomForestClassifier", "n_estimators": "3"}
        trainer = replace(own, train=train)

    return Suite


def answered(name, value):
    def change(table):
        place = table.schema.get_field_index(name)
        told = pa.array([value] * table.num_rows, table.schema.field(name).type)
        return table.set_column(place, table.schema.field(name), told)

    return change


COMPANY = "the_order_and_the_company_of_models_change_nothing"


@pytest.mark.parametrize(
    ("faults", "noticed"),
    [
        ({"lessons": lambda frame: {"start": pl.lit(0)}}, COMPANY),
        ({"lessons": lambda frame: {"length": pl.col("length") + 5}}, COMPANY),
        ({"lessons": lambda frame: {"length": pl.lit(10_000)}}, COMPANY),
        ({"rows": lambda data: data.slice(1)}, COMPANY),
        (
            {"lessons": lambda frame: {"seed": np.random.default_rng().integers(9**9, size=1)[0]}},
            "the_same_lesson_makes_the_same_model",
        ),
        ({"lessons": lambda frame: {"truth": pl.lit("size")}}, "every_model_is_trained"),
        ({"answer": lambda table: table.slice(1)}, "every_model_is_trained"),
        ({"answer": lambda table: table.drop_columns("format")}, "every_model_is_trained"),
        ({"answer": answered("format", "pickle")}, "every_model_is_trained"),
        ({"answer": answered("task", "regression")}, "every_model_is_trained"),
        ({"answer": answered("reason", "no")}, "every_model_is_trained"),
        ({"answer": answered("reason", None)}, "what_cannot_be_trained_has_a_reason"),
    ],
)
def test_a_faulty_trainer_is_noticed(faults, noticed, tmp_path):
    assert failed(training(**faults), tmp_path, noticed)


def test_a_sound_trainer_passes(tmp_path):
    assert set() == failed(training(), tmp_path)


def test_a_trainer_that_learns_nothing_is_noticed(tmp_path):
    class Suite(training()):
        params = {"estimator": "DummyRegressor", "strategy": "constant", "constant": "1"}

    assert {"other_rows_make_another_model"} == failed(Suite, tmp_path)


# Comparisons


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


# Importers


def lists(url, options):
    """A sound importer: a CSV, all of it text."""
    return pl.read_csv(url, infer_schema=False)


def edited(change):
    return lambda url, options: change(lists(url, options)).to_arrow()


def optimist(url, options):
    return lists(url, options).to_arrow() if Path(url).is_file() else pa.table({"model": []})


def scribbler(url, options):
    with Path(url).open("a") as file:
        file.write("read,1,,\n")
    return lists(url, options).to_arrow()


def importing(read):
    class Suite(ImporterSuite):
        name, suffix = "wiki", ".csv"
        importer = Importer("wiki", "Our wiki.", read)

        def write(self, listed, path):
            listed.write_csv(path)

    return Suite


@pytest.mark.parametrize(
    ("read", "noticed"),
    [
        (lists, "every_model_comes_in_as_it_is_listed"),
        (edited(lambda rows: rows.fill_null("")), "every_model_comes_in_as_it_is_listed"),
        (
            edited(lambda rows: rows.with_columns(pl.col("version").str.strip_prefix("0"))),
            "every_model_comes_in_as_it_is_listed",
        ),
        (
            edited(lambda rows: rows.with_columns(contact="owner")),
            "what_it_brings_can_be_registered",
        ),
        (edited(lambda rows: rows.head(1_000)), "thousands_of_models_come_in_at_once"),
        (
            edited(lambda rows: rows.vstack(rows[[0]] if rows.height else rows[0])),
            "a_list_without_models_brings_none",
        ),
        (optimist, "what_is_missing_or_no_list_raises"),
        (scribbler, "reading_leaves_the_list_as_it_was"),
    ],
)
def test_a_faulty_importer_is_noticed(read, noticed, tmp_path):
    assert failed(importing(read), tmp_path, noticed)


def test_a_sound_importer_passes(tmp_path):
    assert set() == failed(importing(edited(lambda rows: rows)), tmp_path)


# Exporters


@pytest.fixture
def own_readings():
    """Leave no fleet behind that a faulty plugin may have changed."""
    yield
    reading.cache_clear()


def pages(tables):
    return "".join(f"{json.dumps(name)}\n" for name in tables["models"]["model"].to_pylist())


def publish(tables, url, options):
    """A sound exporter: one name per line."""
    Path(url).write_text(pages(tables))


def appended(tables, url, options):
    with Path(url).open("a") as file:
        file.write(pages(tables))


def littered(tables, url, options):
    publish(tables, url, options)
    Path(f"{url}.bak").touch()


def silent(tables, url, options):
    with suppress(OSError):
        publish(tables, url, options)


def meddling(tables, url, options):
    reading("checked").set_owner(pl.DataFrame({"model": ["m0"], "owner": [url]}))
    publish(tables, url, options)


def exporting(write, wanted=("models",)):
    class Suite(ExporterSuite):
        name = "wiki"
        exporter = Exporter("wiki", "Our wiki.", wanted, write)

        def models(self, path):
            return [json.loads(line) for line in path.read_text().splitlines()]

    return Suite


@pytest.mark.parametrize(
    ("write", "wanted", "noticed"),
    [
        (publish, ("models", "modls"), "it_is_described"),
        (
            lambda tables, url, options: publish({"models": tables["models"][:100]}, url, options),
            ("models",),
            "every_model_is_in_it_once",
        ),
        (
            lambda tables, url, options: Path(url).write_text(escape(pages(tables), quote=False)),
            ("models",),
            "every_model_is_in_it_once",
        ),
        (
            lambda tables, url, options: tables["models"]["model"][0] and publish(tables, url, {}),
            ("models",),
            "every_fleet_can_be_exported",
        ),
        (appended, ("models",), "an_older_export_is_replaced"),
        (littered, ("models",), "it_writes_where_it_was_told_and_nowhere_else"),
        (silent, ("models",), "an_export_that_cannot_be_written_raises"),
    ],
)
def test_a_faulty_exporter_is_noticed(write, wanted, noticed, tmp_path):
    assert failed(exporting(write, wanted), tmp_path, noticed)


def test_an_exporter_that_changes_the_fleet_is_noticed(tmp_path, own_readings):
    assert failed(exporting(meddling), tmp_path, "exporting_changes_nothing")


def test_a_sound_exporter_passes(tmp_path):
    assert set() == failed(exporting(publish), tmp_path)


# Panels


def listing(drawn):
    """Draw every model by itself."""
    return lambda fleet: "".join(map(drawn, fleet.models().collect()["model"]))


def tagging(fleet):
    fleet.tag(fleet.models().select("model").head(1).collect(), {"drawn": "yes"})
    return "<p>tagged</p>"


def panelling(render):
    class Suite(PanelSuite):
        name = "size"
        panel = Panel("size", "How large is it?", 5, render)

    return Suite


@pytest.mark.parametrize(
    ("render", "noticed"),
    [
        (listing(lambda name: f"<p>{name}</p>"), "hostile_names_stay_text"),
        (listing(lambda name: f"<p>{name}</p>"), "the_rest_of_the_page_is_left_alone"),
        (
            listing(lambda name: f"<p title='{escape(name, quote=False)}'></p>"),
            "hostile_names_stay_text",
        ),
        (
            listing(lambda name: f"<p>{escape(name.replace('{{ 7191 * 7 }}', '50337'))}</p>"),
            "hostile_names_stay_text",
        ),
        (lambda fleet: "<table><tr>", "the_rest_of_the_page_is_left_alone"),
        (
            lambda fleet: "<p><img src='https://wiki.example/logo.png'></p>",
            "the_rest_of_the_page_is_left_alone",
        ),
        (
            lambda fleet: f"<p>{escape(fleet.models().collect()['model'][0])}</p>",
            "every_fleet_can_be_drawn",
        ),
        (lambda fleet: b"<p></p>", "every_fleet_can_be_drawn"),
        (lambda fleet: None, "some_fleet_has_something_to_show"),
        (lambda fleet: f"<p>{np.random.default_rng().random()}</p>", "the_same_fleet_is_drawn"),
    ],
)
def test_a_faulty_panel_is_noticed(render, noticed, tmp_path):
    assert failed(panelling(render), tmp_path, noticed)


def test_a_panel_that_changes_the_fleet_is_noticed(tmp_path, own_readings):
    assert failed(panelling(tagging), tmp_path, "drawing_changes_nothing")


def test_a_sound_panel_passes(tmp_path):
    sound = listing(lambda name: f"<p title='{escape(name)}'>{escape(name)}</p>")

    assert set() == failed(panelling(sound), tmp_path)


@pytest.mark.parametrize(
    ("fragment", "reason"),
    [
        ("<p>2 &lt; 3</p><br><svg viewBox='0 0 1 1'><path d='M0 0'/></svg>", None),
        ("<a href='https://wiki.example/m1'>m1</a> <a href='#panel-map'>map</a>", None),
        ("R&D <p>AT&T", "it leaves <p> open"),
        ("<p/>", "it writes <p/>, which browsers leave open"),
        ("<a href='javascript:alert(1)'>x</a>", "it fetches 'javascript:alert(1)'"),
        ("<p onclick='x()'></p>", "it holds the event handler 'onclick'"),
        ("<p style='color: red'></p>", "<p> has a style of its own"),
        ("<p><!-- hidden", "it holds a comment or a declaration"),
        ("<svg><use href='https://x.example/#a'/></svg>", "it fetches 'https://x.example/#a'"),
        ('<p title="', "it ends inside a tag"),
        ("<p></b></p>", "it closes <b> where <p> is open"),
        ("<FORM></FORM>", "it holds <form>"),
    ],
)
def test_a_fragment_is_fit_or_says_why_not(fragment, reason):
    found = unfit(fragment)

    assert found is None if reason is None else found.startswith(reason)


# Policies, listeners and sinks


class OwnerSuite(PolicySuite):
    name = "odd"

    def allowed(self):
        yield event("register", [{"model": "a", "owner": "bea"}])

    def refused(self):
        yield event("register", [{"model": "a", "owner": "bea"}, {"model": "b"}]), {"b"}


def objections(models):
    return models.filter(pl.col("owner").is_null()).select("model", reason=pl.lit("no owner"))


def objecting(change):
    return lambda event, _: change(objections(pl.DataFrame(event.models))).to_arrow()


@pytest.mark.parametrize(
    ("check", "noticed"),
    [
        (objecting(lambda found: found.clear()), "what_is_refused_is_refused_for_the_right_models"),
        (
            lambda event, _: event.models.select(["model"]).append_column(
                "reason", [["no"] * event.models.num_rows]
            ),
            "what_is_allowed_passes",
        ),
        (objecting(lambda found: found.drop("reason")), "every_change_gets_an_answer"),
        (
            objecting(lambda found: found.with_columns(reason=pl.lit(" "))),
            "every_change_gets_an_answer",
        ),
        (
            objecting(lambda found: found.with_columns(model=pl.lit("another"))),
            "every_change_gets_an_answer",
        ),
        (lambda event, _: [], "a_change_of_nothing_is_allowed"),
    ],
)
def test_a_faulty_policy_is_noticed(check, noticed, tmp_path, monkeypatch):
    policy = Policy("odd", "A summary.", frozenset({"register"}), check)
    monkeypatch.setitem(installed().policies, "odd", policy)

    assert failed(OwnerSuite, tmp_path, noticed)


def test_a_sound_policy_passes(tmp_path, monkeypatch):
    sound = Policy("odd", "A summary.", frozenset({"register"}), objecting(lambda found: found))
    monkeypatch.setitem(installed().policies, "odd", sound)

    assert failed(OwnerSuite, tmp_path) == set()


class OwnedSuite(CheckSuite):
    name = "odd"

    def well(self):
        yield owned(), moved([("a", "1", None)])

    def ill(self):
        yield owned(), moved([("a", "1", None), ("b", "1", None)]), {"b"}


@cache
def owned():
    """Return a fleet of a model with an owner, and one without."""
    fleet = argosy.open(mkdtemp() + "/fleet", create=True)
    fleet.register({"model": ["a", "b"], "version": ["1", "1"], "owner": ["bea", None]})
    return fleet


def finding(change):
    """Return a check that finds models without an owner, and changes what it found."""

    def look(fleet, models):
        known = fleet.models().filter(pl.col("owner").is_not_null()).select("model").collect()
        found = pl.DataFrame(models).join(known, on="model", how="anti")
        return change(found.select("model", reason=pl.lit("no owner"))).to_arrow()

    return look


def tagging_all(fleet, models):
    if getattr(fleet, "url", "") == owned().url:
        fleet.tag({"model": ["a"]}, {"looked": str(fleet.seq)})
    return finding(lambda found: found)(fleet, models)


@pytest.mark.parametrize(
    ("look", "noticed"),
    [
        (finding(lambda found: found.clear()), "models_that_are_ill_are_found"),
        (
            lambda fleet, models: models.select(["model"]).append_column(
                "reason", [["no"] * models.num_rows]
            ),
            "models_that_are_well_pass",
        ),
        (finding(lambda found: found.drop("reason")), "every_fleet_gets_an_answer"),
        (finding(lambda found: found.with_columns(reason=pl.lit(" "))), "every_fleet_gets"),
        (finding(lambda found: found.with_columns(model=pl.lit("other"))), "every_fleet_gets"),
        (
            lambda fleet, models: pa.table({"model": ["a"], "reason": ["always"]}),
            "of_no_models_none_is_ill",
        ),
        (tagging_all, "looking_changes_nothing"),
    ],
)
def test_a_faulty_check_is_noticed(look, noticed, tmp_path, monkeypatch):
    monkeypatch.setitem(installed().checks, "odd", Check("odd", "A summary.", look))

    assert failed(OwnedSuite, tmp_path, noticed)


def test_a_sound_check_passes(tmp_path, monkeypatch):
    sound = Check("odd", "A summary.", finding(lambda found: found))
    monkeypatch.setitem(installed().checks, "odd", sound)

    assert failed(OwnedSuite, tmp_path) == set()


def noticing(**columns):
    def hear(event):
        models = pl.DataFrame(event.models)
        sound = {
            "at": pl.lit(AT, pl.Datetime("us", "UTC")),
            "fleet": pl.lit(event.fleet),
            "verb": pl.lit(event.verb),
            "severity": pl.lit("info"),
            "model": pl.col("model"),
            "text": pl.lit("it was retired"),
        }
        return models.select(**(sound | columns)).to_arrow()

    return hear


@pytest.mark.parametrize(
    ("columns", "sound"),
    [
        ({}, True),
        ({"severity": pl.lit("loud")}, False),
        ({"text": pl.lit("")}, False),
        ({"model": pl.lit("another")}, False),
        ({"fleet": pl.lit("/another")}, False),
        ({"at": pl.lit(None, pl.Datetime("us", "UTC"))}, False),
        ({"text": pl.concat_list(pl.lit("a list"))}, False),
    ],
)
def test_a_listener_is_held_to_what_can_be_sent(columns, sound, tmp_path, monkeypatch):
    listener = Listener("odd", frozenset({"retire"}), noticing(**columns))
    monkeypatch.setitem(installed().listeners, "odd", listener)

    class Suite(ListenerSuite):
        name = "odd"

    assert failed(Suite, tmp_path) == (set() if sound else {"everything_that_happens_is_heard"})


@pytest.mark.parametrize(
    ("keep", "noticed"),
    [
        (lambda kept, texts: kept + texts, {"without_options_it_refuses_in_words"}),
        (lambda kept, texts: texts, {"notices_arrive_once_and_in_order"}),
        (lambda kept, texts: kept + texts[::-1], {"many_are_sent_at_once"}),
        (lambda kept, texts: kept + texts + texts[-1:], {"notices_arrive_once_and_in_order"}),
        (
            lambda kept, texts: kept + [text.split("\n")[0] for text in texts],
            {"texts_arrive_as_they_are"},
        ),
        (lambda kept, texts: kept + texts[:1000], {"many_are_sent_at_once"}),
    ],
)
def test_a_faulty_sink_is_noticed(keep, noticed, tmp_path, monkeypatch):
    kept = {}

    def send(notices):
        place = configured().get("odd", {}).get("folder")
        kept[place] = keep(kept.get(place, []), notices["text"].to_pylist())

    monkeypatch.setitem(installed().sinks, "odd", Sink("odd", send))

    class Suite(SinkSuite):
        name = "odd"

        def settings(self, folder):
            return {"odd": {"folder": str(folder)}}

        def received(self, folder):
            return kept[str(folder)]

    assert noticed <= failed(Suite, tmp_path)


# Jobs


class Sizes(Request):
    """Count the rows of models."""

    data: Role = Field("current", description="The role of the data.")
    least: int = Field(10, ge=1, description="Fewer rows are too few.")


class Undescribed(Sizes):
    """Have a field of which nobody knows what it is for."""

    odd: int = Field(1, ge=0)


class Moving(Sizes):
    """Have a field that is another one when it is read again."""

    @field_validator("least")
    @classmethod
    def _more(cls, least):
        return least + 1


NAMES = ("run_id", "model", "version", "status", "reason")
SIZES = FactTable(
    "suite_sizes",
    pa.schema(
        [
            ("at", pa.timestamp("us", "UTC")),
            ("rows", pa.int64()),
            *((name, pa.string()) for name in NAMES),
        ]
    ),
    "A row per model: how many rows it has.",
)


def counted(chunk):
    """Count soundly."""
    parts = []
    for data in read(pl.DataFrame(chunk.models), chunk.options["location"]):
        models = data.models.select("model", "version")
        rows = data.rows.group_by(pl.col(MODEL).alias("model")).agg(rows=pl.len().cast(pl.Int64))
        status = pl.lit("failed" if data.reason else "ok")
        told = models.join(rows, on="model", how="left").with_columns(status=status)
        parts.append(told.with_columns(reason=pl.lit(data.reason, pl.String)))
    return pl.concat(parts)


def sound(chunk):
    return {"suite_sizes": counted(chunk).to_arrow()}


def of_the_chunk(chunk):
    return {"suite_sizes": counted(chunk).with_columns(rows=pl.col("rows").sum()).to_arrow()}


def without_reason(chunk):
    return {"suite_sizes": counted(chunk).drop("reason").to_arrow()}


def without_version(chunk):
    rows = counted(chunk).with_columns(version=pl.lit(None, pl.String))
    return {"suite_sizes": rows.to_arrow()}


def never_failed(chunk):
    return {"suite_sizes": counted(chunk).with_columns(status=pl.lit("ok")).to_arrow()}


@pytest.fixture
def suite(monkeypatch):
    """Offer a job, and return the suite that is to judge it."""

    def made(**changes):
        own = {"name": "suite-sizes", "ray": False, **changes.pop("suite", {})}
        job = Job(**{"request": Sizes, "tables": (SIZES,), "perform": sound} | changes)
        kind = JobKind("suite-sizes", "Count rows.", lambda: job)
        monkeypatch.setitem(installed().jobs, "suite-sizes", kind)
        fact_tables.cache_clear()
        return type("Suite", (JobSuite,), own)

    yield made
    monkeypatch.undo()
    fact_tables.cache_clear()


@pytest.mark.parametrize(
    ("changes", "noticed"),
    [
        ({"perform": of_the_chunk}, "the_rows_are_the_same_however_the_models_are_cut"),
        ({"perform": of_the_chunk}, "a_run_that_was_stopped_is_carried_on"),
        ({"perform": without_reason}, "a_model_whose_data_is_missing_fails_alone"),
        ({"perform": never_failed}, "a_model_whose_data_is_missing_fails_alone"),
        ({"perform": without_version}, "its_rows_are_what_the_schema_says"),
        ({"request": Undescribed}, "its_command_has_an_option_for_each_parameter"),
        ({"request": Moving}, "what_is_asked_can_be_kept"),
        ({"tables": (replace(SIZES, summary=""),)}, "it_is_described"),
        ({"suite": {"refused": {"least": 7}}}, "what_cannot_be_asked_is_refused"),
        ({"suite": {"request": {"data": "nowhere"}}}, "a_run_leaves_its_rows"),
    ],
)
def test_a_faulty_job_is_noticed(changes, noticed, suite, tmp_path):
    assert failed(suite(**changes), tmp_path, noticed)


def test_a_sound_job_passes_but_for_work_that_other_processes_cannot_find(suite, tmp_path):
    """It stands in this file, which is no module of theirs; those of the guide are installed."""
    found = failed(suite(), tmp_path)

    assert found == {"a_model_that_takes_its_worker_down_is_in_quarantine"}


# Kinds of entities


def test_a_faulty_kind_of_entity_is_noticed(tmp_path, monkeypatch):
    schema = pa.schema([("model", pa.string()), ("text", pa.string())])

    class Suite(EntityKindSuite):
        name = "odd"

        def rows(self):
            return [{"model": "a", "text": "x"}, {"model": "b", "text": "y"}]

        def refused(self):
            yield {"model": "c", "text": "z"}, "is no model"

    def failed_with(refuse, summary="Odd things."):
        kind = EntityKind("odd", "odds", schema, ("model",), summary, refuse)
        monkeypatch.setitem(installed().entity_kinds, "odd", kind)
        return failed(Suite, Path(mkdtemp(dir=tmp_path)))

    def sound(rows, fleet):
        wrong = pl.DataFrame(rows).with_row_index("row").filter(model="c")
        return wrong.select("row", reason=pl.lit("it is no model")).to_arrow()

    def all_of_them(rows, fleet):
        refused = pl.DataFrame(rows).with_row_index("row").select("row", reason=pl.lit("no"))
        return refused.to_arrow()

    def changing_its_mind(rows, fleet):
        asked.append(rows)
        return sound(rows, fleet) if len(asked) % 2 else sound(rows.slice(0, 0), fleet)

    asked = []
    assert failed_with(sound) == set()
    assert failed_with(sound, " ") == {"it_is_described"}
    assert failed_with(None) == {"what_it_refuses_is_told_and_not_written"}
    assert "what_is_written_is_read_as_it_was_given" in failed_with(all_of_them)
    assert "what_it_refuses_is_told_and_not_written" in failed_with(changing_its_mind)
