"""Whoever ends between a commit and its notices has promised them, and a later command tells."""

import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import polars as pl
import pytest

import argosy
from argosy.errors import RowsRefused
from argosy.governance import promises
from argosy.governance.outbox import Outbox
from argosy.plugins.settings import using
from argosy.store import durable
from argosy.testing.fleets import logged_fleet

ENDING = textwrap.dedent(
    """
    import os
    import sys

    import argosy
    from argosy.governance import outbox
    from argosy.store.ledger import Ledger

    fleet = argosy.open(sys.argv[1], actor="bea")
    if sys.argv[2] == "after":
        outbox.Outbox.keep = lambda *_: os._exit(9)
    else:
        Ledger._write = lambda *_: os._exit(9)
    if sys.argv[3] == "drift":
        fleet.check_drift()
    else:
        fleet.retire({"model": ["m1"]})
    """
)
"""Makes a change, and ends before it can tell of it, or before it is there."""


def settings(folder, **core):
    told = {"sinks": ["jsonl"], "severity": "info", **core}
    return {"core": told, "notices": {"path": str(folder / "news.jsonl")}}


@pytest.fixture
def news(tmp_path):
    """Return what the sink took, a row for each notice."""

    def read():
        path = tmp_path / "news.jsonl"
        return pl.read_ndjson(path) if path.exists() else None

    return read


@pytest.fixture
def ended(tmp_path):
    """Return a fleet whose last change was made by a process that ended at once."""

    def make(when="after", verb="retire"):
        fleet = logged_fleet(tmp_path / "shared", models=3, rows=100, drifting={"m2"})
        surroundings = {
            **os.environ,
            "ARGOSY_CORE__SINKS": "jsonl",
            "ARGOSY_CORE__SEVERITY": "info",
            "ARGOSY_NOTICES__PATH": str(tmp_path / "news.jsonl"),
        }
        line = [sys.executable, "-c", ENDING, fleet.url, when, verb]
        assert subprocess.run(line, env=surroundings, check=False).returncode == 9
        return argosy.open(fleet.url, actor="carl")

    return make


def later(monkeypatch, **by):
    moment = datetime.now(UTC) + timedelta(**by)
    clock = SimpleNamespace(now=lambda _: moment, fromisoformat=datetime.fromisoformat)
    monkeypatch.setattr(promises, "datetime", clock)


def left(fleet):
    return [name for name in Outbox(fleet.location).names() if name.endswith(".promise")]


def test_the_next_command_that_writes_tells_of_it(ended, news, tmp_path, monkeypatch):
    fleet = ended()
    assert len(left(fleet)) == 1
    with using(settings(tmp_path)):
        fleet.tag({"model": ["m0"]}, {"a": "b"})  # too soon: whoever promised may be at it
        assert len(left(fleet)) == 1
        later(monkeypatch, minutes=3)
        fleet.tag({"model": ["m0"]}, {"a": "c"})

    told = f"bea retired 1 model (change {fleet.seq - 2})"
    assert told in news()["text"].to_list()
    assert news()["text"].to_list().count(told) == 1
    assert left(fleet) == []


def test_what_a_run_found_is_told_too(ended, news, tmp_path):
    fleet = ended(verb="drift")
    with using(settings(tmp_path)):
        fleet.send_notices()

    assert news()["model"].to_list() == [None, "m2"]
    assert news()["text"][0].startswith("drift of 3 models: 1 drifted")
    assert left(fleet) == []


def test_what_was_promised_and_not_committed_is_forgotten(ended, news, tmp_path, monkeypatch):
    fleet = ended("before")
    assert not fleet.models().collect()["retired"].any()
    with using(settings(tmp_path)):
        fleet.send_notices()
        assert len(left(fleet)) == 1
        later(monkeypatch, hours=2)
        fleet.send_notices()

    assert news() is None
    assert left(fleet) == []


def test_it_goes_where_and_as_severely_as_its_maker_wanted(ended, tmp_path):
    fleet = ended()
    with using(settings(tmp_path, sinks=["webhook"], severity="critical")):
        fleet.send_notices()

    assert fleet.notices()["sink"].to_list() == ["jsonl"]


def test_nothing_is_promised_where_no_sink_is_chosen_or_nothing_is_changed(fleet, tmp_path):
    fleet.tag({"model": ["m0"]}, {"a": "b"})
    assert Outbox(fleet.location).names() == []
    with using(settings(tmp_path)):
        fleet.tag({"model": ["m0"]}, {"a": "b"})
        with pytest.raises(RowsRefused):
            fleet.retire({"model": ["nobody"]})
        fleet.retire({"model": ["m0"]}, dry_run=True)

    assert Outbox(fleet.location).names() == []


def test_it_is_there_before_the_change_is(fleet, tmp_path, monkeypatch):
    seen, write = [], fleet.ledger.table.append_at
    monkeypatch.setattr(
        fleet.ledger.table, "append_at", lambda *given: (seen.append(left(fleet)), write(*given))[1]
    )
    with using(settings(tmp_path)):
        fleet.retire({"model": ["m0"]})

    assert [len(names) for names in seen] == [1]
    assert left(fleet) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"sinks": 1, "severity": "x"}'])
def test_a_damaged_promise_holds_nobody_up(content, fleet, tmp_path):
    durable.write(fleet.location, f"{Outbox(fleet.location).url}/x.promise", content)
    with using(settings(tmp_path)):
        fleet.send_notices()
        fleet.retire({"model": ["m0"]})

    assert fleet.notices().is_empty()
