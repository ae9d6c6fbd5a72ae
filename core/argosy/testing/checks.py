"""What every check of promoted models must do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.plugins import installed
from argosy.plugins.guarded_call import whole
from argosy.tables import FINDINGS
from argosy.testing.readings import READINGS, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from argosy.types import Check, FleetView

MOVED = pa.schema(
    [
        ("model", pa.string()),
        ("version", pa.string()),
        ("previous", pa.string()),
        ("step", pa.int64()),
    ]
)
"""What a check is handed of the models that were moved."""


def moved(rows: Sequence[tuple[str, str, str | None]]) -> pa.Table:
    """Return models as a check is handed them, from `model`, `version` and `previous`.

    >>> moved([("a", "2", "1")]).to_pylist()
    [{'model': 'a', 'version': '2', 'previous': '1', 'step': 1}]
    """
    names = MOVED.names[:3]
    told = [{**dict(zip(names, row, strict=True)), "step": 1} for row in rows]
    return pa.Table.from_pylist(told, MOVED)


class CheckSuite:
    """Inherit this, set `name`, define the two cases, and your check sees fleets of every kind."""

    name: str
    """The check under test."""

    def well(self) -> Iterable[tuple[FleetView, pa.Table]]:
        """Yield fleets with moved models (as `moved` makes them) that it finds nothing of."""
        raise NotImplementedError

    def ill(self) -> Iterable[tuple[FleetView, pa.Table, set[str]]]:
        """Yield fleets with moved models, and those of them that it finds."""
        raise NotImplementedError

    @property
    def check(self) -> Check:
        """Return the check as the core finds it."""
        return installed().checks[self.name]

    def findings(self, fleet: FleetView, models: pa.Table) -> pl.DataFrame:
        """Ask it, and check that the answer has the right types and explains itself."""
        answer = self.check.look(fleet, models)
        assert isinstance(answer, pa.Table), type(answer)
        found = pl.DataFrame(whole("checks", self.name, answer, FINDINGS, None))
        assert found["model"].null_count() == 0, "a finding names a model"
        assert set(found["model"]) <= set(models["model"].to_pylist())
        assert all((reason or "").strip() for reason in found["reason"]), "a finding has words"
        return found

    def test_it_says_what_it_looks_at(self) -> None:
        """Users type its name, and read a line of it."""
        assert self.check.name == self.check.name.lower()
        assert self.check.summary.strip()

    def test_models_that_are_well_pass(self) -> None:
        """There is at least one such case, and nothing is found."""
        cases = list(self.well())
        assert cases
        for fleet, models in cases:
            assert self.findings(fleet, models).is_empty()

    def test_models_that_are_ill_are_found(self) -> None:
        """The right ones, and no others."""
        cases = list(self.ill())
        assert cases
        for fleet, models, wanted in cases:
            assert set(self.findings(fleet, models)["model"]) == wanted

    def test_every_fleet_gets_an_answer(self) -> None:
        """Without models, without runs, as it stood, with odd names, and with thousands."""
        for of in READINGS:
            fleet = reading(of)
            known = fleet.models().select("model", "newest_version").collect().rows()
            rows = [(model, version or "1", None) for model, version in known]
            for models in (moved([]), moved(rows), moved([("nobody", "1", "0")])):
                self.findings(fleet, models)

    def test_of_no_models_none_is_ill(self) -> None:
        """A step may move nobody."""
        for of in READINGS:
            assert self.findings(reading(of), moved([])).is_empty()

    def test_looking_changes_nothing_and_is_repeatable(self) -> None:
        """A promotion that is carried on looks again."""
        for fleet, models, _ in self.ill():
            before = fleet.seq
            assert self.findings(fleet, models).equals(self.findings(fleet, models))
            assert before == fleet.seq
