"""Hashes are those of the plain algorithms."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.kernels.hashing import mixed, text_hash, value_hash


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
