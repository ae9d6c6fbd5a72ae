"""Models that take their worker down, for tests of whatever runs chunks."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from argosy.jobs.worker import prepared

if TYPE_CHECKING:
    from argosy.types import Chunk, Tables

GREED = 2**40
"""Bytes that a greedy model asks for: more than a machine has."""


@prepared
def perform(chunk: Chunk) -> Tables:
    """Score every model with the length of its name; but some do harm.

    A name that begins with `segfault` dies by the signal, `exit` leaves without a word, `hang`
    sleeps for an hour, `greedy` fills a terabyte, `raise` raises, and `slow` takes 0.2 s. Where
    the option `marks` names a folder, the process writes its id there when it begins a chunk.
    """
    marks = chunk.options.get("marks")
    if marks:
        (Path(str(marks)) / f"{os.getpid()}").touch()
    models = pl.DataFrame(chunk.models).select("model", "version")
    for name in models["model"]:
        _suffer(str(name))
    rows = models.with_columns(
        metric=pl.lit("length"),
        value=pl.col("model").str.len_chars().cast(pl.Float64),
        n=pl.lit(1, pl.Int64),
        status=pl.lit("ok"),
    )
    return {"evaluations": rows.with_columns(reason=pl.lit(None, pl.String)).to_arrow()}


def _suffer(name: str) -> None:
    if name.startswith("segfault"):
        os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(60)  # until the signal is there
    elif name.startswith("exit"):
        os._exit(1)
    elif name.startswith("hang"):
        time.sleep(3600)
    elif name.startswith("greedy"):
        held = bytearray(GREED)
        held[:: 2**12] = b"x" * len(held[:: 2**12])
    elif name.startswith("raise"):
        raise ValueError("a poison model")
    elif name.startswith("slow"):
        time.sleep(0.2)
