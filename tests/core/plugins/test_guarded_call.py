"""Whatever a plugin does wrong is told by its name, and the rest of the run completes."""

import threading
import weakref
from dataclasses import replace

import polars as pl
import pyarrow as pa
import pytest

from argosy.breadcrumbs import DEADLY
from argosy.errors import ArgosyWarning, PluginError
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import whole
from argosy.plugins.settings import using
from argosy.tables import FINDINGS, NOTICES
from argosy.testing.fleets import logged_fleet
from argosy.types import ChangeEvent, Listener, Policy, Sink

MODELS = 6


@pytest.fixture
def fleet(tmp_path):
    return logged_fleet(tmp_path, drifting={"m2"})


@pytest.fixture
def swap(monkeypatch):
    """Put a value in the place of one that a plugin offers, or beside them."""

    def put(kind, name, value):
        monkeypatch.setitem(getattr(installed(), kind), name, value)

    return put


def raises(*_):
    raise RuntimeError("boom")


LET_GO = threading.Event()


@pytest.fixture(autouse=True)
def let_go():
    """What hangs in a test does not outlast it."""
    LET_GO.clear()
    yield
    LET_GO.set()


def hangs(*_):
    LET_GO.wait(60)


def answers_text(*_):
    return "fine"


def answers_too_few(table):
    return table.slice(0, 0)


def writes_into_the_table(table):
    counts = table["n_ref"].chunk(0).to_numpy()
    counts[0] = 10**9
    return table


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (raises, "failed: RuntimeError: boom"),
        (hangs, "was given up after 0.5 s"),
        (answers_text, "answered with a str, not with a Table"),
        (answers_too_few, "answered without the column 'statistic'"),
        (writes_into_the_table, "failed: ValueError: assignment destination is read-only"),
    ],
)
def test_a_faulty_detector_is_named_and_the_others_go_on(fleet, swap, measure, said):
    swap("detectors", "psi", replace(installed().detectors["psi"], measure=measure))
    with using({"core": {"time_limit": 0.5}}):
        run = fleet.check_drift(detectors=["nulls", "psi"])

    reason = run.failures()["reason"].to_list()
    assert len(reason) == 1
    assert "the detector 'psi' (plugin 'detectors' of argosy" in reason[0]
    assert said in reason[0]
    assert run.results().filter(detector="nulls", status="ok")["model"].n_unique() == MODELS
    assert run.summary["failed"] == 0


def test_a_faulty_metric_is_named_and_the_others_go_on(fleet, swap):
    accuracy = installed().metrics["accuracy"]
    swap("metrics", "accuracy", replace(accuracy, measure=raises))
    run = fleet.evaluate()

    assert run.summary["ok"] == MODELS
    assert "the metric 'accuracy' (plugin 'metrics' of argosy" in run.failures()["reason"].item()
    assert run.results().filter(metric="brier", status="ok").height == MODELS


def test_what_filled_the_memory_is_let_go_of():
    """Though the error, and with it where it was raised, is still told about."""
    filled = []

    def fills():
        held = threading.Event()
        filled.append(weakref.ref(held))
        raise MemoryError

    with pytest.raises(PluginError, match="failed: MemoryError") as told:
        call("detectors", "psi", fills, answers=object)

    assert isinstance(told.value.__cause__, MemoryError)
    assert filled[0]() is None


def test_a_faulty_source_is_named_and_is_not_the_others_fault(fleet, swap, tmp_path):
    swap("sources", "parquet", replace(installed().sources["parquet"], scan=raises))
    run = fleet.evaluate()

    assert run.summary["failed"] == MODELS
    assert "the data format 'parquet' (plugin 'files' of argosy" in run.failures()["reason"][0]


class Changing:
    """A model that writes its answer into the rows that it was handed."""

    task, classes = "regression", ()

    def predict(self, rows):
        rows.insert_column(0, pl.Series("prediction", [0.0] * rows.height))
        return rows


@pytest.mark.parametrize(
    ("load", "said"),
    [
        (raises, "failed: RuntimeError: boom"),
        (hangs, "was given up after"),
        (lambda _: Changing(), "changed the table that it was handed"),
    ],
)
def test_a_faulty_loader_is_named(swap, load, said):
    from argosy_scoring.model_cache import Guarded

    swap("loaders", "skops", replace(installed().loaders["skops"], load=load))
    loader = installed().loaders["skops"]

    def predict():
        model = call("loaders", "skops", loader.load, b"", answers=object)
        return Guarded("skops", model).predict(pl.DataFrame({"x": [1.0]}))

    with (
        using({"core": {"time_limit": 0.3}}),
        pytest.raises(PluginError, match=f"the model format 'skops' .plugin 'sklearn'.*{said}"),
    ):
        predict()


