"""Queries mean what they meant, over tables that are known and nothing else."""

import polars as pl
import pytest

from argosy.errors import BadInput, UnknownName
from argosy.sql.query import query
from argosy.sql.refusal import RefusedSQL

TABLES = {
    "t": pl.LazyFrame(
        {
            "a": [1, 2, 2, None],
            "b": ["x", "y", "y", "z"],
            "k": [1, 2, 3, 4],
            "l": [[1, 2], [3], [], [4]],
            "m": [{"r": "eu"}, {"r": "us"}, None, {"r": "eu"}],
        }
    ),
    "s": pl.LazyFrame({"k": [1, 2, 2, 5], "c": [1.5, 2.5, 3.5, 4.5]}),
}
QUERIES = """
select * exclude(b) rename (a as d) from t order by k
select * replace (k + 1 as k) from t order by k
select t.* from t, s where t.k = s.k order by t.k, s.c
select distinct on (a) a from t as u (v, w, x, y, z) order by a
select a, c from t left join s using (k) order by a, c
select * from t natural join s order by c
select t.a, s.c from t full outer join s on t.k = s.k and s.c > 2 order by s.c, t.k
select k from t left semi join s on t.k = s.k order by k
select k from t anti join s on t.k = s.k order by k
select x.k, y.k as other from s x cross join s y order by x.k, y.k, x.c, y.c
select b, count(*) as n from t group by all order by b
select a, b, count(*) as n from t group by rollup(a, b) order by a, b, n
select a, b, count(*) as n, grouping(a) g from t group by grouping sets ((a), (b), ()) order by a, b, n
select a, b, count(*) as n from t group by cube(a, b) order by a, b, n
select b, sum(a) over w as v from t window w as (partition by b order by k) qualify v > 1 order by all
select b, count(*) c from t group by b having count(*) > 1 or b = 'x' order by 1 desc limit 3 offset 0
select a from t order by a desc nulls first fetch first 3 rows only
select k from t union all by name select k from s order by k
select k from t union select k from s order by k
select k from t intersect select k from s order by k
select k from t except select k from s order by k
(select k from t) union all (select k from s where c > 2) order by k
values (1, 'x'), (3, 'y')
select * from (values (1, 2), (3, 4)) as v(a, b) order by a
from t
from t select a
select * from unnest([1, 2]) as q(x)
select unnest(l) as x from t
select * ilike 'a%' from t
select a from t order by k limit 1, 2
with w as (select a from t), v(q) as (select a from w) select * from v where q in (select a from w) order by q
with w as (select k from t where k > 1) select w.k from w where exists (select 1 from s where s.k = w.k)
with recursive r as (select 1 as n union all select n + 1 as n from r where n < 5) select * from r order by n
select (select max(c) from s) as m, a from t order by k
select a from t where a = any(select k from s) and not k in (select 4) order by k
select a from t where (a > 1 or b = 'x') and not b like 'z%' and m.r = 'eu'
select string_agg(b, ',' order by k desc) as v, count(distinct a) filter (where k > 1) n from t
select lag(a, 1) over (order by k) v, row_number() over (partition by b order by k) from t order by k
select -a, - -a as p, a - -1 as q, 7 // 2 as r, 7 / 2 as x, -7 % 3 as y, 2 - 3 - 4 as z from t order by k
select 'it''s' as v, 'a\\' as w, "a" as "q""z" from t order by k
SELECT T.a FROM T ORDER BY k
select model from (select b as model, k from t) as q where k between 1 and 2 order by model;
select case when a is null then 'none' else b end as v from t order by k
select date_trunc('month', timestamp '2026-01-31 10:00:00') as v, t.b || '-' || t.k as w from t order by k
""".strip().splitlines()  # noqa: E501


def answer(text):
    try:
        return pl.SQLContext(TABLES).execute(text, eager=True)
    except pl.exceptions.PolarsError as error:
        return str(error).splitlines()[0]


@pytest.mark.parametrize("text", QUERIES)
def test_what_is_written_anew_means_the_same(text):
    try:
        asked = query(text, TABLES)
    except RefusedSQL as error:
        pytest.fail(f"refused: {error}")
    before, after = answer(text), asked.over(TABLES).collect()

    if isinstance(before, str):
        pytest.fail(before)
    assert before.columns == after.columns
    assert before.equals(after, null_equal=True)


@pytest.mark.parametrize("text", QUERIES)
def test_columns_that_are_not_named_are_not_read(text):
    asked = query(text, TABLES)
    own = {
        name: frame
        if asked.columns is None
        else frame.select(
            [one for one in frame.collect_schema() if one in asked.columns] or pl.first()
        )
        for name, frame in TABLES.items()
    }

    assert asked.over(own).collect().equals(asked.over(TABLES).collect(), null_equal=True)


