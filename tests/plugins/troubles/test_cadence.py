"""A model is stale once its last look is older than its cadence, seen from the fleet's own time."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import argosy
from argosy.testing.fleets import logged_fleet
from argosy_troubles.cadence import overdue

NOW = datetime(2026, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)


class At:
    """A fleet at a moment, with templates and the models of each."""

    def __init__(self, models, templates=(), moment=NOW):
        self.moment = moment
        schema = {"template": pl.String, "schedule": pl.String}
        self.state = {"template": pl.DataFrame(list(templates), schema, orient="row")}
        self._models = pl.DataFrame(
            list(models.items()), {"model": pl.String, "template": pl.String}, orient="row"
        )

    def models(self):
        return self._models.lazy()


def looks(**ages):
    """Return looks at models, each so many days before now."""
    rows = [(model, NOW - days * DAY) for model, all_ in ages.items() for days in all_]
    return pl.DataFrame(rows, {"model": pl.String, "at": pl.Datetime("us", "UTC")}, orient="row")


def late(fleet, looked):
    return overdue(fleet, looked).sort("model")["model"].to_list()


def test_three_usual_gaps_are_the_cadence_and_a_day_at_least():
    fleet = At(dict.fromkeys(["weekly", "late", "hourly", "gone"]))
    looked = looks(
        weekly=[20, 27, 34],
        late=[22, 29, 36],
        hourly=[0.9, 0.94, 0.98],
        gone=[1.1, 1.14, 1.18],
    )

    assert late(fleet, looked) == ["gone", "late"]


def test_only_the_last_five_gaps_count():
    fleet = At({"a": None})

    assert late(fleet, looks(a=[10, 11, 12, 13, 14, 15, 115, 215, 315, 415, 515, 615])) == ["a"]


@pytest.mark.parametrize(
    ("schedule", "age", "stale"),
    [("1w", 6, False), ("weekly", 8, True), ("daily 02:00", 1.05, False), ("1d", 2, True)],
)
def test_a_schedule_of_the_template_comes_before_the_usual_gaps(schedule, age, stale):
    fleet = At({"a": "nightly"}, [("nightly", schedule)])

    assert late(fleet, looks(a=[age, age + 100])) == (["a"] if stale else [])


def test_a_model_that_was_looked_at_once_goes_by_the_others_and_else_by_a_month():
    fleet = At(dict.fromkeys(["often", "once"]))

    assert late(fleet, looks(often=[0, 1, 2], once=[4])) == ["once"]
    assert late(fleet, looks(once=[30])) == []
    assert late(fleet, looks(once=[32])) == ["once"]


def test_a_fleet_of_the_past_judges_by_its_own_time(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["a"], "version": ["1"]})
    asked = datetime(2031, 1, 1, tzinfo=UTC)
    first = fleet.events().collect()["at"][0]

    assert fleet.as_of(asked).moment == asked
    assert fleet.as_of(1).moment == first
    assert abs(fleet.moment - datetime.now(UTC)) < timedelta(minutes=1)


def test_past_views_tell_staleness_of_their_time(tmp_path):
    fleet = logged_fleet(tmp_path, models=2, rows=400, seed=3)
    fleet.check_drift()
    fleet.evaluate(metrics=["auc"])
    later = datetime.now(UTC) + timedelta(days=40)

    assert fleet.triage().is_empty()
    stale = fleet.as_of(later).triage()
    assert set(stale["cause"]) <= {"drift stale", "evaluation stale"}
    assert stale["model"].sort().to_list() == ["m0", "m1"]
    assert stale["reason"].str.contains("since").all()
    assert (stale["since"] < datetime.now(UTC)).all()
