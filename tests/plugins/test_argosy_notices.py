"""Notices: what is said of changes and runs, and where it goes."""

import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import polars as pl
import pyarrow as pa
import pytest

from argosy.errors import ArgosyWarning, BadInput
from argosy.governance.outbox import Outbox, Tried
from argosy.plugins.settings import using
from argosy.tables import NOTICES, TRAININGS
from argosy.testing.entity_kinds import EntityKindSuite
from argosy.testing.events import event, whole
from argosy.testing.fleets import logged_fleet
from argosy.testing.listeners import ListenerSuite
from argosy.testing.sinks import AT, SinkSuite
from argosy_cli.main import run
from argosy_notices.listener import LISTENER
from argosy_notices.reached import addresses
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
    def do_POST(self):
        self.server.tokens.append(self.headers["Authorization"])
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
    server.posts, server.tokens, server.status = [], [], 200
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

    def test_a_token_is_shown_to_the_host(self, tmp_path, monkeypatch):
        """It comes from where a reference says."""
        monkeypatch.setenv("HOOK_TOKEN", "let-me-in")
        settings = self.settings(tmp_path)
        given = {"notices": {**settings["notices"], "token": {"env": "HOOK_TOKEN"}}}
        monkeypatch.setattr(self, "settings", lambda _: given)
        self.send(tmp_path, "one")
        assert self.server.tokens == ["Bearer let-me-in"]


@pytest.fixture
def dripping():
    """A host that answers a letter at a time, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def drip():
            line, _ = listener.accept()
            with line, suppress(OSError):
                while not ended.wait(0.05):
                    line.send(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        yield listener.getsockname()[1]
        ended.set()
        thread.join()


def test_a_host_that_drips_is_hung_up_on(dripping):
    url = f"http://127.0.0.1:{dripping}/"
    given = {"url": url, "allow": ["127.0.0.1"], "timeout": 0.5}
    with using({"notices": given}), pytest.raises(OSError, match=r"gave no answer|reset|timed out"):
        send(NOTICES.empty_table())


@pytest.mark.parametrize(
    ("host", "address", "allow", "may"),
    [
        ("hooks.example", "93.184.216.34", ["hooks.example"], True),
        ("hooks.example", "127.0.0.1", ["hooks.example"], False),
        ("hooks.example", "169.254.169.254", ["hooks.example"], False),
        ("hooks.example", "::ffff:10.0.0.1", ["hooks.example"], False),
        ("hooks.example", "0.0.0.1", ["hooks.example"], False),
        ("hooks.example", "fe80::1%eth0", ["hooks.example"], False),
        ("hooks.example", "224.0.0.1", ["hooks.example"], False),
        ("hooks.example", "10.2.3.4", ["hooks.example", "10.2.0.0/16"], True),
        ("hooks.example", "10.3.3.4", ["hooks.example", "10.2.0.0/16"], False),
        ("localhost", "::1", ["localhost"], True),
        ("10.2.3.4", "10.2.3.4", ["10.2.3.4"], True),
    ],
)
def test_where_a_host_lies_is_looked_at(host, address, allow, may, monkeypatch):
    """All of its addresses, once: a name may lead anywhere, and elsewhere the next time."""
    places = [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    if may:
        assert address in addresses(host, 443, allow)
    else:
        with pytest.raises(BadInput, match=f"lies at {address}, which is not public"):
            addresses(host, 443, allow)


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


def test_the_webhook_needs_its_options():
    with using({}), pytest.raises(BadInput, match="notices.url is not set"):
        send(None)


def kept(tmp_path):
    """A fleet in which a notice of a model that drifted waits for a host that is gone."""
    fleet = logged_fleet(tmp_path, models=3, drifting={"m2"})
    fleet.check_drift()
    told = {
        "at": AT,
        "fleet": fleet.url,
        "verb": "drift",
        "severity": "warning",
        "text": "it moved",
    }
    rows = [{**told, "model": "m2"}, {**told, "model": None}]
    outbox = Outbox(fleet.location)
    (letter,) = outbox.keep(fleet.seq, pl.DataFrame(pa.Table.from_pylist(rows, NOTICES)), ["jsonl"])
    outbox.note(letter, Tried(1, "the host is gone", AT))
    return fleet


def test_what_waits_is_listed_sent_and_counted_by_the_exit_code(tmp_path, capsys):
    fleet = kept(tmp_path)
    path = tmp_path / "news.jsonl"
    chosen = ["--set", "core.sinks=jsonl", "--set", f"notices.path={path}"]
    line = ["--fleet", fleet.url, "--json", "notices"]

    assert run(line) == 0
    (first, second) = json.loads(capsys.readouterr().out)
    assert (first["model"], first["tries"], second["model"]) == ("m2", 1, None)
    assert "the host is gone; the sink is not in core.sinks here" in first["last_error"]
    assert run([*line, "--send"]) == 4
    assert json.loads(capsys.readouterr().out)["delivered"] == 0
    assert run([*line, "--send", *chosen]) == 0
    assert json.loads(capsys.readouterr().out) == {"delivered": 2, "waiting": []}
    assert [json.loads(text)["id"] for text in path.read_text().splitlines()] == [
        first["id"],
        second["id"],
    ]
    assert run([*line, "--send", "--let-go", "1d"]) == 2
    assert run(["--fleet", fleet.url, "--as-of", "1", "notices", "--send"]) == 2


def test_triage_says_of_whom_nobody_was_told(tmp_path):
    fleet = kept(tmp_path)
    with pytest.warns(ArgosyWarning, match="2 notices could not be delivered, the oldest to the"):
        found = fleet.troubles().filter(cause="unsent notice")

    assert found["model"].to_list() == ["m2"]
    assert found["since"].to_list() == [AT]
    assert "nobody was told: the sink jsonl did not take it" in found["reason"].item()


def test_a_misspelt_sink_ends_a_command_at_its_start(tmp_path, capsys):
    fleet = logged_fleet(tmp_path, models=1)
    line = ["--fleet", fleet.url, "--set", "core.sinks=webhok", "retire", "--where", "true"]

    assert run(line) == 2
    assert "did you mean 'webhook'?" in capsys.readouterr().err
    assert fleet.models().collect()["retired"].to_list() == [False]
