"""Tables of changes that stand in files: what is written there is what is registered."""

import csv
import gzip
import io
from functools import partial

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.errors import BadInput
from argosy.plugins.settings import using
from argosy_cli.csv_text import read_csv
from argosy_cli.table_files import read_table


def read(tmp_path, text, name="models.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(str(path))


@pytest.mark.parametrize("value", ["007", "1.10", "TRUE", "00", "1e3", "2026-01-01", " a", "NaN"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_csv_is_text(tmp_path, value, quote):
    """F04, apache/arrow#39660: `007` became 7, `TRUE` became true, and 1.10 was refused."""
    found = read(tmp_path, f"model,version\n{quote}{value}{quote},1\n")

    assert found.rows() == [(value, "1")]


def test_models_and_versions_keep_their_names_from_a_csv(empty, tmp_path):
    """F04: the reproducer, by its verb."""
    for number, text in enumerate(("007,1\n008,00\n", '"009","1.10"\n', "TRUE,1\n")):
        empty.register(read(tmp_path, "model,version\n" + text, f"{number}.csv"))

    assert empty.versions().select("model", "version").collect().rows() == [
        ("007", "1"),
        ("008", "00"),
        ("009", "1.10"),
        ("TRUE", "1"),
    ]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=6
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=6))
def test_whatever_is_written_as_csv_is_read(rows):
    """Quotes, commas, line ends and blanks; an empty field is missing, a quoted one is empty."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["model", "version", "team"], *rows])

    assert read_csv(file.getvalue().encode(), "models.csv").rows() == [tuple(row) for row in rows]


def test_fields_that_are_empty_are_missing(tmp_path):
    assert read(tmp_path, 'model,version,team\na,,""\n').rows() == [("a", None, "")]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfmodel,version\r\na,1\r\n",
        gzip.compress(b"model,version\na,1\n"),
        b"model,version\na,1",
        b'"model","version"\n"a","1"\n',
    ],
    ids=["a mark of its encoding", "gzip", "no last line end", "quotes"],
)
def test_a_csv_of_any_make_is_read(tmp_path, content):
    assert read(tmp_path, content).to_dicts() == [{"model": "a", "version": "1"}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("model;version\na;1\n", r"semicolons between its names \('model;version'\), and no comma"),
        ("model\tversion\na\t1\n", "tabs between its names"),
        ("model,version\na,1\nb,1,x\n", r"line 3 of .* has 3 fields, and its first line names 2"),
        ("model,version\na\n", "line 2 of .* has 1 field, and its first line names 2"),
        ("model,version\n\na,1\n", "line 2 of .* is empty, and its first line names 2"),
        ("model,version,model\na,1,b\n", "names the column 'model' twice"),
        ('model,version\na,"1\n', "line 2 of .* is no CSV: unexpected end of data; close every"),
        ('model,version\na,"1" \n', "line 2 of .* is no CSV"),
        ("", "is empty; its first line names the columns"),
        (b"model,version\nn\xe3o,1\n", r"line 2 of .* is no UTF-8 \(byte 0xe3\); save it as UTF-8"),
        (b"\x1f\x8bnot gzip", "is damaged"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_line(tmp_path, text, told):
    """F04, and in no engine's words: `truncate_ragged_lines` is nothing that a user can set."""
    with pytest.raises(BadInput, match=told) as refused:
        read(tmp_path, text)

    assert "schema" not in str(refused.value).lower()


def test_numbers_are_read_from_text_by_what_the_column_is(empty, tmp_path):
    empty.register(read(tmp_path, "model,version,tier,seed\na,1,2,12\nb,1,,\n"))

    assert empty.models().collect()["tier"].to_list() == [2, None]
    assert empty.versions().collect()["seed"].to_list() == [12, None]


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("tier", "2.7", "the column 'tier' .* row 1 has '2.7', which is no whole number"),
        ("seed", "x", "row 1 has 'x', which is no whole number"),
        ("seed", "9" * 30, "which is no whole number"),
        ("tier", "1,0", None),
    ],
)
def test_what_is_no_such_number_is_told_with_its_row(empty, tmp_path, column, text, told):
    quoted = f'"{text}"'
    with pytest.raises(BadInput, match=told or "'1,0', which is no whole number"):
        empty.register(read(tmp_path, f"model,version,{column}\na,1,1\nb,1,{quoted}\n"))


