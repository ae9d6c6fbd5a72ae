"""A query that an engine does not survive ends another process, and this one is told how."""

import os
import signal

import polars as pl
import pytest

from argosy.data import apart
from argosy.data.apart import EngineFailed, try_apart
from argosy.testing.broken import aborting, panicking


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.parquet"
    pl.DataFrame({"x": [1.0, 2.0]}).write_parquet(path)
    return pl.scan_parquet(path)


def test_what_can_be_read_is_sound(sound):
    assert try_apart(sound.filter(pl.col("x") > 1).select("x"))


def test_what_raises_there_is_not_sound_and_raises_nothing_here(tmp_path):
    """It will raise here, where whoever reads it catches it."""
    (tmp_path / "text.parquet").write_bytes(b"no table")

    assert not try_apart(pl.scan_parquet(tmp_path / "text.parquet", glob=False))


def test_an_abort_is_told_with_the_signal_and_the_last_words_of_the_engine(tmp_path):
    with pytest.raises(EngineFailed) as failed:
        try_apart(pl.scan_parquet(aborting(tmp_path / "bad.parquet")))

    assert str(failed.value) == (
        "reading it ended the process (signal 6: memory allocation of 2305843009213693944 bytes"
        " failed)"
    )


def test_a_panic_is_told_in_one_line_without_the_number_of_its_task(tmp_path):
    with pytest.raises(EngineFailed) as failed:
        try_apart(pl.scan_parquet(panicking(tmp_path / "bad.parquet")))

    assert str(failed.value).startswith("the engine panicked: assertion failed: ")
    assert "JoinError" not in str(failed.value)


def test_after_an_abort_the_next_query_is_tried_by_another_process(tmp_path, sound):
    with pytest.raises(EngineFailed):
        try_apart(pl.scan_parquet(aborting(tmp_path / "bad.parquet")))

    assert try_apart(sound)


def test_a_process_is_kept_for_the_next_query(sound):
    try_apart(sound)
    process = apart._idle[-1]._process

    try_apart(sound)

    assert apart._idle[-1]._process is process


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_query_is_blamed_for_a_process_that_ended_while_it_waited(sound, how):
    try_apart(sound)
    process = apart._idle[-1]._process
    os.kill(process.pid, how)
    process.wait()

    assert try_apart(sound)


def test_one_that_nobody_can_ask_any_more_ends(sound):
    try_apart(sound)
    one = apart._idle.pop()

    one._asks.close()

    assert one._process.wait(60) == 0
    one.stop()


def test_what_cannot_be_handed_over_is_not_tried(tmp_path, sound):
    sound.collect().write_parquet(tmp_path / "open.parquet")

    with (tmp_path / "open.parquet").open("rb") as file:
        assert try_apart(pl.scan_parquet([file]))
