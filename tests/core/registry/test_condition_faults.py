"""A `where` means the same of one table in every format, of text by all of its values."""

import polars as pl
import pytest

import argosy
from argosy.errors import RowsRefused
from argosy.registry.condition_faults import in_our_words

ROWS = pl.DataFrame(
    {
        "size": [10, 20, 30, 40] * 15,
        "share": [0.5, 1.5] * 30,
        "name": ["a", "b"] * 30,
        "flag": [True, False] * 30,
        "day": ["2024-01-01", "2024-01-02"] * 30,
        "none": pl.Series([None] * 60, dtype=pl.String),
        "t": [0, 1] * 30,
        "p": [0, 1] * 30,
    }
)
WRITE = {
    "parquet": pl.DataFrame.write_parquet,
    "arrow": pl.DataFrame.write_ipc,
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
}
WITH_NUMBERS = "compares text with numbers; write numbers without quotes, and text in quotes"
NO_CONDITION = "takes text for a condition; compare it with something"


def said(folder, where, form, rows=ROWS, **more):
    """Say how many rows a model has left, or why its binding is refused."""
    path = folder / f"rows.{form}"
    WRITE[form](rows, path)
    fleet = argosy.open(str(folder / form), create=True)
    fleet.register({"model": ["m"], "version": ["1"]}, existing="skip")
    bound = {"role": "holdout", "url": str(path), "truth": "t", "prediction": "p", **more}
    try:
        fleet.bind([{**bound, "where": where}])
    except RowsRefused as error:
        return error.outcomes["reason"][0].split("; " + str(path))[0]
    return fleet.evaluate(metrics=["accuracy"]).results()["n"].to_list()


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("size < '30'", WITH_NUMBERS),
        ("share > '1'", WITH_NUMBERS),
        ("size IN ('10', '20')", WITH_NUMBERS),
        ("size BETWEEN '10' AND '20'", WITH_NUMBERS),
        ("CASE WHEN size > '20' THEN true ELSE false END", WITH_NUMBERS),
        ("name < 3", WITH_NUMBERS),
        ("NOT name", NO_CONDITION),
        ("name AND flag", NO_CONDITION),
        ("name", "is String, and no condition; compare it with something"),
        ("size", "is Int64, and no condition; compare it with something"),
        ("size LIKE '1%'", "takes numbers for text; compare them with numbers"),
        ("day < DATE '2024-01-02'", "compares text with a time; compare it with text"),
        ("size < 30", 30),
        ("name = 'a'", 30),
        ("NOT flag", 30),
        ("day < '2024-01-02'", 30),
        ("none IS NULL", 60),
    ],
)
def test_a_condition_has_one_answer_in_every_format(tmp_path, where, told):
    answers = [said(tmp_path, where, form) for form in WRITE]

    assert answers == [answers[0]] * len(WRITE)
    if isinstance(told, int):
        assert [told] == answers[0]
    else:
        assert told in answers[0]


def test_numbers_have_the_marks_that_the_binding_names(tmp_path):
    rows = ROWS.with_columns(
        share=pl.col("share").cast(pl.String).str.replace(".", ",", literal=True)
    )

    assert [30] == said(tmp_path, "share > 1", "csv", rows, decimal=",")
    assert WITH_NUMBERS in said(tmp_path, "share > 1", "csv", rows)


def test_a_key_is_a_number_to_a_filter_whatever_it_names(tmp_path):
    rows = ROWS.with_columns(size=pl.format("0{}", "size"))

    assert [30] == said(tmp_path, "size < 30", "csv", rows, cluster="size")


def test_what_no_rule_knows_is_left_to_the_engines_words():
    assert in_our_words("there is no memory left") is None