# Other formats


def test_json_lines_keep_the_types_of_json(tmp_path):
    found = read(tmp_path, '{"model": "007", "tier": 2}\n\n{"model": "TRUE"}\n', "m.jsonl")

    assert found.to_dicts() == [{"model": "007", "tier": 2}, {"model": "TRUE", "tier": None}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"model": "a", "version": "2"}\n{"model": "b", "version": 1.10}\n',
         r"the column 'version' has text \('2', row 0\) and a number \(1.1, row 1\)"),
        ('{"model": "a"}\n{"model": true}\n', r"and a boolean \(True, row 1\); write all of it as"),
        ('{"model": "a"\n', "line 1 of .* is no JSON: .* at character"),
        ('{"model": "a"}\n[1]\n', "line 2 of .* is a list, not an object"),
        (b'{"model": "\xe3"}\n', "line 1 of .* is no UTF-8"),
    ],
)  # fmt: skip
def test_what_json_lines_do_not_say_is_refused_with_its_line(tmp_path, text, told):
    """1.10 beside text became the text 1.1."""
    with pytest.raises(BadInput, match=told):
        read(tmp_path, text, "m.jsonl")


@pytest.mark.parametrize(("suffix", "write"), [("parquet", pl.DataFrame.write_parquet),
                                               ("arrow", pl.DataFrame.write_ipc)])  # fmt: skip
def test_formats_with_types_keep_them(tmp_path, suffix, write):
    rows = pl.DataFrame({"model": ["007"], "version": ["1.10"], "tier": [2]})
    write(rows, tmp_path / f"m.{suffix}")

    assert read_table(str(tmp_path / f"m.{suffix}")).equals(rows)


@pytest.mark.parametrize("name", ["none.csv", "none.jsonl", "none.parquet"])
def test_a_file_that_is_not_there_is_told_so(tmp_path, name):
    with pytest.raises(BadInput, match=f"there is no file '.*{name}'"):
        read_table(str(tmp_path / name))


@pytest.mark.parametrize("name", ["m.xlsx", "m"])
def test_another_format_is_refused_with_those_that_there_are(tmp_path, name):
    (tmp_path / name).write_text("")
    with pytest.raises(BadInput, match=r"name a file that ends in one of .*\.csv.*\.parquet"):
        read_table(str(tmp_path / name))


@pytest.mark.parametrize("name", ["big.csv", "big.csv.gz", "big.jsonl", "big.parquet"])
def test_a_file_that_is_too_large_is_refused_whatever_it_is_packed_to(tmp_path, name):
    rows = pl.DataFrame({"model": [f"m{number}" for number in range(20_000)]})
    path = tmp_path / name
    if name.endswith(".gz"):
        path = tmp_path / "big.csv"
        path.write_bytes(gzip.compress(rows.write_csv().encode()))
    else:
        packed = partial(rows.write_parquet, compression="uncompressed")
        {".csv": rows.write_csv, ".jsonl": rows.write_ndjson, ".parquet": packed}[path.suffix](path)

    with (
        using({"core": {"largest_table": 50_000}}),
        pytest.raises(BadInput, match="more than 50,000 bytes.*core.largest_table"),
    ):
        read_table(str(path))
    assert 20_000 == read_table(str(path)).height


def test_a_file_without_an_end_is_given_up(tmp_path):
    endless = tmp_path / "endless.csv"
    endless.symlink_to("/dev/zero")

    with using({"core": {"largest_table": 50_000}}), pytest.raises(BadInput, match="more than"):
        read_table(str(endless))
