"""The Ray executor: the same tables as the local one, whatever happens to its workers."""

import json
import os
import re
import signal
import threading

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from argosy.errors import PluginError
from argosy.jobs import chunking
from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy.testing.executors import ExecutorSuite, double
from argosy.testing.fleets import logged_fleet
from argosy.testing.poison import carried, fleet_of
from argosy.types import Chunk

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
skops = pytest.importorskip("skops.io", reason="skops is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
OF_A_RUN = ("run_id", "at", "profile", "incident", "opened_run", "onset_at")


@pytest.fixture(scope="module", autouse=True)
def local_ray():
    """Start Ray once: it takes seconds."""
    from argosy_ray.cluster import connected, ray

    with connected():
        yield
    ray.shutdown()


class TestRay(ExecutorSuite):
    name = "ray"


def found(fleet, run, name):
    table = getattr(fleet, name)().filter(run_id=run.id).collect().drop(OF_A_RUN, strict=False)
    return table.sort([name for name, kind in table.schema.items() if not kind.is_nested()])


def test_a_drift_check_is_the_same_on_ray(tmp_path):
    fleet = logged_fleet(tmp_path, 12, drifting={"m2"})
    here, there = fleet.check_drift(), fleet.check_drift(executor="ray")

    assert there.summary["drifted"] == 1
    for name in ("drift", "distributions"):
        assert found(fleet, here, name).equals(found(fleet, there, name)), name


def test_an_evaluation_finds_the_same_as_the_local_executor(tmp_path):
    """Logged predictions and models that are loaded, windows and slices, to the last bit."""
    fleet = logged_fleet(tmp_path, models=5, rows=120)
    rows = pl.read_parquet(tmp_path / "holdout.parquet").filter(client="m1")
    model = DecisionTreeClassifier(max_depth=3).fit(rows.select("size", "age"), rows["label"])
    (tmp_path / "tree.skops").write_bytes(skops.dumps(model))
    fleet.register(
        {
            "model": ["tree"],
            "version": ["1"],
            "format": ["skops"],
            "artifact": [str(tmp_path / "tree.skops")],
            "features": [["size", "age"]],
        }
    )
    url = str(tmp_path / "holdout.parquet")
    own = {"role": "holdout", "model": "tree", "url": url, "truth": "label"}
    fleet.bind([{**own, "key": "client", "key_value": "m1"}])
    asked = {"window": "60 rows", "slices": ["colour"], "least": 5, "fresh": True}
    order = ["model", "window", "slice", "metric"]
    here, there = (
        fleet.evaluate(executor=name, **asked).results().drop("run_id", "at").sort(order)
        for name in ("local", "ray")
    )

    assert here["model"].n_unique() == 6
    assert here.filter(model="tree", status="ok").height > 20
    assert here.equals(there)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    models=st.integers(1, 9),
    rows=st.integers(20, 90),
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 2**16),
)
def test_local_and_ray_give_identical_tables(tmp_path_factory, models, rows, sizes, seed):
    """Each cuts the models in its own way; rows have weights, and there are slices."""
    fleet = logged_fleet(tmp_path_factory.mktemp("fleet"), models, rows, seed=seed, weighted=True)
    names = [name for name, one in installed().metrics.items() if "binary" in one.tasks]
    metrics = [name for name in names if not installed().metrics[name].needs]
    asked = {
        "evaluations": ("evaluate", {"metrics": metrics, "slices": ["colour"], "least": 5}),
        "drift": ("check_drift", {}),
        "estimates": ("estimate", {}),
    }
    for name, (verb, options) in asked.items():
        tables = []
        for executor, size in zip(("local", "ray"), sizes, strict=True):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(chunking, "_size", lambda *_, most=size: most)
                run = getattr(fleet, verb)(executor=executor, **options)
            tables.append(found(fleet, run, name))
        assert tables[0].equals(tables[1]), verb


