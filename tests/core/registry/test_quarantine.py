"""A model that kills its worker is found, named, and kept out of every job until it is released."""

import polars as pl
import pytest

from argosy.errors import RowsRefused
from argosy.registry.quarantine import culprits
from argosy.store.after_images import Change
from argosy.store.state import Decision
from argosy.testing.fleets import logged_fleet
from argosy.testing.poison import carried, fleet_of

POISON = ("segfault", "hang", "greedy")


def results(fleet, run_id):
    return fleet.evaluations().filter(run_id=run_id).collect()


@pytest.fixture
def poisoned(tmp_path):
    return fleet_of(tmp_path, [*[f"m{number:02}" for number in range(37)], *POISON])


def test_three_poison_models_are_named_and_all_others_are_done(poisoned):
    done = carried(poisoned)

    assert (done["ok"], done["failed"]) == (37, 3)
    rows = results(poisoned, done["run_id"])
    assert rows["model"].is_unique().all()
    held = poisoned.quarantined().collect()
    assert dict(held.select("model", "cause").rows()) == {
        "greedy": "memory",
        "hang": "time",
        "segfault": "crash",
    }


def test_a_model_in_quarantine_is_not_tried_until_it_is_released(tmp_path):
    fleet = fleet_of(tmp_path, ["a", "exit", "b"])
    first = carried(fleet)
    again = carried(fleet)

    assert first["failed"] == again["failed"] == 1
    [reason] = results(fleet, again["run_id"]).filter(status="failed")["reason"]
    assert f"it is in quarantine since the run {first['run_id']}: the process" in reason
    assert fleet.unquarantine({"model": ["exit"]})["outcome"].to_list() == ["released"]
    assert fleet.quarantined().collect().is_empty()


def test_entering_and_leaving_quarantine_are_events(tmp_path):
    fleet = fleet_of(tmp_path, ["a", "exit"])
    done = carried(fleet)
    fleet.unquarantine({"model": ["exit"]}, reason="retrained")
    events = fleet.events().filter(kind="quarantine").collect()

    assert events.select("op", "reason").rows() == [("evaluate", None), ("release", "retrained")]
    assert done["run_id"] in events["new"][0]


def test_only_a_model_in_quarantine_can_be_released(tmp_path):
    fleet = fleet_of(tmp_path, ["a"])

    with pytest.raises(RowsRefused, match="'a' is not in quarantine"):
        fleet.unquarantine({"model": ["a"]})


def test_a_new_version_is_not_in_quarantine(tmp_path):
    fleet = fleet_of(tmp_path, ["a", "exit"])
    carried(fleet)
    fleet.register({"model": ["exit"], "version": ["2"]})

    assert fleet.quarantined().collect()["version"].to_list() == ["1"]


def test_a_model_that_raises_is_no_poison(tmp_path):
    fleet = fleet_of(tmp_path, ["a", "raise"])

    assert carried(fleet)["failed"] == 1
    assert fleet.quarantined().collect().is_empty()


def test_the_command_line_lists_and_releases(tmp_path, capsys):
    from argosy_cli.main import run

    fleet = fleet_of(tmp_path, ["a", "exit"])
    carried(fleet)
    assert run(["--fleet", fleet.url, "quarantine"]) == 0
    assert "exit" in capsys.readouterr().out
    assert run(["--fleet", fleet.url, "quarantine", "--release", "team = 'none'"]) == 2
    assert run(["--fleet", fleet.url, "quarantine", "--release", "true"]) == 0
    capsys.readouterr()
    assert run(["--fleet", fleet.url, "quarantine"]) == 0
    assert capsys.readouterr().out == "no model is in quarantine\n"


@pytest.mark.parametrize("verb", ["evaluate", "check_drift", "estimate"])
def test_every_job_tells_who_was_not_tried(tmp_path, verb):
    """A model in quarantine is a failure with its reason, and all others have results."""
    fleet = logged_fleet(tmp_path, 6)
    lost = pl.DataFrame({"model": ["m1"], "version": ["1"], "reason": ["it hung"]})
    rows = culprits(lost.with_columns(cause=pl.lit("time")), "a run")
    fleet.ledger.apply("drift", lambda _: Decision(rows, [Change("quarantine", rows)]))
    run = getattr(fleet, verb)()

    assert (run.summary["ok"], run.summary["failed"]) == (5, 1)
    assert run.failures().select("model", "reason").rows() == [
        (
            "m1",
            "it is in quarantine since the run a run: it hung;"
            " `argosy quarantine --release` lets it out",
        )
    ]
    assert fleet.sql("SELECT model, cause FROM quarantined").rows() == [("m1", "time")]
