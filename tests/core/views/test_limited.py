"""A query that takes too much is ended, and whoever asked it goes on."""

import os
import subprocess
import sys
import threading
import time

import polars as pl
import pytest

from argosy.errors import BadInput
from argosy.plugins.settings import using
from argosy.views import limited

GIB = 2**30
MANY = pl.LazyFrame({"a": range(200_000)}).with_columns(b=pl.col("a") % 3)
PAIRS = MANY.join(MANY, on="b")
ENDLESS = MANY.join_where(MANY.rename(lambda name: name + "2"), pl.col("a") * 7 % 11 < pl.col("a2"))


def linux_alone(test):
    return pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")(test)


def test_rows_come_back_as_they_are():
    frame = pl.DataFrame(
        {
            "l": [[1], None],
            "s": [{"x": "é"}, None],
            "c": pl.Series(["a", "b"], dtype=pl.Categorical),
            "t": pl.Series([0, 1]).cast(pl.Datetime("us", "UTC")),
        }
    )
    found = limited.collect(frame.lazy(), 60, GIB)

    assert found.schema == frame.schema
    assert found.equals(frame)


def test_an_error_of_the_engine_is_raised_here():
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="nowhere"):
        limited.collect(pl.LazyFrame({"a": [1]}).select("nowhere"), 60, GIB)


def test_one_that_takes_too_long_is_ended():
    limited.collect(pl.LazyFrame({"a": [1]}), 60, GIB)  # which starts a process
    began = time.monotonic()
    with pytest.raises(limited.QueryEnded, match=r"after 1 s.*core\.query_seconds"):
        limited.collect(ENDLESS.select(pl.len()), 1, 8 * GIB)

    assert time.monotonic() - began < 30
    assert limited.collect(pl.LazyFrame({"a": [1]}), 60, GIB).item() == 1


@linux_alone
def test_one_that_takes_too_much_memory_is_ended():
    with pytest.raises(limited.QueryEnded, match=r"0\.2 GiB.*core\.query_memory"):
        limited.collect(PAIRS, 120, GIB // 4)

    assert limited.collect(pl.LazyFrame({"a": [1]}), 60, GIB).item() == 1


def test_a_process_that_ends_otherwise_is_not_taken_for_one_without_memory():
    one = limited._Process()
    one._process.terminate()
    with pytest.raises(pl.exceptions.ComputeError, match="exit code -15"):
        one.answer(MANY.serialize(), 60, GIB)
    one.stop()


def test_an_interrupt_ends_the_process():
    error = []

    def ask(one):
        try:
            one.answer(ENDLESS.select(pl.len()).serialize(), 60, 8 * GIB)
        except limited.QueryEnded as ended:
            error.append(ended)

    one = limited._Process()
    asked = threading.Thread(target=ask, args=(one,))
    asked.start()
    time.sleep(0.5)
    one.stop()
    asked.join(20)

    assert error
    assert not one.lives


def test_an_orphan_ends_by_itself():
    code = (
        "import polars as pl, os\nfrom argosy.views import limited\n"
        "one = limited._Process()\nprint(one._process.pid, flush=True)\n"
        "frame = pl.LazyFrame({'a': range(200_000)})\n"
        "other = frame.rename({'a': 'b'})\n"
        "plan = frame.join_where(other, pl.col('a') * 7 % 11 < pl.col('b')).select(pl.len())\n"
        "plan = plan.serialize()\n"
        "from argosy.views.query_process import ASKED\n"
        "one._asks.write(ASKED.pack(2.0, 8 * 2**30, len(plan)) + plan); one._asks.flush()\n"
        "os._exit(0)\n"
    )
    pid = int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    until = time.monotonic() + 60
    while time.monotonic() < until and _lives(pid):
        time.sleep(0.2)

    assert not _lives(pid)


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@linux_alone
def test_a_fleet_says_what_to_do_and_answers_the_next_query(fleet):
    pairs = " CROSS JOIN ".join(f"events e{number}" for number in range(9))
    with (
        using({"core": {"query_seconds": 60.0, "query_memory": 0.1}}),
        pytest.raises(BadInput, match=r"cannot answer .* 0\.1 GiB .* core\.query_memory"),
    ):
        fleet.sql(f"SELECT e0.model || e1.model AS pair FROM {pairs}")  # noqa: S608
    with (
        using({"core": {"query_seconds": 1.0}}),
        pytest.raises(BadInput, match=r"cannot answer .* core\.query_seconds"),
    ):
        fleet.sql("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT * FROM r")

    assert fleet.sql("SELECT COUNT(*) AS n FROM models").item() == 6