@pytest.mark.slow
def test_a_large_fleet_with_weights_is_the_same_on_ray_and_after_its_costs_are_known(tmp_path):
    """3,000 models: eight chunks, two chunks and one, as the planner itself cuts them."""
    fleet = logged_fleet(tmp_path, 3000, 60, weighted=True)
    runs = [fleet.evaluate(executor=name, fresh=True) for name in ("local", "ray", "local")]
    tables = [found(fleet, run, "evaluations") for run in runs]

    assert tables[0].height >= 18_000
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_a_training_makes_the_same_models_as_the_local_executor(tmp_path, monkeypatch):
    """The same rows, seeds and params, so the same predictions; a client without rows fails."""
    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: 2, False: 2})
    names = [f"m{number}" for number in range(5)]
    told = {
        "template": "shop",
        "trainer": "sklearn",
        "params": {"estimator": "RandomForestClassifier", "n_estimators": "5"},
        "features": ["size", "age"],
    }
    tables = []
    for executor in ("local", "ray"):
        fleet = logged_fleet(tmp_path / executor, 5)
        fleet.define([told])
        fleet.register({"model": names, "version": ["0"] * 5, "template": ["shop"] * 5})
        fleet.instantiate("shop", {"model": ["lost"]})
        run = fleet.train(data="holdout", executor=executor)
        measured = fleet.evaluate("model <> 'lost'", executor=executor)
        assert run.summary["ok"] == 5
        rows = found(fleet, run, "trainings").drop("seconds", "file", "sha256")
        reason = pl.col("reason").str.replace(str(tmp_path / executor), "")
        tables.append((rows.with_columns(reason), found(fleet, measured, "evaluations")))

    assert tables[0][0].equals(tables[1][0])
    assert tables[0][1].equals(tables[1][1])
    assert tables[0][1].filter(metric="auc")["version"].to_list() == ["2"] * 5


def test_a_run_that_stopped_here_is_resumed_on_ray(tmp_path, monkeypatch):
    monkeypatch.setattr(chunking, "_UNKNOWN_LEAST", {True: 2, False: 2})
    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: 2, False: 2})
    fleet = logged_fleet(tmp_path, 12, drifting={"m2"})

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fleet.check_drift(executor="ray", progress=stop)
    [run_id] = fleet.unfinished()["run_id"]
    run = fleet.resume(run_id, executor="local")
    with pytest.raises(KeyboardInterrupt):
        fleet.check_drift(progress=stop)
    [run_id] = fleet.unfinished()["run_id"]
    again = fleet.resume(run_id, executor="ray")

    assert found(fleet, run, "drift").equals(found(fleet, again, "drift"))
    assert again.summary["drifted"] == 1


@pytest.mark.slow
def test_three_poison_models_are_named_and_all_others_are_done(tmp_path):
    names = [f"m{number:02}" for number in range(21)]
    fleet = fleet_of(tmp_path, [*names, "segfault", "hang", "greedy"])
    done = carried(fleet, "ray", time_limit=2.0)

    assert (done["ok"], done["failed"]) == (21, 3)
    rows = fleet.evaluations().collect()
    assert rows["model"].is_unique().all()
    held = fleet.quarantined().collect()
    assert dict(held.select("model", "cause").rows()) == {
        "greedy": "memory",
        "hang": "time",
        "segfault": "crash",
    }


def test_every_model_has_one_result_though_workers_are_killed(tmp_path):
    names = [f"slow{number:03}" for number in range(36)]
    fleet, marks = fleet_of(tmp_path, names), tmp_path / "marks"
    marks.mkdir()
    ended = threading.Event()
    killed = []

    def kill():
        while not ended.wait(0.5) and len(killed) < 3:
            for mark in sorted(marks.iterdir()):
                mark.unlink()
                os.kill(int(mark.name), signal.SIGKILL)
                killed.append(mark.name)
                break

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        done = carried(fleet, "ray", 60.0, chunking.Costs(seconds=1.0), marks=str(marks))
    finally:
        ended.set()
        thread.join()

    assert len(killed) == 3
    assert done["ok"] == 36
    assert sorted(fleet.evaluations().collect()["model"]) == names


def test_other_software_on_a_node_is_refused_and_named(monkeypatch):
    from argosy_ray import preflight

    told = {**preflight.called_by_workers(), "polars": "1.0.0", "plugin odd": "odd 1"}
    monkeypatch.setattr(preflight, "called_by_workers", lambda: told)
    monkeypatch.setattr(preflight, "_SEEN", set())
    chunk = Chunk("0", pa.table({"number": [1]}))

    with pytest.raises(PluginError, match=r"plugin odd is missing on the node .*polars is 2\."):
        list(installed().executors["ray"].run([chunk], double))


