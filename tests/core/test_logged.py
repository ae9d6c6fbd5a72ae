"""Logged predictions: what counts, what is refused, and what stands for the rows measured."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

import argosy
from argosy.errors import RowsRefused
from argosy.jobs import chunking
from argosy.kernels.hashing import mixed, text_hash, value_hash
from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet

ACCURACY = ["accuracy"]


@pytest.fixture
def logged(empty, tmp_path):
    """Evaluate one log, whose rows may be of several models, bound as said."""

    def evaluate(rows, models=("m",), metrics=None, task=None, labels=None, **binding):
        frame = pl.DataFrame(rows)
        path = tmp_path / "log.parquet"
        frame.write_parquet(path)
        if empty.models().collect().is_empty():
            empty.register(
                {
                    "model": list(models),
                    "version": ["1"] * len(models),
                    "task": [task] * len(models),
                }
            )
        options = {name: binding.pop(name) for name in ("at", "window") if name in binding}
        bound = [{"role": "holdout", "url": str(path), **binding}]
        if labels is not None:
            table, how = labels
            pl.DataFrame(table).write_parquet(tmp_path / "labels.parquet")
            bound.append({"role": "truth", "url": str(tmp_path / "labels.parquet"), **how})
        empty.bind(pl.DataFrame(bound, infer_schema_length=None))
        return empty.evaluate(metrics=metrics, **options)

    return evaluate


def only(run, metric="accuracy", model="m"):
    return run.results().filter(model=model, metric=metric).row(0, named=True)


def reason(run):
    return run.failures()["reason"].item()


# Classes and their codes


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ([1, 0, 1, 0], [1, 0, 0, 0]),
        ([True, False, True, False], [1.0, 0.0, 0.0, 0.0]),
        (["1", "0", "1", "0"], [1, 0, 0, 0]),
        (["yes", "no", "yes", "no"], ["yes", "no", "no", "no"]),
        ([10, 9, 10, 9], ["10", "9", "9", "9"]),
        ([2.0, 1.0, 2.0, 1.0], [2, 1, 1, 1]),
        ([0.5, -1.5, 0.5, -1.5], [0.5, -1.5, -1.5, -1.5]),
    ],
)
def test_labels_of_any_kind_are_the_same_classes(logged, truth, said):
    """The larger number, or the label that sorts last, is class 1: its recall is one half."""
    run = logged({"was": truth, "said": said}, task="binary", truth="was", prediction="said")

    assert only(run)["value"] == 0.75
    assert only(run, "recall")["value"] == 0.5
    assert only(run, "precision")["value"] == 1.0


def test_the_positive_label_can_be_named(logged):
    rows = {"was": ["bad", "good", "good", "bad"], "score": [0.9, 0.2, 0.1, 0.8]}
    run = logged(rows, truth="was", score="score", positive="bad")

    assert only(run, "auc")["value"] == 1.0
    assert only(run)["value"] == 1.0


def test_a_positive_label_makes_sense_of_a_log_with_one_class(logged):
    rows = {"was": ["bad", "bad"], "score": [0.9, 0.2]}
    told = reason(logged(rows, truth="was", score="score"))
    run = logged(rows, truth="was", score="score", positive="bad")

    assert "its only label is 'bad'" in told
    assert "`positive`" in told
    assert only(run, "recall")["value"] == 0.5
    assert only(run, "brier")["value"] == pytest.approx((0.1**2 + 0.8**2) / 2)


def test_every_model_has_its_own_classes(logged):
    """Also where one log holds models of two and of more classes, in any order."""
    rows = {
        "model": ["b", "a", "b", "a", "b", "a"],
        "was": ["x", "no", "y", "yes", "z", "yes"],
        "said": ["x", "no", "z", "no", "z", "yes"],
    }
    run = logged(rows, ("a", "b"), key="model", truth="was", prediction="said")

    tasks = dict(run.results().filter(metric="accuracy").select("model", "task").rows())
    assert tasks == {"a": "binary", "b": "multiclass"}
    assert only(run, model="a")["value"] == pytest.approx(2 / 3)
    assert only(run, model="b")["value"] == pytest.approx(2 / 3)


def test_classes_that_do_not_fit_the_task_are_a_reason(logged):
    rows = {"was": ["x", "y", "z"], "said": ["x", "y", "z"]}
    run = logged(rows, task="binary", truth="was", prediction="said")

    assert reason(run) == "a binary model has two classes, and its data 3: 'x', 'y', 'z'"


def test_a_score_alone_cannot_tell_three_classes_apart(logged):
    rows = {"was": ["x", "y", "z"], "score": [0.1, 0.2, 0.3]}

    assert "a score tells two classes apart" in reason(logged(rows, truth="was", score="score"))


def test_an_absent_class_of_a_multiclass_log_is_no_harm(logged):
    rows = {"was": ["x", "x", "y"], "said": ["x", "z", "y"]}
    run = logged(rows, task="multiclass", truth="was", prediction="said")

    expected = metrics.f1_score(rows["was"], rows["said"], average="macro")
    assert only(run, "f1_macro")["value"] == pytest.approx(expected)


# Numbers


def test_a_sum_of_int32_does_not_wrap(logged):
    big = np.full(4, 2_000_000_000, np.int32)
    rows = {"was": big, "said": np.zeros(4, np.int32)}
    run = logged(rows, task="regression", truth="was", prediction="said")

    assert only(run, "mae")["value"] == 2e9
    assert only(run, "bias")["value"] == -2e9


def test_truth_that_is_text_is_no_regression(logged):
    rows = {"was": ["1.5", "x"], "said": [1.0, 2.0]}
    run = logged(rows, task="regression", truth="was", prediction="said")

    assert "1 of 2 values of the truth are neither a finite number" in reason(run)


@pytest.mark.parametrize("odd", [None, float("nan"), float("inf")])
def test_a_prediction_that_is_no_number_fails_its_model_alone(logged, odd):
    rows = {
        "model": ["a", "a", "b", "b"],
        "was": [1.0, 2.0, 1.0, 2.0],
        "said": [1.0, odd, 1.0, 2.5],
    }
    run = logged(rows, ("a", "b"), key="model", truth="was", prediction="said")

    assert run.failures()["model"].to_list() == ["a"]
    assert "1 of 2 values of the prediction" in reason(run)
    assert only(run, "mae", "b")["value"] == 0.25


def test_weights_count_and_negative_ones_are_refused(logged):
    rows = {"was": [1, 0, 1], "said": [1, 1, 0], "w": [2.0, 1.0, 0.0]}
    how = {"truth": "was", "prediction": "said", "weight": "w"}
    run = logged(rows, **how)
    bad = logged({**rows, "w": [2.0, -1.0, 0.0]}, **how)

    assert only(run)["value"] == pytest.approx(2 / 3)
    assert reason(bad) == "the weights in 'w' must be finite and not negative"


def test_a_row_without_a_score_leaves_metrics_of_scores_undefined(logged):
    rows = {"was": [1, 0, 1, 0], "said": [1, 0, 0, 0], "score": [0.9, 0.1, None, 0.2]}
    run = logged(rows, truth="was", prediction="said", score="score")

    assert only(run)["value"] == 0.75
    assert (only(run, "auc")["value"], only(run, "auc")["status"]) == (None, "undefined")


@pytest.mark.parametrize("odd", [float("nan"), float("-inf")])
def test_a_score_that_is_no_number_fails_its_model(logged, odd):
    rows = {"was": [1, 0], "said": [1, 0], "score": [0.9, odd]}
    told = reason(logged(rows, truth="was", prediction="said", score="score"))

    assert told.startswith("1 of 2 values of the score")


def test_a_weight_that_is_null_counts_as_zero(logged):
    rows = {"was": [1, 0, 1], "said": [1, 0, 0], "w": [1.0, 1.0, None]}
    row = only(logged(rows, truth="was", prediction="said", weight="w"))

    assert (row["value"], row["n"]) == (1.0, 3)


def test_the_latency_of_a_log_is_measured_where_it_is_bound(logged):
    rows = {"was": [1, 0, 1, 0], "said": [1, 0, 0, 0], "ms": [1, 2, 3, 4]}
    named = [name for name, metric in installed().metrics.items() if "latency" in metric.needs]
    run = logged(rows, metrics=[*named, "accuracy"], truth="was", prediction="said", latency="ms")

    assert named
    found = run.results().filter(pl.col("metric").is_in(named))
    assert found["status"].to_list() == ["ok"] * len(named)
    assert found["value"].is_between(1, 4).all()


def test_weights_of_nothing_but_zero_are_undefined(logged):
    rows = {"was": [1, 0], "said": [1, 1], "w": [0.0, 0.0]}
    row = only(logged(rows, truth="was", prediction="said", weight="w"))

    assert (row["value"], row["status"]) == (None, "undefined")
    assert row["reason"]


def test_one_row_is_enough_where_the_metric_is(logged):
    run = logged({"was": [1], "score": [0.9]}, truth="was", score="score")

    assert only(run)["value"] == 1.0
    assert only(run, "auc")["status"] == "undefined"


def test_a_log_of_many_rows_is_measured_as_a_whole(logged):
    generator = np.random.default_rng(0)
    score = generator.random(300_000).round(3)
    was = (generator.random(300_000) < score).astype(np.int8)
    run = logged(
        {"was": was, "score": score}, metrics=["auc", "log_loss"], truth="was", score="score"
    )

    assert only(run, "auc")["value"] == pytest.approx(metrics.roc_auc_score(was, score))
    assert only(run, "auc")["n"] == 300_000


def test_ties_all_over_are_worth_nothing(logged):
    run = logged({"was": [1, 0, 1, 0], "score": [0.5] * 4}, truth="was", score="score")

    assert only(run, "auc")["value"] == 0.5


def test_rows_without_truth_are_counted_and_not_measured(logged):
    rows = {"was": [1, None, 0, None], "said": [1, 1, 1, 1]}
    row = only(logged(rows, truth="was", prediction="said"))

    assert (row["value"], row["n"], row["mature"], row["label_coverage"]) == (0.5, 2, 4, 0.5)


# Labels in a table of their own

LOG = {"id": [1, 2, 3, 4], "model": ["m"] * 4, "score": [0.9, 0.2, 0.8, 0.4]}
HOW = {"id": "id", "truth": "label"}


def test_labels_are_joined_by_id_and_what_is_left_over_is_counted(logged):
    labels = {"id": [4, 2, 1, 99], "label": [1, 0, 1, 1]}
    row = only(logged(LOG, labels=(labels, HOW), id="id", score="score"))

    assert row["value"] == pytest.approx(2 / 3)
    assert (row["n"], row["mature"], row["label_coverage"], row["unmatched"]) == (3, 4, 0.75, 1)


def test_the_newest_label_of_an_id_counts(logged):
    labels = {"id": [1, 1, 2, 3, 4], "label": [0, 1, 0, 1, 0], "day": [2, 1, 1, 1, 1]}
    last = only(logged(LOG, labels=(labels, HOW), id="id", score="score"))
    days = pl.DataFrame(labels).with_columns(pl.date(2026, 1, pl.col("day")).alias("day"))
    dated = (days.to_dict(as_series=False), {**HOW, "timestamp": "day"})
    newest = only(logged(LOG, labels=dated, id="id", score="score"))

    assert last["value"] == 1.0
    assert newest["value"] == 0.75


def test_labels_with_a_key_belong_to_their_model(logged):
    log = {"id": [1, 2, 1, 2], "model": ["a", "a", "b", "b"], "score": [0.9, 0.1, 0.9, 0.1]}
    labels = {"id": [1, 2, 1, 2], "label": [1, 0, 0, 1], "of": ["a", "a", "b", "b"]}
    run = logged(
        log, ("a", "b"), labels=(labels, {**HOW, "key": "of"}), key="model", id="id", score="score"
    )

    assert only(run, model="a")["value"] == 1.0
    assert only(run, model="b")["value"] == 0.0


def test_labels_without_a_key_are_shared(logged):
    log = {"id": [1, 2, 1, 2], "model": ["a", "a", "b", "b"], "score": [0.9, 0.1, 0.1, 0.9]}
    labels = {"id": ["1", "2", "3"], "label": [1, 0, 1]}
    run = logged(log, ("a", "b"), labels=(labels, HOW), key="model", id="id", score="score")

    assert only(run, model="a")["value"] == 1.0
    assert only(run, model="b")["value"] == 0.0
    assert only(run, model="b")["unmatched"] == 1


def test_a_truth_of_its_own_is_used_though_labels_are_bound(logged):
    labels = {"id": [1, 2, 3, 4], "label": [0, 1, 0, 1]}
    log = {**LOG, "was": [1, 0, 1, 0]}
    run = logged(log, labels=(labels, HOW), id="id", score="score", truth="was")

    assert only(run)["value"] == 1.0


def test_without_truth_and_labels_the_reason_says_what_to_bind(logged):
    told = reason(logged(LOG, id="id", score="score"))

    assert told == ("its binding names no truth column, and no labels are bound to join by id")


def test_labels_need_an_id_on_both_sides(logged):
    labels = {"id": [1], "label": [1]}

    assert "names no id column" in reason(logged(LOG, labels=(labels, HOW), score="score"))
    bare = (labels, {"truth": "label"})
    assert "names no id column" in reason(logged(LOG, labels=bare, id="id", score="score"))


# Ids, versions, delay


def test_of_several_rows_of_an_id_the_newest_counts(logged):
    rows = {
        "id": ["a", "b", "a", None, None],
        "was": [1, 0, 1, 1, 1],
        "said": [0, 0, 1, 1, 0],
        "day": ["2026-01-02", "2026-01-01", "2026-01-01", "2026-01-01", "2026-01-01"],
    }
    how = {"id": "id", "truth": "was", "prediction": "said"}
    last = only(logged(rows, **how))
    newest = only(logged(rows, timestamp="day", **how))

    assert (last["n"], last["duplicates"], last["value"]) == (4, 1, 0.75)
    assert (newest["n"], newest["duplicates"], newest["value"]) == (4, 1, 0.5)


def test_only_the_rows_of_the_evaluated_version_count(logged):
    rows = {"v": [1, 2, 1, 2], "was": [1, 1, 0, 0], "said": [1, 0, 0, 1]}
    how = {"truth": "was", "prediction": "said"}

    assert only(logged(rows, version="v", **how))["value"] == 1.0
    assert only(logged(rows, **how))["value"] == 0.5
    gone = logged({**rows, "v": [2, 2, 2, 2]}, version="v", **how)
    assert "there is no row of the model" in reason(gone)


DAYS = {
    "day": [datetime(2026, 1, day) for day in (1, 5, 20, 31)],
    "was": [1, 0, 1, None],
    "said": [1, 1, 0, 0],
}


def test_rows_younger_than_the_delay_of_labels_are_left_out(logged):
    """Thirty days before the newest row only the first one is old enough."""
    how = {"truth": "was", "prediction": "said", "timestamp": "day"}
    row = only(logged(DAYS, label_delay="30d", **how))
    later = only(logged(DAYS, label_delay="30d", at="2026-02-19", **how))

    assert (row["value"], row["n"], row["mature"], row["immature"]) == (1.0, 1, 1, 3)
    assert row["label_coverage"] == 1.0
    assert (later["n"], later["mature"], later["immature"]) == (3, 3, 1)


def test_a_model_of_young_rows_only_says_how_long_labels_take(logged):
    how = {"truth": "was", "prediction": "said", "timestamp": "day"}

    assert "is old enough to have its label, which takes 90d" in reason(
        logged(DAYS, label_delay="90d", **how)
    )


def test_a_row_of_unknown_age_is_never_old_enough(logged):
    rows = {**DAYS, "day": [*DAYS["day"][:2], None, DAYS["day"][3]]}
    how = {"truth": "was", "prediction": "said", "timestamp": "day"}
    row = only(logged(rows, label_delay="1d", **how))

    assert (row["mature"], row["immature"]) == (2, 2)


def test_windows_without_labels_say_that_they_wait(logged):
    how = {"truth": "was", "prediction": "said", "timestamp": "day", "window": "1w"}
    rows = logged(DAYS, **how).results()

    measured = rows.filter(metric="accuracy").select("window", "value", "n").rows()
    assert sorted(measured) == [
        ("2025-12-29", 1.0, 1),
        ("2026-01-05", 0.0, 1),
        ("2026-01-19", 0.0, 1),
    ]
    waiting = rows.filter(status="insufficient").row(0, named=True)
    assert (waiting["window"], waiting["label_coverage"]) == ("2026-01-26", 0.0)
    assert waiting["reason"] == "no row has its label yet"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"label_delay": "soon", "timestamp": "day"}, "the label_delay 'soon' is no period"),
        ({"label_delay": "30d"}, "has a label_delay but no timestamp"),
        ({"latency": "ms"}, "has no column 'ms'"),
        ({"version": "v"}, "has no column 'v'"),
    ],
)
def test_a_binding_that_cannot_be_meant_is_refused(logged, fields, told):
    with pytest.raises(RowsRefused, match=told):
        logged(DAYS, truth="was", prediction="said", **fields)


# Digests


def digest(run):
    return run.results()["dataset_digest"].unique().item()


def test_a_digest_ignores_the_order_of_rows_and_what_was_predicted(logged):
    rows = pl.DataFrame(
        {"id": [1, 2, 3], "was": [1, 0, 1], "said": [1, 0, 0], "w": [1.0, 2.0, 1.0]}
    )
    how = {"id": "id", "truth": "was", "prediction": "said", "weight": "w"}
    first = digest(logged(rows, **how))

    assert digest(logged(rows.reverse(), **how)) == first
    assert digest(logged(rows.with_columns(said=1 - pl.col("said")), **how)) == first
    for name in ("id", "was"):
        other = rows.with_columns(pl.col(name).reverse().replace({1: 0, 0: 1, 3: 9}))
        assert digest(logged(other, **how)) != first, name
    assert digest(logged(rows.with_columns(w=1.0), **how)) != first


def test_a_digest_is_what_it_was_in_earlier_releases(logged):
    """Fixed values: another library version, machine or release must give the same."""
    rows = {"id": ["a", "ü", "long id " * 9], "was": ["no", "yes", "yes"], "said": ["no"] * 3}

    assert digest(logged(rows, id="id", truth="was", prediction="said")) == "a5b902b97dfb0ca5"


def _splitmix(value):
    mask = 2**64 - 1
    value = (value + 0x9E3779B97F4A7C15) & mask
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & mask
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & mask
    return value ^ value >> 31


def _of_text(text):
    content, total = text.encode(), 0
    for place, letter in enumerate(content):
        total += _splitmix(letter) * pow(0x5851F42D4C957F2D, place, 2**64)
    return _splitmix(total % 2**64 ^ _splitmix(len(content)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1), st.integers(0, 3))
def test_hashes_of_text_are_those_of_the_plain_algorithm(texts, skip):
    column = pl.Series(texts, dtype=pl.String)[skip:]

    assert text_hash(column).tolist() == [_of_text(text) for text in texts[skip:]]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_hashes_of_numbers_are_those_of_the_plain_algorithm(numbers):
    expected = [_splitmix(number % 2**64) for number in numbers]

    assert value_hash(pl.Series(numbers, dtype=pl.Int64)).tolist() == expected
    assert mixed(np.array(numbers, np.int64).view(np.uint64)).tolist() == expected


# The fleet


def test_one_chunk_and_many_give_the_same(tmp_path, monkeypatch):
    fleet = logged_fleet(tmp_path, models=7, rows=50)
    whole = fleet.evaluate().results().drop("run_id", "at")
    monkeypatch.setattr(chunking, "_size", lambda *_: 2)

    assert whole.equals(fleet.evaluate().results().drop("run_id", "at"))


def test_large_tables_are_measured_in_blocks_of_models_and_give_the_same(tmp_path, monkeypatch):
    from argosy.scoring import batches
    from argosy_evaluate import work

    fleet = logged_fleet(tmp_path, models=7, rows=50)
    whole = fleet.evaluate().results().drop("run_id", "at")
    monkeypatch.setattr(batches, "_LARGE_FILE", 1)
    monkeypatch.setattr(batches, "_MOST_ROWS", 120)
    sizes = []
    gather = work.gather
    monkeypatch.setattr(
        work, "gather", lambda models, *rest: sizes.append(models.height) or gather(models, *rest)
    )

    assert whole.equals(fleet.evaluate().results().drop("run_id", "at"))
    assert sizes == [2, 2, 2, 1]


def test_models_that_share_a_table_may_read_other_columns_of_it(empty, tmp_path):
    rows = pl.DataFrame({"was": [1, 0], "one": [1, 0], "two": [0, 0]})
    rows.write_parquet(tmp_path / "log.parquet")
    empty.register({"model": ["a", "b"], "version": ["1", "1"]})
    url = str(tmp_path / "log.parquet")
    empty.bind(
        [
            {"role": "holdout", "model": "a", "url": url, "truth": "was", "prediction": "one"},
            {"role": "holdout", "model": "b", "url": url, "truth": "was", "prediction": "two"},
        ]
    )
    run = empty.evaluate()

    assert only(run, model="a")["value"] == 1.0
    assert only(run, model="b")["value"] == 0.5


def test_many_files_of_one_model_each_are_measured_together(empty, tmp_path, monkeypatch):
    from argosy_evaluate import work

    calls = []
    whole = work.measured
    monkeypatch.setattr(work, "measured", lambda *given: calls.append(1) or whole(*given))
    names = [f"m{number}" for number in range(6)]
    for number, name in enumerate(names):
        pl.DataFrame({"was": [1, 0, 1, 0], "said": [1, 0, number % 2, 0]}).write_parquet(
            tmp_path / f"{name}.parquet"
        )
    empty.register({"model": names, "version": ["1"] * 6})
    empty.bind(
        [
            {"role": "holdout", "model": name, "url": str(tmp_path / f"{name}.parquet"),
             "truth": "was", "prediction": "said"}
            for name in names
        ]
    )  # fmt: skip
    run = empty.evaluate(metrics=ACCURACY)

    assert run.results()["value"].to_list() == [0.75, 1.0] * 3
    assert len(calls) == 1


def test_of_many_files_the_one_that_is_at_fault_is_named(empty, tmp_path):
    names = [f"m{number}" for number in range(6)]
    for name in names:
        was = [None, None] if name == "m4" else [1, 0]
        rows = pl.DataFrame(
            {"was": was, "said": [1, 0]}, schema={"was": pl.Int64, "said": pl.Int64}
        )
        rows.head(0 if name == "m2" else 2).write_parquet(tmp_path / f"{name}.parquet")
    empty.register({"model": names, "version": ["1"] * 6})
    empty.bind(
        [
            {"role": "holdout", "model": name, "url": str(tmp_path / f"{name}.parquet"),
             "truth": "was", "prediction": "said"}
            for name in names
        ]
    )  # fmt: skip
    failed = dict(empty.evaluate(metrics=ACCURACY).failures().select("model", "reason").rows())

    assert failed == {
        "m2": f"there is no row of the model at {tmp_path / 'm2.parquet'}",
        "m4": f"no row at {tmp_path / 'm4.parquet'} has a truth",
    }


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_numbers_agree_with_scikit_learn_whatever_the_log(tmp_path_factory, seed):
    """Models mixed up in one log, of any size, with ties and rows that have no truth."""
    generator = np.random.default_rng(seed)
    sizes = generator.integers(2, 40, 4)
    owner = np.repeat(["a", "b", "c", "d"], sizes)
    score = generator.integers(0, 8, len(owner)) / 8
    truth = [None if drop else int(bit) for drop, bit in
             zip(generator.random(len(owner)) < 0.1, generator.random(len(owner)) < score,
                 strict=True)]  # fmt: skip
    frame = pl.DataFrame({"owner": owner, "score": score, "was": truth}).sample(
        fraction=1.0, shuffle=True, seed=seed
    )
    folder = tmp_path_factory.mktemp("logs")
    frame.write_parquet(folder / "log.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": ["a", "b", "c", "d"], "version": ["1"] * 4})
    fleet.bind(
        [{"role": "holdout", "url": str(folder / "log.parquet"), "key": "owner",
          "truth": "was", "score": "score"}]
    )  # fmt: skip
    found = fleet.evaluate(metrics=["auc", "accuracy", "f1"]).results()

    for name in "abcd":
        rows = frame.filter(pl.col("was").is_not_null(), owner=name)
        mine = {row["metric"]: row for row in found.filter(model=name).to_dicts()}
        if rows.is_empty():
            continue
        was, said = rows["was"].to_numpy(), (rows["score"] >= 0.5).to_numpy()
        assert mine["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(was, said))
        assert mine["accuracy"]["n"] == rows.height
        if len(set(was)) == 2:
            expected = metrics.roc_auc_score(was, rows["score"].to_numpy())
            assert mine["auc"]["value"] == pytest.approx(expected)
        else:
            assert mine["auc"]["status"] == "undefined"


# Probabilities of several classes


def _drawn(rows=400, seed=5):
    generator = np.random.default_rng(seed)
    label = generator.integers(0, 3, rows)
    logit = generator.normal(size=(rows, 3)) + np.eye(3)[label]
    return label, np.exp(logit) / np.exp(logit).sum(axis=1, keepdims=True)


def _calibration_error(label, likely, bins=15):
    hit, sure = (likely.argmax(axis=1) == label), likely.max(axis=1)
    cell = np.ceil(sure * bins)
    return sum(abs((hit - sure)[cell == one].sum()) / len(label) for one in np.unique(cell))


MULTICLASS = ["accuracy", "log_loss", "auc", "brier", "expected_calibration_error"]


@pytest.mark.parametrize("shape", ["struct", "list", "array"])
@pytest.mark.parametrize("named", [False, True])
def test_probabilities_of_several_classes_are_measured_as_scikit_learn_does(logged, shape, named):
    label, likely = _drawn()
    words = np.array(["ant", "bee", "cat"])
    scores = {
        # the order of the fields does not matter, because each is called as its class
        "struct": pl.DataFrame(likely[:, ::-1], schema=["cat", "bee", "ant"]).to_struct(),
        "list": pl.Series(likely.tolist()),
        "array": pl.Series(likely, dtype=pl.Array(pl.Float64, 3)),
    }
    rows = {"was": words[label], "p": scores[shape], "said": words[likely.argmax(axis=1)]}
    binding = {"truth": "was", "score": "p", **({"prediction": "said"} if named else {})}
    found = logged(rows, metrics=MULTICLASS, **binding).results()
    found = dict(found.select("metric", "value").rows())
    expected = {
        "accuracy": metrics.accuracy_score(label, likely.argmax(axis=1)),
        "log_loss": metrics.log_loss(label, likely),
        "auc": metrics.roc_auc_score(label, likely, multi_class="ovr"),
        "brier": metrics.brier_score_loss(label, likely, scale_by_half=False),
        "expected_calibration_error": _calibration_error(label, likely),
    }

    assert found == pytest.approx(expected, abs=1e-12)


def test_two_fields_are_the_classes_of_a_binary_model(logged):
    label, likely = _drawn()
    label, score = np.minimum(label, 1), 1 - likely[:, 0]
    word = np.array(["no", "yes"])[label]
    rows = {"was": word, "p": pl.DataFrame({"yes": score, "no": 1 - score}).to_struct()}
    found = logged(rows, metrics=["auc", "log_loss", "accuracy"], truth="was", score="p").results()

    assert found["task"].unique().to_list() == ["binary"]
    assert dict(found.select("metric", "value").rows()) == pytest.approx(
        {
            "auc": metrics.roc_auc_score(label, score),
            "log_loss": metrics.log_loss(label, score),
            "accuracy": metrics.accuracy_score(label, score >= 0.5),
        },
        abs=1e-12,
    )


def test_a_truth_that_is_no_field_is_a_class_that_nobody_foresaw(logged):
    rows = {"was": ["a", "b", "z", "c"], "p": [{"a": 0.6, "b": 0.3, "c": 0.1}] * 4}
    run = logged(rows, metrics=["accuracy", "log_loss"], truth="was", score="p")

    assert only(run, "accuracy")["value"] == 0.25
    assert only(run, "log_loss")["value"] == pytest.approx(
        -np.log([0.6, 0.3, 2.0**-52, 0.1]).mean(), abs=1e-12
    )


def test_a_row_without_probabilities_has_no_score(logged):
    rows = {
        "was": ["a", "b", "c"], "said": ["a", "b", "a"],
        "p": [{"a": 0.6, "b": 0.3, "c": 0.1}, None, {"a": 0.2, "b": 0.3, "c": 0.5}],
    }  # fmt: skip
    run = logged(rows, metrics=["auc", "accuracy"], truth="was", score="p", prediction="said")

    assert only(run, "auc")["reason"] == "some rows have no score"
    assert only(run)["value"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("score", "told"),
    [
        ([[0.5, 0.5], [0.2, 0.3, 0.5], [0.1, 0.9]], "have 2 to 3 probabilities"),
        ([[0.5, 0.5]] * 3, "has 2 probabilities in a row, and its data 3 classes: 'a', 'b', 'c'"),
        ([{"a": 1.0, "b": float("nan"), "c": 0.0}] * 3, "3 of 3 values of the score"),
        ([{"a": 1.0, "b": None, "c": 0.0}] * 3, "3 of 3 values of the score"),
        ([{"a": "x", "b": "y", "c": "z"}] * 3, "holds no probabilities"),
    ],
)
def test_probabilities_that_fit_no_class_are_refused_with_the_reason(logged, score, told):
    run = logged({"was": ["a", "b", "c"], "p": score}, truth="was", score="p")

    assert told in reason(run)
