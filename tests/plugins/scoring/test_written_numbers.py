"""Numbers in text are understood, or refused with the way out: never classes that nobody meant."""

import polars as pl
import pytest

import argosy
from argosy.data.datasets import MODEL, Dataset
from argosy.registry.bindings import COLUMN_FIELDS
from argosy_scoring.written_numbers import written_numbers

T = [0, 1] * 30
X = ["1.5", "2.5"] * 30


def measured(folder, truth, prediction, form="parquet", task=None, models=("m",), **named):
    """Evaluate models on text; metrics of the first by name, or its reason."""
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register([{"model": model, "version": "1", "task": task} for model in models])
    rows = pl.DataFrame({"t": truth, "p": prediction}, schema=dict.fromkeys("tp", pl.String))
    for model in models:
        path = folder / f"{model}.{form}"
        {"parquet": pl.DataFrame.write_parquet, "csv": pl.DataFrame.write_csv}[form](rows, path)
    fleet.bind(
        [
            {
                "role": "holdout",
                "model": model,
                "url": str(folder / f"{model}.{form}"),
                "truth": "t",
                "prediction": "p",
                **named,
            }
            for model in models
        ]
    )
    found = fleet.evaluate().results().filter(model=models[0])
    values = dict(found.drop_nulls("value").select("metric", "value").iter_rows())
    return values or found["reason"][0]


def text(values):
    return [None if value is None else str(value) for value in values]


FIELDS = dict.fromkeys((*COLUMN_FIELDS, "positive", "decimal", "nulls", "segments", "copy"))


def read(values, task=None, **named):
    """Return what one model's truth is read as, or the reason why it is not."""
    binding = {**FIELDS, "truth": "t", "url": "log", "format": "parquet", **named}
    models = pl.DataFrame({"model": ["m"], "task": [task], "binding": [binding]})
    rows = pl.DataFrame({MODEL: "m", "t": pl.Series(values, dtype=pl.String)})
    (found,) = written_numbers(iter([Dataset(models, binding, rows)]))
    return found.reason or found.rows["t"].to_list()


@pytest.mark.parametrize("pattern", [" {}", "{} ", "+{}", "\u00a0{}"])
def test_blanks_and_signs_are_no_part_of_a_number(pattern):
    """Whole numbers with blanks on one side had accuracy 0.0, with signs 0.5."""
    assert text(T) == read([pattern.format(number) for number in T])


def test_minus_nought_is_nought():
    """Beside 0 and 1 it was a class of its own: accuracy 0.5."""
    assert text(T) == read([str(number or "-0") for number in T])


@pytest.mark.parametrize("word", ["n/a", "NA", "null", "None", "-", "", "NaN"])
def test_words_for_nothing_among_numbers_are_missing(word):
    assert [None, *X] == read([word, *X])


@pytest.mark.parametrize("odd", ["1,5", "3 kg", "12 %", "$5", "1.234,5", "x", "?", "007a", "5€"])
@pytest.mark.parametrize("numbers", [X, ["1", "2"] * 30], ids=["fractions", "whole"])
def test_what_else_stands_among_numbers_is_refused(odd, numbers):
    """They were classes: accuracy 0.5."""
    reason = read([*numbers[:-1], odd])

    assert f"the column 't' of log holds {odd!r} (row 60 of the model) among numbers" in reason
    assert "name its `decimal` or `nulls` when you bind it" in reason


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_it_is_so_of_truths_and_predictions_of_any_format(form, tmp_path):
    assert 1.0 == measured(tmp_path, text(T), [f"+{number}" for number in T], form)["accuracy"]
    (tmp_path / "odd").mkdir()
    reason = measured(tmp_path / "odd", text(T), ["3 kg", *text(T)[1:]], form)

    assert f"the column 'p' of {tmp_path}/odd/m.{form} holds '3 kg' (row 1 of the" in reason


def test_a_column_of_nothing_but_marked_numbers_is_refused_too():
    assert "holds '1,5'" in read(["1,5", "2,5"] * 30)


def test_a_mark_that_is_named_is_understood_in_any_format():
    assert ["1.5", "2002.5"] == read(["1,5", "2.002,5"], decimal=",")
    assert "holds '1.5'" in read(["1,5", "2,5", "1.5"], decimal=",")


def test_words_that_are_named_are_missing():
    assert [None, *X] == read(["-999", *X], nulls=["-999"])


@pytest.mark.parametrize(("named", "task"), [({}, "multiclass"), ({"positive": "3+"}, None)])
def test_classes_that_look_like_numbers_may_be_said_to_be_classes(named, task):
    assert ["1", "1", "3+"] == read(["1", "1", "3+"], task, **named)


@pytest.mark.parametrize("labels", [["a", "b"], ["low", "none"], ["007", "010"], ["A1", "2"]])
def test_classes_stay_classes(labels):
    assert labels * 30 == read(labels * 30)


def test_one_models_words_are_not_anothers(tmp_path):
    """Of a table that models share, each is told of by its own rows."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register([{"model": model, "version": "1"} for model in "abc"])
    rows = pl.DataFrame(
        {
            "k": ["a"] * 60 + ["b"] * 60 + ["c"] * 60,
            "t": text(T) + ["x", *text(T)[1:]] + ["u", "v"] * 30,
        }
    ).with_columns(p=pl.col("t").replace("x", "0"))
    rows.write_parquet(tmp_path / "log.parquet")
    named = {"key": "k", "truth": "t", "prediction": "p"}
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "log.parquet"), **named}])
    found = fleet.evaluate(metrics=["accuracy"]).results().sort("model")

    assert [1.0, None, 1.0] == found["value"].to_list()
    assert "the column 't'" in found["reason"][1]
    assert "holds 'x' (row 1 of the model)" in found["reason"][1]


def test_weights_must_be_numbers(tmp_path):
    """A weight that is no number counted as 0."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register([{"model": "m", "version": "1"}])
    rows = pl.DataFrame({"t": T, "p": T, "w": ["1", "2,5"] * 30})
    rows.write_parquet(tmp_path / "log.parquet")
    named = {"truth": "t", "prediction": "p", "weight": "w"}
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "log.parquet"), **named}])

    assert "the column 'w'" in fleet.evaluate().results()["reason"][0]


def test_labels_of_a_table_of_their_own_are_read_alike(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register([{"model": "m", "version": "1"}])
    ids = list(range(60))
    pl.DataFrame({"i": ids, "p": text(T)}).write_parquet(tmp_path / "log.parquet")
    named = {"role": "holdout", "url": str(tmp_path / "log.parquet"), "id": "i", "prediction": "p"}
    told = []
    for odd in (" 0", "3 kg"):
        labels = pl.DataFrame({"i": ids, "t": [odd, *text(T)[1:]]})
        labels.write_parquet(tmp_path / "labels.parquet")
        url = str(tmp_path / "labels.parquet")
        fleet.bind([named, {"role": "truth", "url": url, "id": "i", "truth": "t"}])
        told.append(fleet.evaluate(metrics=["accuracy"]).results().select("value", "reason").row(0))

    assert (1.0, None) == told[0]
    assert "holds '3 kg' (row 1 of the model) among numbers such as '1'" in told[1][1]
