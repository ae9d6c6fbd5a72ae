"""How far a run has come: pace, time left, and what failed, by the kind of reason."""

import time

import polars as pl
import pytest

from argosy.jobs import progress as module
from argosy.jobs.progress import Headway, tell
from argosy.jobs.tally import Tally
from argosy.testing.fleets import logged_fleet
from argosy_cli.bar import Bar


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes when it is told to."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_before_anything_is_done_the_last_run_says_how_long_it_takes(clock):
    headway = Headway(100, expected=50.0)

    assert (headway.rate, headway.left) == (None, 50.0)
    clock[0] += 20
    assert headway.left == 30.0
    clock[0] += 100
    assert headway.left == 0.0


def test_without_an_earlier_run_it_is_not_guessed(clock):
    headway = Headway(100)

    assert headway.left is None
    clock[0] += 10
    headway.ended(20, Tally(20))
    assert (headway.rate, headway.left) == (2.0, 40.0)


def test_the_more_is_done_the_more_the_pace_of_this_run_counts(clock):
    """A tenth done: nine tenths of the estimate are still by the last run."""
    headway = Headway(100, expected=50.0)
    clock[0] += 10
    headway.ended(10, Tally(10))

    assert headway.left == pytest.approx(0.1 * 90 + 0.9 * 45)
    clock[0] += 80
    headway.ended(80, Tally(80))
    assert headway.left == pytest.approx(0.9 * 10 + 0.1 * 5)
    headway.ended(10, Tally(10))
    assert headway.left == 0.0


def test_what_an_earlier_driver_did_is_no_pace_of_this_one(clock):
    headway = Headway(100, done=60)
    clock[0] += 10
    headway.ended(10, Tally(10))

    assert (headway.rate, headway.left) == (1.0, 30.0)


def test_failures_are_counted_by_kind_and_the_rare_ones_together():
    headway = Headway(100)
    kinds = {"cannot read …": 5, "no rows": 3, "odd": 2}
    headway.ended(50, Tally(50, failed=12, kinds=kinds))
    gone = pl.DataFrame({"reason": ["it died"] * 3 + ["boom 7", "boom 8"],
                         "cause": ["crash", "crash", "memory", "error", None]})  # fmt: skip
    headway.lost(gone)

    assert headway.failed == 17
    assert headway.told() == "17 failed: 5 x cannot read …; 3 x no rows; 2 x odd; 7 more"
    assert headway.kinds["killed its worker"] == 2
    assert headway.kinds["boom …"] == 2
    assert Headway(3).told() == ""


def test_whoever_counts_two_numbers_still_does():
    seen = []
    tell(lambda *numbers: seen.append(numbers), Headway(9, done=4))
    tell(None, Headway(9))

    assert seen == [(4, 9)]


class Following:
    def __init__(self):
        self.seen = []

    def __call__(self, done, total):
        raise AssertionError("asked for more")

    def follow(self, headway):
        self.seen.append((headway.done, headway.models, headway.failed, headway.told()))


def test_a_run_tells_what_fails_as_it_goes(tmp_path):
    """Files that are missing are one kind, whatever they are called."""
    fleet = logged_fleet(tmp_path)
    row = {"role": "holdout", "key": "client", "truth": "label"}
    fleet.bind(
        [{**row, "model": name, "url": str(tmp_path / f"{name}.parquet")} for name in ("m1", "m4")],
        check=False,
    )
    following = Following()
    fleet.evaluate(metrics=["auc"], progress=following)
    done, models, failed, told = following.seen[-1]

    assert (done, models, failed) == (6, 6, 2)
    assert told.startswith("2 failed: 2 x cannot read …")


def test_a_run_that_is_carried_on_knows_what_failed_before(tmp_path, monkeypatch):
    from argosy.jobs import cancel, chunking

    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: 1, False: 1})
    monkeypatch.setattr(chunking, "_UNKNOWN_LEAST", {True: 1, False: 1})
    monkeypatch.setattr(cancel, "_EARLY", 100)
    fleet = logged_fleet(tmp_path)
    row = {"role": "holdout", "key": "client", "truth": "label", "url": str(tmp_path / "gone.csv")}
    fleet.bind([{**row, "model": f"m{number}"} for number in range(6)], check=False)

    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate(metrics=["auc"], progress=stop)
    following = Following()
    [run_id] = fleet.unfinished()["run_id"]
    fleet.resume(run_id, progress=following)

    assert following.seen[0][0] == following.seen[0][2] >= 3
    assert following.seen[-1][:3] == (6, 6, 6)


def test_the_bar_shows_pace_time_left_and_failures(capsys):
    bar = Bar("evaluating")
    headway = Headway(10, expected=75.0)
    headway.ended(0, Tally())
    bar.follow(headway)
    headway._began = time.monotonic() - 2
    headway.ended(5, Tally(5, failed=1, kinds={"no [rows]": 1}))
    bar.follow(headway)
    bar.stop()
    shown = capsys.readouterr().err.replace("\n", " ")

    assert "evaluating" in shown
    assert "5/10" in shown
    assert "2.5/s" in shown
    assert "0:00:20 left" in shown
    assert "1 failed: 1 x no [rows]" in " ".join(shown.split())


def test_a_log_has_a_line_now_and_then_where_there_is_no_terminal(capsys, monkeypatch):
    """Who follows a job of a cluster sees how far it is before it ends."""
    bar = Bar("evaluating")
    headway = Headway(10)
    headway.ended(4, Tally(4, failed=1, kinds={"no [rows]": 1}))
    bar.follow(headway)
    early = capsys.readouterr().err
    monkeypatch.setattr("argosy_cli.bar._EVERY", 0.0)
    headway._began = time.monotonic() - 2
    bar.follow(headway)
    late = capsys.readouterr().err
    bar.stop()

    assert early == ""
    assert late == "evaluating: 4 of 10 models, 2.0/s, 0:00:03 left, 1 failed: 1 x no [rows]\n"
