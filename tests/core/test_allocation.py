"""Polars keeps memory between chunks, unless the environment says otherwise."""

import os
import subprocess
import sys

from argosy.allocation import VARIABLE

TOLD = f"import os; print(os.environ.get({VARIABLE!r}))"


def told(script, **environment):
    mine = {name: value for name, value in os.environ.items() if name != VARIABLE}
    command = [sys.executable, "-c", f"{script}; {TOLD}"]
    done = subprocess.run(command, capture_output=True, text=True, env=mine | environment)
    assert done.returncode == 0, done.stderr
    assert not done.stderr  # the allocator complains of what it does not know
    return done.stdout.strip()


def test_an_arena_per_core_waits_before_it_gives_memory_back():
    found = told("import argosy, polars; polars.Series([1]).sum()")
    assert f"narenas:{os.cpu_count()}," in found


def test_who_was_there_first_is_left_alone():
    assert told("import argosy", **{VARIABLE: "narenas:3"}) == "narenas:3"
    assert "narenas" not in told("import polars, argosy")
