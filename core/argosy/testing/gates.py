"""What every gate must do."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.jobs.load import load
from argosy.plugins import installed
from argosy.plugins.guarded_call import whole
from argosy.tables import JUDGED
from argosy.testing.fleets import logged_fleet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from argosy.types import Gate

BASE, METRIC, CONSTANT = "holdout", "auc", 0.5
"""The base case, what versions are judged by, and what a constant reaches there."""
_ROWS, _ERROR = 500, 0.02
_TEXT = ("model", "version", "dataset", "dataset_digest", "metric", "reason")
_GIVEN = {
    **dict.fromkeys(_TEXT[:5], pl.String),
    **dict.fromkeys(("value", "error", "base", "base_error", "scale", "best"), pl.Float64),
    "sign": pl.Int8,
    "n": pl.Int64,
    "reason": pl.String,
}
_MEASURED = {
    **dict.fromkeys(("who", *_TEXT[:5]), pl.String),
    **dict.fromkeys(("value", "error"), pl.Float64),
    "n": pl.Int64,
    **dict.fromkeys(("status", "reason"), pl.String),
}


def versions(
    values: Mapping[str, Mapping[str, float | None]],
    error: Callable[[str], float] = lambda _: _ERROR,
) -> tuple[pa.Table, pa.Table]:
    """Return what a gate is handed of version 1 of some models, judged by their AUC.

    Args:
        values: by model what it reached by dataset, `holdout` among them; None where it could not
            be measured. A constant reaches 0.5.
        error: the standard error of a model's values, by its name.

    >>> judged, measured = versions({"a": {"holdout": 0.8, "recent": 0.7}})
    >>> judged.num_rows, sorted(set(measured["who"].to_pylist()))
    (2, ['naive', 'version'])
    """
    judged, measured = [], []
    for model, reached in values.items():
        for dataset, value in reached.items():
            of: dict[str, Any] = {"model": model, "version": "1", "dataset": dataset}
            of |= {"dataset_digest": f"rows of {dataset}", "metric": METRIC, "n": _ROWS}
            reason = "it cannot be read" if value is None else None
            own = None if value is None else error(model)
            told = {"value": value, "error": own, "reason": reason}
            base = reached[BASE]
            beside = {"base": base, "base_error": None if base is None else error(model)}
            traits = {"sign": 1, "best": 1.0, "scale": 1.0 - CONSTANT}
            judged.append({**of, **told, **beside, **traits})
            status = "ok" if value is not None else "failed"
            measured.append({"who": "version", **of, **told, "status": status})
            constant = {"value": CONSTANT, "error": 0.0, "status": "ok", "reason": None}
            measured.append({"who": "naive", **of, **constant})
    tables = pl.DataFrame(judged, _GIVEN), pl.DataFrame(measured, _MEASURED)
    return tables[0].to_arrow(), tables[1].to_arrow()


class GateSuite:
    """Inherit this, set `name`, and define the two cases."""

    name: str
    """The gate under test."""

    request: Mapping[str, Any] = MappingProxyType({})
    """The parameters of the job `gate` that it is asked with, if not those by default."""

    def passing(self) -> Mapping[str, Mapping[str, float | None]]:
        """Return models that pass it, as `versions` takes them; define this."""
        raise NotImplementedError(f"{type(self).__name__} passes nobody")

    def failing(self) -> Mapping[str, Mapping[str, float | None]]:
        """Return models that do not pass it; define this."""
        raise NotImplementedError(f"{type(self).__name__} bars nobody")

    def error(self, model: str) -> float:
        """Return the standard error of the values of one of these models."""
        del model
        return _ERROR

    @property
    def gate(self) -> Gate:
        """Return the gate as the core finds it."""
        return installed().gates[self.name]

    def judged(self, given: tuple[pa.Table, pa.Table]) -> pl.DataFrame:
        """Ask it, and hold its answer to what the job can use; sorted."""
        request = load("gate").request(**self.request)
        answer = self.gate.judge(*given, request)
        assert isinstance(answer, pa.Table), type(answer)
        rows = pl.DataFrame(whole("gates", self.name, answer, JUDGED, None))
        asked = pl.DataFrame(given[0]).select("model", "version").unique()
        assert rows.join(asked, on=["model", "version"], how="anti").is_empty(), "of nobody else"
        assert rows["gate"].null_count() == 0, "every row says which gate it is of"
        for name in ("value", "bound"):
            assert rows[name].drop_nulls().is_finite().all(), f"a {name} is finite, or null"
        barred = rows.filter(~pl.col("passed").fill_null(value=False))
        assert all((reason or "").strip() for reason in barred["reason"]), "who is barred hears why"
        return rows.sort(pl.all())

    def barred(self, models: Mapping[str, Mapping[str, float | None]]) -> set[str]:
        """Return the models that do not pass: those with a row that says no, and without a row."""
        rows = self.judged(versions(models, self.error))
        passed = pl.col("passed").fill_null(value=False)
        return set(rows.filter(~passed)["model"])

    def test_it_is_described(self) -> None:
        """Users read its name, and what it demands."""
        assert self.gate.name == self.name.lower()
        assert self.gate.summary.strip()

    def test_versions_that_are_good_enough_pass(self) -> None:
        """There is at least one, and it has a row that says so."""
        models = self.passing()
        assert models
        assert self.barred(models) == set()
        assert set(self.judged(versions(models, self.error))["model"]) == set(models)

    def test_versions_that_are_not_are_barred(self) -> None:
        """Each of them, with the reason."""
        models = self.failing()
        assert models
        assert self.barred(models) == set(models)

    def test_what_was_not_measured_is_not_passed(self) -> None:
        """Unknown is never clear."""
        unknown = {model: dict.fromkeys(of) for model, of in self.passing().items()}
        rows = self.judged(versions(unknown, self.error))
        assert not rows["passed"].fill_null(value=False).any()

    def test_of_no_versions_there_is_nothing_to_say(self) -> None:
        """A run may have nobody who can be judged."""
        assert self.judged(versions({})).is_empty()

    def test_order_and_neighbours_do_not_matter(self) -> None:
        """Runs judge any versions together, as they come."""
        models = {**self.passing(), **self.failing()}
        whole_run = versions(models, self.error)
        together = self.judged(whole_run)
        draws = np.random.default_rng(7)
        mixed = [table.take(draws.permutation(table.num_rows)) for table in whole_run]
        assert self.judged((mixed[0], mixed[1])).equals(together)
        alone = [self.judged(versions({model: of}, self.error)) for model, of in models.items()]
        assert pl.concat(alone).sort(pl.all()).equals(together)

    def test_the_job_asks_it(self, tmp_path: Path) -> None:
        """In a fleet, with whatever else is installed."""
        fleet = logged_fleet(tmp_path, models=2)
        rows = fleet.run("gate", **self.request).results()
        own = self.judged(versions({**self.passing(), **self.failing()}, self.error))[
            "gate"
        ].unique()
        told = rows.filter(pl.col("gate").is_in([self.name, *own.to_list()]))
        assert not told["reason"].fill_null("").str.contains(f"'{self.name}'", literal=True).any()
