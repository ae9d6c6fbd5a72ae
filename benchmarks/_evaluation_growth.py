"""Evaluate logs of 100 rows per model in a process of its own; prints time and memory."""

import json
import re
import sys
import tempfile
from pathlib import Path

from _evaluation_data import write
from _measure import once
from evaluation import BINARY, logged


def peak() -> float:
    """Return the most memory that this process had, in GiB; getrusage tells the parent's too."""
    told = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", told)[1]) / 2**20


with tempfile.TemporaryDirectory() as name:
    models = int(sys.argv[1])
    fleet = logged(Path(name) / "fleet", models, write(Path(name) / "logs", models, 100))
    before = peak()
    spent = once(lambda: fleet.evaluate(data="binary", metrics=BINARY)).elapsed
    print(json.dumps({"seconds": spent, "peak": peak(), "before": before}))
