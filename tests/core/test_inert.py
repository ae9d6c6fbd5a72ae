"""One rule says what inert is, for Python, polars, JSON and CSV."""

import json
import math
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy import inert
from argosy.errors import ArgosyWarning, BadInput, StoreError

NASTY = "\x00\x07\t\n\r\x1b\x7f\x85\x9b\xa0\xad\u034f\u061c\u200b\u200d\u200e\u2028\u2029\u202e"
NASTY += "\u2066\u2069\u3000\u3164\ufe0f\ufeff\ufff9\ue000\ufdd0\U000e0001\U000e0100\U0010ffff"
TEXT = st.text(st.sampled_from([*NASTY, *"aé=+-@'\"\\,;<&1. 漢"]), max_size=12)
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def unseen(text):
    return pl.Series([text]).str.contains(inert.HIDDEN).item()


def test_python_and_polars_hide_the_same_characters():
    """But for letters that the newer of their tables of Unicode has, and the older has not."""
    every = [chr(number) for number in range(0x110000) if not 0xD800 <= number < 0xE000]
    hidden = pl.Series(every).str.contains(inert.HIDDEN)
    differ = [
        letter
        for letter, found in zip(every, hidden, strict=True)
        if (inert.visible(letter) != letter) != found
    ]

    assert {"Cn"} >= {unicodedata.category(letter) for letter in differ}


@given(TEXT)
def test_what_is_shown_holds_nothing_unseen(text):
    assert not unseen(inert.visible(text))
    assert not unseen(inert.lines(text).replace("\n", ""))


@given(TEXT)
def test_a_text_that_is_shown_twice_stays(text):
    assert inert.visible(text) == inert.visible(inert.visible(text))


@pytest.mark.parametrize("text", ["prêt-à-risque", "模型 7", "Ω – “x”", "שלום", "مرحبا", "🚢"])
def test_a_text_of_any_script_is_shown_as_it_is(text):
    assert text == inert.visible(text)
    assert text == inert.lines(text)


def test_half_a_character_can_be_printed():
    """An argument of a command line may be no Unicode."""
    assert "a\\udc80" == inert.visible("a\udc80")
    assert "a\udc80" == json.loads(inert.document("a\udc80"))


@given(VALUE)
def test_a_document_says_the_same_and_holds_nothing_unseen(value):
    written = inert.document(value)

    assert value == json.loads(written)
    assert not unseen(written)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_have_is_null(number):
    assert {"a": [None]} == json.loads(inert.document({"a": [number]}))


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_a_csv_is_inert_and_its_texts_come_back(texts):
    frame = inert.for_spreadsheets(pl.DataFrame({"a": texts}, schema={"a": pl.String}))

    assert texts == inert.from_spreadsheets(frame)["a"].to_list()
    for shown in frame["a"]:
        assert not unseen(shown)
        assert shown[:1] not in {"+", "=", "@"}
        assert not shown.startswith("-") or math.isfinite(float(shown))


@pytest.mark.parametrize("text", ["'tis", "a\\tb", "'C:\\temp\\x", "''", "-1.5", "C:\\u202e"])
def test_what_somebody_else_wrote_stays_as_it_is(text):
    frame = pl.DataFrame({"a": [text]})

    assert text == inert.from_spreadsheets(inert.for_spreadsheets(frame))["a"].item()
    if not text.startswith("'C"):  # which nobody can tell from a text of ours
        assert text == inert.from_spreadsheets(frame)["a"].item()


def test_numbers_of_a_csv_stay_as_they_are():
    frame = pl.DataFrame({"n": [-1.5, math.nan], "t": ["-1.5e-3", "-1+1"], "c": ["=1", None]})
    frame = frame.with_columns(pl.col("c").cast(pl.Categorical))

    assert "n,t,c\n-1.5,-1.5e-3,'=1\nNaN,'-1+1,\n" == inert.for_spreadsheets(frame).write_csv()


@pytest.mark.parametrize("kind", [BadInput, StoreError, ArgosyWarning])
def test_an_error_is_inert_whoever_prints_it(kind):
    assert "no \\x1b[2J\nsuch" == str(kind("no \x1b[2J\nsuch"))
