"""Labels that models know are those of the data, however either writes true and false."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from argosy.types import Answered, TaskRows
from argosy_scoring.classes import from_models
from argosy_scoring.labels import as_text, in_order, text

ANSWER = pl.DataFrame({"prediction": [True, False]})


def read(truth, answers, classes):
    """Read two rows of truth beside the answer of each model."""
    models = pl.DataFrame({"model": [f"m{number}" for number in range(len(answers))]})
    handed = TaskRows(
        pl.DataFrame({"y": pl.concat([pl.Series(truth)] * len(answers))}),
        models,
        {"truth": "y"},
        np.arange(len(answers)),
        np.full(len(answers), 2),
    )
    given = [
        Answered(place, SimpleNamespace(task="binary", classes=known), rows)
        for place, (rows, known) in enumerate(zip(answers, classes, strict=True))
    ]
    return from_models(handed, given)


@pytest.mark.parametrize("truth", [[True, False], [1, 0], ["True", "False"], ["true", "false"]])
def test_a_model_of_booleans_knows_every_word_for_them(truth):
    found = read(truth, [ANSWER], [(False, True)])

    assert found.rows["truth"].to_list() == found.rows["prediction"].to_list() == [1.0, 0.0]
    assert not found.reasons


def test_words_are_words_to_a_model_of_words():
    """One model knows booleans, the other text: neither decides about the other."""
    words = pl.DataFrame({"prediction": ["True", "False"]})
    found = read(["True", "False"], [ANSWER, words], [(False, True), ("False", "True")])

    assert found.labels == [["0", "1"], ["False", "True"]]
    assert found.rows["truth"].to_list() == [1.0, 0.0] * 2


def test_a_model_that_knows_no_label_of_the_truth_is_refused():
    """Every row was wrong, and accuracy 0.0."""
    words = pl.DataFrame({"prediction": ["no", "yes"]})
    own = pl.DataFrame({"prediction": ["ja", "nein"]})
    found = read(["ja", "nein"], [words, own], [("no", "yes"), ("ja", "nein")])

    told = "no label of its truth is one of its classes: 'ja', 'nein' against 'no', 'yes'"
    assert list(found.reasons) == [0]
    assert found.reasons[0].startswith(told)


def test_labels_are_written_as_values_are():
    assert [text(each) for each in (True, np.False_, 2.0, "7.0", "007")] == [
        "1",
        "0",
        "2",
        "7",
        "007",
    ]
    assert as_text(pl.Series([True, None])).to_list() == ["1", None]


def test_labels_beyond_floats_stand_in_the_order_of_their_size():
    large = [str(2**60 + number) for number in range(3)]

    assert in_order([*reversed(large), "a", "9"]) == ["9", *large, "a"]
