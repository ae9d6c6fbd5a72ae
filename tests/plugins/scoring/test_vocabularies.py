"""Labels of two sides that differ only in how they are spelt are refused, never counted wrong."""

import numpy as np
import pytest

from argosy_scoring.vocabularies import apart


def refused(truth, known):
    """Why a model is refused whose labels these are, or None."""
    words = sorted({*truth, *known})
    sides = [np.array(sorted(map(words.index, side)), np.int64) for side in (truth, known)]
    return apart(*sides, words, 1, None, "predictions").get(0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yes", "yes"),
        ("yes", "yes "),
        ("caf\u00e9", "cafe\u0301"),
        ("00", "0"),
        ("1.10", "1.1"),
        (f"{2**60}", f"{2**60}.00"),
    ],
)
def test_a_label_that_is_spelt_otherwise_is_refused(one, other):
    """Another label that both sides have would hide that half of the rows count as wrong."""
    told = refused({"no", one}, {"no", other})

    assert told.startswith(f"its truth has {one!r} where its predictions have {other!r}")
    assert refused({"no", one, other}, {"no", other}) is None
    assert refused({"no", one}, {"no", one, other}) is None


def test_labels_that_differ_are_taken_as_they_are():
    """A class that is never predicted is no spelling of another, nor is a neighbour of a number."""
    assert refused({"cat", "dog"}, {"cat", "cow"}) is None
    assert refused({"1", f"{2**60}"}, {"1", f"{2**60 + 1}"}) is None
    assert refused({"a", "nan"}, {"a", "inf"}) is None


@pytest.mark.parametrize(
    ("truth", "known"),
    [
        ({"True", "1", "False", "0"}, {"1", "0"}),
        ({"0", "1"}, {"True", "1", "False", "0"}),
        ({"True", "1", "False", "0"}, {"True", "False"}),
        ({"True", "true", "false"}, {"true", "false"}),
        ({"1", "False"}, set()),
    ],
)
def test_true_that_is_said_in_two_ways_is_refused_with_both_lists(truth, known):
    """Where no side is boolean they are text, and `True` beside `1` would be a class of its own."""
    told = refused(truth, known)

    assert "say true or false in more than one way" in told
    assert all(repr(word) in told for word in truth | known)


def test_words_for_true_are_labels_where_they_are_said_in_one_way():
    assert refused({"True", "False", "maybe"}, {"True", "maybe"}) is None
    assert refused({"true", "false"}, set()) is None
