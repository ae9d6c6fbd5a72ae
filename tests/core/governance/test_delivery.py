"""Notices are kept in the fleet before the first try, and sent until a sink takes them."""

import errno
import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import polars as pl
import pytest

import argosy
from argosy.errors import ArgosyWarning, BadInput, ReadOnly, StoreError, UnknownName
from argosy.governance import delivery, notices
from argosy.governance.outbox import Outbox, Tried
from argosy.plugins.settings import check, using
from argosy.store import durable
from argosy.tables import NOTICES, SENT_NOTICES
from argosy_notices.listener import LISTENER

SETTINGS = {"core": {"sinks": ["probe"], "severity": "info"}, "notices": {}}


class Probe:
    """A sink that takes notices, or fails as it is told."""

    def __init__(self):
        self.tables, self.fails, self.tries = [], None, 0

    def send(self, table):
        self.tries += 1
        if self.fails:
            raise self.fails
        self.tables.append(pl.DataFrame(table))

    @property
    def ids(self):
        return [name for table in self.tables for name in table["id"]]


@pytest.fixture
def probe(monkeypatch):
    sink, offered = Probe(), delivery.installed()
    monkeypatch.setitem(offered.sinks, "probe", SimpleNamespace(name="probe", send=sink.send))
    monkeypatch.setitem(offered.listeners, "notices", LISTENER)
    return sink


@pytest.fixture
def fleet(tmp_path):
    with using({}):
        made = argosy.open(str(tmp_path / "fleet"), create=True, actor="bea")
        made.register({"model": ["a", "b"], "version": ["1", "1"]})
    return made


def retire(fleet, model):
    fleet.retire({"model": [model]})


def later(monkeypatch, **by):
    moment = datetime.now(UTC) + timedelta(**by)
    monkeypatch.setattr(delivery, "datetime", SimpleNamespace(now=lambda _: moment))


def test_what_a_sink_takes_waits_no_longer(fleet, probe):
    with using(SETTINGS):
        retire(fleet, "a")
        assert fleet.notices().is_empty()
    assert [table["text"].to_list() for table in probe.tables] == [
        ["bea retired 1 model (change 2)"]
    ]
    assert probe.tables[0].columns == SENT_NOTICES.names
    assert Outbox(fleet.location).names() == []


def test_notices_are_kept_before_the_first_try(fleet, probe):
    """Whoever is killed while a sink is at it has lost nothing."""
    seen = []

    def look(table):
        seen.append(fleet.notices()["id"].to_list())
        probe.send(table)

    delivery.installed().sinks["probe"].send = look
    with using(SETTINGS):
        retire(fleet, "a")
    assert seen == [probe.ids]


def test_what_is_not_taken_is_sent_by_a_later_change_with_the_same_id(fleet, probe, monkeypatch):
    probe.fails = OSError("no route")
    with using(SETTINGS):
        with pytest.warns(ArgosyWarning, match=r"wait in the fleet for the sink 'probe'.*no route"):
            retire(fleet, "a")
        waiting = fleet.notices()
        probe.fails = None
        later(monkeypatch, minutes=2)
        fleet.tag({"model": ["b"]}, {"x": "y"})  # which nobody wants to hear of

        assert waiting.select("seq", "sink", "tries").rows() == [(2, "probe", 1)]
        assert "no route" in waiting["last_error"].item()
        assert probe.ids == waiting["id"].to_list()
        assert fleet.notices().is_empty()
    assert Outbox(fleet.location).names() == []


def test_a_dead_sink_is_not_tried_by_each_change(fleet, probe, monkeypatch):
    probe.fails = OSError("dead")
    with using(SETTINGS):
        for number in range(6):
            with pytest.warns(ArgosyWarning, match="notices of"):
                fleet.set_owner({"model": ["a"]}, f"o{number}")
        assert probe.tries == 1
        later(monkeypatch, minutes=2)
        with pytest.warns(ArgosyWarning):
            fleet.set_owner({"model": ["a"]}, "later")
        assert probe.tries == 2
        assert fleet.notices().height == 7


def test_a_sink_rests_for_longer_and_longer(fleet, probe, monkeypatch):
    outbox, now = Outbox(fleet.location), datetime.now(UTC)
    row = pl.DataFrame(NOTICES.empty_table()).clear(1).with_columns(text=pl.lit("x"))
    outbox.keep(1, row, ["probe"])
    probe.fails, rests = OSError("dead"), []
    for _ in range(12):
        moment = now
        monkeypatch.setattr(delivery, "datetime", SimpleNamespace(now=lambda _, at=moment: at))
        delivery.at_once(outbox, ["probe"])
        until = outbox.down(outbox.names())["probe"].until
        rests.append((until - moment) / timedelta(minutes=1))
        now = until
    assert rests[:4] == [1, 2, 4, 8]
    assert rests[-1] == rests[-2] == 360


