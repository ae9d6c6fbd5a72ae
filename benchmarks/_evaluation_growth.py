"""Evaluate logs of 100 rows per model in a process of its own; prints time and memory."""

import re
import sys
import tempfile
from pathlib import Path

from _evaluation_data import write
from evaluation import BINARY, logged, timed


def peak() -> float:
    """Return the most memory that this process had, in GiB; getrusage tells the parent's too."""
    told = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", told)[1]) / 2**20


with tempfile.TemporaryDirectory() as name:
    models = int(sys.argv[1])
    fleet = logged(Path(name) / "fleet", models, write(Path(name) / "logs", models, 100))
    before = peak()
    spent = timed(lambda: fleet.evaluate(data="binary", metrics=BINARY))
    print(f"{spent:.2f} s, peak {peak():.2f} GiB, before it {before:.2f} GiB")
