"""Texts of SQL that are after something: conditions, which a fleet may keep, and queries."""

from .ground import Attack

_PARTS = r"stand inside each other|too deep"
_UNCLEAR = r"cannot (read|use)"
CONDITIONS = [
    Attack("a file", "EXISTS (SELECT 1 FROM read_csv('{private}/pay.csv'))", "sub-query"),
    Attack("a file as a function", "read_csv('{private}/pay.csv') IS NULL", "no function is"),
    Attack("in quotes", "\"read_csv\"('{private}/pay.csv') IS NULL", "no function is"),
    Attack("of a schema", "main.read_parquet('{private}/pay.parquet') IS NULL", "no function is"),
    Attack("in mixed letters", "ReAd_CsV ('{private}/pay.csv') IS NULL", "no function is"),
    Attack("a URL", "EXISTS (SELECT 1 FROM read_csv('{url}/x.csv'))", "sub-query"),
    Attack("a URL among values", "client IN (SELECT * FROM read_json('{url}/x'))", "sub-query"),
    Attack("a sub-query compared", "score > (SELECT min(score) FROM self)", "sub-query"),
    Attack("a sub-query of any", "client = ANY(SELECT 'm2')", "sub-query"),
    Attack("a query after it", "true UNION SELECT * FROM read_csv('{private}/pay.csv')", "clauses"),
    Attack("a statement after it", "true; DROP TABLE models", "more than one statement"),
    Attack("a comment to the end", "true -- AND client = 'x'", "a comment begins"),
    Attack("a comment within", "read_/**/csv('{private}/pay.csv') IS NULL", "a comment begins"),
    Attack("a nested comment", "true /* /* */ OR true", "a comment begins"),
    Attack("an open quote", "client = 'a", "is not closed|Unterminated|not closed"),
    Attack("a quote of a book", "client = ‘a’", "is no quote"),  # noqa: RUF001
    Attack("a quote of dollars", "client = $$a$$", "quotes nothing here"),
    Attack("an escaped quote", "client = E'\\' OR read_csv(1)'", "begins with e before its quote"),
    Attack("letters by number", "client = U&'\\0041'", "begins with u& before its quote"),
    Attack("wide letters", "ＥＸＩＳＴＳ (SELECT 1)", _UNCLEAR),  # noqa: RUF001
    Attack("a NUL", "client = 'a\0'", "which no SQL has"),
    Attack("half a letter", "client = '\ud800'", "which no SQL has"),
    Attack("a reversed reading", "client = '\u202e'"),
    Attack("what stands for a value", "client = ?", "stands for no value"),
    Attack("a variable", "client = @@version", "@@version|cannot be read|no column"),
    Attack("five thousand brackets", "(" * 5_000 + "true" + ")" * 5_000, _PARTS),
    Attack("twenty thousand signs", "- " * 20_000 + "score > 1", _PARTS),
    Attack("a ladder of cases", "CASE WHEN true THEN " * 900 + "true" + " END" * 900, _PARTS),
    Attack("a ladder of ranges", "(score BETWEEN 0 AND " * 30 + "1" + ")" * 30, r"too\s+deep"),
    Attack("a chain of ors", " OR ".join(["score > 1"] * 2_000), _PARTS),
    Attack("fifty megabytes", "client = '" + "x" * 50_000_000 + "'", "are read at most"),
    Attack("a text that grows", "lpad(client, 2000000000, 'x') = 'a'", "too\\s+long|texts too"),
    Attack(
        "a text that doubles",
        "replace(" * 12 + "client" + ", 'm', 'mmmmmmmm')" * 12 + " = ''",
        "texts too",
    ),
    Attack("a pattern that repeats", "client ~ '(a+)+$'"),
    Attack(
        "a pattern that is compiled",
        "client ~ '((((((a{{99}}){{99}}){{99}}){{99}}){{99}}){{99}})'",
        "size limit",
    ),
    Attack("a large set of letters", "client ~ '\\w{{50000}}'", "size limit"),
    Attack("digits without end", "CAST(1 AS DECIMAL(1000, 999)) = 1", "38 are the most"),
    Attack("more digits than there are", "CAST(1 AS DECIMAL(5, 10)) = 1", "5 are the most"),
    Attack("a number without end", "1" * 5_000 + " = 1", _UNCLEAR + "|more than 38|digits"),
    Attack(
        "what makes an engine panic", "atan2(client, {{'a': 1}}) > 1", _UNCLEAR + "|not admitted"
    ),
    Attack(
        "a zone that is a path", "now() AT TIME ZONE '../../private' > now()", _UNCLEAR + "|zone"
    ),
    Attack(
        "a year that is none", "now() > now() - INTERVAL '99999999999 years'", _UNCLEAR + "|months"
    ),
    Attack("rows out of nothing", "unnest(generate_series(1, 1000000000)) > 0", "no function is"),
]
"""`{private}` and `{url}` are the reader's own folder and the attacker's host."""

QUERIES = [
    Attack("a file for a table", "SELECT * FROM read_csv('{private}/pay.csv')", "read_csv"),
    Attack("a path for a table", "SELECT * FROM '{private}/pay.csv'", "pay.csv|Expected|text"),
    Attack("a path in quotes", 'SELECT * FROM "{private}/pay.csv"', "no table|called"),
    Attack("a glob", "SELECT * FROM read_parquet('{private}/*')", "read_parquet"),
    Attack("a URL for a table", "SELECT * FROM read_csv('{url}/x.csv')", "read_csv"),
    Attack("an unknown format", "SELECT * FROM read_ndjson('{url}/x')", "read_ndjson"),
    Attack("in a join", "SELECT * FROM models JOIN read_ipc('{url}') USING (model)", "read_ipc"),
    Attack("in a table of its own", "WITH a AS (FROM read_csv('{url}')) SELECT * FROM a", "."),
    Attack("in a sub-query", "SELECT (SELECT count(*) FROM read_csv('{url}'))", "."),
    Attack("a lateral function", "SELECT * FROM models, LATERAL read_csv('{url}')", "."),
    Attack("a copy out", "COPY models TO '{private}/pay.csv'", "."),
    Attack("a copy in", "COPY models FROM '{private}/pay.csv'", "."),
    Attack("a table made", "CREATE TABLE x AS SELECT * FROM models", "SELECT or WITH"),
    Attack("a table dropped", "DROP TABLE models", "SELECT or WITH"),
    Attack("a table emptied", "TRUNCATE models", "SELECT or WITH"),
    Attack("rows deleted", "DELETE FROM models", "SELECT or WITH"),
    Attack("rows written", "INSERT INTO models VALUES (1)", "SELECT or WITH"),
    Attack("two statements", "SELECT 1; SELECT 2", "2 statements"),
    Attack("into a file", "SELECT * INTO OUTFILE '{private}/x' FROM models", "."),
    Attack("another database", "ATTACH '{private}/x.db' AS x", "."),
    Attack("a setting", "SET home_directory = '{private}'", "SELECT or WITH"),
    Attack("numbers without end", "SELECT * FROM generate_series(1, 1000000000000)", "."),
    Attack(
        "a table that calls itself",
        "WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM a) SELECT * FROM a",
        "query_seconds|recursive",
    ),
    Attack(
        "forty crossed tables",
        "SELECT count(*) FROM " + ", ".join(f"models AS m{n}" for n in range(40)),  # noqa: S608
        "query_seconds",
    ),
]