def test_a_long_try_makes_a_long_rest(fleet, probe, monkeypatch):
    """Nobody spends more than a tenth of the time on a sink that hangs."""
    outbox = Outbox(fleet.location)
    outbox.keep(1, pl.DataFrame(NOTICES.empty_table()).clear(1), ["probe"])
    clock = [0.0]

    def hang(_):
        clock[0] += 30.0
        raise OSError("dead")

    delivery.installed().sinks["probe"].send = hang
    monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    delivery.at_once(outbox, ["probe"])

    rest = outbox.down(outbox.names())["probe"].until - datetime.now(UTC)
    assert rest > timedelta(seconds=290)


def test_a_clock_that_went_wrong_does_not_silence_a_sink(fleet, probe):
    outbox = Outbox(fleet.location)
    far = Tried(3, "then", datetime(2099, 1, 1, tzinfo=UTC))
    outbox.note_down("probe", far)
    with using(SETTINGS):
        retire(fleet, "a")
    assert len(probe.ids) == 1


def test_one_letter_that_a_sink_never_takes_holds_up_no_other(fleet, probe):
    def picky(table):
        if "poison" in pl.DataFrame(table)["text"].to_list():
            raise OSError("413 too large")
        probe.tables.append(pl.DataFrame(table))

    delivery.installed().sinks["probe"].send = picky
    outbox = Outbox(fleet.location)
    for text in ("poison", "one", "two"):
        rows = pl.DataFrame(NOTICES.empty_table()).clear(1).with_columns(text=pl.lit(text))
        outbox.keep(7, rows, ["probe"])
    with using(SETTINGS):
        fleet.send_notices()
        assert fleet.notices()["text"].to_list() == ["poison"]
    assert {table["text"].item() for table in probe.tables} == {"one", "two"}


def test_what_cannot_be_kept_is_tried_once_and_the_change_stays(fleet, probe, monkeypatch):
    """On a full disk the work goes on, and whoever looks is told."""
    kept = durable.write_all

    def full(location, folder, files):
        if folder.endswith("outbox"):
            raise StoreError("cannot write: no space left on device")
        kept(location, folder, files)

    monkeypatch.setattr(durable, "write_all", full)
    with using(SETTINGS), pytest.warns(ArgosyWarning, match="cannot be kept.*no space left"):
        retire(fleet, "a")
    assert len(probe.ids) == 1
    assert fleet.models().collect().filter(model="a")["retired"].item()


def test_who_cannot_note_a_try_does_not_send(fleet, probe, monkeypatch):
    """Else a reader of a fleet that takes no writes would send the same again and again."""
    outbox = Outbox(fleet.location)
    outbox.keep(1, pl.DataFrame(NOTICES.empty_table()).clear(1), ["probe"])

    def refused(*_):
        raise StoreError(f"cannot write: {os.strerror(errno.EROFS)}")

    monkeypatch.setattr(durable, "write_all", refused)
    with using(SETTINGS), pytest.warns(ArgosyWarning, match="Read-only"):
        assert fleet.send_notices() == 0
    assert probe.tries == 0


def test_readers_never_send(fleet, probe):
    probe.fails = OSError("dead")
    with using(SETTINGS):
        with pytest.warns(ArgosyWarning):
            retire(fleet, "a")
        fleet.models().collect(), fleet.notices()
        with pytest.raises(ReadOnly):
            fleet.as_of(1).send_notices()
        with pytest.raises(ReadOnly, match="notices wait now"):
            fleet.as_of(1).notices()
    assert probe.tries == 1


def test_a_misspelt_sink_is_refused_before_anything_is_written(fleet):
    with using({"core": {"sinks": ["jsonnl"]}}):
        with pytest.raises(UnknownName, match="did you mean 'jsonl'"):
            check()
        with pytest.raises(UnknownName, match="no sink is called 'jsonnl'"):
            retire(fleet, "a")
    assert fleet.seq == 1


def test_notices_are_let_go_by_hand_alone_and_told(fleet, probe, monkeypatch):
    probe.fails = OSError("dead")
    with using(SETTINGS):
        with pytest.warns(ArgosyWarning):
            retire(fleet, "a")
        assert fleet.let_go_notices("1d").is_empty()
        with pytest.raises(BadInput, match="'soon' is no period"):
            fleet.let_go_notices("soon")
        from argosy.fleet import outgoing

        moment = datetime.now(UTC) + timedelta(days=2)
        monkeypatch.setattr(outgoing, "datetime", SimpleNamespace(now=lambda _: moment))
        gone = fleet.let_go_notices("1d")
        assert gone["text"].to_list() == ["bea retired 1 model (change 2)"]
        assert fleet.notices().is_empty()


