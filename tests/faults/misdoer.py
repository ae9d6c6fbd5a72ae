"""A stranger's plugin that does what `MISDEED` says, such as `detector:hangs`, and else is good.

It is put beside a `dist-info` where drivers and workers find it, and imports nothing of the tests.
"""

import ctypes
import json
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pyarrow as pa

from argosy import hookimpl
from argosy.kernels import aggregation
from argosy.tables import NOTICES, TRAINED
from argosy.types import (
    Command,
    Detector,
    Estimator,
    Listener,
    Loader,
    Metric,
    Panel,
    Policy,
    Sink,
    Source,
    Trainer,
    TriageCause,
)

argosy_api = ">=1.0,<2"
NAME = "misdoer"
PLACE, _, WAY = os.environ.get("MISDEED", "").partition(":")
MEGABYTE = 2**20


def fall():
    ctypes.string_at(0)


def spin():
    while True:
        pass


def search_for_ever():
    re.match(r"(a+)+$", "a" * 64 + "b")


def eat():
    eaten = []
    while True:
        eaten.append(bytearray(os.urandom(MEGABYTE)) * 64)


def print_much():
    print("noise" * (2 * MEGABYTE))


def start_threads():
    for _ in range(50):
        threading.Thread(target=time.sleep, args=(3600,)).start()


def recurse():
    return recurse() + 1


def leave_the_folder():
    os.chdir("/")


def close_what_is_said():
    os.close(1)
    os.close(2)


def raise_something(kind):
    raise kind("boom")


WAYS = {
    "raises": lambda: raise_something(RuntimeError),
    "raises a base exception": lambda: raise_something(BaseException),
    "raises in Chinese": lambda: raise_something(lambda _: RuntimeError("坏了\x1b[31m")),
    "interrupts": lambda: raise_something(KeyboardInterrupt),
    "exits": lambda: sys.exit(7),
    "dies": lambda: os._exit(9),
    "dies well": lambda: os._exit(0),
    "falls": fall,
    "aborts": os.abort,
    "kills itself": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "hangs": lambda: time.sleep(3600),
    "spins": spin,
    "hangs in C": search_for_ever,
    "eats memory": eat,
    "prints": print_much,
    "starts threads": start_threads,
    "recurses": recurse,
    "leaves the folder": leave_the_folder,
    "closes what is said": close_what_is_said,
}
"""What is done before the right answer is given, if it comes to that."""


class Unpicklable(str):
    """Text that no process can send to another."""

    __slots__ = ()

    def __reduce__(self):
        raise TypeError("not to be sent")


def told(place, answer):
    """Give the right answer, but for what `MISDEED` has happen in this place."""
    if place != PLACE:
        return answer
    Path(os.environ["MISDONE"]).touch()
    if WAY in WAYS:
        WAYS[WAY]()
        return answer
    return ANSWERS[WAY](answer)


def with_value(value):
    def put(table):
        names = {"p_value", "accuracy", NAME} & set(table.column_names)
        for name in names:
            kind = table.schema.field(name).type
            said = {"value": value} if pa.types.is_struct(kind) else value
            values = pa.array([said] * table.num_rows, kind)
            table = table.set_column(table.column_names.index(name), name, values)
        return table

    return put


ANSWERS = {
    "says nothing": lambda _: None,
    "says text": lambda _: "fine",
    "says too little": lambda table: table.slice(1),
    "says too much": lambda table: pa.concat_tables([table, table]),
    "forgets a column": lambda table: table.drop_columns(table.column_names[-2:-1]),
    "says NaN": with_value(float("nan")),
    "says infinity": with_value(float("inf")),
    "says minus one": with_value(-1.0),
    "says what cannot be sent": lambda _: Unpicklable("x"),
}
"""What is answered in place of what is right."""


def detect(table):
    n = table.num_rows
    answer = {
        "statistic": pa.array([0.0] * n),
        "effect": pa.array([0.0] * n),
        "p_value": pa.array([1.0] * n),
        "p_method": pa.array(["none"] * n),
        "reason": pa.nulls(n, pa.string()),
    }
    return told("detector", pa.table(answer))


