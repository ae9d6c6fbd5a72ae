"""What the report draws of models, inputs, distributions and metrics."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl
import pytest

from argosy_report.distributions import FLOOR, WIDTH, pictures
from argosy_report.facts import DISTRIBUTIONS, DRIFT, SCORES
from argosy_report.groups import grouped
from argosy_report.heatmap import fleet_map
from argosy_report.inputs import input_map
from argosy_report.strips import tasks

from .pages import distribution, fleet_of, models


class TestMap:
    def test_a_square_of_many_models_looks_like_the_worst_of_them(self):
        """The mean of one sick and thousands of healthy models looks healthy."""
        frame = pl.concat([fleet_of(drifted=1, excess=9.0), fleet_of(healthy=60_000)])
        drawn = fleet_map(frame)
        looks = [square.look for square in drawn.rows[0].squares]

        assert drawn.per_square == 20
        assert looks[:3] == ["d3", "h", "h"]
        assert drawn.rows[0].squares[0].title.startswith("20 models: 1 drifted, 19 healthy")

    @pytest.mark.parametrize(
        ("look", "excess"), [("d1", None), ("d1", 1.9), ("d2", 2.0), ("d2", 4.9), ("d3", 5.0)]
    )
    def test_drift_is_darker_the_further_it_is_beyond_the_alert(self, look, excess):
        assert look == fleet_map(fleet_of(drifted=1, excess=excess)).rows[0].squares[0].look

    def test_the_template_with_most_trouble_comes_first(self):
        frame = pl.concat(
            [
                fleet_of(drifted=1, template="sick"),
                fleet_of(healthy=9, template="well"),
                fleet_of(healthy=1, template="sick"),
            ]
        )

        assert [row.label for row in fleet_map(frame).rows] == ["sick", "well"]

    def test_without_templates_the_rows_are_teams(self):
        assert (
            fleet_map(fleet_of(healthy=2, template=None)).noun,
            [row.label for row in fleet_map(fleet_of(healthy=2, template=None)).rows],
        ) == ("team", ["risk"])

    def test_templates_beyond_the_limit_share_the_last_row(self):
        frame = models(
            *[{"model": f"m{i}", "template": f"t{i:03d}", "state": "healthy"} for i in range(100)]
        )
        rows = fleet_map(frame).rows

        assert len(rows) == 40
        assert rows[-1].label == "61 other templates"
        assert sum(row.models for row in rows) == 100

    def test_models_without_a_template_are_not_dropped(self):
        frame = pl.concat([fleet_of(healthy=1), fleet_of(healthy=2, template=None)])

        assert grouped(frame, 40).labels == ["no template", "credit"]


class TestInputs:
    @staticmethod
    def drift(*rows):
        names = ("model", "column", "detector", "effect", "status")
        return pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows], schema=DRIFT)

    def test_the_input_that_hurts_most_models_comes_first(self):
        frame = models(*[{"model": m, "template": "t", "state": "drifted"} for m in "abc"])
        drift = self.drift(
            ("a", "rare", "psi", 9.0, "drift"),
            *[(model, "broken", "psi", 0.3, "drift") for model in "abc"],
            *[(model, "sound", "psi", 0.0, "ok") for model in "abc"],
        )
        rows = input_map(drift, frame).rows

        assert [(r.column, r.drifted, r.checked) for r in rows] == [
            ("broken", 3, 3),
            ("rare", 1, 1),
        ]

    def test_a_model_that_two_detectors_flag_counts_once(self):
        frame = models({"model": "a", "template": "t", "state": "drifted"})
        drift = self.drift(("a", "age", "ks", 0.4, "drift"), ("a", "age", "psi", 0.9, "drift"))
        row = input_map(drift, frame).rows[0]

        assert (row.drifted, row.checked) == (1, 1)

    def test_a_column_that_could_not_be_tested_is_not_counted_as_sound(self):
        frame = models(*[{"model": m, "template": "t", "state": "drifted"} for m in "ab"])
        drift = self.drift(
            ("a", "age", "psi", 0.9, "drift"), ("b", "age", "psi", None, "insufficient")
        )

        assert input_map(drift, frame).rows[0].cells[0].share == "100 %"


class TestDistributions:
    @staticmethod
    def drawn(**changes):
        return pictures(pl.DataFrame([distribution(**changes)], schema=DISTRIBUTIONS))[0]

    def test_a_wide_bin_is_drawn_as_low_as_its_rows_are_thin(self):
        """Counts of unequal bins are no heights: the widest bin would always look fullest."""
        picture = self.drawn(edges=[0.0, 1.0, 10.0], ref_counts=[50, 50], cur_counts=[50, 50])
        tops = [float(y) for y in re.findall(r"L[\d.]+ ([\d.]+)H", picture.reference)]

        assert (FLOOR - tops[0]) == pytest.approx(9 * (FLOOR - tops[1]), rel=0.02)

    def test_open_outer_bins_stay_on_the_picture(self):
        picture = self.drawn(
            edges=[float("-inf"), 0.0, 1.0, float("inf")],
            ref_counts=[1, 2, 3],
            cur_counts=[3, 2, 1],
        )
        ends = [float(x) for x in re.findall(r"H([\d.]+)", picture.current)]

        assert max(ends) == WIDTH
        assert [words for _, _, words in picture.ticks] == ["\N{MINUS SIGN}1", "0.5", "2"]

    @pytest.mark.parametrize("edges", [[5.0, 5.0, 5.0], [float("nan"), float("nan")], []])
    def test_a_column_of_one_value_or_none_is_no_error(self, edges):
        counts = [3] * max(0, len(edges) - 1)

        assert self.drawn(edges=edges, ref_counts=counts, cur_counts=counts).column == "age"

    def test_missing_values_are_told_before_and_after(self):
        picture = self.drawn(null_ref=0, null_cur=100)

        assert (picture.missing, picture.rows) == ("missing 0 % → 50 %", "100 → 200 rows")

    def test_categories_beyond_the_sixth_are_summed_up(self):
        names = [f"c{number}" for number in range(9)]
        picture = self.drawn(
            kind="categorical",
            edges=None,
            categories=names,
            ref_counts=[10] * 9,
            cur_counts=[90, *[0] * 8],
        )

        assert [picture.bars[0].label, picture.bars[-1].label] == ["c0", "3 more"]
        assert picture.bars[0].title == "c0: 11 % → 100 %"

    def test_the_title_names_model_column_effect_and_q(self):
        picture = self.drawn()

        assert (
            picture.model,
            picture.column,
            picture.measured,
        ) == ("a", "age", "psi 0.5, q < 0.0001")


class TestEvaluation:
    @staticmethod
    def scores(values, **changes):
        common = {"task": "regression", "metric": "r2", "better": "higher", **changes}
        return pl.DataFrame(
            [{"model": f"model-{n:05d}", "value": v, **common} for n, v in enumerate(values)],
            schema=SCORES,
        )

    def test_a_sick_tail_shows_beside_a_good_median(self):
        """One in ten models of this template is useless; its mean would be 0.72."""
        values = [0.8] * 90 + [0.0] * 10
        strip = tasks(self.scores(values), fleet_of(healthy=100))[0].strips[0]

        assert (strip.low, strip.median, strip.high) == ("0", "0.800", "0.800")

    def test_models_far_off_the_axis_are_counted_in_words(self):
        values = [0.5 + number / 1_000 for number in range(100)] + [-40.0]
        strip = tasks(self.scores(values), fleet_of(healthy=101))[0].strips[0]

        assert strip.beyond.startswith("1 model below ")
        assert strip.beyond.endswith("the lowest \N{MINUS SIGN}40")

    def test_an_undefined_metric_is_counted_and_not_drawn(self):
        strip = tasks(self.scores([0.5, None, float("nan")]), fleet_of(healthy=3))[0].strips[0]

        assert (strip.models, strip.undefined, len(strip.dots)) == (3, 2, 1)

    def test_the_metric_that_compares_models_of_different_scale_is_preferred(self):
        scores = pl.concat([self.scores([9.0], metric="mae"), self.scores([0.9], metric="r2")])

        assert tasks(scores, fleet_of(healthy=1))[0].metric == "r2"

    def test_each_figure_says_what_its_numbers_are_of_and_mixes_none(self):
        """Roles, all rows and windows are apart; of windows the newest, and the rest is counted."""
        day = [datetime(2026, 1, number, tzinfo=UTC) for number in (1, 2, 3)]
        cut = [
            self.scores([0.1 * number], dataset="holdout", window=f"2026-01-0{number}",
                        window_start=day[number - 1], window_end=day[number - 1])
            .with_columns(model=pl.lit(f"cut{number}"))
            for number in (1, 2)
        ]  # fmt: skip
        plain = [self.scores([0.8, 0.9], dataset=role) for role in ("holdout", "current")]
        models = pl.concat([fleet_of(healthy=2), *[fleet_of(healthy=1).with_columns(
            model=pl.lit(f"cut{number}")) for number in (1, 2)]])  # fmt: skip
        drawn = tasks(pl.concat([*plain, *cut]), models)

        assert [(one.of, one.elsewhere) for one in drawn] == [
            ("on 'current', all rows", 0),
            ("on 'holdout', all rows", 0),
            ("on 'holdout', the window 2026-01-02", 1),
        ]
        assert [one.strips[0].median for one in drawn] == ["0.850", "0.850", "0.200"]

    def test_a_task_that_names_no_metric_is_drawn_by_what_most_models_have(self):
        scores = [self.scores([0.1], metric="a"), self.scores([0.5, 0.7], metric="b")]
        drawn = tasks(pl.concat([one.with_columns(task=pl.lit("odd")) for one in scores]),
                      fleet_of(healthy=2))  # fmt: skip

        assert [(one.task, one.metric) for one in drawn] == [("odd", "b")]

    @pytest.mark.parametrize("values", [[0.5], [0.5] * 300, [0.1, 0.9] * 200])
    def test_any_number_of_models_can_be_drawn(self, values):
        strip = tasks(self.scores(values), fleet_of(healthy=len(values)))[0].strips[0]

        assert bool(strip.dots) != bool(strip.bars)
