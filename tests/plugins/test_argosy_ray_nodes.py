"""Two raylets, for real: what differs between nodes, and what a slow one does.

Each test has a cluster of its own in a process of its own.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from . import ray_apart

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
pytestmark = pytest.mark.slow
STRANGER = Path(__file__).parents[1] / "third_party" / "argosy_thirdparty"

BEGIN = """
import json, os, signal, sys, threading, time
from pathlib import Path
from ray.cluster_utils import Cluster
folder = Path(sys.argv[1])

def cluster_of(head, *others):
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for other in others:
        cluster.add_node(**other)
    cluster.wait_for_nodes()
    os.environ["RAY_ADDRESS"] = cluster.address
    return cluster

def tell(told):
    sys.__stdout__.write(json.dumps(told))
"""


def played(folder, script, **environment):
    """Play a script that may begin a cluster that is open to anybody."""
    return ray_apart.played(
        folder, BEGIN + script, ARGOSY_RAY__ALLOW_UNAUTHENTICATED="true", **environment
    )


def test_models_run_where_there_is_what_they_take_and_in_their_environment(tmp_path):
    """GPUs and a licence are the nodes' by name only: Ray counts them, and that is enough here."""
    told = played(
        tmp_path,
        """
import pyarrow as pa
from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy.types import Chunk

cluster_of({"num_cpus": 1, "resources": {"licence": 1}}, {"num_cpus": 1, "num_gpus": 2})

def here(chunk):
    import ray
    time.sleep(0.5)
    context = ray.get_runtime_context()
    held = {name: n for name, n in context.get_assigned_resources().items() if name != "memory"}
    row = {"node": context.get_node_id(), "held": json.dumps(held, sort_keys=True)}
    seen = {name: os.environ.get(name, "") for name in ("COLOUR", "POLARS_MAX_THREADS")}
    return {"told": pa.Table.from_pylist([{**row, **seen}])}

wanted = {
    "plain": {},
    "gpu": {"gpu": 1.0},
    "half": {"gpu": 0.5},
    "licence": {"licence": 1.0},
    "both": {"gpu": 1.0, "licence": 1.0},
    "three": {"gpu": 3.0},
    "huge": {"memory": 1e15},
}
model = pa.table({"number": [1]})
chunks = [Chunk(name, model, needs=needs) for name, needs in wanted.items()]
chunks += [Chunk(name, model, environment=name) for name in ("red", "blue", "other")]
colours = {name: {"env_vars": {"COLOUR": name}} for name in ("red", "blue")}
with using({"ray": {"allow_unauthenticated": True, "patience": 2.0, "environments": colours}}):
    ended = [one for one in installed().executors["ray"].run(chunks, here) if one]
import ray
gpu = next(node["NodeID"] for node in ray.nodes() if node["Resources"].get("GPU"))
tell({
    one.chunk: {**one.tables["told"].to_pylist()[0], "gpu": gpu} if one.tables else one.error
    for one in ended
})
""",
    )

    assert len(told) == 10
    assert "no node has CPU 1 and GPU 1 and licence 1 together" in told["both"]
    assert "the most of each: CPU 1, GPU 2)" in told["three"]
    ran = {name: row for name, row in told.items() if isinstance(row, dict)}
    assert json.loads(ran["gpu"]["held"]) == {"CPU": 1.0, "GPU": 1.0}
    assert json.loads(ran["half"]["held"]) == {"CPU": 1.0, "GPU": 0.5}
    assert json.loads(ran["licence"]["held"]) == {"CPU": 1.0, "licence": 1.0}
    assert {name: ran[name]["node"] == ran[name]["gpu"] for name in ("gpu", "half", "licence")} == {
        "gpu": True,
        "half": True,
        "licence": False,
    }
    assert {name: row["COLOUR"] for name, row in ran.items() if row["COLOUR"]} == {
        "red": "red",
        "blue": "blue",
    }
    assert {row["POLARS_MAX_THREADS"] for row in ran.values()} == {"1"}


def test_a_copy_overtakes_a_chunk_on_a_worker_that_stands_still(tmp_path):
    """The worker is stopped by a signal; nobody is in quarantine for it."""
    told = played(
        tmp_path,
        """
from argosy.jobs.chunking import Costs
from argosy.testing.poison import carried, fleet_of
from argosy_ray import executor

cluster_of({"num_cpus": 1}, {"num_cpus": 1})
executor._LEAST_LAG = 5.0
marks = folder / "marks"
marks.mkdir()
stopped = []

def stop():
    while not stopped:
        for mark in sorted(marks.iterdir())[:1]:
            os.kill(int(mark.name), signal.SIGSTOP)
            stopped.append(int(mark.name))
        time.sleep(0.05)

threading.Thread(target=stop, daemon=True).start()
fleet = fleet_of(folder, [f"slow{n:03}" for n in range(60)])
try:
    done = carried(fleet, "ray", 300.0, Costs(seconds=0.2), marks=str(marks))
finally:
    os.kill(stopped[0], signal.SIGCONT)
models = fleet.evaluations().collect()["model"]
tell({
    "ok": done["ok"],
    "rows": len(models),
    "once": models.is_unique().all(),
    "held": fleet.quarantined().collect().height,
})
""",
    )

    assert told == {"ok": 60, "rows": 60, "once": True, "held": 0}


def test_workers_get_a_plugin_that_they_lack_when_asked(tmp_path):
    """The same process is refused first, and does as the refusal says; nothing is built twice."""
    wheels = tmp_path / "wheels"
    build = ("-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels))
    subprocess.run([sys.executable, *build], cwd=STRANGER, check=True, capture_output=True)
    [wheel] = wheels.glob("*.whl")
    site = ("--target", str(tmp_path / "site"), str(wheel))
    install = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", *site)
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    told = played(
        tmp_path,
        f"""
cluster_of({{"num_cpus": 1}})
os.environ["ARGOSY_BLOCK_PLUGINS"] = "thirdparty-twin"  # its detector has the same name
sys.path.insert(0, str(folder / "site"))  # here, and not where the workers are
from argosy.errors import PluginError
from argosy.plugins.settings import configured, using
from argosy.testing.fleets import logged_fleet

fleet = logged_fleet(folder, 4, drifting={{"m2"}})

def found(run):
    rows = fleet.drift().filter(run_id=run.id).collect().drop("run_id", "at")
    return rows.sort("model", "column")

here = found(fleet.check_drift(detectors=["energy"]))
told = {{"rows": here.height}}
try:
    fleet.check_drift(detectors=["energy"], executor="ray")
except PluginError as error:
    told["refused"] = str(error)
for name, given in (("wheel", {str(wheel)!r}), ("project", {str(STRANGER)!r})):
    with using({{**configured(), "ray": {{"allow_unauthenticated": True, "wheels": [given]}}}}):
        told[name] = found(fleet.check_drift(detectors=["energy"], executor="ray")).equals(here)
tell(told)
""",
        PIP_NO_BUILD_ISOLATION="0",  # pip reads this as: use the build tools that are installed
    )

    refused = told.pop("refused")
    assert "plugin thirdparty is missing on the node" in refused
    assert "argosy-thirdparty 1.2.3" in refused
    assert "ray.wheels" in refused
    assert told == {"rows": 12, "wheel": True, "project": True}
