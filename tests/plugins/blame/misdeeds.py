"""A plugin of a stranger that does wrong: what, where and over whom is in the environment.

`MISDEED` is what it does, `PLACE` which of its functions does it, and `VICTIMS` names the models
over which it does; without, over all.
"""

import ctypes
import os
import re
import sys
import time
from pathlib import Path
from threading import Lock

import polars as pl
import pyarrow as pa
from polars.io.plugins import register_io_source

from argosy import hookimpl
from argosy.errors import DataError
from argosy.kernels import ANSWER
from argosy.types import Detector, Estimator, Loader, Metric, Source, Trainer

argosy_api = ">=1.0,<2"


class Odd(DataError):
    """An error that cannot be sent to another process."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")
        self.lock = Lock()


def _fill():
    held = []
    while True:
        held.append(bytearray(os.urandom(1)) * 2**26)


def _spin():
    while True:
        pass


def _raise(error):
    raise error


DEEDS = {
    "none": lambda: None,
    "short": lambda: None,  # told by the model itself
    "nothing": lambda: None,
    "raise": lambda: _raise(RuntimeError("boom")),
    "segfault": lambda: ctypes.string_at(8),
    "abort": os.abort,
    "exit": lambda: os._exit(9),
    "sys.exit": lambda: sys.exit(7),
    "spin": _spin,
    "regex": lambda: re.match(r"(a|a)*b", "a" * 60),
    "sleep": lambda: time.sleep(10_000),
    "memory": _fill,
    "unpicklable": lambda: _raise(Odd("one", "two")),
}


def misdo(place, models=()):
    """Do wrong, if it is the place and the time."""
    victims = os.environ.get("VICTIMS")
    if os.environ.get("PLACE") != place or (victims and not {*victims.split(",")} & {*models}):
        return
    DEEDS[os.environ["MISDEED"]]()


def measure_drift(table):
    misdo("detector", table["model"].to_pylist())
    n = table.num_rows
    texts = [pa.array([None] * n, pa.string())] * 2
    numbers = [pa.array([value] * n, pa.float64()) for value in (0.0, 0.0, 0.5)]
    names = ["statistic", "effect", "p_value", "p_method", "reason"]
    return pa.table([*numbers, *texts], names=names)


def measure(table, names):
    misdo("metric", table["model"].to_pylist())
    row = {"value": 0.5, "error": 0.1, "lower": 0.3, "upper": 0.7, "reason": None}
    return pa.table({name: pa.array([row] * table.num_rows, ANSWER) for name in names})


def fit(table):
    misdo("estimator", table["model"].to_pylist())
    return pa.table({"reason": pa.nulls(table.num_rows, pa.string())})


def estimate(table):
    kind = pa.struct([*((n, pa.float64()) for n in ("value", "lower", "upper")),
                      ("reason", pa.string())])  # fmt: skip
    row = {"value": 0.5, "lower": 0.4, "upper": 0.6, "reason": None}
    return pa.table({"accuracy": pa.array([row] * table.num_rows, kind)})


class Constant:
    """A model that always says the same."""

    task, classes = "regression", ()

    def __init__(self, name):
        self.name = name

    def predict(self, rows):
        misdo("predict", [self.name])
        short = os.environ.get("MISDEED") == "short"
        return pl.DataFrame({"prediction": [0.5] * (rows.height - short)})


def load(content):
    name = content.decode()
    misdo("loader", [name])
    return None if os.environ.get("MISDEED") == "nothing" else Constant(name)


def train(lessons, rows):
    models = lessons["model"].to_pylist()
    misdo("trainer", models)
    return pa.table(
        {
            "format": ["bad"] * len(models),
            "content": pa.array([model.encode() for model in models], pa.binary()),
            "task": ["regression"] * len(models),
            "params": pa.array([[]] * len(models), pa.map_(pa.string(), pa.string())),
            "metrics": pa.array([[]] * len(models), pa.map_(pa.string(), pa.float64())),
            "reason": pa.nulls(len(models), pa.string()),
        }
    )


def scan(url, options):
    rows = pl.read_parquet(url.removesuffix(".bad"))

    def read(columns, predicate, most, _):
        misdo("source", [Path(url).name.split(".")[0]])
        part = rows if most is None else rows.head(most)
        part = part if predicate is None else part.filter(predicate)
        yield part if columns is None else part.select(columns)

    return register_io_source(read, schema=rows.schema)


@hookimpl
def argosy_detectors():
    yield Detector("bad", frozenset({"numeric"}), measure_drift, 0.1, "badness")


@hookimpl
def argosy_metrics():
    yield Metric("badm", frozenset({"binary", "regression"}), measure, True, (0.0, 1.0))


@hookimpl
def argosy_estimators():
    yield Estimator("bade", frozenset({"binary"}), ("accuracy",), fit, estimate)


@hookimpl
def argosy_loaders():
    yield Loader("bad", load)


@hookimpl
def argosy_trainers():
    yield Trainer("badt", train)


@hookimpl
def argosy_sources():
    yield Source("bad", (".bad",), scan)
