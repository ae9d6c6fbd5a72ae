"""Expressions mean what they meant, and nothing leaves the rows that they are over."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.sql import functions
from argosy.sql.expression import chosen, expression, written
from argosy.sql.refusal import RefusedSQL

ROWS = pl.DataFrame(
    {
        "n": [1, -2, 0, None, 7],
        "x": [0.5, -1.5, None, 2.0, 0.0],
        "s": ["it's", 'a "b"', None, "", "é\\"],
        "b": [True, False, None, True, False],
        "d": [date(2026, 1, 2), None, date(2025, 12, 31), date(2024, 2, 29), date(2026, 1, 1)],
        "t": [datetime(2026, 1, 2, 3, 4, 5), None, datetime(2025, 12, 31), None, None],
        "l": [[1, 2], [], None, [3], [-2, 0]],
        "tags": [{"region": "eu"}, {"region": None}, {"region": "us"}, None, {"region": "eu"}],
        "metrics.auc": [0.5, None, 0.9, 0.1, 0.7],
        "größe": [1, 2, 3, 4, 5],
    }
).with_columns(a=pl.concat_list("größe", "größe").list.to_array(2))


def as_expression(text):
    return ROWS.select(pl.sql_expr(text).alias("v"))["v"]


def as_query(text):
    return ROWS.sql(f"SELECT {text} AS v FROM self")["v"]  # noqa: S608


def worked_out(text, way):
    """Return what an expression gives, or that it gives nothing."""
    try:
        return way(text)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None


def assert_same(text):
    for way in (as_expression, as_query):
        before, after = worked_out(text, way), worked_out(written(text), way)
        assert (before is None) == (after is None), (text, written(text))
        if before is not None:
            assert before.dtype == after.dtype, (text, written(text))
            assert before.equals(after, null_equal=True), (text, written(text))


NUMBERS = st.one_of(
    st.sampled_from(["n", "x", '"metrics.auc"', "größe", "`n`", "-n", "- -1", "+x", "1e2", ".5"]),
    st.integers(-20, 20).map(str),
    st.floats(-3, 3, allow_subnormal=False).map(lambda number: f"{number:.3f}"),
)
STRINGS = st.one_of(
    st.sampled_from(["s", "tags.region", "UPPER(s)", "x::varchar"]),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=6).map(
        lambda text: "'" + text.replace("'", "''") + "'"
    ),
)
TIMES = st.sampled_from(["d", "t", "DATE '2026-01-01'", "TIMESTAMP '2025-12-31 00:00:00'"])


def numbers_of(inner):
    pairs = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "//"]), inner)
    return st.one_of(
        pairs.map(" ".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"- {one}"),
        inner.map(lambda one: f"CAST({one} AS DOUBLE)"),
        inner.map(lambda one: f"({one})::bigint"),
        st.tuples(inner, inner).map(lambda two: f"COALESCE({two[0]}, {two[1]})"),
        inner.map(lambda one: f"abs(round({one}, 1))"),
        st.tuples(inner, inner).map(lambda two: f"CASE WHEN {two[0]} > 1 THEN {two[1]} END"),
        inner.map(lambda one: f"CASE {one} WHEN 1 THEN 2 ELSE {one} END"),
        st.sampled_from(["EXTRACT(year FROM d)", "array_length(l)", "length(s)", "l[1]"]),
    )


def strings_of(inner):
    return st.one_of(
        st.tuples(inner, inner).map(" || ".join),
        inner.map(lambda one: f"substr({one}, 1, 2)"),
        inner.map(lambda one: f"TRIM(BOTH 'a' FROM {one})"),
        inner.map(lambda one: f"lower(({one}))"),
    )


def conditions_of(inner):
    comparisons = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">=", "<=>"])
    number, text = NUMBER, STRING
    return st.one_of(
        st.tuples(number, comparisons, number).map(" ".join),
        st.tuples(text, comparisons, text).map(" ".join),
        st.tuples(TIMES, comparisons, TIMES).map(" ".join),
        st.tuples(number, number, number).map(lambda x: f"{x[0]} BETWEEN {x[1]} AND {x[2]}"),
        st.tuples(number, number, number).map(lambda x: f"{x[0]} NOT IN ({x[1]}, {x[2]}, NULL)"),
        st.tuples(text, st.sampled_from(["'a%'", "'_'", "'%\"%'"])).map(" LIKE ".join),
        st.tuples(text, st.sampled_from(["'A%'", "'%!%' ESCAPE '!'"])).map(" NOT ILIKE ".join),
        st.tuples(text, st.sampled_from(["~", "!~", "~*", "!~*", "^@"])).map(
            lambda x: f"{x[0]} {x[1]} 'a'"
        ),
        st.tuples(text, text).map(lambda x: f"{x[0]} IS NOT DISTINCT FROM {x[1]}"),
        number.map(lambda one: f"{one} IS NULL"),
        st.sampled_from(["b", "NOT b", "b IS NOT TRUE", "array_contains(l, 1)", "1 = ANY(l)"]),
        inner.map(lambda one: f"NOT {one}"),
        inner.map(lambda one: f"({one})"),
        st.tuples(inner, st.sampled_from(["AND", "OR", "XOR"]), inner).map(" ".join),
    )


NUMBER = st.recursive(NUMBERS, numbers_of, max_leaves=5)
STRING = st.recursive(STRINGS, strings_of, max_leaves=3)
CONDITION = st.recursive(st.just("b"), conditions_of, max_leaves=5)


@settings(max_examples=300, deadline=None)
@given(st.one_of(NUMBER, STRING, CONDITION))
def test_what_is_written_anew_means_the_same(text):
    assert_same(text)


@settings(max_examples=100, deadline=None)
@given(st.one_of(NUMBER, STRING, CONDITION))
def test_what_is_written_anew_is_written_so_again(text):
    assert written(text) == written(written(text))


CALLS = {
    **dict.fromkeys(functions.NUMBERS, "{}(n)"),
    **dict.fromkeys(functions.TEXTS, "{}(s)"),
    **dict.fromkeys(functions.TIMES, "{}(t)"),
    **dict.fromkeys(functions.CHOICES, "{}(n, 3)"),
    **dict.fromkeys(functions.AGGREGATES, "{}(n)"),
    **dict.fromkeys(functions.LISTS, "{}(l)"),
    **dict.fromkeys(functions.WINDOWS, "{}(n) OVER (PARTITION BY b ORDER BY größe DESC)"),
    **dict.fromkeys(["atan2", "atan2d", "div", "mod", "pow", "power"], "{}(x, 2)"),
    **dict.fromkeys(["bitand", "bit_and", "bitor", "bit_or", "bitxor", "bit_xor"], "{}(n, 3)"),
    **dict.fromkeys(["xor", "corr", "covar", "covar_pop", "covar_samp"], "{}(n, 2)"),
    **dict.fromkeys(["starts_with", "ends_with", "regexp_like", "strpos"], "{}(s, 'a')"),
    **dict.fromkeys(["replace", "regexp_replace"], "{}(s, 'a', 'x''y')"),
    **dict.fromkeys(["left", "right", "lpad", "rpad"], "{}(s, 3)"),
    **dict.fromkeys(["current_date", "current_time", "localtime"], "{} IS NULL"),
    **dict.fromkeys(["current_timestamp", "localtimestamp"], "{} IS NULL"),
    **dict.fromkeys(["quantile_cont", "quantile_disc", "approx_quantile"], "{}(x, 0.5)"),
    **dict.fromkeys(["string_agg", "listagg", "group_concat"], "{}(s, ',' ORDER BY n DESC)"),
    **dict.fromkeys(["row_number", "rank", "dense_rank", "percent_rank"], "{}() OVER (ORDER BY n)"),
    **dict.fromkeys(["cume_dist"], "{}() OVER (ORDER BY n)"),
    **dict.fromkeys(["array_dot_product", "array_inner_product"], "{}(a, a)"),
    "array_contains": "{}(l, 1)",
    "array_get": "{}(l, 1)",
    "array_to_string": "{}(l, '-')",
    "split_part": "{}(s, 'a', 1)",
    "string_to_array": "{}(s, 'a')",
    "substr": "{}(s, 1, 2)",
    "if": "{}(b, n, 0)",
    "pi": "{}()",
    "now": "{}() IS NULL",
    "concat_ws": "{}('-', s, s)",
    "date_part": "{}('year', t)",
    "date_trunc": "{}('month', t)",
    "date": "{}('2026-01-01')",
    "strftime": "{}(t, '%Y')",
    "strptime": "{}('2026', '%Y')",
    "time": "{}('12:00:00')",
    "timestamp": "{}('2026-01-01 00:00:00')",
    "datetime": "{}('2026-01-01 00:00:00')",
    "nth_value": "{}(n, 2) OVER (ORDER BY x)",
    "ntile": "{}(2) OVER (ORDER BY x)",
    "normalize": "{}(s, NFC)",
    "log": "{}(x, 2)",
    "columns": "{}('^n$')",
    "unnest": "{}(l)",
}
NO_VALUE_ALONE = {"grouping", "grouping_id", "initcap"}
"""Those need a GROUP BY, and a build of the engine that has it."""


@pytest.mark.parametrize("function", sorted(functions.ADMITTED))
def test_each_function_means_the_same(function):
    text = CALLS[function].format(function.upper() if len(function) % 2 else function)
    if function not in NO_VALUE_ALONE:
        assert worked_out(text, as_query) is not None, text
    assert_same(text)


@pytest.mark.parametrize(
    "text",
    [
        "CAST(n AS DECIMAL(5, 2))",
        "TRY_CAST(s AS INT)",
        "n::int[]",
        "x::float(3)",
        "CAST(d AS TIMESTAMP(3))",
        "t + INTERVAL '1 day'",
        "t + INTERVAL 3 DAY",
        "d >= '2026-01-01' AND DATE'2026-01-02' >= d",
        "sum(n) FILTER (WHERE b) OVER (PARTITION BY b)",
        "sum(n) OVER (PARTITION BY b ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        "count(DISTINCT s)",
        "first_value(n) OVER (ORDER BY x NULLS FIRST)",
        "tags.region = 'eu'",
        "tags ->> 'region'",
        "POSITION('t' IN s)",
        "TRIM(LEADING 'a' FROM s)",
        "x'616263' IS NULL",
        "l[1:2]",
        "t AT TIME ZONE 'UTC' IS NULL",
        "n // 2 - -3 * 2 % 4",
        "7 / 2 = 3.5",
        "NOT n = 1 AND b OR s LIKE 'a%'",
        "s IN ('it''s', 'a \"b\"', 'é\\')",
        "n = 1 XOR b",
        "s RLIKE '^i' AND s NOT REGEXP 'x'",
        "array[1, 2] IS NULL",
        "n <> ALL(array[1, 2])",
        "n & 3 | 4",
    ],
)
def test_forms_mean_the_same(text):
    assert_same(text)


def test_a_condition_selects_as_the_engine_would():
    text = "n > 0 and tags.region in ('eu') or \"metrics.auc\" >= .9"

    assert chosen(ROWS, text).equals(ROWS.sql(f"SELECT * FROM self WHERE {text}"))  # noqa: S608


REFUSED = {
    "EXISTS (SELECT 1 FROM read_csv('{file}') WHERE secret = 'x')": "sub-query",
    "n IN (SELECT secret FROM read_csv('{file}'))": "sub-query",
    "(SELECT secret FROM read_csv('{file}')) = 'x'": "sub-query",
    "n = ANY(SELECT secret FROM read_csv('{file}'))": "sub-query",
    "NOT EXISTS(SELECT 1 FROM '{file}')": "sub-query",
    "coalesce((SELECT 1 FROM read_parquet('http://127.0.0.1:9/x')), 1) = 1": "sub-query",
    'count((SELECT 1 FROM "{file}")) > 0': "sub-query",
    "CASE WHEN b THEN (SELECT 1 FROM read_json('{file}')) END = 1": "sub-query",
    "sum(n) OVER (PARTITION BY (SELECT 1 FROM read_csv('{file}'))) = 1": "sub-query",
    "read_csv('{file}') = 1": "no function is called 'read_csv'",
    "\"READ_CSV\"('{file}') = 1": "no function is called 'READ_CSV'",
    "ReAd_PaRqUeT('{file}')": "no function is called",
    "read_ndjson('{file}', infer_schema_length => 1)": "no function is called",
    "abs.read_csv('{file}')": "no function is called",
    "generate_series(1, 1000000000) IS NULL": "no function is called",
    "range(0, 10)": "no function is called",
    "b FROM read_csv('{file}')": "more than one expression",
    "b ORDER BY n": "more than one expression",
    "b UNION SELECT 1 FROM read_csv('{file}')": "more than one expression",
    "b, n": "more than one expression",
    "*": "stands for many columns",
    "b AS c": "follows the expression",
    "b; DROP TABLE models": "more than one statement",
    "b; SELECT * FROM read_csv('{file}')": "more than one statement",
    "b -- c": "comment",
    "b /* c */": "comment",
    "s = '": "is not closed",
    "s = 'a''": "is not closed",
    "\"s = 'a'": "is not closed",
    "`s = 'a'": "is not closed",
    "s = ’a’": "is no quote",
    "s = “a”": "is no quote",
    "s = ＇a＇": "is no quote",
    "s = $$a$$": "quotes nothing here",
    "s = e'\\'' OR b": "before its quote",
    "s = N'a'": "before its quote",
    "s IN (E'\\', 'a', 'b')": "before its quote",
    "s IN ('a', 'b', E'\\')": "before its quote",
    "s = U&'a'": "before its quote",
    "s = q'[a]'": "before its quote",
    "s = 'a\x00b'": "which no SQL has",
    "s = 'a\x1b[2J'": "which no SQL has",
    "s = \ud800": "which no SQL has",
    "s\u200b = 'a'": "means nothing in SQL",
    "": "nothing in it",
    " \n": "nothing in it",
    "n = ?": "write the value itself",
    "n = :x": "write the value itself",
    "teem(": "Expected",
    "lenght(s) = 1": "did you mean 'length'",
    "SELECT 1": "end of statement",
    "DISTINCT b": "more than one expression",
    "n BETWEEN 1 AND 2" + " BETWEEN 1 AND 2" * 40: "too deep",
    "(" * 10_000 + "n" + ")" * 10_000: "inside each other",
    "NOT " * 10_000 + "b": "inside each other",
    "-" * 1 + " -" * 10_000 + "n": "inside each other",
    "n" + " + 1" * 100_000: "inside each other",
    "b" + " OR b" * 100_000: "inside each other",
    "s" + " || s" * 1_000: "inside each other",
    "n" + "::int" * 10_000: "inside each other|deep",
    "n" + " IS NULL" * 10_000: "inside each other",
    "n" + "[1]" * 10_000: "inside each other|deep",
    "abs(" * 10_000 + "n" + ")" * 10_000: "inside each other",
    "CASE WHEN b THEN " * 5_000 + "1" + " END" * 5_000: "inside each other",
    "length(lpad(s, 2000000000)) > 1": "texts too long",
    "rpad(s, n * 1000000) = 'a'": "must be a number",
    "replace(" * 9 + "s" + ", '', 'aaaaaaaaaa')" * 9 + " = 'a'": "texts too long",
    "s = '" + "a" * 3_000_000 + "'": "characters",
}


@pytest.mark.parametrize(("text", "told"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_is_no_expression_is_refused_with_its_reason(text, told, tmp_path, monkeypatch):
    file = tmp_path / "outside.csv"
    file.write_text("secret\nx\n")
    for name in ("sql_expr", "SQLContext"):
        monkeypatch.setattr(pl, name, lambda *_: pytest.fail("the engine saw it"))

    with pytest.raises(RefusedSQL, match=told) as caught:
        expression(text.replace("{file}", str(file)))

    assert len(str(caught.value)) < 500


def test_long_lists_of_names_are_read():
    text = "s IN (" + ", ".join(f"'m-{number}'" for number in range(20_000)) + ", 'it''s')"

    assert chosen(ROWS, text)["n"].to_list() == [1]


def test_many_alternatives_are_read():
    text = " OR ".join(f"n = {number}" for number in range(250))

    assert chosen(ROWS, text)["n"].to_list() == [1, 0, 7]


def test_an_error_says_where_a_text_is_wrong():
    with pytest.raises(RefusedSQL, match=r"found: \), at character 7"):
        expression("n > 1 )")
    with pytest.raises(RefusedSQL, match=r"at line 2, character 5"):
        expression("n > 1\nAND )")


def test_a_text_is_parsed_once():
    expression("n > 12345")
    before = expression.cache_info().misses
    expression("n > 12345")

    assert expression.cache_info().misses == before
