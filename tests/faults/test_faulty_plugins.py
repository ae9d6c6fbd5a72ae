"""F11: plugins raise, hang, answer nonsense or write into what they are handed."""

import threading
from dataclasses import replace

import polars as pl
import pytest

import argosy
from argosy.plugins import installed
from argosy.plugins.settings import using

LET_GO = threading.Event()


def raises(*_):
    raise RuntimeError("boom")


def hangs(*_):
    LET_GO.wait(60)


def answers_text(*_):
    return "fine"


def answers_nothing(*_):
    return None


def writes_into_the_table(table, *_):
    column = next(name for name in table.column_names if name.startswith(("n", "score", "truth")))
    table[column].chunk(0).to_numpy()[0] = 9
    return table


WAYS = (raises, hangs, answers_text, answers_nothing, writes_into_the_table)


@pytest.fixture(autouse=True)
def let_go():
    """What hangs in a test does not outlast it."""
    LET_GO.clear()
    yield
    LET_GO.set()


@pytest.mark.fault("F11 a plugin raises, hangs, answers nonsense or writes", "runs")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(
    ("kind", "name", "other"), [("detectors", "psi", "nulls"), ("metrics", "accuracy", "brier")]
)
def test_a_faulty_plugin_is_named_and_the_others_finish(
    made, nursery, fault, monkeypatch, kind, name, other, way
):
    fleet = argosy.open(str(made()))
    faulty = replace(getattr(installed(), kind)[name], measure=way)
    monkeypatch.setitem(getattr(installed(), kind), name, faulty)
    with using({"core": {"time_limit": 0.5}}):
        if kind == "detectors":
            run = fleet.check_drift(detectors=[other, name])
        else:
            run = fleet.evaluate(metrics=[other, name])
    reasons = run.failures()["reason"].to_list()
    ours = run.results().filter(pl.col(kind[:-1]) == other, status="ok")
    fault.played += 1
    fault.acknowledged += 1
    fault.lost += ours["model"].n_unique() != 2
    fault.doubled += ours.is_duplicated().any()
    fault.wrong += [] if any(f"{name!r}" in reason for reason in reasons) else [f"{reasons}"]
    fault.add({**nursery.ask("check", url=fleet.url, notes=[]), "acknowledged": 0})

    fault.holds()
