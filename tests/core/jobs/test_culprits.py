"""Who goes into quarantine where a model is lost whose work loads several versions."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.breadcrumbs import WORK
from argosy.jobs.alone import Died
from argosy.jobs.culprits import REASONS, blamed
from argosy.jobs.traced import as_tables
from argosy.plugins import installed
from argosy.store.location import Location
from argosy.types import Finished, Suspects

sio = pytest.importorskip("skops.io")
tree = pytest.importorskip("sklearn.tree")

ROWS = 200


def fitted(crashing):
    """Return a tree; the nodes of one that crashes lie beyond its memory, as in a damaged file."""
    generator = np.random.default_rng(3)
    features = generator.normal(size=(ROWS, 2))
    made = tree.DecisionTreeClassifier(max_depth=3, random_state=0)
    made.fit(features, (features[:, 0] > 0).astype(int))
    if crashing:
        state = made.tree_.__getstate__()
        state["nodes"] = state["nodes"].copy()
        for side in ("left_child", "right_child"):
            state["nodes"][side] = 2**40
        made.tree_.__setstate__(state)
    return sio.dumps(made)


@pytest.fixture
def make(tmp_path):
    """Make a fleet of the models `a` and `b`; of `b`, those versions crash that are named."""

    def made(*crashing, versions=("1", "2")):
        generator = np.random.default_rng(4)
        fleet = argosy.open(str(tmp_path / "fleet"), create=True)
        table = pl.DataFrame(generator.normal(size=(ROWS, 2)), schema=["x", "z"])
        truth = (table["x"] + generator.normal(size=ROWS) > 0).cast(pl.Int64)
        table.with_columns(y=truth, row=pl.int_range(pl.len())).write_parquet(
            tmp_path / "rows.parquet"
        )
        for version, alias in zip(versions, ("champion", "challenger", "second"), strict=False):
            rows = []
            for model in ("a", "b"):
                path = tmp_path / f"{model}-{version}.skops"
                path.write_bytes(fitted(model == "b" and version in crashing))
                rows.append({"model": model, "version": version, "format": "skops",
                             "artifact": str(path)})  # fmt: skip
            fleet.register(rows)
            fleet.set_alias({"model": ["a", "b"], "version": [version] * 2}, alias)
        fleet.bind([{"role": "holdout", "url": str(tmp_path / "rows.parquet"), "truth": "y",
                     "id": "row"}])  # fmt: skip
        return fleet

    return made


def held(fleet):
    return fleet.quarantined().collect().select("model", "version", "cause").rows()


@pytest.mark.slow
def test_a_challenger_that_crashes_does_not_bar_the_champion(make):
    fleet = make("2")
    run = fleet.compare()

    assert held(fleet) == [("b", "2", "crash")]
    assert (run.summary["ok"], run.summary["failed"]) == (1, 1)


@pytest.mark.slow
def test_a_challenger_in_quarantine_leaves_the_others_to_be_compared(make):
    fleet = make("2", versions=("1", "2", "3"))
    fleet.compare(challengers=["challenger", "second"])
    run = fleet.compare(challengers=["challenger", "second"])
    found = run.results().filter(model="b")

    assert held(fleet) == [("b", "2", "crash")]
    assert found.filter(challenger="second")["status"].to_list().count("ok") > 0
    [told] = found.filter(challenger="challenger")["reason"]
    assert "the challenger: it is in quarantine since the run" in told


@pytest.mark.slow
def test_a_champion_that_crashes_is_named_too(make):
    fleet = make("1")
    fleet.compare()
    again = fleet.compare()

    assert held(fleet) == [("b", "1", "crash")]
    [told] = again.results().filter(model="b")["reason"]
    assert "the champion: it is in quarantine since the run" in told


@pytest.mark.slow
@pytest.mark.parametrize("baseline", ["champion", "b"])
def test_a_baseline_that_crashes_does_not_bar_the_versions_beside_it(make, baseline):
    """Where it is another model's, that other model is in quarantine."""
    fleet = make("1" if baseline == "champion" else "2")
    chosen = "model = 'b'" if baseline == "champion" else "model = 'a'"
    asked = {"alias": "challenger", "baselines": [baseline]}
    first = fleet.gate(chosen, **asked)
    again = fleet.gate(chosen, **asked)
    judged = again.results().filter(gate=f"baseline:{baseline}")

    assert held(fleet) == [("b", "1" if baseline == "champion" else "2", "crash")]
    assert first.summary["ok"] == 0
    assert again.summary["ok"] == 1
    assert judged["passed"].to_list() == [False]
    assert "it is in quarantine since the run" in judged["reason"].item()


# Without a fleet


def blame(lost, units, dies):
    """Ask who is to blame where those that are named die by themselves."""

    def run(chunks, perform):
        for chunk in chunks:
            [row] = pl.DataFrame(chunk.models).to_dicts()
            died = (row["model"], row["version"]) in dies
            death = Died("crash", "SIGSEGV", WORK, frozenset())
            yield Finished(chunk.id, tables=as_tables(death) if died else {})

    executor = installed().executors["local"]
    suspects = Suspects(pl.DataFrame(units), lambda _: {})
    frame = pl.DataFrame(lost, schema=REASONS, orient="row")
    carried = {"location": Location("/nowhere")}
    found = blamed(replace(executor, run=run), frame, suspects, carried, False, 60, lambda: None)
    return found.select("model", "version", "cause").rows()


UNITS = {
    "model": ["m", "m", "n"],
    "version": ["1", "other@7", "3"],
    "owner": ["m", "other", "n"],
    "owner_version": ["1", "7", "3"],
}


def test_nobody_is_blamed_where_nobody_dies_alone():
    """As where two together take more memory than there is, or a test of pairs crashes."""
    assert blame([("m", "1", "gone", "memory")], UNITS, ()) == []


def test_whoever_dies_alone_is_blamed_by_the_model_that_owns_it():
    assert blame([("m", "1", "gone", "crash")], UNITS, {("m", "other@7")}) == [
        ("other", "7", "crash")
    ]


def test_who_is_the_only_suspect_is_not_tried_again():
    assert blame([("n", "3", "gone", "time")], UNITS, ()) == [("n", "3", "time")]


def test_a_model_that_failed_for_another_reason_has_no_culprit():
    assert blame([("m", "1", "it raised", "error")], UNITS, {("m", "1")}) == []