REFUSED = {
    "SELECT * FROM read_csv('{file}')": "function in place of a table",
    "SELECT * FROM READ_PARQUET('{file}')": "function in place of a table",
    "SELECT * FROM \"read_csv\"('{file}')": "function in place of a table",
    "SELECT * FROM `read_csv`('{file}')": "function in place of a table",
    "SELECT * FROM read_ipc('http://127.0.0.1:9/x')": "function in place of a table",
    "SELECT * FROM read_ndjson('{file}', infer_schema_length => NULL)": "function in place",
    "SELECT * FROM scan_parquet('s3://bucket/x')": "function in place of a table",
    "SELECT * FROM t JOIN read_csv('{file}') r ON t.k = r.k": "function in place of a table",
    "SELECT * FROM t, read_csv('{file}')": "function in place of a table",
    "SELECT * FROM (SELECT * FROM read_csv('{file}'))": "function in place of a table",
    "WITH w AS (SELECT * FROM read_csv('{file}')) SELECT * FROM w": "function in place of a table",
    "WITH t AS (FROM read_csv('{file}')) SELECT * FROM t": "function in place of a table",
    "SELECT * FROM t WHERE k IN (SELECT k FROM read_csv('{file}'))": "function in place",
    "SELECT (SELECT max(k) FROM read_json('{file}')) FROM t": "function in place of a table",
    "SELECT 1 UNION SELECT * FROM read_csv('{file}')": "function in place of a table",
    "SELECT * FROM t ORDER BY (SELECT 1 FROM read_csv('{file}'))": "function in place",
    "SELECT * FROM t LIMIT (SELECT 1 FROM read_csv('{file}'))": "function in place of a table",
    "SELECT * FROM generate_series(1, 1000000000000)": "function in place of a table",
    "SELECT * FROM range(1000000000000)": "function in place of a table",
    "SELECT * FROM t(1)": "function in place of a table",
    "SELECT * FROM TABLE(read_csv('{file}'))": "table function is not admitted",
    "SELECT * FROM '{file}'": "no table is called",
    "SELECT * FROM 't'": "no table is called|is a text where a name",
    'SELECT * FROM "{file}"': "no table is called",
    'SELECT * FROM "/etc/passwd"': "no table is called",
    "SELECT * FROM `http://127.0.0.1:9/x.csv`": "no table is called",
    "SELECT * FROM other.t": "no table is called",
    "SELECT * FROM t NATURAL JOIN 'x.csv'": "no table is called",
    "SELECT * FROM tt": "did you mean 't'",
    "SELECT read_csv('{file}') FROM t": "no function is called",
    "SELECT * FROM t; SELECT * FROM s": "2 statements",
    "SELECT 1; DROP TABLE t": "2 statements",
    "DROP TABLE t": "tables change through verbs",
    "DELETE FROM t": "tables change through verbs",
    "TRUNCATE TABLE t": "tables change through verbs",
    "CREATE TABLE u AS SELECT * FROM t": "tables change through verbs",
    "CREATE TABLE u AS SELECT * FROM read_csv('{file}')": "tables change through verbs",
    "COPY t TO '{file}'": "tables change through verbs",
    "INSERT INTO t VALUES (1)": "tables change through verbs",
    "UPDATE t SET a = 1": "tables change through verbs",
    "EXPLAIN SELECT * FROM t": "starts with SELECT",
    "EXPLAIN SELECT * FROM read_csv('{file}')": "starts with SELECT",
    "SHOW TABLES": "starts with SELECT",
    "SELECT a INTO u FROM t": "INTO in SELECT",
    "SELECT * FROM t FOR UPDATE": "LOCKS in a query",
    "SELECT TOP 3 a FROM t": "TOP in SELECT",
    "SELECT * FROM t TABLESAMPLE BERNOULLI (10)": "SAMPLE in a table",
    "SELECT * FROM t PIVOT (sum(a) FOR b IN ('x'))": "pivot",
    "SELECT * FROM LATERAL (SELECT 1) x": "derived is not admitted",
    "SELECT * FROM t -- WHERE": "comment",
    "SELECT /*+ hint */ * FROM t": "comment",
    "SELECT * FROM/**/read_csv('{file}')": "comment",
    "SELECT FROM": "Expected|nothing",
    "SELECT * FROM (" * 10_000 + "t" + ")" * 10_000: "inside each other",
    "SELECT 1" + " UNION SELECT 1" * 10_000: "inside each other",
    "SELECT * FROM t" + " JOIN t USING (k)" * 10_000: "inside each other",
    "SELECT" + " 1 +" * 10_000 + " 1": "inside each other",
}


@pytest.mark.parametrize(("text", "told"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_is_no_query_is_refused_with_its_reason(text, told, tmp_path, monkeypatch):
    file = tmp_path / "outside.csv"
    file.write_text("k\n1\n")
    monkeypatch.setattr(pl, "SQLContext", lambda *_: pytest.fail("the engine saw it"))

    with pytest.raises((BadInput, UnknownName), match=told):
        query(text.replace("{file}", str(file)), TABLES)


@pytest.mark.parametrize(
    ("text", "bounded"),
    [
        ("SELECT a, sum(k) FROM t GROUP BY a", True),
        ("SELECT t.k FROM t JOIN s ON t.k = s.k", True),
        ("SELECT * FROM (SELECT b || b AS b FROM t)", False),
        ("SELECT lpad(b, 1000000000) FROM t", False),
        ("SELECT a FROM t GROUP BY cube(a, b, k, l)", False),
        ("SELECT unnest(l) FROM t", False),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT * FROM r", False),
    ],
)
def test_a_query_says_whether_it_can_outgrow_its_tables(text, bounded):
    assert query(text, TABLES).bounded == bounded
