"""What a notebook offers: used by name on any executor, never stored, and missed by name."""

import subprocess
import sys

import polars as pl
import pytest

from argosy.errors import BadInput, PluginError
from argosy.kernels import aggregation
from argosy.plugins import installed, lending, offer
from argosy.types import Gate, Metric, TriageCause

MISS = (pl.col("truth") - pl.col("prediction")).abs()
BOUNDS = (0, float("inf"))


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """What a test offers is gone after it."""
    monkeypatch.setattr(lending, "_own", {})


def gain(value=MISS.max(), name="gain"):  # noqa: B008
    measure = aggregation(value, undefined=pl.when(MISS.count() == 0).then(pl.lit("no rows")))
    return Metric(name, frozenset({"binary"}), measure, False, BOUNDS)


def test_a_metric_is_measured_by_its_name_and_by_that_alone(fleet):
    offer(gain())
    named = fleet.evaluate(metrics=["gain"]).results()

    assert set(named["metric"]) == {"gain"}
    assert set(named["status"]) == {"ok"}
    assert "gain" not in installed().usual("metrics")


def test_one_that_is_offered_again_takes_the_place_of_the_first(fleet):
    offer(gain())
    first = fleet.evaluate(metrics=["gain"]).results()["value"]
    offer(gain(MISS.min()))

    assert not first.equals(fleet.evaluate(metrics=["gain"], fresh=True).results()["value"])


def test_a_cause_is_asked_by_triage(fleet):
    def find(view):
        models = view.models().filter(model="m1").select("model")
        return models.with_columns(severity=99.0, reason=pl.lit("look")).collect().to_arrow()

    offer(TriageCause("own", "A look.", "look", find))

    assert fleet.triage().filter(cause="own")["model"].to_list() == ["m1"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (gain(name="auc"), "offers the metric 'auc'; give another name"),
        (gain(name="My Gain"), "cannot be its name"),
        (Metric("g", frozenset({"binary"}), None, False, BOUNDS), "no function"),
        (Gate("g", "A gate.", print), "a Gate cannot be offered so"),
        (print, "cannot be offered so; what can: Metric"),
    ],
)
def test_what_cannot_be_offered_is_refused(value, said):
    with pytest.raises(BadInput, match=said):
        offer(value)


def test_a_run_that_is_resumed_without_it_is_refused_by_name(fleet):
    def stop(done, total):
        raise KeyboardInterrupt

    offer(gain())
    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate(metrics=["gain"], progress=stop)
    run = fleet.unfinished()["run_id"].item()
    lending._own.clear()
    with pytest.raises(PluginError, match=f"the run {run} needs metrics.gain, which the process"):
        fleet.resume(run, other_software=True)
    offer(gain(MISS.min()))
    with pytest.raises(PluginError, match=r"offer metrics.gain is offered by the process \(\w+\)"):
        fleet.resume(run)
    offer(gain())

    assert set(fleet.resume(run).results()["metric"]) == {"gain"}


NOTEBOOK = """
import sys
import polars as pl
import argosy
from argosy.kernels import aggregation
from argosy.plugins import offer
from argosy.testing.fleets import logged_fleet
from argosy.types import Detector, Metric
import pyarrow as pa

SHIFT = 3.0

def measure(table):
    n = table.num_rows
    return pa.table({"statistic": [SHIFT] * n, "effect": [SHIFT] * n, "p_value": [0.5] * n,
                     "p_method": ["none"] * n, "reason": pa.nulls(n, pa.string())})

offer(Detector("mine", frozenset({"numeric"}), measure, 0.1, "shift"))
fleet = argosy.open(sys.argv[1])
for executor in sys.argv[2:]:
    rows = fleet.check_drift(detectors=["mine"], executor=executor).results()
    print(executor, set(rows["effect"]), set(rows["status"]))
"""


def in_a_notebook(fleet, *executors):
    done = subprocess.run(
        [sys.executable, "-", fleet.url, *executors],
        input=NOTEBOOK, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.splitlines(), done.stderr


def test_a_function_of_the_main_module_reaches_threads(fleet):
    assert in_a_notebook(fleet, "local")[0] == ["local {3.0} {'ok'}"]


def test_a_function_of_the_main_module_reaches_rays_workers(fleet):
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")

    told, besides = in_a_notebook(fleet, "ray")
    assert told == ["ray {3.0} {'ok'}"], besides
