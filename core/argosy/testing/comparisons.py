"""What every paired test of two models must do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
from polars.testing import assert_frame_equal

from argosy.plugins import installed
from argosy.testing.answers import by_metric
from argosy.testing.pairs import CLASSES, LISTS, SIDES, odd, pair
from argosy.testing.predictions import handed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from argosy.types import Comparison

_NUMBERS = ("champion", "challenger", "effect", "lower", "upper", "p_value")
_TEST = ("lower", "upper", "p_value")

Rows = pl.DataFrame
"""Rows of one pair as `argosy.testing.pairs` draws them."""


class ComparisonSuite:
    """Inherit this, set `name`, and your test meets the pairs of models that a fleet has."""

    name: str
    """The comparison under test."""

    metrics: tuple[str, ...] | None = None
    """The metrics that it is asked about; defaults to all of its own."""

    ordered: bool = False
    """Whether the order of rows matters, as for a series."""

    luck: float = 0.0
    """The share of its interval that may hang on what it draws at random."""

    false_alarms: float = 0.075
    """The greatest share of pairs without a difference whose p-value may lie below 0.05: three
    standard errors above that."""

    coverage: float = 0.925
    """The least share of pairs without a difference whose interval must hold 0."""

    pairs: int = 800
    """How many pairs these shares are taken over."""

    @property
    def comparison(self) -> Comparison:
        """Return the comparison as the core finds it."""
        return installed().comparisons[self.name]

    @property
    def tasks(self) -> list[str]:
        """The tasks that the suite asks it about."""
        return [task for task in sorted(self.comparison.tasks) if self.asked(task)]

    def asked(self, task: str) -> list[str]:
        """Name the metrics of a task that the suite asks it about."""
        names = self.metrics or self.comparison.metrics or ()
        return [name for name in names if task in installed().metrics[name].tasks]

    def answer(self, task: str, pairs: Sequence[Rows]) -> list[pl.DataFrame]:
        """Compare pairs, as the core does.

        Returns:
            Per pair `metric`, `champion`, `challenger`, `effect`, `lower`, `upper`, `p_value` and
            `reason`, in the order of the metrics.
        """
        metrics = self.asked(task)
        found = self.comparison.measure(table(task, pairs), metrics)
        assert found.num_rows == len(pairs)
        assert set(found.column_names) >= set(metrics)
        return by_metric(found, metrics, _NUMBERS)

    def assert_sound(self, found: pl.DataFrame) -> None:
        """Refuse a test that is neither defined nor explained, or contradicts itself."""
        for row in found.to_dicts():
            for name in _NUMBERS:
                assert row[name] is None or math.isfinite(row[name]), row
            if row["reason"] is not None:
                assert row["reason"].strip(), "a reason has words"
                assert [row[name] for name in _TEST] == [None] * 3, row
                continue
            assert all(row[name] is not None for name in _NUMBERS), row
            assert 0 <= row["p_value"] <= 1, row
            assert row["lower"] <= row["effect"] <= row["upper"], row

    def test_it_is_described(self) -> None:
        """Users read its name, its tasks and the metrics it tests, which are metrics."""
        comparison = self.comparison
        assert comparison.name == self.name.lower()
        assert comparison.tasks
        assert comparison.tasks <= set(installed().tasks)
        assert comparison.metrics is None or len(set(comparison.metrics)) > 0
        assert self.tasks, "the suite asks it about some metric"
        for name in comparison.metrics or ():
            assert comparison.tasks & installed().metrics[name].tasks, name

    def test_every_pair_has_a_sound_answer(self) -> None:
        """A test that does not exist is null and has a reason; NaN is neither."""
        for task in self.tasks:
            for found in self.answer(task, [pair(task, 300, seed=seed) for seed in range(10)]):
                assert found["reason"].null_count() == found.height, found["reason"].to_list()
                self.assert_sound(found)

    def test_the_values_are_the_metrics_themselves(self) -> None:
        """The effect is their difference, positive where the challenger is better."""
        for task in self.tasks:
            drawn = [pair(task, 200, better=0.3 * seed, seed=seed) for seed in range(5)]
            for rows, found in zip(drawn, self.answer(task, drawn), strict=True):
                for row in found.to_dicts():
                    metric = installed().metrics[row["metric"]]
                    sides = {side: _side(rows, side) for side in SIDES}
                    given = handed(sides, task)
                    if task == "multiclass":
                        each = pa.array([_flat(rows, side) for side in SIDES])
                        given = given.append_column("probabilities", each)
                    told = metric.measure(given, [metric.name])[metric.name]
                    values = [one["value"] for one in told.to_pylist()]
                    for value, side in zip(values, SIDES, strict=True):
                        assert math.isclose(row[side], value, rel_tol=1e-9, abs_tol=1e-12), row
                    effect = metric.goodness(values[1]) - metric.goodness(values[0])
                    assert math.isclose(row["effect"], effect, rel_tol=1e-9, abs_tol=1e-12), row

    def test_an_empty_table_has_an_empty_answer(self) -> None:
        """A chunk may hold no pair that can be compared."""
        for task in self.tasks:
            assert self.answer(task, []) == []

    def test_odd_pairs_have_sound_answers(self) -> None:
        """One class, ties, constants, no scores, huge errors, single rows, no rows, weights."""
        for task in self.tasks:
            strange = odd(task)
            for name, found in zip(strange, self.answer(task, list(strange.values())), strict=True):
                try:
                    self.assert_sound(found)
                except AssertionError as error:
                    raise AssertionError(f"{name}: {error}") from error

    def test_equal_predictions_show_no_difference(self) -> None:
        """A model against itself has the effect 0 and the p-value 1."""
        for task in self.tasks:
            same = [_swapped(pair(task, 200, seed=seed), ("champion",) * 2) for seed in range(5)]
            for found in self.answer(task, same):
                assert found["reason"].null_count() == found.height
                assert found["effect"].to_list() == [0.0] * found.height
                assert found["p_value"].to_list() == [1.0] * found.height

    def test_swapping_the_models_turns_the_effect_around(self) -> None:
        """The test knows no favourite."""
        for task in self.tasks:
            drawn = [pair(task, 250, better=0.2 * seed, seed=seed) for seed in range(5)]
            turned = [_swapped(rows, SIDES[::-1]) for rows in drawn]
            for one, other in zip(self.answer(task, drawn), self.answer(task, turned), strict=True):
                back = other.select(
                    "metric",
                    champion="challenger",
                    challenger="champion",
                    effect=-pl.col("effect"),
                    lower=-pl.col("upper"),
                    upper=-pl.col("lower"),
                    p_value="p_value",
                    reason="reason",
                )
                if not self.luck:
                    assert_frame_equal(one, back, rel_tol=1e-9, abs_tol=1e-12)
                    continue
                width = (one["upper"] - one["lower"]).abs() * self.luck
                assert_frame_equal(one[:, :4], back[:, :4], rel_tol=1e-9, abs_tol=1e-12)
                for name in ("lower", "upper"):
                    assert ((one[name] - back[name]).abs() <= width).all(), one["metric"].to_list()

    def test_the_order_of_rows_changes_nothing(self) -> None:
        """Data has no order, unless the comparison says that it heeds one."""
        for task in () if self.ordered else self.tasks:
            drawn = [pair(task, 200 + seed, seed=seed) for seed in range(5)]
            mixed = [rows.sample(fraction=1.0, shuffle=True, seed=3) for rows in drawn]
            for one, other in zip(self.answer(task, drawn), self.answer(task, mixed), strict=True):
                assert_frame_equal(one, other, rel_tol=1e-9, abs_tol=1e-12)

    def test_the_order_and_the_company_of_pairs_change_nothing(self) -> None:
        """Each pair is answered as if it were alone, to the last bit: fleets are cut."""
        for task in self.tasks:
            drawn = [pair(task, 60 * seed + 30, seed=seed) for seed in range(5)]
            drawn += list(odd(task).values())
            together = self.answer(task, drawn)
            reverse = self.answer(task, drawn[::-1])[::-1]
            for place, found in enumerate(together):
                alone = self.answer(task, [drawn[place]])[0]
                assert_frame_equal(found, alone, check_exact=True)
                assert_frame_equal(found, reverse[place], check_exact=True)

    def test_the_same_rows_have_the_same_answer(self) -> None:
        """A run can be repeated: what is random is seeded."""
        for task in self.tasks:
            drawn = [pair(task, 200, seed=seed) for seed in range(3)]
            first, again = self.answer(task, drawn), self.answer(task, drawn)
            assert all(one.equals(other) for one, other in zip(first, again, strict=True))

    def test_a_better_challenger_is_found(self) -> None:
        """A test that sees nothing promotes nobody."""
        for task in self.tasks:
            (found,) = self.answer(task, [pair(task, 2000, better=1.5, seed=5)])
            for row in found.to_dicts():
                assert row["effect"] > 0, row
                assert row["p_value"] < 1e-3, row
                assert row["lower"] > 0, row

    def test_equally_good_models_are_seldom_told_apart(self) -> None:
        """In 5 of 100 pairs at most the p-value lies below 0.05; the interval holds 0 in 95."""
        for task in self.tasks:
            drawn = [pair(task, (100, 300)[seed % 2], seed=1000 + seed)
                     for seed in range(self.pairs)]  # fmt: skip
            found = pl.concat(self.answer(task, drawn)).filter(pl.col("reason").is_null())
            shares = found.group_by("metric").agg(
                pairs=pl.len(),
                alarms=(pl.col("p_value") < 0.05).mean(),
                covered=pl.lit(0.0).is_between("lower", "upper").mean(),
            )
            for metric, pairs, alarms, covered in shares.iter_rows():
                assert pairs > self.pairs / 2, f"{metric}: most pairs can be tested"
                assert alarms <= self.false_alarms, f"{metric}: {alarms:.1%} of equals differ"
                assert covered >= self.coverage, f"{metric}: {covered:.1%} of intervals hold 0"


def table(task: str, pairs: Sequence[Rows]) -> pa.Table:
    """Lay pairs out as a comparison is handed them.

    Example:
        >>> table("binary", [pair("binary", 2)])["truth"].to_pylist()
        [[1.0, 1.0]]
    """
    columns: dict[str, Any] = {
        "model": [f"m{place}" for place in range(len(pairs))],
        "champion_version": ["1"] * len(pairs),
        "challenger_version": ["2"] * len(pairs),
        "task": [task] * len(pairs),
        "classes": [CLASSES.get(task)] * len(pairs),
        **{name: [rows[name] for rows in pairs] for name in LISTS},
        "time": [rows["time"] for rows in pairs],
    }
    types: dict[str, Any] = {
        **dict.fromkeys(list(columns)[:4], pl.String),
        "classes": pl.Int64,
        **dict.fromkeys(LISTS, pl.List(pl.Float64)),
        "time": pl.List(pl.Datetime("us", "UTC")),
    }
    there = pl.col(*LISTS, "time").list.drop_nulls().list.len() > 0
    empty = pl.col("truth").list.len() == 0
    frame = pl.DataFrame(columns, schema=types)
    frame = frame.with_columns(pl.when(empty | there).then(pl.col(*LISTS, "time")))
    filled = pl.col(LISTS).list.eval(pl.element().fill_null(float("nan")))
    found = frame.with_columns(filled).to_arrow()
    for side in SIDES if task == "multiclass" else ():
        each = pa.array([_flat(rows, side) for rows in pairs], pa.large_list(pa.float64()))
        found = found.append_column(f"{side}_probabilities", each)
    return found


def _side(rows: Rows, side: str) -> pl.DataFrame:
    """Return one model's predictions as a metric is handed them."""
    named = {name: f"{side}_{name}" for name in ("prediction", "score", "truth_score")}
    return rows.select("truth", "weight", **named)


def _flat(rows: Rows, side: str) -> NDArray[np.float64]:
    """Return the probabilities of all classes, row by row."""
    return rows[f"{side}_probabilities"].explode().to_numpy()


def _swapped(rows: Rows, sides: tuple[str, ...]) -> Rows:
    """Let the models of a pair take the places of these."""
    names = [name.removeprefix("champion_") for name in rows.columns if "champion_" in name]
    return rows.with_columns(
        **{f"{to}_{name}": pl.col(f"{of}_{name}")
           for to, of in zip(SIDES, sides, strict=True) for name in names}
    )  # fmt: skip