def lost_chunks(chunks, perform):
    yield from ()


def invented_chunks(chunks, perform):
    yield "a chunk"


def test_an_executor_that_loses_chunks_is_named(fleet, swap):
    swap("executors", "local", replace(installed().executors["local"], run=lost_chunks))
    run = fleet.check_drift()

    assert run.summary["failed"] == MODELS
    assert "the executor 'local' (plugin 'local' of argosy" in run.failures()["reason"][0]
    assert "never finished it" in run.failures()["reason"][0]


@pytest.mark.parametrize("faulty", [raises, invented_chunks])
def test_an_executor_that_breaks_stops_the_run_and_is_named(fleet, swap, faulty):
    def run(chunks, perform):
        yield from faulty(chunks, perform)

    swap("executors", "local", replace(installed().executors["local"], run=run))
    with pytest.raises(PluginError, match="the executor 'local' .plugin 'local'"):
        fleet.check_drift()


def test_a_faulty_policy_lets_nothing_pass(fleet, swap):
    """It is required, so what it cannot judge is not allowed."""
    policy = Policy("odd", "", frozenset({"set_alias"}), check=lambda *_: pa.table({"x": [1]}))
    swap("policies", "odd", policy)
    fleet.require({"policy": ["odd"]})

    with pytest.raises(PluginError, match="the policy 'odd' answered without the column 'model'"):
        fleet.set_alias({"model": ["m1"], "version": ["1"]}, "champion")
    assert fleet.aliases().collect().is_empty()


@pytest.mark.parametrize("hear", [raises, hangs, answers_text, answers_too_few])
def test_a_faulty_listener_is_a_warning_and_the_change_stands(fleet, swap, hear):
    listener = Listener(
        "odd", frozenset({"retire"}), lambda event: hear(event.models.select(["model"]))
    )
    swap("listeners", "odd", listener)
    with (
        using({"core": {"time_limit": 0.3}}),
        pytest.warns(ArgosyWarning, match="the listener 'odd'"),
    ):
        fleet.retire({"model": ["m1"]})

    assert fleet.models().filter(retired=True).collect()["model"].to_list() == ["m1"]


@pytest.mark.parametrize("send", [raises, hangs, answers_text])
def test_a_faulty_sink_is_a_warning_and_the_next_one_still_sends(fleet, swap, send):
    sent = []
    swap("sinks", "odd", Sink("odd", send))
    swap("sinks", "good", Sink("good", sent.append))
    swap("listeners", "loud", Listener("loud", frozenset({"retire"}), _loud))
    with (
        using({"core": {"time_limit": 0.3, "sinks": ["odd", "good"]}}),
        pytest.warns(ArgosyWarning, match="the sink 'odd'"),
    ):
        fleet.retire({"model": ["m1"]})

    assert [table["text"].to_pylist() for table in sent] == [["help"]]


def _loud(event: ChangeEvent) -> pa.Table:
    row = {"fleet": event.fleet, "verb": event.verb, "severity": "critical", "text": "help"}
    return pa.Table.from_pylist([row], NOTICES)


def test_a_hook_that_raises_is_among_the_runs_failures(fleet, monkeypatch):
    fault = "plugin 'wild' failed in its hook argosy_detectors: RuntimeError: boom"
    monkeypatch.setattr(installed().detectors, "faults", [fault])
    with pytest.warns(ArgosyWarning, match="plugin 'wild' failed"):
        run = fleet.check_drift()

    assert run.failures().rows() == [(None, None, fault)]
    assert run.summary["drifted"] == 1


def test_what_a_process_died_over_before_is_not_called_again(monkeypatch):
    monkeypatch.setenv(DEADLY, "detectors.psi")
    with pytest.raises(PluginError, match="'psi' .* ended the process that called it"):
        call("detectors", "psi", lambda: 1, answers=int)

    assert call("detectors", "ks", lambda: 1, answers=int) == 1


def test_a_call_copies_a_frame_and_says_who_changed_it():
    frame = pl.DataFrame({"x": [1, 2]})

    def change(rows):
        rows[0, "x"] = 9
        return rows

    with pytest.raises(PluginError, match="the detector 'ks' .* changed the table"):
        call("detectors", "ks", change, frame, answers=pl.DataFrame)
    assert frame["x"].to_list() == [1, 2]


def test_answers_of_other_types_are_refused():
    with pytest.raises(PluginError, match="the policy 'owner' .* answered with other types"):
        whole("policies", "owner", pa.table({"model": [[1]], "reason": ["x"]}), FINDINGS, None)
