"""What a log says does not depend on how its columns are stored."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import argosy

from ....core.stored import instants_stored, small_stored  # noqa: TID252  (three folders share it)
from .runs import only, reason

ROWS = 24
SAID = [0, 1, 1] * 8
TWO = {"truth": "was", "prediction": "said"}


def measured(folder, logs, slices=(), labels=None, **binding):
    """Evaluate one log per model, each in a file of its own."""
    fleet = argosy.open(str(folder / "fleet"), create=True)
    names = [f"m{number:02}" for number in range(len(logs))]
    fleet.register({"model": names, "version": ["1"] * len(names)})
    bound = []
    for name, log in zip(names, logs, strict=True):
        log.write_parquet(folder / f"{name}.parquet")
        bound.append(
            {"role": "holdout", "model": name, "url": f"{folder}/{name}.parquet", **binding}
        )
    for name, table in zip(names, labels or (), strict=labels is not None):
        table.write_parquet(folder / f"{name}-labels.parquet")
        url = f"{folder}/{name}-labels.parquet"
        bound.append({"role": "truth", "model": name, "url": url, "id": "id", "truth": "was"})
    fleet.bind(pl.DataFrame(bound, infer_schema_length=None))
    run = fleet.evaluate(metrics=["accuracy"], slices=list(slices))
    assert run.failures().is_empty(), run.failures()["reason"].to_list()
    found = run.results().sort("model", "slice").select("model", "slice", "value", "n")
    return [part.drop("model").rows() for part in found.partition_by("model", maintain_order=True)]


@settings(max_examples=3)
@given(st.lists(st.integers(0, 4), min_size=ROWS, max_size=ROWS), st.randoms(use_true_random=False))
def test_labels_and_slices_are_one_in_every_type(tmp_path_factory, numbers, random):
    """One log, whose prediction and slice are stored in every type that can hold them."""
    was = list(numbers)
    random.shuffle(was)
    was[0] = numbers[0]
    logs = [
        pl.DataFrame({"was": was, "said": said, "g": g})
        for said, g in zip(
            small_stored(numbers), reversed(list(small_stored(numbers))), strict=True
        )
    ]

    found = measured(tmp_path_factory.mktemp("log"), logs, ("g",), **TWO)

    assert len(found) == len(logs)
    assert all(one == found[0] for one in found)
    assert {name for name, _, _ in found[0]} == {"all", *(f"g={each}" for each in set(numbers))}


def test_dataprofiler_1075_labels_are_joined_whatever_type_their_id_is(tmp_path):
    numbers = list(range(ROWS))
    ids = list(small_stored(numbers))
    logs = [pl.DataFrame({"id": own, "said": SAID}) for own in ids]
    labels = [pl.DataFrame({"id": own, "was": SAID}) for own in [*ids[3:], *ids[:3]]]

    found = measured(tmp_path, logs, labels=labels, id="id", prediction="said")

    assert found == [[("all", 1.0, ROWS)]] * len(logs)


def test_nannyml_321_labels_are_joined_by_times_of_any_unit_and_zone(tmp_path):
    stored = list(instants_stored([dt.datetime(2024, 1, 1, hour) for hour in range(ROWS)]))
    stored.append(stored[0].dt.to_string("%Y-%m-%dT%H:%M:%SZ"))
    logs = [pl.DataFrame({"id": own, "said": SAID}) for own in stored]
    labels = [pl.DataFrame({"id": own, "was": SAID}) for own in [*stored[2:], *stored[:2]]]

    found = measured(tmp_path, logs, labels=labels, id="id", prediction="said")

    assert found == [[("all", 1.0, ROWS)]] * len(logs)


def test_ids_beyond_floats_are_told_apart(tmp_path):
    ids = pl.Series([2**60 + number for number in range(ROWS)])
    logs = [pl.DataFrame({"id": ids, "said": SAID})] * 2
    labels = [pl.DataFrame({"id": own, "was": SAID}) for own in (ids.cast(pl.String), ids)]

    found = measured(tmp_path, logs, labels=labels, id="id", prediction="said")

    assert found == [[("all", 1.0, ROWS)]] * 2


@pytest.mark.parametrize(("no", "yes"), [("False", "True"), ("false", "true"), ("FALSE", "TRUE")])
def test_nannyml_321_words_beside_a_boolean_truth_are_true_and_false(tmp_path, no, yes):
    flags = [bool(each) for each in SAID]
    words = [yes if each else no for each in flags]
    score = [{no: 1.0 - each, yes: float(each)} for each in flags]
    logs = [
        pl.DataFrame({"was": flags, "said": words}),
        pl.DataFrame({"was": words, "said": flags}),
        pl.DataFrame({"was": flags, "said": SAID}),
    ]

    assert measured(tmp_path, logs, **TWO) == [[("all", 1.0, ROWS)]] * 3
    folder = tmp_path / "scores"
    folder.mkdir()
    scored = pl.DataFrame({"was": flags, "score": score})
    assert measured(folder, [scored], truth="was", score="score") == [[("all", 1.0, ROWS)]]


@pytest.mark.parametrize("was", [[1, 0], ["yes", "no"], ["ja", "nein"], ["TRUE", "FALSE"]])
def test_two_vocabularies_are_refused_with_both_lists(logged, was):
    """Nobody knows whether `1` is `true` where neither side is boolean: never 0.0, and ok."""
    run = logged({"was": was * 4, "said": ["true", "false"] * 4}, **TWO)

    first, second = sorted(map(str, was))
    assert (
        "no label of its truth is one of its predictions:"
        f" '{first}', '{second}' against 'false', 'true'; write both alike"
    ) == reason(run)


def test_a_vocabulary_is_a_matter_of_one_model(logged):
    rows = {
        "m": ["a"] * 4 + ["b"] * 4,
        "was": ["x", "y"] * 4,
        "said": ["X", "Y"] * 2 + ["x", "y"] * 2,
    }
    run = logged(rows, models=("a", "b"), key="m", **TWO)

    assert run.failures()["model"].to_list() == ["a"]
    assert run.results().filter(model="b", metric="accuracy")["value"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("was", "said", "more"),
    [([1, 1], [0, 0], {}), ([True, True], [False, False], {}), (["1"] * 2, ["0"] * 2, {}),
     (["true"] * 2, ["false"] * 2, {}), (["bad"] * 2, ["good"] * 2, {"positive": "bad"})],
)  # fmt: skip
def test_a_model_that_is_always_wrong_is_no_clash_of_vocabularies(logged, was, said, more):
    run = logged({"was": was, "said": said}, metrics=["accuracy"], **TWO, **more)

    assert only(run)["value"] == 0.0


def test_the_vocabulary_is_that_of_all_windows(logged):
    """In a window of its own each side has one label, and none in common."""
    rows = {"was": ["a", "b", "b", "a"], "said": ["b", "a", "b", "a"], "w": [1, 2, 3, 4]}
    run = logged(rows, metrics=["accuracy"], window="by w", **TWO)

    assert run.failures().is_empty()
    assert sorted(run.results()["value"].to_list()) == [0.0, 0.0, 1.0, 1.0]


def test_probabilities_of_other_classes_than_the_truths_are_refused(logged):
    """Their truth was a class of its own that no prediction hits: log loss 36, and ok."""
    rows = {"was": ["a", "b"] * 4, "score": [{"A": 0.1, "B": 0.9}] * 8}
    run = logged(rows, truth="was", score="score")

    assert "no label of its truth is one of its classes: 'a', 'b' against 'A', 'B'" in reason(run)


def test_ids_without_one_in_common_are_told_with_both_lists(logged):
    run = logged(
        {"id": [1, 2], "said": [0, 1]},
        labels=({"id": ["x1", "x2"], "was": [0, 1]}, {"id": "id", "truth": "was"}),
        id="id",
        prediction="said",
    )

    assert "no id of its rows is one of the labels" in reason(run)
    assert reason(run).endswith("'1', '2' against 'x1', 'x2'")


def test_a_version_that_no_row_is_of_is_told_with_those_that_there_are(logged):
    run = logged({"v": [2.0, 3.0], "was": [0, 1], "said": [0, 1]}, version="v", **TWO)

    assert reason(run).endswith("of its version '1': the column 'v' has '2', '3'")


def test_a_key_that_no_row_has_is_told_with_those_that_there_are(logged):
    run = logged({"k": [2.0, 3.0], "was": [0, 1], "said": [0, 1]}, key="k", **TWO)

    assert reason(run).endswith("; in k there are '2', '3'")


@pytest.mark.parametrize("version", [1.0, "1", "1.0", 1])
def test_dataprofiler_1075_a_version_is_one_in_every_type(logged, version):
    run = logged({"v": [version] * 4, "was": [0, 1] * 2, "said": [0, 1] * 2}, version="v", **TWO)

    assert run.failures().is_empty()


def test_whylogs_620_decimals_with_fractions_are_a_regression(logged):
    """Their accuracy was measured, as if `1.50` were a class."""
    money = pl.DataFrame({"was": [1.5, 2.25, 3.75], "said": [1.0, 2.25, 3.75]})
    run = logged(money.cast(pl.Decimal(10, 2)), metrics=["mae"], **TWO)

    assert only(run, "mae")["value"] == pytest.approx(1 / 6)


def test_decimals_without_fractions_are_labels_like_whole_numbers(logged):
    """Databases keep every whole number as one."""
    rows = pl.DataFrame({"was": [0, 1, 2] * 2, "said": [0, 1, 2] * 2}).cast(pl.Decimal(38, 0))

    assert only(logged(rows, metrics=["accuracy"], **TWO))["value"] == 1.0


@pytest.mark.parametrize("kind", [pl.Int64, pl.UInt64, pl.Decimal(38, 0)])
def test_scores_beyond_floats_rank_as_they_are(logged, kind):
    """Neighbours would tie as floats, and an area under the curve would be one half."""
    score = pl.Series([2**60 + 2, 2**60 + 1, 2**60 + 4, 2**60 + 3]).cast(kind)
    rows = pl.DataFrame({"was": [0, 0, 1, 1], "said": [0, 0, 1, 1], "score": score})

    assert only(logged(rows, metrics=["auc"], score="score", **TWO), "auc")["value"] == 1.0


def test_rows_of_one_id_in_two_spellings_are_one(logged):
    rows = {"id": ["7", "7.0", "8", "07"], "was": [1, 1, 1, 1], "said": [0, 1, 1, 1]}
    run = logged(rows, metrics=["accuracy"], id="id", **TWO)

    assert (only(run)["value"], only(run)["n"]) == (1.0, 3)


@pytest.mark.parametrize("kind", [pl.Float64, pl.String, pl.Decimal(9, 2)])
def test_rows_have_one_digest_in_every_type(logged, kind):
    ids = pl.Series([1, 2, 3, 4])
    rows = {"was": [0, 1] * 2, "said": [0, 1] * 2}
    digests = [
        only(logged({"id": own, **rows}, metrics=["accuracy"], id="id", **TWO))["dataset_digest"]
        for own in (ids, ids.cast(kind))
    ]

    assert digests[0] == digests[1]


def test_labels_of_one_model_do_not_decide_about_those_of_another(tmp_path):
    """Joined together, whole labels became floats, and a classifier a regression."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["a", "b"], "version": ["1", "1"]})
    bound = []
    for name, truth, said in (("a", [0.5, 1.5], [1.0, 1.0]), ("b", [0, 1], [0, 1])):
        for role, rows in (("holdout", {"said": said}), ("truth", {"was": truth})):
            url = str(tmp_path / f"{name}-{role}.parquet")
            pl.DataFrame({"id": [1, 2], **rows}).write_parquet(url)
            column = {"holdout": "prediction", "truth": "truth"}[role]
            more = {"id": "id", column: next(iter(rows))}
            bound.append({"role": role, "model": name, "url": url, **more})
    fleet.bind(pl.DataFrame(bound, infer_schema_length=None))

    found = fleet.evaluate(metrics=["mae", "accuracy"]).results().filter(status="ok")

    assert found.sort("model").select("model", "metric", "value").rows() == [
        ("a", "mae", 0.5),
        ("b", "accuracy", 1.0),
    ]


def test_a_prediction_of_lists_beside_a_label_is_refused_in_our_words(tmp_path):
    """The engine's words told of a cast that nobody asked for."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["m"], "version": ["1"]})
    pl.DataFrame({"t": [0, 1], "p": [[0], [1]]}).write_parquet(tmp_path / "m.parquet")
    url = str(tmp_path / "m.parquet")
    fleet.bind([{"role": "holdout", "url": url, "truth": "t", "prediction": "p"}])
    (reason,) = fleet.evaluate(metrics=["accuracy"]).failures()["reason"]

    assert reason.startswith("the prediction 'p' is a list of each row, and the truth a label")
