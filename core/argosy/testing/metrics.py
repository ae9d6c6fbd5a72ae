"""What every metric must do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.kernels import ANSWER
from argosy.plugins import installed
from argosy.plugins.guarded_call import whole
from argosy.testing.predictions import handed, odd, predictions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy.testing.predictions import Predictions
    from argosy.types import Metric

    Models = Mapping[str, pl.DataFrame]
    Answers = dict[str, dict[str, Any]]

NUMBERS = ("value", "error", "lower", "upper")


class MetricSuite:
    """Inherit this, set `name`, define `reference`, and your metric is compared with it.

    It draws classes and numbers. Metrics of rankings are compared with their definitions in tests
    of their own, as `tests/plugins/ranking/test_ranking.py` does.
    """

    name: str
    """The metric under test."""

    ordered: bool = True
    """Whether its best value is the end of its bounds; False where that lies between, as 0 does
    between the negative and the positive values of a bias."""

    additive: bool = False
    """Whether it is a sum of weights, as a count is, and so grows with them."""

    coverage: tuple[float, float] = (0.93, 0.97)
    """How many of the 95 % intervals of 2,000 models of 400 rows hold the true value."""

    tolerance: float = 1e-9
    """How far from the reference a value may lie, relative to it and absolutely."""

    @property
    def metric(self) -> Metric:
        """Return the metric as the core finds it."""
        return installed().metrics[self.name]

    @property
    def tasks(self) -> list[str]:
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

        Columns that the metric says it `needs` are handed over by name besides.

        Args:
            truth: shape (rows,); for a classifier, class codes from 0.
            prediction: like the truth.
            score: the probability of class 1, shape (rows,); for a multiclass model that of
                every class, shape (rows, classes); NaN for a regression.
            weight: shape (rows,), all above zero: rows of weight zero are left out.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no reference")

    def answers(self, models: Models, task: str) -> Answers:
        """Measure all models in one call: the numbers of each, and the reason, by its name."""
        answer = self.metric.measure(handed(models, task), [self.name])
        schema = pa.schema([(self.name, ANSWER)])
        found = whole("metrics", self.name, answer, schema, len(models))[self.name].to_pylist()
        return dict(zip(models, found, strict=True))

    def measured(self, models: Models, task: str) -> dict[str, float | str]:
        """Measure all models in one call: the value or the reason of each."""
        return {
            model: one["value"] if one["reason"] is None else one["reason"]
            for model, one in self.answers(models, task).items()
        }

    def assert_sound(self, found: Mapping[str, Any], of: str) -> None:
        """Refuse what users cannot read.

        That is a NaN, an infinity, a number out of bounds, an empty reason, a number where there
        is a reason, an interval that does not hold the value, and an error that is not positive.
        """
        numbers = {name: found[name] for name in NUMBERS if found[name] is not None}
        if found["reason"] is not None:
            assert found["reason"].strip(), f"{of}: a reason has words"
            assert not numbers, f"{of}: a number beside a reason"
            return
        assert "value" in numbers, f"{of}: neither a value nor a reason"
        for name, number in numbers.items():
            assert math.isfinite(number), f"{of}: {name} {number}"
        low, high = self.metric.bounds
        lower, value = numbers.get("lower", numbers["value"]), numbers["value"]
        upper = numbers.get("upper", value)
        assert low <= value <= high, f"{of}: {value} is out of bounds"
        assert low <= lower <= value <= upper <= high, f"{of}: {lower} to {upper} for {value}"
        assert numbers.get("error", 1.0) > 0, f"{of}: an error of {numbers.get('error')}"

    def close(self, one: float | str | None, other: float | str | None) -> bool:
        """Say whether two values are equal within the tolerance, or two reasons are the same."""
        if not isinstance(one, float) or not isinstance(other, float):
            return one == other
        return math.isclose(one, other, rel_tol=self.tolerance, abs_tol=self.tolerance)

    def assert_alike(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
        """Refuse two answers that differ in a number, by more than the tolerance, or the reason."""
        for name in (*NUMBERS, "reason"):
            assert self.close(one[name], other[name]), (name, one, other)

    def test_it_is_described(self) -> None:
        """Users read its name, its tasks, its direction and its bounds."""
        low, high = self.metric.bounds
        assert self.metric.name == self.name.lower()
        assert self.metric.tasks
        assert self.metric.tasks <= set(installed().tasks)
        assert low < high

    def test_a_fleet_is_scored_as_the_reference_scores_each_model(self) -> None:
        """One call for models of many sizes gives what a loop over the models gives."""
        weights = ("ones", "whole", "real")
        for task in self.tasks:
            drawn = {
                f"m{place}": predictions(
                    task, 1 + place * place // 4, place % 4 / 2, weights[place % 3], place
                )
                for place in range(30)
            }
            assert self._compared(drawn, task) >= 15, "most of these models have a value"

    def test_a_million_rows_lose_no_digits(self) -> None:
        """Sums must not drift with the number of rows."""
        for task in self.tasks:
            many = predictions(task, 1_000_000, weights="real")
            assert self._compared({"many": many}, task)

    def test_great_whole_numbers_do_not_wrap(self) -> None:
        """The square of 60,000 is no 32-bit number."""
        if "regression" not in self.metric.tasks:
            return
        great = pl.col("truth", "prediction").mul(60_000).round()
        drawn = predictions("regression", 500)
        rows = drawn._replace(rows=drawn.rows.with_columns(great))
        assert self._compared({"great": rows}, "regression")

    def _compared(self, drawn: Mapping[str, Predictions], task: str) -> int:
        """Compare models with the reference, and return how many have a value."""
        found = self.measured({name: one.rows for name, one in drawn.items()}, task)
        values = {name: value for name, value in found.items() if not isinstance(value, str)}
        for name, value in values.items():
            rows, scores = drawn[name]
            counts = rows["weight"].to_numpy() > 0
            truth, prediction, weight = (
                rows[column].to_numpy()[counts] for column in ("truth", "prediction", "weight")
            )
            needs = {need: rows[need].to_numpy()[counts] for need in self.metric.needs}
            expected = self.reference(truth, prediction, scores[counts], weight, **needs)
            assert self.close(float(expected), value), (task, name, expected, value)
        return len(values)

    def test_values_are_finite_and_within_bounds(self) -> None:
        """Bounds are what figures are drawn in."""
        for task in self.tasks:
            models = {
                f"m{place}": predictions(task, 50, place / 4, seed=place).rows
                for place in range(20)
            }
            for name, found in self.answers(models, task).items():
                assert found["reason"] is None, found
                self.assert_sound(found, name)

    def test_what_is_undefined_has_a_reason(self) -> None:
        """A zero or a NaN in its place would pass for a bad model."""
        for task in self.tasks:
            models = odd(task)
            found = self.answers({"plain": predictions(task, 50).rows, **models}, task)
            assert found["all weights are zero"]["reason"] is not None
            for name, one in found.items():
                self.assert_sound(one, name)

    def test_no_model_is_no_answer(self) -> None:
        """A chunk whose models all failed leaves nothing to measure."""
        for task in self.tasks:
            table = handed({"m": predictions(task, 3).rows}, task).slice(0, 0)
            assert self.metric.measure(table, [self.name]).num_rows == 0

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
            assert self.metric.goodness(good) > self.metric.goodness(poor)

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
        """Weight zero is how a user leaves a row out; junk in it must not matter."""
        for task in self.tasks:
            plain = predictions(task, 60, weights="real").rows
            out = predictions(task, 9, 0.0, seed=8).rows
            junk = pl.col(*(name for name in ("truth", "score", "latency") if name in out.columns))
            out = out.with_columns(weight=pl.lit(0.0))
            padded = pl.concat([out[:4], plain, out[4:].with_columns(junk * math.nan)])
            found = self.answers({"plain": plain, "padded": padded}, task)
            self.assert_alike(found["plain"], found["padded"])

    def test_weights_are_relative(self) -> None:
        """Only sums of weights change with their unit."""
        for task in self.tasks:
            plain = predictions(task, 60, weights="real").rows
            scaled = plain.with_columns(pl.col("weight") * 1024)
            found = self.answers({"plain": plain, "scaled": scaled}, task)
            if self.additive:
                found["scaled"]["value"] /= 1024
            self.assert_alike(found["plain"], found["scaled"])

    def test_the_order_of_the_rows_does_not_matter(self) -> None:
        """Files give rows as they lie."""
        for task in self.tasks:
            plain = predictions(task, 80, weights="real").rows
            ties = plain.with_columns(pl.col("score", "truth_score").round(1))
            models = {"plain": plain, "ties": ties}
            mixed = {name: rows.reverse() for name, rows in models.items()}
            found, again = self.answers(models, task), self.answers(mixed, task)
            for name in models:
                self.assert_alike(found[name], again[name])

    def test_models_do_not_influence_each_other(self) -> None:
        """Which models share a chunk is chance, and must not change a bit."""
        for task in self.tasks:
            models = {"plain": predictions(task, 70).rows, **odd(task)}
            for size in range(1, 300, 23):
                models[f"weighted {size}"] = predictions(task, size, 1.0, "real", size).rows
            together = self.answers(models, task)
            turned = self.answers(dict(reversed(models.items())), task)
            for name, rows in models.items():
                alone = self.answers({name: rows}, task)[name]
                answers = {"with others": together[name], "alone": alone, "turned": turned[name]}
                assert together[name] == alone == turned[name], (name, answers)

    def test_parts_are_measured_as_rows_by_themselves(self) -> None:
        """What permutations of a slice ask quickly is what `measure` answers of the same rows."""
        for task in self.tasks if self.metric.parts is not None else ():
            rows = predictions(task, 60, weights="real").rows
            inside = (np.arange(60) % np.array([[2], [3]]) == 0).astype(np.uint8)
            found = self.metric.parts(handed({"m": rows}, task), inside, [self.name])  # type: ignore[misc]
            if found is None:
                continue
            assert found.shape == (1, 2, 2)
            for place, value in np.ndenumerate(found[0]):
                side, part = place
                alone = rows.filter(pl.Series(inside[part] == 1 - side))
                expected = self.measured({"m": alone}, task)["m"]
                if isinstance(expected, str):
                    assert math.isnan(value), "an undefined metric is NaN"
                else:
                    assert self.close(float(value), expected)

    def test_a_share_counts_its_rows(self) -> None:
        """Fisher's exact test takes the rows that it counts for its value."""
        for task in self.tasks if self.metric.counts is not None else ():
            rows = predictions(task, 200, weights="ones").rows
            told = self.metric.counts(handed({"m": rows}, task), [self.name])  # type: ignore[misc]
            counted = told[self.name][0].as_py()
            assert self.close(
                counted["part"] / counted["whole"], self.measured({"m": rows}, task)["m"]
            )

    def test_it_answers_alike_beside_its_family(self) -> None:
        """Metrics that share a `measure` are asked for together."""
        task = self.tasks[0]
        given = handed({"m": predictions(task, 70).rows}, task)
        family = [
            name
            for name, one in installed().metrics.items()
            if one.measure is self.metric.measure and task in one.tasks
        ]
        both = self.metric.measure(given, list(dict.fromkeys([*family, self.name])))
        assert both[self.name].equals(self.metric.measure(given, [self.name])[self.name])

    def test_its_intervals_hold_the_true_value(self) -> None:
        """A 95 % interval that holds it less often claims more than it knows."""
        for task in self.tasks:
            true = self.measured({"all": predictions(task, 1_000_000, 1.0, seed=1).rows}, task)
            rows = predictions(task, 800_000, 1.0, seed=2).rows
            models = {str(place): rows[place * 400 :][:400] for place in range(2000)}
            found = [one for one in self.answers(models, task).values() if one["lower"] is not None]
            if found:
                low, high = self.coverage
                held = np.mean([one["lower"] <= true["all"] <= one["upper"] for one in found])
                assert low <= held <= high, f"{task}: 95 % intervals hold {held:.1%}"
