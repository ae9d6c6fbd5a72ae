"""CSV files and JSON lines: separators, encodings, and what is told of those that are broken."""

import gzip
import json
import re

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import RowsRefused
from argosy.plugins import installed
from argosy.types import Written

LATIN = "t,p\n" + "não,não\nsim,sim\n" * 30
ROWS = [("1.5", "1.5"), ("2.5", "2.0")] * 30


def table(rows, separator=","):
    return "".join(separator.join(row) + "\n" for row in [("t", "p"), *rows])


def measured(folder, content, name="log.csv", **named):
    """Evaluate one model on a file; its metrics by name, or the reason why there are none."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register([{"model": "m", "version": "1"}])
    fleet.bind([{"role": "holdout", "url": str(path), "truth": "t", "prediction": "p", **named}])
    found = fleet.evaluate().results()
    values = dict(found.drop_nulls("value").select("metric", "value").iter_rows())
    return values or found["reason"][0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_separator_is_told_by_the_first_lines(separator, tmp_path):
    assert 0.25 == pytest.approx(measured(tmp_path, table(ROWS, separator))["mae"])


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('"a;b",c\n1,2\n', ["a;b", "c"]),
        ("a;b|c\n1;2|3\n", ["a;b|c"]),
        ("a;b\n1\n", ["a;b"]),
        ("a;b\n", ["a", "b"]),
        ("\ufeffa;b\r\n1;2\r\n", ["a", "b"]),
    ],
)
def test_a_separator_that_is_in_doubt_is_a_comma(content, names, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(content, newline="")

    assert names == installed().sources["csv"].scan(str(path), {}).collect_schema().names()


def test_any_other_separator_can_be_named(tmp_path):
    assert "mae" in measured(tmp_path, table(ROWS, "~"), separator="~")


def test_marks_for_decimals_can_be_named(tmp_path):
    rows = [tuple(value.replace(".", ",") for value in row) for row in ROWS]

    assert 0.25 == pytest.approx(measured(tmp_path, table(rows, ";"), decimal=",")["mae"])


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8", "utf-8-sig"])
def test_an_encoding_can_be_named(encoding, tmp_path):
    """pola-rs/polars#25423, #22296: a Latin-1 file could be bound, and not be read."""
    assert 1.0 == measured(tmp_path, LATIN.encode(encoding), encoding=encoding)["accuracy"]


def test_a_mark_at_the_beginning_names_utf_16_itself(tmp_path):
    assert 1.0 == measured(tmp_path, LATIN.encode("utf-16"))["accuracy"]


def test_an_encoding_of_json_lines_can_be_named(tmp_path):
    lines = "".join(
        json.dumps({"t": t, "p": t}, ensure_ascii=False) + "\n" for t in ["não", "a"] * 9
    )
    found = measured(tmp_path, lines.encode("latin-1"), "log.jsonl", encoding="latin-1")

    assert 1.0 == found["accuracy"]


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (LATIN.encode("latin-1"), "log.csv", r"line 2 of .*log\.csv is no UTF-8; bind it with its"),
        ("t,p\n1,1\n0,0,5\n", "log.csv", r"line 3 of .*log\.csv has 3 values, and its header 2"),
        ("t,p,p\n1,1,0\n", "log.csv", r"has no column 'p'; it has t, p \(1\), p \(2\)"),
        ('t,p\n1,1\n"0,0\n', "log.csv", r"line 3 of .*log\.csv has a quote that nothing closes"),
        ('t,p\n1,1\n1"0,0\n', "log.csv", r"line 3 of .*log\.csv has a quote that nothing closes"),
        ("", "log.csv", r"log\.csv is empty: it has not even a header"),
        ('{"t": 1, "p": 1}\n{"t": NaN, "p": 1}\n', "log.jsonl", r"line 2 of .*holds NaN, which is"),
        ('{"t": 1, "p": 1}\n\n{"t": Infinity}\n', "log.jsonl", r"line 3 of .*holds Infinity"),
        (
            '{"t": 1, "p": 1}\n{"t": 1, "p"\n',
            "log.jsonl",
            r"line 2 of .*is no JSON: '{\"t\": 1, \"p\"'",
        ),
        ("[1]\n", "log.jsonl", r"line 1 of .*is no object with names: '\[1\]'"),
    ],
)
def test_what_is_broken_is_told_with_its_line(content, name, told, tmp_path):
    """pola-rs/polars#16245, #10041: "TapeError at character 32"."""
    try:
        reason = measured(tmp_path, content, name)
    except RowsRefused as error:
        reason = str(error)

    assert re.search(told, reason)


def test_another_encoding_shows_when_it_is_bound(tmp_path):
    with pytest.raises(RowsRefused, match="is no UTF-8"):
        measured(tmp_path, LATIN.encode("latin-1"))


