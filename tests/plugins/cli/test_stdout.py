"""Standard output has the answer and nothing else, whoever writes beside it."""

import json
import subprocess
import sys

import pytest

from ..as_installed import install  # noqa: TID252  (two folders share it)

SCRIPT = """
import os, subprocess, sys
from argosy_cli.stdout import answers_alone
with answers_alone():
    os.write(1, b"a library in C\\n")
    subprocess.run([sys.executable, "-c", "print('a worker')"], check=True)
    print('{"answer": 1}')
print("after")
"""


def test_what_is_written_past_python_goes_to_standard_error():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)

    assert done.stdout == '{"answer": 1}\nafter\n', done.stderr
    assert done.stderr == "a library in C\na worker\n"


TALKER = """
import os
import pyarrow as pa
import argosy
from argosy.types import Detector

print("imported")

def measure(table):
    print("measuring")
    os.write(1, b"measuring in C\\n")
    n = table.num_rows
    return pa.table({"statistic": [0.0] * n, "effect": [0.0] * n, "p_value": [1.0] * n,
                     "p_method": ["none"] * n, "reason": pa.nulls(n, pa.string())})

@argosy.hookimpl
def argosy_detectors():
    print("asked")
    yield Detector("talker", frozenset({"numeric"}), measure, 0.1, "nothing")
"""


@pytest.fixture
def talker(tmp_path, monkeypatch):
    """A plugin that prints wherever it can, installed in a folder of its own."""
    install(tmp_path, monkeypatch, "talker", TALKER)


def test_a_plugin_that_prints_leaves_json_whole(talker, fleet):
    words = ("--fleet", fleet.url, "drift", "--detector", "talker", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "argosy", *words], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["drifted"] == 0
    for said in ("imported", "asked", "measuring\n", "measuring in C"):
        assert said in done.stderr
