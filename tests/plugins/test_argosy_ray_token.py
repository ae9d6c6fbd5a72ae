"""A cluster that others can reach, and its job server: for real, with a token and without."""

import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

import argosy
from argosy.testing.fleets import logged_fleet

from .ray_apart import TOKEN, headed

ray = pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
pytestmark = pytest.mark.slow


@contextmanager
def started(**environment):
    """Start a cluster that listens beyond this machine."""
    ip = ray.util.get_node_ip_address()
    if ip.startswith("127."):
        pytest.skip("this machine has no address beyond loopback")
    with headed(ip, jobs=True, **environment) as head:
        yield Cluster(head)


class Cluster:
    """Runs `argosy` against one cluster, as who has its token unless told otherwise."""

    def __init__(self, head):
        self.address, self._head = head.address, head

    def surroundings(self, **changed):
        named = {"RAY_ADDRESS": self.address, "RAY_DASHBOARD": self._head.dashboard}
        merged = {**self._head.environment, **named, **changed}
        return {name: value for name, value in merged.items() if value is not None}

    def argosy(self, *arguments, **changed):
        return subprocess.run(
            [sys.executable, "-m", "argosy", *arguments],
            env=self.surroundings(**changed),
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )


@pytest.fixture(scope="module")
def guarded():
    """A cluster that asks for a token."""
    with started(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=TOKEN) as cluster:
        yield cluster


@pytest.fixture
def url(tmp_path):
    return logged_fleet(tmp_path, 6, drifting={"m2"}).url


def runs(url):
    return argosy.open(url).runs().collect()


def test_a_cluster_with_a_token_is_used_by_who_has_it_and_nobody_else(guarded, url):
    line = ("--fleet", url, "drift", "--executor", "ray", "--json")
    done = guarded.argosy(*line)
    wrong = guarded.argosy(*line, RAY_AUTH_TOKEN="0" * 64)
    none = guarded.argosy(*line, RAY_AUTH_TOKEN=None)
    careless = guarded.argosy(*line, RAY_AUTH_TOKEN=None, RAY_AUTH_MODE=None)

    assert json.loads(done.stdout)["drifted"] == 1, done.stderr
    for refused in (wrong, none):
        assert refused.returncode == 1
        told = json.loads(refused.stdout)["error"]["message"]
        assert "it asks for a token, and this process has another one or none" in told
        assert guarded.address in told
    assert "RAY_AUTH_MODE is not 'token'" in careless.stderr
    assert runs(url).height == 1


def test_an_open_cluster_is_refused_unless_that_is_lifted_which_is_an_event(url):
    """A token that only this process has does not make the cluster ask for one."""
    line = ("--fleet", url, "drift", "--executor", "ray", "--json")
    lift = ("--set", "ray.allow_unauthenticated=true")
    with started(RAY_AUTH_MODE="disabled") as cluster:
        careless = cluster.argosy(*line)
        fancied = cluster.argosy(*line, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=TOKEN)
        port = cluster.address.rpartition(":")[2]
        local = cluster.argosy(*line, RAY_ADDRESS=f"127.0.0.1:{port}")
        assert runs(url).is_empty()
        lifted = cluster.argosy(*lift, *line)

    assert "this process' RAY_AUTH_MODE is not 'token'" in careless.stderr
    assert "its RAY_AUTH_MODE is not 'token'" in fancied.stderr
    assert "RAY_AUTH_MODE is not 'token'" in local.stderr
    assert json.loads(lifted.stdout)["drifted"] == 1, lifted.stderr
    [event] = argosy.open(url).events().filter(kind="run").collect().to_dicts()
    options = json.loads(event["new"])["options"]
    assert json.loads(options)["executor"] == {"allow_unauthenticated": "true"}


def test_a_job_is_run_by_the_cluster_and_followed_to_its_end(guarded, url):
    asked = ("--fleet", url, "submit", "drift", "--executor", "ray")
    done = guarded.argosy(*asked, "--fail-on-drift")
    wrong = guarded.argosy("--fleet", url, "submit", "drift", "--no-such-option")
    refused = guarded.argosy(*asked, RAY_AUTH_TOKEN="0" * 64)

    job = re.match(r"job (raysubmit_\w+): argosy --fleet", done.stdout)[1]
    assert "6 of 6 models checked, 1 drifted, 0 failed" in done.stdout
    assert f"job {job}: failed: Job entrypoint command failed with exit code 3" in done.stderr
    assert done.returncode == 3  # there is drift
    assert wrong.returncode == 2  # that cannot be meant
    assert refused.returncode == 1
    assert "it asks for a token, and this process has another one or none" in refused.stderr
    assert runs(url).height == 1


def test_a_job_goes_on_after_ctrl_c_and_is_stopped_when_asked(guarded, url):
    line = [sys.executable, "-m", "argosy", "--fleet", url, "submit", "drift", "--executor", "ray"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    following = subprocess.Popen(line, env=guarded.surroundings(), **pipes)
    job = re.match(r"job (\w+):", following.stdout.readline())[1]
    following.send_signal(signal.SIGINT)
    _, err = following.communicate(timeout=100)
    again = guarded.argosy("submit", "--follow", job)

    assert following.returncode == 130
    assert f"job {job} goes on" in err
    assert again.returncode == 0, again.stderr
    assert runs(url).height == 1

    left = guarded.argosy("--json", "--fleet", url, "submit", "--no-wait", "drift")
    other = json.loads(left.stdout)["job"]
    stopped = guarded.argosy("--json", "submit", "--stop", other)

    assert json.loads(stopped.stdout)["status"] == "STOPPED", stopped.stdout
    assert runs(url).height == 1
    assert guarded.argosy("submit", "--follow", other).returncode == 1
    assert guarded.argosy("submit", "--stop", "none-such").returncode == 1