def test_what_breaks_after_it_was_bound_is_told_too(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register([{"model": "m", "version": "1"}])
    path = tmp_path / "log.csv"
    path.write_text(table(ROWS))
    fleet.bind([{"role": "holdout", "url": str(path), "truth": "t", "prediction": "p"}])
    path.write_text(table([*ROWS, ("1", "2", "3")]))
    (reason,) = fleet.evaluate().results()["reason"]

    assert f"line 62 of {path} has 3 values, and its header 2 names" in reason


def test_a_compressed_file_is_read_as_before(tmp_path):
    content = gzip.compress(table(ROWS).encode())

    assert 0.25 == pytest.approx(measured(tmp_path, content)["mae"])


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_numbers_are_read_to_the_bit(form, tmp_path):
    """Whether the engine reads them, or the text that it hands over."""
    values = np.random.default_rng(5).normal(size=2000)
    rows = pl.DataFrame({"x": values, "y": values * 1e-200})
    path = tmp_path / f"log.{form}"
    {"csv": pl.DataFrame.write_csv, "jsonl": pl.DataFrame.write_ndjson}[form](rows, path)

    assert rows.equals(installed().sources[form].scan(str(path), {}).collect())


def test_files_are_grouped_by_their_headers(tmp_path):
    source = installed().sources["csv"]
    heads = ["a,b\n1,2\n", "a,b\n3,4\n", "a;b\n1;2\n", "b,a\n1,2\n", 'a,"b\n1,2\n', "", "a,b\n"]
    paths = []
    for number, content in enumerate(heads):
        path = tmp_path / f"{number}.csv"
        path.write_text(content)
        paths.append(str(path))
    found = source.scan_files([*paths, str(tmp_path / "gone.csv")], {}, "argosy_path")
    groups = [[paths.index(url) for url in group.urls] for group in found]

    assert [[0, 1, 6], [2], [3]] == groups


def test_a_named_encoding_is_read_file_by_file(tmp_path):
    source = installed().sources["csv"].written(Written(encoding="latin-1"))
    path = tmp_path / "log.csv"
    path.write_bytes(LATIN.encode("latin-1"))

    assert [] == source.scan_files([str(path)], {}, "argosy_path")
    assert {"não", "sim"} == set(source.scan(str(path), {}).collect()["t"])


@pytest.mark.parametrize("name", ["*", "^t$", 'say "t"'])
def test_a_feature_may_have_an_odd_name(name, tmp_path):
    """The engine takes some names for patterns, and leaves quotes in others."""
    rows = pl.DataFrame([[1.5, 2.5], [1, 2]], schema=["a", "t"]).rename({"a": name})
    rows.write_csv(tmp_path / "log.csv")
    read = installed().sources["csv"].scan(str(tmp_path / "log.csv"), {}).collect()

    assert [name, "t"] == read.columns
    assert rows.rows() == read.rows()


WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize(
    ("ending", "text"),
    [("csv", "t,p\n0,0\n1,1\n"), ("csv", "t;p;née\n0;0;é\n"), ("jsonl", '{"t": 0, "p": 1}\n')],
)
def test_text_of_wide_letters_without_a_mark_names_its_encoding(tmp_path, encoding, ending, text):
    """Its zero bytes are valid UTF-8, so that nothing but a name of a column looked odd."""
    path = tmp_path / f"a.{ending}"
    path.write_bytes(text.encode(encoding) * 9)
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["m"], "version": ["1"]})
    bound = {"role": "holdout", "url": str(path), "truth": "t", "prediction": "p"}

    with pytest.raises(argosy.errors.ArgosyError, match=f"its `encoding`, such as {encoding}"):
        fleet.bind([bound])

    fleet.bind([{**bound, "encoding": encoding}])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("many", [1, 6])
@pytest.mark.parametrize(
    ("ending", "text"),
    [("csv", "t,p\n" + "0,0\n1,1\n" * 30), ("jsonl", '{"t":0,"p":0}\n{"t":1,"p":1}\n' * 30)],
)
def test_a_mark_says_the_encoding(tmp_path, encoding, many, ending, text):
    names = [f"m{number}" for number in range(many)]
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": names, "version": ["1"] * many})
    for name in names:
        (tmp_path / f"{name}.{ending}").write_bytes(text.encode(encoding))
    fleet.bind(
        [
            {
                "role": "holdout",
                "model": name,
                "url": f"{tmp_path}/{name}.{ending}",
                "truth": "t",
                "prediction": "p",
            }
            for name in names
        ]
    )

    found = fleet.evaluate(metrics=["accuracy"]).results()

    assert found["value"].to_list() == [1.0] * many
