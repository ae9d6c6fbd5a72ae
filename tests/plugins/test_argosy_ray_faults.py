"""What breaks in a cluster: the run completes, and every model has one result or one reason.

Each test has a Ray of its own in a process of its own. The short versions are in
`test_argosy_ray.py`; drivers are killed in `test_killed_drivers.py`.
"""

import pytest

from . import ray_apart

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
pytestmark = pytest.mark.slow

BEGIN = """
import json, os, signal, sys, threading, time
from pathlib import Path
from argosy.jobs import chunking
from argosy.jobs.chunking import Costs
from argosy.plugins import installed
from argosy.testing.poison import carried, fleet_of

folder = Path(sys.argv[1])
marks = folder / "marks"
marks.mkdir(exist_ok=True)

def tell(fleet, done, **besides):
    models = fleet.evaluations().collect()["model"]
    told = {"ok": done["ok"], "failed": done["failed"], "once": models.is_unique().all()}
    held = dict(fleet.quarantined().collect().select("model", "cause").rows())
    sys.__stdout__.write(json.dumps({**told, "rows": len(models), "held": held, **besides}))
"""


def played(folder, script, **environment):
    return ray_apart.played(folder, BEGIN + script, **environment)


@pytest.mark.fault("F8 Ray worker killed -9", "kills")
def test_twenty_workers_are_killed_and_two_thousand_models_are_done(tmp_path, fault):
    told = played(
        tmp_path,
        """
fleet = fleet_of(folder, [f"{'slow' if n % 8 == 0 else 'm'}{n:04}" for n in range(2000)])
ended, killed = threading.Event(), []

def kill():
    while not ended.wait(0.4) and len(killed) < 20:
        for mark in sorted(marks.iterdir())[:1]:
            mark.unlink()
            try:
                os.kill(int(mark.name), signal.SIGKILL)
                killed.append(mark.name)
            except ProcessLookupError:
                pass

thread = threading.Thread(target=kill, daemon=True)
thread.start()
done = carried(fleet, "ray", 60.0, Costs(seconds=0.05), marks=str(marks))
ended.set()
thread.join()
tell(fleet, done, killed=len(killed))
""",
    )
    fault.models(told, played=told["killed"])

    assert told == {
        "ok": 2000,
        "failed": 0,
        "once": True,
        "rows": 2000,
        "held": {},
        "killed": 20,
    }


@pytest.mark.fault("F9 poison models", "models")
@pytest.mark.parametrize("executor", ["local", "ray"])
def test_three_of_two_hundred_are_poison(tmp_path, executor, fault):
    told = played(
        tmp_path,
        f"""
names = [f"m{{n:03}}" for n in range(197)]
fleet = fleet_of(folder, [*names, "segfault", "hang", "greedy"])
tell(fleet, carried(fleet, {executor!r}, 3.0))
""",
    )
    fault.models(told, played=len(told["held"]))

    assert told["held"] == {"segfault": "crash", "hang": "time", "greedy": "memory"}
    assert (told["ok"], told["failed"], told["once"]) == (197, 3, True)


def test_a_node_is_lost_in_mid_job(tmp_path):
    told = played(
        tmp_path,
        """
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
other = cluster.add_node(num_cpus=1)
cluster.wait_for_nodes()
os.environ["RAY_ADDRESS"] = cluster.address
fleet = fleet_of(folder, [f"slow{n:03}" for n in range(150)])

def lose():
    while not list((folder / "fleet" / "staged").glob("*/chunk-*")):
        time.sleep(0.05)
    cluster.remove_node(other, allow_graceful=False)

thread = threading.Thread(target=lose, daemon=True)
thread.start()
done = carried(fleet, "ray", 60.0, Costs(seconds=0.2))
thread.join()
import ray
tell(fleet, done, nodes=sum(node["Alive"] for node in ray.nodes()))
""",
        ARGOSY_RAY__ALLOW_UNAUTHENTICATED="true",
    )

    assert told == {"ok": 150, "failed": 0, "once": True, "rows": 150, "held": {}, "nodes": 1}


def test_a_full_object_store_does_not_matter(tmp_path):
    """Others hold 96 MB where there is room for 84; of ours, what is in flight is bounded."""
    told = played(
        tmp_path,
        """
import ray, numpy as np, pyarrow as pa
from argosy.types import Chunk
from argosy.testing.executors import double
ray.init(address="local", include_dashboard=False, log_to_driver=False, num_cpus=2,
         object_store_memory=80 * 2**20)
held = [ray.put(np.full(10**6, place)) for place in range(12)]
numbers = pa.table({"number": np.ones(10**6, np.int64)})
chunks = [Chunk(str(place), numbers) for place in range(40)]
answers = [one for one in installed().executors["ray"].run(chunks, double) if one]
rows = sum(one.tables["doubled"].num_rows for one in answers)
there = sum(bool((ray.get(one) == place).all()) for place, one in enumerate(held))
sys.__stdout__.write(json.dumps({"chunks": len(answers), "rows": rows, "there": there}))
""",
    )

    assert told == {"chunks": 40, "rows": 40 * 10**6, "there": 12}


def test_a_chunk_slower_than_its_limit_is_halved_until_its_models_are_in_time(tmp_path):
    """None of them is to blame: 80 take 16 s, 40 take 8 s, and the limit is 2 s after 10 s."""
    told = played(
        tmp_path,
        """
chunking._size = lambda *_: 80
fleet = fleet_of(folder, [f"slow{n:03}" for n in range(160)])
done = carried(fleet, "ray", 1.0)
[options] = fleet.runs().collect()["options"]
tell(fleet, done, halved=json.loads(options)["took"]["chunks"] >= 4)
""",
    )

    assert told == {"ok": 160, "failed": 0, "once": True, "rows": 160, "held": {}, "halved": True}


def test_a_plugin_that_the_workers_lack_is_refused_by_name(tmp_path):
    """The driver alone has it on its path."""
    there = tmp_path / "there"
    (there / "odd-1.dist-info").mkdir(parents=True)
    (there / "odd.py").write_text("argosy_api = '>=1.0,<2'\n")
    (there / "odd-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1")
    (there / "odd-1.dist-info/entry_points.txt").write_text("[argosy]\nodd = odd\n")
    told = played(
        tmp_path,
        f"""
from ray.cluster_utils import Cluster
from argosy.errors import PluginError
cluster = Cluster(initialize_head=True, head_node_args={{"num_cpus": 1}})
os.environ["RAY_ADDRESS"] = cluster.address
sys.path.insert(0, {str(there)!r})
fleet = fleet_of(folder, ["a"])
try:
    carried(fleet, "ray")
except PluginError as error:
    sys.__stdout__.write(json.dumps({{"told": str(error)}}))
""",
        ARGOSY_RAY__ALLOW_UNAUTHENTICATED="true",
    )

    assert "plugin odd is missing on the node" in told["told"]
    assert "ray.wheels" in told["told"]