known = aggregation(pl.col("truth").count() / pl.len(), pl.lit(None, pl.String))


def measure(groups, names):
    return told("metric", known(groups, names))


def fit(table):
    return told("estimator fit", table.select([]).append_column("zero", [[0.0] * table.num_rows]))


def estimate(table):
    one = {"value": 0.5, "lower": 0.4, "upper": 0.6, "reason": None}
    kind = pa.struct([(name, pa.float64()) for name in list(one)[:3]] + [("reason", pa.string())])
    return told("estimator", pa.table({"accuracy": pa.array([one] * table.num_rows, kind)}))


def train(lessons, rows):
    n = lessons.num_rows
    columns = {
        "content": pa.array([b"{}"] * n, pa.binary()),
        "format": pa.array([NAME] * n),
        "task": pa.array(["regression"] * n),
        "params": lessons["params"],
        "metrics": pa.nulls(n, TRAINED.field("metrics").type),
        "reason": pa.nulls(n, pa.string()),
    }
    return told("trainer", pa.table(columns).cast(TRAINED))


class Half:
    task, classes = "regression", ()

    def predict(self, rows):
        return told("model", pl.DataFrame({"prediction": [0.5] * rows.height}))


def load(content):
    json.loads(content)
    return told("loader", Half())


def scan(url, options):
    def read(*_):
        return told("lazy source", pl.read_csv(url))

    if PLACE == "lazy source":
        return pl.LazyFrame(schema=pl.read_csv(url).schema).map_batches(read)
    return told("source", pl.scan_csv(url))


def hear(event):
    row = {"fleet": event.fleet, "verb": event.verb, "severity": "critical", "text": "retired"}
    sent = [row] if PLACE == "sink" else []
    return told("listener", pa.Table.from_pylist(sent, NOTICES))


def check(event, options):
    none = {"model": pa.array([], pa.string()), "reason": pa.array([], pa.string())}
    return told("policy", pa.table(none))


def find(fleet):
    none = {"model": pa.array([], pa.string()), "severity": pa.array([], pa.float64())}
    return told("cause", pa.table(none | {"reason": pa.array([], pa.string())}))


def command():
    import click

    @click.command(NAME)
    def say():
        told("command", None)

    return say


@hookimpl
def argosy_detectors():
    told("hook", None)
    yield Detector(NAME, frozenset({"numeric"}), detect, 0.1, "misdeed", False)


@hookimpl
def argosy_metrics():
    tasks = frozenset({"binary", "regression"})
    yield Metric(NAME, tasks, measure, higher_is_better=True, bounds=(0, 1), default=False)


@hookimpl
def argosy_estimators():
    yield Estimator(NAME, frozenset({"binary"}), ("accuracy",), fit, estimate)


@hookimpl
def argosy_trainers():
    yield Trainer(NAME, train, "Half of everything.")


@hookimpl
def argosy_loaders():
    yield Loader(NAME, load)


@hookimpl
def argosy_sources():
    yield Source(NAME, (".misdoer",), scan)


@hookimpl
def argosy_listeners():
    yield Listener(NAME, frozenset({"retire"}), hear)


@hookimpl
def argosy_sinks():
    yield Sink(NAME, lambda notices: told("sink", None))


@hookimpl
def argosy_policies():
    yield Policy(name=NAME, summary="Nothing.", verbs=frozenset({"set_alias"}), check=check)


@hookimpl
def argosy_panels():
    yield Panel(NAME, "Misdeeds", 65, lambda fleet: told("panel", "<p>None.</p>"))


@hookimpl
def argosy_causes():
    yield TriageCause(name=NAME, summary="Nothing.", next_step="rest", find=find, state=None)


@hookimpl
def argosy_commands():
    yield Command(NAME, "Do nothing.", command)


told("import", None)
