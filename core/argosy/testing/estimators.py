"""What every estimator of performance without labels must do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

from argosy.plugins import installed
from argosy.testing.answers import by_metric
from argosy.testing.predictions import COLUMNS, handed, predictions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from argosy.types import Estimator

_NUMBERS = ("value", "lower", "upper")
_UNIT = ("model", "version", "task")
_LISTS = ("truth", "prediction", "score")

Rows = pl.DataFrame
"""Rows of one model as `argosy.testing.predictions` draws them."""


class EstimatorSuite:
    """Inherit this, set `name`, and your estimator meets the models that a fleet has."""

    name: str
    """The estimator under test."""

    coverage: tuple[float, float] = (0.93, 0.97)
    """The share of models whose band must hold the realised value, over many models whose
    current rows come from where their reference came from."""

    models: int = 1500
    """How many models that share is taken over; fewer make the test faster and less sure."""

    @property
    def estimator(self) -> Estimator:
        """Return the estimator as the core finds it."""
        return installed().estimators[self.name]

    @property
    def tasks(self) -> list[str]:
        """The tasks it says it applies to."""
        return sorted(self.estimator.tasks)

    def answer(self, task: str, pairs: Sequence[tuple[Rows, Rows]]) -> list[pl.DataFrame]:
        """Fit and estimate pairs of reference and current rows, as the core does.

        Returns:
            Per pair `metric`, `value`, `lower`, `upper` and `reason`, in the order of the metrics.
        """
        reference = _table(task, [pair[0] for pair in pairs], _LISTS)
        learnt = self.estimator.fit(reference)
        assert learnt.num_rows == len(pairs)
        reasons = learnt["reason"].to_pylist()
        able = [place for place, reason in enumerate(reasons) if reason is None]
        current = _table(task, [pairs[place][1] for place in able], _LISTS[1:])
        fitted = learnt["reason"].is_null()
        for name in learnt.column_names:
            if name not in {*current.column_names, "reason"}:
                current = current.append_column(name, learnt[name].filter(fitted))
        found = self.estimator.estimate(current)
        assert found.num_rows == len(able)
        metrics = self.estimator.metrics
        assert set(found.column_names) >= set(metrics)
        answers = dict(zip(able, by_metric(found, metrics, _NUMBERS), strict=True))
        absent = {
            place: _undefined(reason, metrics)
            for place, reason in enumerate(reasons)
            if reason is not None
        }
        every = {**answers, **absent}
        return [every[place] for place in range(len(pairs))]

    def assert_sound(self, found: pl.DataFrame) -> None:
        """Refuse an estimate that is neither defined nor explained, or lies beside its band."""
        for row in found.to_dicts():
            if row["reason"] is not None:
                assert row["reason"].strip(), "a reason has words"
                assert [row[name] for name in _NUMBERS] == [None] * 3, row
                continue
            assert all(row[name] is not None and math.isfinite(row[name]) for name in _NUMBERS), row
            assert row["lower"] <= row["value"] <= row["upper"], row
            low, high = installed().metrics[row["metric"]].bounds
            assert low <= row["lower"], row
            assert row["upper"] <= high, row

    def test_it_is_described(self) -> None:
        """Users read its name, its tasks and the metrics it estimates, which are metrics."""
        estimator = self.estimator
        assert estimator.name == self.name.lower()
        assert estimator.tasks
        assert estimator.tasks <= set(installed().tasks)
        assert len(set(estimator.metrics)) == len(estimator.metrics) > 0
        for name in estimator.metrics:
            assert estimator.tasks <= installed().metrics[name].tasks, name

    def test_every_model_has_a_sound_estimate(self) -> None:
        """A number that does not exist is null and has a reason; NaN is neither."""
        for task in self.tasks:
            for found in self.answer(task, [_pair(task, 300, seed) for seed in range(10)]):
                assert found["reason"].null_count() == found.height, found["reason"].to_list()
                self.assert_sound(found)

    def test_an_empty_table_has_an_empty_answer(self) -> None:
        """A chunk may hold no model that can be fitted."""
        for task in self.tasks:
            assert self.answer(task, []) == []

    def test_odd_models_have_sound_answers(self) -> None:
        """One class, ties, constants, missing and infinite numbers, single rows, no rows."""
        for task in self.tasks:
            strange = _odd(task)
            for name, found in zip(strange, self.answer(task, list(strange.values())), strict=True):
                try:
                    self.assert_sound(found)
                except AssertionError as error:
                    raise AssertionError(f"{name}: {error}") from error

    def test_what_cannot_be_estimated_has_a_reason(self) -> None:
        """No rows on either side give no numbers."""
        for task in self.tasks:
            known, new = _pair(task, 300, 1)
            pairs = [(known.clear(), new), (known, new.clear()), (known.clear(), new.clear())]
            for found in self.answer(task, pairs):
                assert found["reason"].null_count() == 0
                self.assert_sound(found)

    def test_the_order_of_rows_changes_nothing(self) -> None:
        """Data has no order."""
        for task in self.tasks:
            pairs = [_pair(task, 200 + seed, seed) for seed in range(5)]
            mixed = [
                tuple(rows.sample(fraction=1.0, shuffle=True, seed=3) for rows in pair)
                for pair in pairs
            ]
            for one, other in zip(self.answer(task, pairs), self.answer(task, mixed), strict=True):  # type: ignore[arg-type]
                assert_frame_equal(one, other, rel_tol=1e-9, abs_tol=1e-9)

    def test_the_order_and_the_company_of_models_change_nothing(self) -> None:
        """Each model is answered as if it were alone, to the last bit: fleets are cut."""
        for task in self.tasks:
            pairs = [_pair(task, 60 * seed + 30, seed) for seed in range(5)]
            pairs += list(_odd(task).values())
            together = self.answer(task, pairs)
            reverse = self.answer(task, pairs[::-1])[::-1]
            for place, found in enumerate(together):
                alone = self.answer(task, [pairs[place]])[0]
                assert_frame_equal(found, alone, check_exact=True)
                assert_frame_equal(found, reverse[place], check_exact=True)

    def test_the_same_rows_have_the_same_answer(self) -> None:
        """A run can be repeated: what is random is seeded by what it is given."""
        for task in self.tasks:
            pairs = [_pair(task, 200, seed) for seed in range(3)]
            first, again = self.answer(task, pairs), self.answer(task, pairs)
            assert all(one.equals(other) for one, other in zip(first, again, strict=True))

    def test_the_tables_it_is_given_stay_as_they_were(self) -> None:
        """The next estimator is handed the same rows."""
        for task in self.tasks:
            pairs = [_pair(task, 100, seed) for seed in range(3)]
            known = _table(task, [pair[0] for pair in pairs], _LISTS)
            learnt = self.estimator.fit(known)
            new = _table(task, [pair[1] for pair in pairs], _LISTS[1:])
            for name in set(learnt.column_names) - set(new.column_names):
                new = new.append_column(name, learnt[name])
            kept = pl.DataFrame(new).clone().rechunk().to_arrow().to_pylist()
            self.estimator.estimate(new)
            assert known.equals(_table(task, [pair[0] for pair in pairs], _LISTS))
            assert new.to_pylist() == kept

    def test_better_models_have_the_better_estimate(self) -> None:
        """An estimate that does not tell good from poor estimates nothing."""
        for task in self.tasks:
            grades = [_pair(task, 2000, 5, strength) for strength in (3.0, 0.5)]
            good, poor = (dict(found.select("metric", "value").iter_rows())
                          for found in self.answer(task, grades))  # fmt: skip
            for name in self.estimator.metrics:
                goodness = installed().metrics[name].goodness
                assert goodness(good[name]) > goodness(poor[name]), name

    def test_the_band_holds_what_is_realised_later(self) -> None:
        """In 95 of 100 models, where the current rows are of the same kind as the reference."""
        low, high = self.coverage
        for task in self.tasks:
            pairs = [
                _pair(task, (400, 700, 1000)[place % 3], place, (0.8, 1.5)[place % 2])
                for place in range(self.models)
            ]
            answers = pl.concat(
                found.with_columns(model=pl.lit(place, pl.Int64))
                for place, found in enumerate(self.answer(task, pairs))
            )
            realised = _realised([new for _, new in pairs], task, self.estimator.metrics)
            both = answers.join(realised, on=["model", "metric"]).filter(
                pl.col("reason").is_null(), pl.col("realised").is_not_null()
            )
            held = pl.col("realised").is_between("lower", "upper")
            shares = both.group_by("metric").agg(share=held.mean(), models=pl.len())
            for metric, share, models in shares.iter_rows():
                assert models > self.models / 2, f"{metric}: most models have an estimate"
                assert low <= share <= high, f"{metric}: its band holds {share:.1%} of {models}"


def _pair(task: str, rows: int, seed: int, strength: float = 1.2) -> tuple[Rows, Rows]:
    """Draw reference and current rows of one model, whose scores are not calibrated."""
    drawn = predictions(task, 2 * rows, strength, seed=1000 + seed).rows
    return drawn.head(rows), drawn.tail(rows)


def _table(task: str, models: Sequence[Rows], lists: Sequence[str]) -> pa.Table:
    """Lay models out as an estimator is handed them."""
    places = range(len(models))
    columns: dict[str, Any] = {
        "model": [f"m{place}" for place in places],
        "version": ["1" for _ in places],
        "task": [task for _ in places],
    }
    columns |= {name: [rows[name] for rows in models] for name in lists}
    types: dict[str, Any] = dict.fromkeys(_UNIT, pl.String)
    types |= dict.fromkeys(lists, pl.List(pl.Float64))
    return pl.DataFrame(columns, schema=types).to_arrow()


def _undefined(reason: str, metrics: Sequence[str]) -> pl.DataFrame:
    nothing = {name: pl.lit(None, pl.Float64) for name in _NUMBERS}
    told = pl.DataFrame({"metric": metrics}).with_columns(**nothing, reason=pl.lit(reason))
    return told.select("metric", *_NUMBERS, "reason")


def _realised(models: Sequence[Rows], task: str, metrics: Sequence[str]) -> pl.DataFrame:
    """Measure the metrics themselves: `model`, `metric` and `realised`."""
    table = handed({str(place): rows.select(COLUMNS) for place, rows in enumerate(models)}, task)
    known = [installed().metrics[name] for name in metrics]
    wide = pl.DataFrame(
        {
            one.name: pl.Series(one.measure(table, [one.name])[one.name]).struct.field("value")
            for one in known
        }
    ).with_columns(model=pl.int_range(len(models)))
    return wide.unpivot(index="model", variable_name="metric", value_name="realised")


def _odd(task: str) -> Mapping[str, tuple[Rows, Rows]]:
    """Lay out pairs of rows of which something is odd."""
    known, new = _pair(task, 60, 3)
    zero, half = pl.lit(0.0), pl.lit(0.5)
    pairs = {
        "one reference row": (known.head(1), new),
        "one current row": (known, new.head(1)),
        "one truth": (known.with_columns(truth=zero), new),
        "one prediction": (known.with_columns(prediction=zero), new.with_columns(prediction=zero)),
        "a new prediction": (known.with_columns(prediction=zero), new),
        "always right": (known.with_columns(prediction="truth"), new),
        "equal rows": (pl.concat([known.head(1)] * 40), pl.concat([new.head(1)] * 40)),
    }
    if task == "regression":
        here = pl.int_range(pl.len()) == 3
        for name, value in (("NaN", np.nan), ("infinity", np.inf), ("1e300", 1e300)):
            odd = pl.when(here).then(value).otherwise("prediction").alias("prediction")
            pairs[f"{name} in the reference"] = (known.with_columns(odd), new)
            pairs[f"{name} in the current rows"] = (known, new.with_columns(odd))
        return pairs
    whole = pl.col("score").round()
    absent = pl.lit(None, pl.Float64).alias("score")
    logit = pl.col("score") * 20 - 10
    some = pl.when(pl.int_range(pl.len()) > 3).then("score").alias("score")
    pairs |= {
        "equal scores": (known.with_columns(score=half), new.with_columns(score=half)),
        "scores of 0 and 1": (known.with_columns(score=whole), new.with_columns(score=whole)),
        "scores beyond the reference": (known.with_columns(pl.col("score") / 10 + 0.4), new),
        "logits": (known.with_columns(logit), new.with_columns(logit)),
        "no scores": (known.with_columns(absent), new.with_columns(absent)),
        "no current scores": (known, new.with_columns(absent)),
        "some scores": (known.with_columns(some), new),
        "some current scores": (known, new.with_columns(some)),
        "NaN": (known, new.with_columns(some.fill_null(np.nan))),
    }
    return pairs
