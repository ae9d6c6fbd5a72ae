"""What every metric must do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, get_args

import polars as pl
import pyarrow as pa

from argosy.kernels import ANSWER
from argosy.plugins import installed
from argosy.plugins.calling import whole
from argosy.testing.predictions import handed, odd, predictions
from argosy.types import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from argosy.types import Metric


class MetricSuite:
    """Inherit this, set `name`, define `reference`, and your metric is compared with it."""

    name: str
    """The metric under test."""

    ordered: bool = True
    """Whether its best value is the end of its bounds; False where that lies between, as 0 does
    between the negative and the positive values of a bias."""

    tolerance: float = 1e-9
    """How far from the reference a value may lie, relative to it and absolutely."""

    @property
    def metric(self) -> Metric:
        """Return the metric as the core finds it."""
        return installed().metrics[self.name]

    @property
    def tasks(self) -> list[Task]:
        """The tasks it says it applies to."""
        return sorted(self.metric.tasks)

    def reference(
        self,
        truth: NDArray[np.float64],
        prediction: NDArray[np.float64],
        score: NDArray[np.float64],
        weight: NDArray[np.float64],
    ) -> float:
        """Compute the value of one model in the plainest way there is; define this.

        Args:
            truth: shape (rows,); for a classifier, class codes from 0.
            prediction: like the truth.
            score: the probability of class 1, shape (rows,); for a multiclass model that of
                every class, shape (rows, classes); NaN for a regression.
            weight: shape (rows,), all above zero: rows of weight zero are left out.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no reference")

    def measured(self, models: Mapping[str, pl.DataFrame], task: Task) -> dict[str, float | str]:
        """Measure all models in one call: the value or the reason of each."""
        answer = self.metric.measure(handed(models, task), [self.name])
        schema = pa.schema([(self.name, ANSWER)])
        found = whole("metrics", self.name, answer, schema, len(models))[self.name].to_pylist()
        return {
            model: one["value"] if one["reason"] is None else one["reason"]
            for model, one in zip(models, found, strict=True)
        }

    def assert_sound(self, found: float | str | None, of: str) -> None:
        """Refuse a NaN, an infinity, a null, a value out of bounds, and an empty reason."""
        if isinstance(found, str):
            assert found.strip(), f"{of}: a reason has words"
            return
        assert found is not None, f"{of}: neither a value nor a reason"
        assert math.isfinite(found), f"{of}: {found}"
        low, high = self.metric.bounds
        assert low <= found <= high, f"{of}: {found} is out of bounds"

    def close(self, one: float | str, other: float | str) -> bool:
        """Say whether two values are equal within the tolerance, or two reasons are the same."""
        if isinstance(one, str) or isinstance(other, str):
            return one == other
        return math.isclose(one, other, rel_tol=self.tolerance, abs_tol=self.tolerance)

    def test_it_is_described(self) -> None:
        """Users read its name, its tasks, its direction and its bounds."""
        low, high = self.metric.bounds
        assert self.metric.name == self.name.lower()
        assert self.metric.tasks
        assert self.metric.tasks <= set(get_args(Task))
        assert low < high

    def test_a_fleet_is_scored_as_the_reference_scores_each_model(self) -> None:
        """One query over models of many sizes gives what a loop over the models gives."""
        weights = ("ones", "whole", "real")
        for task in self.tasks:
            drawn = {
                f"m{place}": predictions(
                    task, 1 + place * place // 4, place % 4 / 2, weights[place % 3], place
                )
                for place in range(30)
            }
            models = {name: one.rows for name, one in drawn.items()}
            values = {
                name: value
                for name, value in self.measured(models, task).items()
                if not isinstance(value, str)
            }
            assert len(values) >= 15, "most of these models have a value"
            for name, value in values.items():
                rows, scores = drawn[name]
                counts = rows["weight"].to_numpy() > 0
                truth, prediction, weight = (
                    rows[column].to_numpy()[counts] for column in ("truth", "prediction", "weight")
                )
                expected = self.reference(truth, prediction, scores[counts], weight)
                assert self.close(expected, value), (task, name, expected, value)

    def test_values_are_finite_and_within_bounds(self) -> None:
        """Bounds are what figures are drawn in."""
        for task in self.tasks:
            models = {
                f"m{place}": predictions(task, 50, place / 4, seed=place).rows
                for place in range(20)
            }
            for name, found in self.measured(models, task).items():
                assert not isinstance(found, str), found
                self.assert_sound(found, name)

    def test_what_is_undefined_has_a_reason(self) -> None:
        """A zero or a NaN in its place would pass for a bad model."""
        for task in self.tasks:
            models = odd(task)
            found = self.measured({"plain": predictions(task, 50).rows, **models}, task)
            assert isinstance(found["all weights are zero"], str)
            for name, one in found.items():
                self.assert_sound(one, name)

    def test_better_predictions_have_the_better_value(self) -> None:
        """Its direction is what ranks models."""
        if not self.ordered:
            return
        for task in self.tasks:
            grades = {"good": 4.0, "poor": 0.5}
            found = self.measured(
                {name: predictions(task, 2000, grade).rows for name, grade in grades.items()}, task
            )
            good, poor = found["good"], found["poor"]
            assert not isinstance(good, str)
            assert not isinstance(poor, str)
            assert (good > poor) == self.metric.higher_is_better
            assert good != poor

    def test_a_weight_of_two_counts_like_two_rows(self) -> None:
        """No other meaning of a weight is consistent with counting."""
        for task in self.tasks:
            weighted = predictions(task, 60, weights="whole").rows
            often = weighted["weight"].cast(pl.UInt32)
            places = [place for place, times in enumerate(often) for _ in range(times)]
            repeated = weighted[places].with_columns(weight=pl.lit(1.0))
            found = self.measured({"weighted": weighted, "repeated": repeated}, task)
            assert self.close(found["weighted"], found["repeated"]), found

    def test_a_row_of_weight_zero_counts_as_absent(self) -> None:
        """Weight zero is how a user leaves a row out."""
        for task in self.tasks:
            plain = predictions(task, 60, weights="real").rows
            out = predictions(task, 9, 0.0, seed=8).rows.with_columns(weight=pl.lit(0.0))
            found = self.measured({"plain": plain, "padded": pl.concat([out, plain])}, task)
            assert self.close(found["plain"], found["padded"]), found
