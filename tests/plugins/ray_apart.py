"""Ray in processes of its own: a script that is played, and the head of a cluster."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

TOKEN = secrets.token_hex(32)
_STARTED = 240
"""Seconds in which a dashboard must be up, on a busy machine."""
_TRIALS = 3
_HANGS = 900
"""Seconds after which a script hangs: forty times what one takes that has a core to itself."""


def played(folder, script, **environment):
    """Play a script, which is told the folder; return what it tells as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        env={**os.environ, "RAY_AUTH_MODE": "disabled", **environment},
        capture_output=True,
        text=True,
        timeout=_HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout[done.stdout.index("{") :])


@dataclass(frozen=True)
class Head:
    """A cluster of two cores on this machine."""

    address: str
    dashboard: str
    environment: dict[str, str]
    """What its processes were started with."""


@contextmanager
def headed(ip, jobs=False, **environment):
    """Start the head of a cluster, with a job server if asked; end what was started."""
    port, board = a_port(), a_port()
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        ours = {**os.environ, "HOME": folder, "RAY_USAGE_STATS_ENABLED": "0", **environment}
        ours["PATH"] = f"{Path(sys.executable).parent}:{ours['PATH']}"
        line = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"]
        line += ["--num-cpus=2", f"--port={port}", f"--temp-dir={folder}/t"]
        line += [f"--node-ip-address={ip}", f"--dashboard-host={ip}", f"--dashboard-port={board}"]
        line += [f"--include-dashboard={'true' if jobs else 'false'}"]
        if jobs:  # then Ray starts that, too, by default on a port that others may have
            line += [f"--ray-client-server-port={a_port()}"]
        with _ended(_brought_up(line, ours, Path(folder) / "head.log")):
            until = time.monotonic() + _STARTED
            while jobs and not _listens(ip, board):
                assert time.monotonic() < until, "the dashboard is not up"
                time.sleep(0.5)
            yield Head(f"{ip}:{port}", f"http://{ip}:{board}", ours)


def a_port():
    with socket.socket() as opened:
        opened.bind(("", 0))
        return opened.getsockname()[1]


def _brought_up(line, environment, log):
    """Start a head, and again where it gave up: Ray waits half a minute, on a busy machine too."""
    for _ in range(_TRIALS):
        with log.open("w") as out:
            head = subprocess.Popen(
                line, env=environment, stdout=out, stderr=out, start_new_session=True
            )
        while head.poll() is None:
            if "Ray runtime started" in log.read_text():
                return head
            time.sleep(0.5)
    pytest.fail(log.read_text())


@contextmanager
def _ended(head):
    """End what was started, and its children."""
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(head.pid, number)
            with suppress(subprocess.TimeoutExpired):
                head.wait(10)


def _listens(host, port):
    with socket.socket() as tried:
        tried.settimeout(2)
        return tried.connect_ex((host, port)) == 0
