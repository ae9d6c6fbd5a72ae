"""The Ray executor."""

import polars as pl
import pytest
from sklearn.tree import DecisionTreeClassifier

from argosy.testing.executors import ExecutorSuite
from argosy.testing.fleets import logged_fleet

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
skops = pytest.importorskip("skops.io", reason="skops is not installed")


@pytest.fixture(scope="module", autouse=True)
def local_ray():
    """Start Ray once: it takes seconds."""
    from argosy_ray.executor import connected

    with connected():
        yield


@pytest.mark.filterwarnings("ignore::ResourceWarning")
class TestRay(ExecutorSuite):
    name = "ray"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
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