@pytest.mark.parametrize(
    ("where", "mode", "allowed", "refused"),
    [
        ("head:6379", None, False, True),
        ("head:6379", "token", False, False),
        ("head:6379", None, True, False),
    ],
)
def test_a_cluster_that_is_open_to_anybody_is_refused(monkeypatch, where, mode, allowed, refused):
    from argosy_ray.cluster import refuse_open

    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    if mode:
        monkeypatch.setenv("RAY_AUTH_MODE", mode)
        monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    with using({"ray": {"allow_unauthenticated": allowed}}):
        if refused:
            with pytest.raises(PluginError, match="whoever|who reaches"):
                refuse_open(where)
        else:
            refuse_open(where)


@pytest.mark.parametrize("where", ["127.0.0.1:9", "[::1]:9", "localhost:9"])
def test_a_cluster_that_is_not_there_is_said_at_once(where):
    """Ray itself tries for many minutes."""
    from argosy_ray.cluster import _join

    with pytest.raises(PluginError, match=rf"nobody answers at {re.escape(where)}: "):
        _join(where, [])


def test_a_ray_of_this_machine_has_a_token_that_is_nobody_elses(monkeypatch):
    """It listens on every address; and what only it knows must not be sent to another."""
    from argosy_ray import auth

    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    auth.guard()
    monkeypatch.setenv("RAY_AUTH_MODE", "token")  # which Ray does

    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64
    assert not auth.asked()
    assert auth.token() is None
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    assert auth.token() == "secret"


def test_how_the_executor_was_set_is_kept_with_the_run(tmp_path):
    """So is leave to use an open cluster, which is thereby an event."""
    fleet = logged_fleet(tmp_path, 2)
    with using({"ray": {"allow_unauthenticated": True}}):
        fleet.evaluate(executor="ray")

    [options] = fleet.runs().collect()["options"]
    assert json.loads(options)["executor"] == {"allow_unauthenticated": True}


def test_auto_uses_a_cluster_only_where_it_pays(monkeypatch):
    from argosy_ray.auto import choice

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    small = [Chunk("0", pa.table({}), seconds=1.0)]
    large = [Chunk("0", pa.table({}), seconds=100.0)]

    assert choice(large) == "local"
    with using({"ray": {"address": "head:6379"}}):
        assert [choice(small), choice(large)] == ["local", "ray"]
        assert choice([Chunk("0", pa.table({}))]) == "local"


def test_a_chunk_asks_for_what_its_models_say_they_take():
    from argosy_ray.resources import arguments, demanded

    needs = {"cpu": 2.0, "gpu": 0.5, "memory": 1e9, "tpu": 1.0}
    assert arguments(demanded(Chunk("0", pa.table({}), needs=needs))) == {
        "num_cpus": 2.0,
        "num_gpus": 0.5,
        "memory": 10**9,
        "resources": {"tpu": 1.0},
    }
    assert arguments(demanded(Chunk("0", pa.table({})))) == {"num_cpus": 1}


def test_what_no_node_has_is_said_of_each_model_and_nobody_is_in_quarantine(tmp_path):
    """A task that no node can hold would wait for ever."""
    fleet = logged_fleet(tmp_path, 6)
    fleet.tag(fleet.where("team = 'risk'"), {"resources.tpu": "4"})
    with using({"ray": {"patience": 1.0}}):
        run = fleet.evaluate(executor="ray")

    assert (run.summary["ok"], run.summary["failed"]) == (3, 3)
    reasons = run.failures()["reason"].unique().to_list()
    assert len(reasons) == 1
    assert "no node has CPU 1 and tpu 4 together (the most of each: CPU" in reasons[0]
    assert "ray.patience" in reasons[0]
    assert fleet.quarantined().collect().is_empty()


def test_an_environment_that_cannot_be_set_up_is_refused_by_name(local_ray):
    chunk = Chunk("0", pa.table({"number": [1]}), environment="odd")
    odd = {"odd": {"py_modules": ["/nowhere/at/all.zip"]}}
    with (
        using({"ray": {"environments": odd}}),
        pytest.raises(PluginError, match="the environment odd"),
    ):
        list(installed().executors["ray"].run([chunk], double))


def test_models_that_take_more_have_chunks_of_their_own(tmp_path):
    fleet = logged_fleet(tmp_path, 6)
    fleet.tag(fleet.where("team = 'risk'"), {"resources.memory": "1e9"})
    planned = fleet.explain("evaluate")

    assert planned["models"].to_list() == [3, 3]
    assert fleet.evaluate(executor="ray").summary["ok"] == 6
