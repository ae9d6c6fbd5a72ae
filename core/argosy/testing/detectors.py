"""What every drift detector must do."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl
import pyarrow as pa
from polars.testing import assert_frame_equal

from argosy.plugins import installed
from argosy.tables import DETAIL
from argosy.testing.chance import at_most
from argosy.testing.columns import dependent, identical, lacking, odd, one_sided, sampled
from argosy.types import Kind

if TYPE_CHECKING:
    from argosy.types import Detector

_NUMBERS = ("statistic", "effect", "p_value")
_TEXTS = ("p_method", "reason")


class DetectorSuite:
    """Inherit this, set `name`, and your detector meets the columns that a fleet has."""

    name: str
    """The detector under test."""

    gives_p_value: bool = True
    """Whether it answers with p-values. One that gives none never alerts by itself."""

    sees: Literal["values", "missing"] = "values"
    """What it compares: the values that are there, or how many are missing."""

    strong: float = 1e-6
    """The p-value that a strong drift stays below; raise it for a test of few permutations."""

    clean: int = 4000
    """How many clean columns its false alarms are counted over; fewer make the test faster, and
    less sure of p-values below 0.001, of which a fleet has many."""

    clean_jointly: int = 300
    """The same for kinds that see several columns or windows together."""

    @property
    def detector(self) -> Detector:
        """Return the detector as the core finds it."""
        return installed().detectors[self.name]

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of column it says it measures."""
        return sorted(self.detector.kinds)

    def answer(self, columns: pa.Table) -> pl.DataFrame:
        """Measure a table, and check that every row has an answer of the right types."""
        found = self.detector.measure(columns)
        types = {field.name: field.type for field in found.schema}
        assert set(types) >= {*_NUMBERS, *_TEXTS}
        assert [types[name] for name in _NUMBERS] == [pa.float64()] * 3
        assert all(types[name] in (pa.string(), pa.large_string()) for name in _TEXTS)
        assert found.num_rows == columns.num_rows
        assert types.get(DETAIL.name, DETAIL.type) in (pa.string(), pa.large_string())
        return pl.DataFrame(found).select(*_NUMBERS, *_TEXTS)

    def assert_sound(self, row: dict[str, Any]) -> None:
        """Refuse an answer that is neither defined nor explained."""
        if row["reason"] is not None:
            assert row["reason"].strip(), "a reason has words"
            assert [row[name] for name in _NUMBERS] == [None] * 3, row
            return
        assert row["statistic"] is not None, row
        assert math.isfinite(row["statistic"]), row
        assert row["effect"] is not None, row
        assert 0 <= row["effect"] < math.inf, row
        if self.gives_p_value:
            assert row["p_value"] is not None, row
            assert 0 <= row["p_value"] <= 1, row
            assert row["p_method"], row
        else:
            assert row["p_value"] is None, row

    def test_it_is_described(self) -> None:
        """Users read its name, its kinds and what its effect is called."""
        assert self.detector.name == self.name.lower()
        assert self.detector.kinds
        assert self.detector.kinds <= set(get_args(Kind))
        assert self.detector.effect.strip()
        assert self.detector.floor >= 0

    def test_every_row_has_a_sound_answer(self) -> None:
        """A number that does not exist is null and has a reason; NaN is neither."""
        for kind in self.kinds:
            answers = self.answer(sampled(kind, rows=20)).to_dicts()
            for row in answers:
                assert row["reason"] is None, row
                self.assert_sound(row)

    def test_an_empty_table_has_an_empty_answer(self) -> None:
        """A chunk may hold no column of a kind."""
        for kind in self.kinds:
            assert self.answer(sampled(kind, rows=0)).height == 0

    def test_odd_columns_have_sound_answers(self) -> None:
        """Constants, ties, infinities, samples of one row, sides that share nothing."""
        for kind in self.kinds:
            for row in self.answer(odd(kind)).to_dicts():
                self.assert_sound(row)

    def test_a_side_without_rows_is_undefined_and_says_so(self) -> None:
        """There is nothing to compare, which is no drift and no failure."""
        for kind in self.kinds:
            answers = self.answer(one_sided(kind))
            assert answers["reason"].null_count() == 0
            for row in answers.to_dicts():
                self.assert_sound(row)

    def test_a_side_whose_rows_are_all_missing_is_a_matter_for_those_who_count_them(self) -> None:
        """Rows without values have nothing to say about values."""
        for kind in self.kinds:
            answers = self.answer(lacking(kind))
            undefined = [reason is not None for reason in answers["reason"]]
            assert undefined == [self.sees == "values"] * 2

    def test_the_order_and_the_company_of_rows_change_nothing(self) -> None:
        """Each row is answered as if it were alone, to the last bit: fleets are cut into chunks."""
        for kind in self.kinds:
            columns = pa.concat_tables([sampled(kind, rows=9), odd(kind)])
            places = list(reversed(range(columns.num_rows)))
            together = self.answer(columns)
            mixed = self.answer(columns.take(places))
            assert_frame_equal(together[places], mixed, check_exact=True)
            alone = [self.answer(columns.slice(place, 1)) for place in range(columns.num_rows)]
            assert_frame_equal(together, pl.concat(alone), check_exact=True)

    def test_the_same_table_has_the_same_answer(self) -> None:
        """A run can be repeated: a random test is seeded by what it is given."""
        for kind in self.kinds:
            columns = sampled(kind, rows=9)
            first = self.answer(columns)
            assert first.equals(self.answer(columns), null_equal=True)

    def test_the_table_it_is_given_stays_as_it_was(self) -> None:
        """The next detector is handed the same table."""
        for kind in self.kinds:
            columns = sampled(kind, rows=9)
            self.answer(columns)
            assert pl.DataFrame(columns).equals(pl.DataFrame(sampled(kind, rows=9)))

    def test_a_strong_drift_is_seen(self) -> None:
        """Its effect reaches the floor, and its p-value is small."""
        for kind in self.kinds:
            answers = self.answer(sampled(kind, rows=5, moved=True))
            assert answers["effect"].min() >= self.detector.floor  # type: ignore[operator]
            if self.gives_p_value:
                assert answers["p_value"].max() < self.strong  # type: ignore[operator]

    def test_its_p_values_take_rows_that_depend_on_each_other_as_it_declares(self) -> None:
        """The more rows count as one, the larger a strong drift's p-value; `none` ignores it.

        Of a small drift it need not be: categories are put together where rows are few, and blocks
        are dealt at random.
        """
        taus = (1, 4, 8) if self.detector.dependence == "blocks" else (1, 2, 4, 8)
        for kind in self.kinds if self.gives_p_value else []:
            columns = sampled(kind, rows=3, moved=True)
            found = [self.answer(dependent(columns, tau))["p_value"].to_numpy() for tau in taus]
            if self.detector.dependence == "none":
                assert all((p_value == found[0]).all() for p_value in found)
                continue
            for fewer, more in pairwise(found):
                assert (more >= fewer).all(), (fewer, more)
            clear = found[0] < self.strong
            assert (found[-1] > found[0])[clear].all(), found

    def test_identical_samples_show_no_drift(self) -> None:
        """There is no effect, and the p-value is far from small."""
        for kind in self.kinds:
            row = self.answer(identical(kind)).row(0, named=True)
            assert row["reason"] is None
            assert row["effect"] <= self.detector.floor / 10
            if self.gives_p_value:
                assert row["p_value"] >= 0.5

    def test_false_alarms_are_as_rare_as_the_p_value_says(self) -> None:
        """Thousands of clean columns are tested at once, so the tail is what matters."""
        if not self.gives_p_value:
            return
        for kind in self.kinds:
            rows = self.clean if kind in ("numeric", "categorical") else self.clean_jointly
            found = self.answer(sampled(kind, rows=rows, sizes=(120, 90), seed=11))["p_value"]
            for p_value in (0.05, 0.001):
                below = int((found < p_value).sum())
                most = at_most(rows * p_value)
                assert below <= most, f"{below} of {rows} clean ones have p < {p_value}: {kind}"
