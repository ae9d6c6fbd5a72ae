"""A plugin that tests put where workers find it: its detector notes whom it is handed.

The file that the variable `NOTED` names gets one line per model, when its chunk is at work.
"""

import os
import time

import pyarrow as pa

from argosy import hookimpl
from argosy.types import Detector

argosy_api = ">=1.0,<2"
PAUSE = 0.05
"""Seconds that a chunk takes at least, so that there is a middle to kill its driver in."""


@hookimpl
def argosy_detectors():
    yield Detector("noted", frozenset({"categorical"}), measure, 0.1, "nothing", False)


def measure(table):
    with open(os.environ["NOTED"], "a") as file:  # noqa: PTH123 - one write, whoever else writes
        file.write("".join(f"{model}\n" for model in table["model"].to_pylist()))
    time.sleep(PAUSE)
    silent = {"statistic": 0.0, "effect": 0.0, "p_value": 1.0, "p_method": "none", "reason": None}
    kinds = [pa.float64()] * 3 + [pa.string()] * 2
    return pa.Table.from_pylist(
        [silent] * table.num_rows, pa.schema(list(zip(silent, kinds, strict=True)))
    )
