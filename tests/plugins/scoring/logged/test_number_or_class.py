"""Of which task a log is whose version names none: its values say, however they are stored."""

import re
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.types import TaskRows
from argosy_scoring.number_or_class import CLASSES, NUMBERS, settled

REFUSED = None
WHOLE, FRACTIONS, SHARES = [0, 3, 7, 3, 0], [0.5, 3.25, 7.0, 3.0, 1.5], [0.25, 0.5, 1.0, 0.0, 0.5]
TWO, ONE, WORDS = [0, 1, 1, 0, 1], [1] * 5, ["a", "b", "b", "a", "c"]
MIXED = ["1.5", "n/a", "2", "3", "4"]


def told(truth, prediction, score=False):
    """Return what is told of the first of some models, each with its truth and prediction."""
    return of_models([(truth, prediction)], score)[0]


def of_models(models, score=False):
    rows = pl.concat([pl.DataFrame({"t": truth, "p": guess}) for truth, guess in models])
    sizes = np.array([len(truth) for truth, _ in models])
    names = pl.DataFrame({"model": [str(place) for place in range(len(sizes))]})
    binding = {"truth": "t", "prediction": "p", "score": "s" if score else None}
    found = settled(TaskRows(rows, names, binding, np.arange(len(sizes)), sizes))
    return [(task, found.reasons.get(place)) for place, task in enumerate(found.tasks)]


@pytest.mark.parametrize(
    ("truth", "prediction", "task"),
    [
        (FRACTIONS, FRACTIONS, NUMBERS),
        (FRACTIONS, WHOLE, NUMBERS),
        (FRACTIONS, [None] * 5, NUMBERS),
        (WHOLE, FRACTIONS, NUMBERS),
        (WHOLE, SHARES, NUMBERS),
        (TWO, FRACTIONS, NUMBERS),
        (TWO, SHARES, REFUSED),
        (ONE, SHARES, REFUSED),
        ([3, 7, 7, 3, 3], SHARES, REFUSED),
        (WHOLE, WHOLE, CLASSES),
        (TWO, TWO, CLASSES),
        (ONE, ONE, CLASSES),
        (WHOLE, [None] * 5, CLASSES),
        (WHOLE, WORDS, CLASSES),
        (WORDS, WORDS, CLASSES),
        (WORDS, WHOLE, CLASSES),
        (WORDS, SHARES, REFUSED),
        (FRACTIONS, WORDS, REFUSED),
        (MIXED, WHOLE, REFUSED),
        (WHOLE, MIXED, REFUSED),
        ([1.0, 2.0, 3.0, 1.0, 2.0], [1.0, float("inf"), 3.0, 1.0, 2.0], NUMBERS),
    ],
)
def test_the_task_follows_from_truth_and_prediction(truth, prediction, task):
    """The table of the module, row by row."""
    found, reason = told(truth, prediction)

    assert found == task
    assert (reason is None) == (task is not None)


@pytest.mark.parametrize("truth", [WHOLE, TWO, ONE, WORDS])
@pytest.mark.parametrize("prediction", [WHOLE, TWO, SHARES, WORDS, [None] * 5])
def test_beside_a_score_there_are_classes(truth, prediction):
    assert told(truth, prediction, score=True)[0] == CLASSES


def test_fractions_of_the_truth_beside_a_score_are_refused():
    task, reason = told(FRACTIONS, WHOLE, score=True)

    assert task is None
    assert reason.startswith("its truth has fractions such as 0.5, and its score tells classes")


@pytest.mark.parametrize(
    ("truth", "prediction", "words"),
    [
        (TWO, SHARES, r"two values \(0, 1\).*such as 0.25.*bind them as score, or register"),
        (ONE, SHARES, r"one value \(1\)"),
        (WORDS, SHARES, r"text such as 'a', and its predictions are numbers such as 0.25; bind"),
        (FRACTIONS, WORDS, r"fractions such as 0.5, and its predictions are text such as 'a'"),
        (MIXED, WHOLE, r"its truth has text such as 'n/a' among numbers such as 1.5"),
        (WHOLE, MIXED, r"its prediction has text such as 'n/a' among numbers such as 1.5"),
    ],
)
def test_a_refusal_shows_values_and_the_way_out(truth, prediction, words):
    assert re.search(words, told(truth, prediction)[1])


