"""Notices: what is said of changes and runs, and where it goes."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import polars as pl
import pyarrow as pa
import pytest

from argosy.errors import ArgosyWarning, BadInput
from argosy.plugins.settings import using
from argosy.tables import TRAININGS
from argosy.testing.entity_kinds import EntityKindSuite
from argosy.testing.events import event, whole
from argosy.testing.fleets import logged_fleet
from argosy.testing.listeners import ListenerSuite
from argosy.testing.sinks import SinkSuite
from argosy_notices.listener import LISTENER
from argosy_notices.webhook import allowed, send


class TestNote(EntityKindSuite):
    name = "note"

    def rows(self):
        return [
            {"model": "a", "topic": "on call", "text": "Late labels are fine until Tuesday."},
            {"model": "a", "topic": "data", "text": "age is in months\nuntil March"},
            {"model": "b", "topic": "on call", "text": "ring up Bea"},
        ]

    def refused(self):
        yield {"model": "c", "topic": "data", "text": "x"}, "no model is called 'c'"
        yield {"model": "b", "topic": "data", "text": " "}, "it says nothing"
        yield {"model": "b", "topic": "data", "text": None}, "it says nothing"

    def outdate(self, fleet):
        fleet.delete({"model": ["a"]})
        return "no model is called 'a'"


class TestJsonl(SinkSuite):
    name = "jsonl"

    def settings(self, folder):
        return {"notices": {"path": str(folder / "notices.jsonl")}}

    def received(self, folder):
        lines = (folder / "notices.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["text"] for line in lines]


class Receiver(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_gate_that_is_shut_is_told_by_its_name(tmp_path):
    fleet = logged_fleet(tmp_path, models=2, rows=60)
    path = tmp_path / "holdout.parquet"
    half = pl.when(client="m1").then(0.5).otherwise("score")
    pl.read_parquet(path).with_columns(score=half).write_parquet(path)
    judged = fleet.gate().results().to_arrow()
    models = whole([{"model": name} for name in ("m0", "m1")])
    texts = LISTENER.hear(event("gate", models, facts={"gates": judged}))["text"].to_pylist()

    assert texts[0].startswith("gate of 2 models: 1 held back")
    assert texts[1].startswith("m1 held back: baseline:naive, its auc of 0.5")
    assert len(texts) == 2


def test_templates_are_counted_where_they_are_defined():
    defined = pl.DataFrame({"template": ["shop", "shelf"]}).to_arrow()
    told = event("define", [], None, after={"template": defined}, seq=3)

    assert LISTENER.hear(told)["text"].to_pylist() == ["bea defined 2 templates (change 3)"]


def test_who_was_not_trained_is_named():
    lost = {"model": "m1", "version": "2", "status": "failed", "reason": "it has no row"}
    facts = {"trainings": pa.Table.from_pylist([lost], TRAININGS)}
    texts = LISTENER.hear(event("train", [{"model": "m1"}], facts=facts))["text"].to_pylist()

    assert texts[1] == "m1 failed: it has no row"


@pytest.fixture
def server():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.posts, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class TestWebhook(SinkSuite):
    name = "webhook"

    @pytest.fixture(autouse=True)
    def _listening(self, server):
        self.server = server

    def settings(self, folder):
        url = f"http://127.0.0.1:{self.server.server_port}/hook?team=risk"
        return {"notices": {"url": url, "allow": ["127.0.0.1"]}}

    def received(self, folder):
        assert {(path, kind) for path, kind, _ in self.server.posts} == {
            ("/hook?team=risk", "application/json")
        }
        return [row["text"] for _, _, body in self.server.posts for row in body["notices"]]

    @pytest.mark.parametrize("status", [302, 404, 500])
    def test_an_answer_that_is_no_success_is_an_error(self, status, tmp_path):
        """A redirect is not followed: it could lead where nobody allowed."""
        self.server.status = status
        with pytest.raises(OSError, match=f"127.0.0.1 answered {status}"):
            self.send(tmp_path, "one")
        assert len(self.server.posts) == 1


class TestNotices(ListenerSuite):
    name = "notices"
    listener = LISTENER

    def test_the_riskiest_tier_is_critical(self):
        import pyarrow as pa

        from argosy.tables import VERDICTS

        rows = [{"model": name, "drifted": name != "c", "reason": "it moved"} for name in "abc"]
        facts = {"verdicts": pa.Table.from_pylist(rows, VERDICTS)}
        models = [{"model": "a", "tier": 1}, {"model": "b", "tier": 2}, {"model": "c", "tier": 1}]
        said = self.said(event("drift", models, facts=facts, seq=9))

        assert said.select("model", "severity", "text").rows() == [
            (None, "warning", "drift of 3 models: 2 drifted (change 9)"),
            ("a", "critical", "a drifted: it moved"),
            ("b", "warning", "b drifted: it moved"),
        ]


@pytest.mark.parametrize(
    ("url", "hosts", "said"),
    [
        ("", [], "not set"),
        ("https://a.example/x", [], "the host a.example is not allowed"),
        ("https://a.example.evil.org/x", ["a.example"], "is not allowed"),
        ("https://a.example@evil.org/", ["a.example"], "the host evil.org is not allowed"),
        ("http://a.example/x", ["a.example"], "must be https"),
        ("file:///etc/passwd", [""], "names no host"),
        ("ftp://a.example/x", ["a.example"], "must be https"),
    ],
)
def test_a_webhook_posts_only_where_it_may(url, hosts, said):
    with pytest.raises(BadInput, match=said):
        allowed(url, hosts)


def test_nothing_is_sent_where_no_sink_is_chosen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    logged_fleet(tmp_path, drifting={"m2"}).check_drift()

    assert not list(tmp_path.glob("*.jsonl"))


def test_a_drift_run_is_told_to_the_file(tmp_path):
    import subprocess
    import sys

    logged_fleet(tmp_path, drifting={"m2"})
    path = tmp_path / "notices.jsonl"
    asked = ("--set", "core.sinks=jsonl", "--set", f"notices.path={path}", "drift")
    fleet = ("--fleet", str(tmp_path / "fleet"))
    subprocess.run([sys.executable, "-m", "argosy", *fleet, *asked], check=True, timeout=120)

    said = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(row["verb"], row["model"]) for row in said] == [("drift", None), ("drift", "m2")]
    assert said[0]["text"].startswith("drift of 6 models: 1 drifted")


def test_what_is_less_severe_than_asked_is_not_sent(tmp_path):
    import polars as pl

    from argosy.governance.notices import send as deliver
    from argosy.tables import NOTICES

    rows = pl.DataFrame(NOTICES.empty_table())
    kinds = pl.DataFrame({"severity": ["info", "warning", "critical"], "text": ["a", "b", "c"]})
    path = tmp_path / "n.jsonl"
    core = {"sinks": ["jsonl"], "severity": "critical"}
    with using({"core": core, "notices": {"path": str(path)}}):
        deliver(pl.concat([rows, kinds], how="diagonal_relaxed"))

    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == ["c"]


def test_a_sink_that_nobody_offers_is_a_warning(tmp_path):
    import polars as pl

    from argosy.governance.notices import send as deliver
    from argosy.tables import NOTICES

    row = pl.DataFrame({"severity": ["critical"], "text": ["a"]})
    rows = pl.concat([pl.DataFrame(NOTICES.empty_table()), row], how="diagonal_relaxed")
    with (
        using({"core": {"sinks": ["pigeon"]}}),
        pytest.warns(ArgosyWarning, match="no sink is called 'pigeon'"),
    ):
        deliver(rows)


def test_the_webhook_needs_its_options():
    with using({}), pytest.raises(BadInput, match="notices.url is not set"):
        send(None)
