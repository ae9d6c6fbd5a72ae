"""Jobs are submitted to a cluster, and followed there."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


class Dashboard(BaseHTTPRequestHandler):
    """Answers as Ray's job interface does: a job prints twice and ends."""

    asked = []
    ends = "SUCCEEDED"
    code = 1

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/stop"):
            type(self).ends, type(self).turn = "STOPPED", 4
            self.answer({"stopped": True})
            return
        self.asked.append((body["entrypoint"], self.headers.get("Authorization")))
        self.answer({"submission_id": "raysubmit_1"})

    def do_GET(self):
        type(self).turn = getattr(self, "turn", 0) + 1
        if self.path.endswith("/logs"):
            self.answer({"logs": "first\n" if self.turn < 4 else "first\nsecond\n"})
        else:
            status = "RUNNING" if self.turn < 4 else self.ends
            code = self.code if status == "FAILED" else None
            self.answer({"status": status, "message": "told", "driver_exit_code": code})

    def answer(self, told):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def dashboard():
    handler = type("Fresh", (Dashboard,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def submit(capsys, monkeypatch, dashboard):
    from argosy_cli.main import run
    from argosy_ray import command

    monkeypatch.setattr(command, "_PAUSE", 0.0)

    def call(*arguments, url=dashboard[0]):
        code = run(["--fleet", "s3://b/f", "submit", "--dashboard", url, *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_submit_prints_the_job_and_follows_its_log(submit, dashboard, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    code, out, _ = submit("drift", "--executor", "ray", "--where", "team = 'risk'")
    line = "argosy --fleet s3://b/f drift --executor ray --where 'team = '\"'\"'risk'\"'\"''"

    assert code == 0
    assert out == f"job raysubmit_1: {line}\nfirst\nsecond\n"
    assert dashboard[1].asked == [(line, "Bearer secret")]


@pytest.mark.parametrize(("exits", "expected"), [(1, 1), (3, 3), (-9, 1), (None, 1)])
def test_the_exit_code_is_that_of_the_command(submit, dashboard, exits, expected):
    """3 says that there is drift; what a signal ended has none that could be passed on."""
    dashboard[1].ends, dashboard[1].code = "FAILED", exits
    code, out, err = submit("--json", "runs")

    assert code == expected
    assert json.loads(out)["status"] == "FAILED"
    assert "first\nsecond\n" in err


def test_a_job_is_left_to_itself_followed_and_stopped(submit):
    assert submit("--no-wait", "runs")[:2] == (
        0,
        "job raysubmit_1: argosy --fleet s3://b/f runs\n",
    )
    assert submit("--follow", "raysubmit_1")[:2] == (0, "first\nsecond\n")
    assert submit("--stop", "raysubmit_1")[:2] == (0, "job raysubmit_1: stopped\n")


def test_ctrl_c_ends_the_following_and_not_the_job(submit, monkeypatch):
    from argosy_ray import command

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command.time, "sleep", interrupt)
    code, _, err = submit("runs")

    assert code == 130
    assert "job raysubmit_1 goes on" in err
    assert "argosy submit --stop raysubmit_1" in err


def test_submit_wants_one_thing_to_do(submit):
    for asked in ((), ("--follow", "a", "runs"), ("--follow", "a", "--stop", "a")):
        code, _, err = submit(*asked)
        assert code == 2, asked
        assert "or --follow JOB, or --stop JOB" in err


def test_a_token_of_ours_does_not_make_a_cluster_ask_for_one(dashboard):
    from argosy_ray.jobs import Jobs

    assert not Jobs(dashboard[0]).asks_for_a_token()


def test_leave_to_use_an_open_dashboard_goes_with_the_job(submit, dashboard, monkeypatch):
    """Then the run that the job makes tells of it."""
    from argosy_ray import cluster

    monkeypatch.setattr(cluster, "is_here", lambda _: False)
    assert "RAY_AUTH_MODE is not 'token'" in submit("runs")[2]
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    assert "its RAY_AUTH_MODE is not 'token'" in submit("runs")[2]
    code, _, _ = submit("--set", "ray.allow_unauthenticated=true", "runs")

    assert code == 0
    [(line, _)] = dashboard[1].asked
    assert line == "argosy --fleet s3://b/f --set ray.allow_unauthenticated=true runs"


def test_submit_says_what_is_wrong_with_a_dashboard(submit):
    assert "no answer from http://127.0.0.1:9" in submit("runs", url="http://127.0.0.1:9")[2]
    assert "is no URL of a dashboard" in submit("runs", url="head:8265")[2]
    assert "RAY_AUTH_MODE is not 'token'" in submit("runs", url="http://head:8265")[2]