@pytest.mark.parametrize("content", [b"", b"ARROW1 no", b"\x00" * 400])
def test_a_damaged_letter_is_a_row_with_its_reason(fleet, probe, content):
    """And the others are delivered."""
    probe.fails = OSError("dead")
    with using(SETTINGS):
        with pytest.warns(ArgosyWarning):
            retire(fleet, "a")
        with pytest.warns(ArgosyWarning):
            retire(fleet, "b")
        outbox = Outbox(fleet.location)
        first = min(name for name in outbox.names() if name.endswith(".arrow"))
        durable.write(fleet.location, f"{outbox.url}/{first}", content)
        probe.fails = None
        fleet.send_notices()
        left = fleet.notices()

    assert left.height == 1
    assert "cannot read" in left["text"].item()
    assert [table["text"].item() for table in probe.tables] == ["bea retired 1 model (change 3)"]


def test_damaged_notes_of_tries_are_tried_anew(fleet, probe):
    probe.fails = OSError("dead")
    with using(SETTINGS):
        with pytest.warns(ArgosyWarning):
            retire(fleet, "a")
        outbox = Outbox(fleet.location)
        for name in outbox.names():
            if not name.endswith(".arrow"):
                durable.write(fleet.location, f"{outbox.url}/{name}", b"{")
        probe.fails = None
        assert fleet.send_notices() == 1


def test_commands_at_once_lose_nothing(tmp_path, fleet):
    """Four processes write while the sink comes and goes: everything arrives, doubles have ids."""
    target = tmp_path / "out"
    script = textwrap.dedent(
        """
        import sys, warnings, argosy
        from argosy.plugins.settings import using
        warnings.simplefilter("ignore")
        url, path, name = sys.argv[1:]
        fleet = argosy.open(url, actor=name)
        for number in range(8):
            there = f"{path}/{'here' if number % 2 else 'nowhere'}.jsonl"
            core = {"sinks": ["jsonl"], "severity": "info"}
            with using({"core": core, "notices": {"path": there}}):
                fleet.set_owner({"model": ["a"]}, f"{name}-{number}")
        """
    )
    target.mkdir()
    (target / "nowhere.jsonl").mkdir()
    line = [sys.executable, "-c", script, fleet.url, str(target)]
    playing = [subprocess.Popen([*line, f"p{number}"]) for number in range(4)]
    assert [one.wait(120) for one in playing] == [0] * 4
    path = target / "here.jsonl"
    with using({"core": {"sinks": ["jsonl"]}, "notices": {"path": str(path)}}):
        while fleet.notices().height:
            assert fleet.send_notices()
    told = pl.read_ndjson(path)
    assert told.unique("id").height == told["text"].n_unique() == 32


def test_a_killed_sender_loses_nothing(tmp_path, fleet):
    """It is killed while the sink is at it; another sends later."""
    script = textwrap.dedent(
        """
        import os, sys, argosy
        from argosy.governance import delivery
        from argosy.plugins.settings import using
        delivery.hand_over = lambda *_: os._exit(9)
        with using({"core": {"sinks": ["jsonl"], "severity": "info"}, "notices": {"path": "x"}}):
            argosy.open(sys.argv[1]).retire({"model": ["a"]})
        """
    )
    assert subprocess.run([sys.executable, "-c", script, fleet.url], check=False).returncode == 9
    assert fleet.notices().select("seq", "tries").rows() == [(2, 0)]

    path = tmp_path / "n.jsonl"
    with using({"core": {"sinks": ["jsonl"]}, "notices": {"path": str(path)}}):
        assert fleet.send_notices() == 1
        assert fleet.notices().is_empty()
    assert pl.read_ndjson(path)["id"].item().startswith("2-")


def test_severity_decides_what_is_kept(fleet, probe):
    outbox = Outbox(fleet.location)
    kinds = pl.DataFrame({"severity": ["info", "warning", "critical"], "text": ["a", "b", "c"]})
    empty = pl.DataFrame(NOTICES.empty_table())
    with using({"core": {"sinks": ["probe"], "severity": "critical"}}):
        rows = pl.concat([empty, kinds], how="diagonal_relaxed")
        notices.send(rows, 1, outbox, notices.promised("x"))
    assert [table["text"].to_list() for table in probe.tables] == [["c"]]
