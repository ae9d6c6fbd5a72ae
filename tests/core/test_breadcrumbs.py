"""What a process was calling is read from outside, however it ended."""

import os
import signal
import subprocess
import sys
import time
from timeit import repeat

import pytest

from argosy import breadcrumbs
from argosy.breadcrumbs import Breadcrumb, Step, overdue, page_of, read, suspect

DIES = """
import os, sys
from argosy.breadcrumbs import Breadcrumb, Step

with Breadcrumb(Step("loaders", "skops", "a@1"), "the loader"):
    pass
with Breadcrumb(Step("detectors", "psi"), "the detector"), Breadcrumb(Step("sources", "csv")):
    print("ready", flush=True)
    sys.stdin.read()
    os.kill(os.getpid(), int(sys.argv[1])) if sys.argv[1] != "exit" else os._exit(9)
"""


@pytest.mark.parametrize("how", [str(int(signal.SIGSEGV)), str(int(signal.SIGKILL)), "exit"])
def test_what_was_called_outlives_the_process(how):
    with subprocess.Popen(
        [sys.executable, "-c", DIES, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.communicate()
    page = read(page_of(process.pid))
    page_of(process.pid).unlink()

    assert {crumb.step.kind for crumb in page.crumbs} == {"detectors", "sources"}
    assert suspect(page.crumbs).step == Step("sources", "csv")
    assert page.returned == {Step("loaders", "skops", "a@1")}


def test_a_call_that_was_given_up_and_still_runs_is_the_first_suspect():
    with Breadcrumb(Step("detectors", "hangs"), "") as first:
        first.leave_behind()
        with Breadcrumb(Step("metrics", "innocent"), ""):
            page = read(page_of(os.getpid()))

    assert suspect(page.crumbs).step.name == "hangs"


def test_a_call_is_overdue_after_its_time_unless_it_was_given_up():
    with Breadcrumb(Step("detectors", "slow"), "", limit=0.01) as crumb:
        time.sleep(0.05)
        page = page_of(os.getpid())

        assert overdue(read(page).crumbs, 0.0).step.name == "slow"
        assert overdue(read(page).crumbs, 60.0) is None
        crumb.leave_behind()
        assert overdue(read(page).crumbs, 0.0) is None


def test_names_of_any_length_and_script_are_kept_or_cut():
    for name in ("é" * 40, "long" * 500):
        with Breadcrumb(Step("detectors", name), "the detector"):
            [crumb] = read(page_of(os.getpid())).crumbs

        assert name.startswith(crumb.step.name.rstrip("\ufffd"))


def test_more_calls_at_a_time_than_there_are_slots_go_unnoted():
    crumbs = [Breadcrumb(Step("metrics", str(number)), "") for number in range(100)]
    for crumb in crumbs:
        crumb.__enter__()
    held = len(read(page_of(os.getpid())).crumbs)
    for crumb in crumbs:
        crumb.__exit__(None, None, None)

    assert held == 32
    assert read(page_of(os.getpid())).crumbs == []


def test_a_breadcrumb_costs_microseconds():
    """A drift check of 4,000 models calls plugins some hundred times, and takes seconds."""
    step = Step("detectors", "psi")

    def leave():
        with Breadcrumb(step, "the detector 'psi'", 600.0):
            pass

    assert min(repeat(leave, number=1000, repeat=5)) / 1000 < 50e-6


def test_what_a_dead_driver_was_calling_is_found_by_its_run():
    page = breadcrumbs.page_of(os.getpid()).with_name("run-of-a-test")
    with Breadcrumb(Step("detectors", "psi"), "the detector"):
        page.write_bytes(page_of(os.getpid()).read_bytes())
    with breadcrumbs.kept("of-a-test") as before:
        assert page.exists()

    assert before.who == "the detector"
    assert not page.exists()
    with breadcrumbs.kept("of-a-test") as before:
        assert before is None
