"""What every cause of triage must do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.plugins import installed
from argosy.plugins.guarded_call import whole
from argosy.tables import TROUBLE_DETAILS, TROUBLES
from argosy.testing.readings import READINGS, reading

if TYPE_CHECKING:
    from pathlib import Path

    from argosy.fleet import Fleet
    from argosy.types import FleetView, TriageCause

STATES = ("failed", "drifted", "unknown", None)


class CauseSuite:
    """Inherit this, set `name`, define the two fleets, and your cause sees others of every kind."""

    name: str
    """The cause under test."""

    def well(self, folder: Path) -> Fleet:
        """Make a fleet that it finds nothing in; define this."""
        raise NotImplementedError(f"{type(self).__name__} makes no fleet in {folder}")

    def ill(self, folder: Path) -> tuple[Fleet, set[str]]:
        """Make a fleet, and name the models that it finds there; define this."""
        raise NotImplementedError(f"{type(self).__name__} makes no fleet in {folder}")

    @property
    def cause(self) -> TriageCause:
        """Return the cause as the core finds it."""
        return installed().causes[self.name]

    def found(self, fleet: FleetView) -> pl.DataFrame:
        """Ask it, and hold its answer to what triage can use."""
        answer = self.cause.find(fleet)
        assert isinstance(answer, pa.Table), type(answer)
        details = [field for field in TROUBLE_DETAILS if field.name in answer.schema.names]
        schema = pa.schema([*TROUBLES, *details])
        rows = pl.DataFrame(whole("causes", self.name, answer, schema, None))
        models = set(fleet.models().select("model").collect()["model"])
        assert set(rows["model"]) <= models, "a cause names models of the fleet"
        assert rows["severity"].is_between(0, 100).all(), "a severity lies between 0 and 100"
        assert rows["severity"].null_count() == 0, "a cause says how bad it is"
        assert all((reason or "").strip() for reason in rows["reason"]), "a cause says why"
        if "since" in rows.columns:
            future = rows.filter(pl.col("since") > fleet.moment)
            assert future.is_empty(), "nothing began in the future"
        return rows

    def test_it_is_described(self) -> None:
        """Users read its name, what it finds, what to do next and how its models fare."""
        cause = self.cause
        assert cause.name == self.name.lower()
        assert cause.summary.strip().endswith(".")
        assert cause.next_step.strip()
        assert cause.state in STATES

    def test_every_fleet_gets_an_answer(self) -> None:
        """Without models, without runs, as it stood, with odd names, and with thousands."""
        for of in READINGS:
            self.found(reading(of))

    def test_a_fleet_without_models_has_no_trouble(self) -> None:
        """Nothing is wrong with nobody."""
        assert self.found(reading("empty")).is_empty()

    def test_looking_changes_nothing_and_is_repeatable(self) -> None:
        """Triage is asked at any time, by anybody; only what ages may be worse by then."""
        for of in ("unchecked", "checked"):
            fleet = reading(of)
            before = fleet.seq
            first, again = (self.found(fleet).drop("severity") for _ in range(2))
            assert first.sort(pl.all()).equals(again.sort(pl.all()))
            assert before == fleet.seq

    def test_models_that_are_well_are_left_out(self, tmp_path: Path) -> None:
        """A list of everybody is none."""
        assert self.found(self.well(tmp_path)).is_empty()

    def test_models_that_are_ill_are_listed_by_triage(self, tmp_path: Path) -> None:
        """The right ones, each with what to do next, and the model named in it."""
        fleet, models = self.ill(tmp_path)
        assert models
        assert set(self.found(fleet)["model"]) == models
        listed = fleet.troubles().filter(cause=self.name)
        assert set(listed["model"]) == models
        assert all((step or "").strip() for step in listed["next_step"])
        assert not listed["next_step"].str.contains("MODEL", literal=True).any()
        assert (listed["severity"] > 0).all(), "0 is what a broken severity counts as"
