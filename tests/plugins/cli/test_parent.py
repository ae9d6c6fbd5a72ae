"""The command line has a parent: it ends as its child does, and resumes what an engine ended."""

import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest

import argosy
from argosy.testing.broken import aborting

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere there is no parent"
)
PLAYED = """
import os, signal, sys, time
from argosy_cli.parent import watched

def work(watch):
    {work}

watched(work)
"""


def played(work, **more):
    """Do some work under a parent, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PLAYED.format(work=work)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def ended(process):
    told, warned = process.communicate(timeout=60)
    return process.returncode, told, warned


@pytest.mark.parametrize("code", [0, 4])
def test_it_exits_as_its_child_does(code):
    assert ended(played(f"print('done'); return {code}")) == (code, "done\n", "")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_what_is_sent_to_it_reaches_the_child(how):
    process = played(
        f"signal.signal({how:d}, lambda *_: sys.exit(7)); print('ready', flush=True);"
        " time.sleep(60)"
    )
    assert process.stdout.readline() == "ready\n"

    process.send_signal(how)

    assert ended(process)[0] == 7


def test_it_ends_by_the_signal_that_ended_its_child():
    """A shell or a supervisor sees what it would see without a parent."""
    assert ended(played("os.kill(os.getpid(), signal.SIGTERM)"))[0] == -signal.SIGTERM


def test_a_child_does_not_outlive_it():
    process = played("print(os.getpid(), flush=True); time.sleep(60)")
    child = int(process.stdout.readline())

    process.kill()
    process.communicate(timeout=60)

    for _ in range(600):
        if not _lives(child):
            break
        time.sleep(0.1)
    else:
        pytest.fail("the child lives on")


def _lives(process):
    try:
        with open(f"/proc/{process}/stat") as file:  # noqa: PTH123
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", ["SIGABRT", "SIGSEGV"])
def test_work_that_an_engine_ended_begins_again_if_a_job_had_begun(how):
    work = f"""
    if watch.again:
        print("again", watch.run_id)
        return 3
    watch.begun()
    os.kill(os.getpid(), signal.{how})
    """
    code, told, warned = ended(played(work))

    assert (code, told) == (3, "again None\n")
    assert warned == (
        f"warning: an engine ended the process ({how}); the job begins again, each chunk in a"
        " worker\n"
    )


def test_a_run_that_had_begun_is_named():
    work = """
    if watch.again:
        print("again", watch.run_id)
        return 0
    watch.begun()
    watch.begun("b2f1c9d0a3e4")
    os.abort()
    """
    code, told, warned = ended(played(work))

    assert (code, told) == (0, "again b2f1c9d0a3e4\n")
    assert "the run b2f1c9d0a3e4 is resumed" in warned


@pytest.mark.parametrize("begun", ["", "watch.begun(); "])
def test_what_is_no_job_or_ends_twice_is_an_error(begun):
    code, _, warned = ended(played(f"{begun}os.abort()"))

    assert code == 1
    assert warned.splitlines()[-1] == "error: an engine ended the process (SIGABRT)"


def test_known_data_that_goes_bad_is_its_models_failure_though_an_engine_ends_the_process(
    tmp_path,
):
    """A disc changes a bit and neither size nor time: nobody can know before reading."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["bad", "sound"], "version": ["1", "1"]})
    frame = pl.DataFrame({"x": [float(number) for number in range(40)], "s": ["a", "b"] * 20})
    files = {name: tmp_path / f"{name}.parquet" for name in ("bad", "sound")}
    for file in files.values():
        frame.write_parquet(file, compression="uncompressed")
    columns = {"role": "holdout", "truth": "x", "prediction": "x"}
    fleet.bind([{"model": name, "url": str(file), **columns} for name, file in files.items()])
    fleet.evaluate(metrics=["accuracy"])
    known = files["bad"].stat()
    aborting(files["bad"])
    os.utime(files["bad"], ns=(known.st_atime_ns, known.st_mtime_ns))

    line = [
        sys.executable,
        "-m",
        "argosy",
        "--fleet",
        fleet.url,
        "evaluate",
        "--metric",
        "accuracy",
    ]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120)

    assert "warning: an engine ended the process (SIGABRT); the run " in done.stderr
    assert done.returncode == 4
    now = argosy.open(fleet.url)
    rows = now.past_run(now.runs().collect()["run_id"][0]).results().sort("model")
    assert rows.select("model", "value", "status").rows() == [
        ("bad", None, "failed"),
        ("sound", 1.0, "ok"),
    ]
    told = f"cannot read {files['bad']}: reading it ended the process (signal 6"
    assert rows["reason"][0].startswith(told)
    assert now.quarantined().collect().is_empty()