# However it is stored


def storages(values):
    """Write numbers in every type that holds them."""
    whole = all(value is None or float(value).is_integer() for value in values)
    bits = all(value in (None, 0, 1) for value in values)
    numbers = pl.Series(values, dtype=pl.Float64)
    kinds = [pl.Float64, pl.Float32, pl.Decimal(20, 3)]
    if whole:
        kinds += [pl.Int64, pl.Int8, pl.UInt16]
    found = [numbers.cast(kind) for kind in kinds]
    if bits:
        found.append(numbers.cast(pl.Boolean))
    spelt = numbers.cast(pl.Int64 if whole else pl.Float64).cast(pl.String)
    return [*found, spelt, spelt.cast(pl.Categorical), spelt.cast(pl.Binary)]


EIGHTHS = st.integers(0, 24).map(lambda number: number / 8)  # exact in every type
COLUMN = st.one_of(
    st.lists(st.integers(0, 1), min_size=6, max_size=6),
    st.lists(st.integers(0, 5), min_size=6, max_size=6),
    st.lists(EIGHTHS, min_size=6, max_size=6),
    st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=6, max_size=6),
)


@settings(deadline=None, max_examples=25)
@given(COLUMN, COLUMN)
def test_the_storage_of_numbers_does_not_decide(truth, prediction):
    """A decimal is a number, and 1.0 is 1 (whylabs/whylogs#620)."""
    first, *others = [
        told(one, other)[0] for one, other in product(storages(truth), storages(prediction))
    ]

    assert set(others) == {first}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(COLUMN, COLUMN), min_size=1, max_size=6))
def test_neighbours_do_not_decide(models):
    """Files of a chunk have one type together, and each model its own values."""
    alone = [of_models([each]) for each in models]

    def wide(each):
        return pl.Series(each, dtype=pl.Float64)

    together = of_models([(wide(truth), wide(prediction)) for truth, prediction in models])

    assert [[each] for each in together] == alone


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(["a", "2", "2.5"]), min_size=12, max_size=12), st.randoms())
def test_the_order_of_rows_does_not_decide(words, random):
    """Only the first few rows are looked at where they tell."""
    mixed = list(words)
    random.shuffle(mixed)

    assert told(words, [1] * 12)[0] == told(mixed, [1] * 12)[0]


# In a fleet


def test_decimals_with_a_fraction_are_a_regression(logged):
    """F11, whylabs/whylogs#620: their accuracy was 0.667."""
    rows = pl.DataFrame({"t": [1.5, 2.25, 3.75] * 20, "p": [1.0, 2.25, 3.75] * 20})
    run = logged(rows.cast(pl.Decimal(10, 2)), truth="t", prediction="p")
    [row] = run.results().filter(metric="mae").to_dicts()

    assert (row["task"], row["value"]) == ("regression", pytest.approx(1 / 6))


def test_a_neighbour_of_classes_leaves_a_regression_one_and_is_none(logged):
    """F01b: a classifier among regressions, all in one table, whose columns are floats."""
    rows = {
        "model": ["a"] * 4 + ["b"] * 4,
        "was": [0.0, 1.0, 0.0, 1.0, 0.5, 1.5, 2.5, 3.5],
        "said": [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    }
    run = logged(rows, ("a", "b"), key="model", truth="was", prediction="said")
    found = run.results().filter(pl.col("metric").is_in(["accuracy", "mae"])).sort("model")

    assert found.select("model", "task", "metric", "value").rows() == [
        ("a", "binary", "accuracy", 0.75),
        ("b", "regression", "mae", 1.25),
    ]


def test_a_doubtful_log_fails_alone_and_a_declared_task_or_a_score_is_the_way_out(logged):
    rows = {"was": [0, 1, 0, 1], "said": [0.25, 0.75, 0.5, 1.0]}
    doubtful = logged(rows, truth="was", prediction="said")
    score = logged(rows, truth="was", score="said")

    assert "they may be probabilities of a class" in doubtful.failures()["reason"].item()
    assert score.results()["task"].unique().to_list() == ["binary"]
