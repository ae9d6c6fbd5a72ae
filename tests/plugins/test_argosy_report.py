"""The report: one HTML file that hides no sick model and runs nobody's code."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import polars as pl
import pytest

from argosy.cli.main import run
from argosy.errors import BadInput
from argosy.plugins import Offered, Plugin, installed
from argosy.testing.fleets import logged_fleet
from argosy.testing.panels import PanelSuite
from argosy.types import Panel
from argosy_report import PANELS
from argosy_report import facts as facts_of
from argosy_report.command import write
from argosy_report.distributions import FLOOR, WIDTH, pictures
from argosy_report.facts import DISTRIBUTIONS, DRIFT, MODELS, RUNS, SCORES, Facts, collect
from argosy_report.groups import grouped
from argosy_report.heatmap import fleet_map
from argosy_report.inputs import input_map
from argosy_report.page import render
from argosy_report.strips import tasks

AT = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
SECTIONS = [
    "Fleet map",
    "Triage",
    "Incidents",
    "Inputs",
    "Distributions",
    "Evaluation",
    "Teams",
    "Last runs",
]
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</title></style></svg><script>alert(1)</script>",
    "\"'><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "left\u202egnp.exe\x00",
    "x" * 5_000,
]
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would make of a page: tags, attributes, and the text of headings."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.headings, self.text, self.unclosed = [], [], [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert tag == self.unclosed.pop()

    def handle_data(self, data):
        self.text += data
        if self.unclosed and self.unclosed[-1] in {"h1", "h2"}:
            self.headings.append(data)


def models(*rows):
    return pl.DataFrame(rows, schema=MODELS, infer_schema_length=None)


def fleet_of(healthy=0, unknown=0, failed=0, drifted=0, **common):
    """Models in the given states, worst first."""
    states = ["failed"] * failed + ["drifted"] * drifted + ["unknown"] * unknown
    states += ["healthy"] * healthy
    told = {"failed": "could not be evaluated", "drifted": "drift in 'age'"}
    return models(
        *[
            {
                "model": f"model-{number:05d}",
                "team": "risk",
                "template": "credit",
                "state": state,
                "reason": told.get(state),
                **common,
            }
            for number, state in enumerate(states)
        ]
    )


def facts(**frames):
    return Facts("/data/fleet", AT, **frames)


def distribution(**changes):
    return {
        "model": "a",
        "column": "age",
        "kind": "numeric",
        "edges": [0.0, 1.0, 2.0],
        "ref_counts": [50, 50],
        "cur_counts": [10, 90],
        "null_ref": 0,
        "null_cur": 0,
        "detector": "psi",
        "effect": 0.5,
        "q_column": 1e-9,
        **changes,
    }


def named(name):
    """A fleet whose every name is `name`."""
    return facts(
        models=models(
            {
                "model": name,
                "team": name,
                "owner": name,
                "template": name,
                "state": "drifted",
                "worst_column": name,
                "reason": name,
            }
        ),
        drift=pl.DataFrame(
            [{"model": name, "column": name, "detector": name, "effect": 1.0, "status": "drift"}],
            schema=DRIFT,
        ),
        scores=pl.DataFrame(
            [{"model": name, "task": name, "metric": name, "value": 0.5}], schema=SCORES
        ),
        distributions=pl.DataFrame(
            [
                distribution(
                    model=name,
                    column=name,
                    detector=name,
                    kind="categorical",
                    edges=None,
                    categories=[name, f"{name}2"],
                )
            ],
            schema=DISTRIBUTIONS,
        ),
        runs=pl.DataFrame(
            [{"run_id": name, "kind": name, "started": AT, "status": name, "executor": name}],
            schema=RUNS,
        ),
    )


class TestSafety:
    @pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:12]))
    def test_a_hostile_name_is_shown_and_never_run(self, name):
        """Whoever registers a model chooses its name; whoever opens the report trusts the page."""
        harmless = Page(render(named("harmless")))

        page = Page(render(named(name)))

        assert harmless.tags == page.tags
        assert {key for key, _ in harmless.attributes} == {key for key, _ in page.attributes}

    def test_the_name_itself_can_be_read(self):
        assert "<img src=x onerror=alert(1)>" in Page(render(named(HOSTILE[0]))).text

    def test_a_name_cannot_reorder_the_line_it_stands_in(self):
        page = render(named("left\u202egnp.exe"))

        assert "\u202e" not in page
        assert "left\ufffdgnp.exe" in page

    def test_a_long_name_is_cut_everywhere(self):
        assert "x" * 300 not in render(named("x" * 5_000))

    def test_the_page_asks_for_nothing(self):
        page = render(named("model"))
        parsed = Page(page)
        links = {value for key, value in parsed.attributes if key in {"href", "src", "srcset"}}

        assert {"script", "img", "link", "iframe", "object", "form"}.isdisjoint(parsed.tags)
        assert links
        assert all(link.startswith("#") for link in links)
        assert "http://" not in page
        assert "https://" not in page
        assert "@import" not in page
        assert "url(" not in page

    def test_the_policy_allows_the_style_of_the_page_and_nothing_else(self):
        page = render(named("model"))
        style = re.search("<style>(.*)</style>", page, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        allowed = f"default-src 'none'; style-src 'sha256-{digest}'"
        names = {key for key, _ in Page(page).attributes}

        assert f"{allowed}; base-uri 'none'; form-action 'none'" in [
            value for key, value in Page(page).attributes if key == "content"
        ]
        assert "style" not in names
        assert not [name for name in names if name.startswith("on")]

    def test_a_password_in_the_fleets_url_is_left_out(self):
        page = render(replace(facts(), url="s3://key:secret@bucket/fleet?token=t0ken"))

        assert "s3://bucket/fleet" in page
        assert "secret" not in page
        assert "t0ken" not in page


class TestPage:
    @pytest.mark.parametrize("shown", [facts(), facts(models=fleet_of(healthy=3)), named("model")])
    def test_every_section_has_its_heading_and_every_element_its_end(self, shown):
        page = Page(render(shown))

        assert page.headings[1:] == SECTIONS
        assert page.unclosed == []

    def test_an_empty_fleet_says_what_to_do_next(self):
        page = render(facts())

        assert "This fleet has no models yet" in page
        for command in ("register FILE", "bind FILE", "evaluate", "drift"):
            assert f"<code>argosy {command}</code>" in page

    @pytest.mark.parametrize(
        ("headline", "counts"),
        [
            ("3 of 10 models need attention", {"healthy": 7, "failed": 1, "drifted": 2}),
            ("1 of 10 models needs attention", {"healthy": 9, "failed": 1}),
            ("No model has been checked yet", {"unknown": 4}),
            ("Nothing drifted, but 1 of 4 models are unknown", {"unknown": 1, "healthy": 3}),
            ("All 4 models are healthy", {"healthy": 4}),
        ],
    )
    def test_the_headline_says_the_worst(self, headline, counts):
        assert headline == Page(render(facts(models=fleet_of(**counts)))).headings[0]

    def test_an_unknown_model_is_never_counted_as_healthy(self):
        """Silence about a model is no good news."""
        page = Page(render(facts(models=fleet_of(unknown=5, healthy=2)))).text

        assert re.search(r"Unknown\s*5 71 %", page)
        assert re.search(r"Healthy\s*2 29 %", page)

    def test_triage_lists_fifty_and_says_how_many_more(self):
        page = Page(render(facts(models=fleet_of(drifted=70, healthy=10))))

        assert "model-00049" in page.text
        assert "20 more" in page.text
        assert page.text.split("Inputs")[1].count("drift in 'age'") == 50

    def test_ten_thousand_models_fit_in_three_megabytes_and_none_is_lost(self):
        frame = fleet_of(failed=20, drifted=480, unknown=1_500, healthy=8_000)
        page = render(facts(models=frame))
        squares = fleet_map(frame).rows[0].squares

        assert len(page.encode()) < 3_000_000
        assert "500 of 10,000 models need attention" in page
        assert "up to 2 models" in page
        assert len(squares) == 5_000
        assert fleet_map(frame).rows[0].models == 10_000

    def test_both_colour_schemes_and_paper_are_served(self):
        page = render(facts())

        assert "@media (prefers-color-scheme: dark)" in page
        assert "@media print" in page

    def test_tables_and_pictures_can_be_read_without_seeing_them(self):
        page = render(named("model"))

        assert page.count("<th scope=") == page.count("<th ")
        pictures = re.findall('role="img">.{0,30}', page)
        assert pictures
        assert all("<title>" in svg for svg in pictures)
        assert 'lang="en"' in page


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

    @pytest.mark.parametrize("values", [[0.5], [0.5] * 300, [0.1, 0.9] * 200])
    def test_any_number_of_models_can_be_drawn(self, values):
        strip = tasks(self.scores(values), fleet_of(healthy=len(values)))[0].strips[0]

        assert bool(strip.dots) != bool(strip.bars)


class TestCollect:
    def test_each_model_of_a_fleet_has_its_state(self, tmp_path):
        fleet = logged_fleet(tmp_path, models=6, drifting={"m2"})
        fleet.register({"model": ["later"], "version": ["1"]})
        fleet.check_drift(fleet.where("model <> 'later'"))
        fleet.register({"model": ["lost"], "version": ["1"]})
        fleet.evaluate(fleet.where("model = 'lost'"))

        found = collect(fleet)

        assert {
            **dict.fromkeys(["m0", "m1", "m3", "m4", "m5"], "healthy"),
            "m2": "drifted",
            "later": "unknown",
            "lost": "failed",
        } == dict(found.models.select("model", "state").iter_rows())
        assert found.models["model"].head(3).to_list() == ["lost", "m2", "later"]
        assert found.distributions.select("model", "column").rows() == [("m2", "size")]

    def test_only_the_last_check_counts(self, tmp_path):
        """A model whose input was mended is healthy again."""
        fleet = logged_fleet(tmp_path, models=4, drifting={"m1"}, seed=8)
        fleet.check_drift()
        fleet.check_drift(current="holdout")

        found = collect(fleet)

        assert found.models["state"].to_list() == ["healthy"] * 4
        assert found.distributions.is_empty()
        assert found.runs.height == 2

    def test_too_few_rows_leave_a_model_unknown(self, tmp_path):
        fleet = logged_fleet(tmp_path, models=2, rows=5)
        fleet.check_drift()

        assert collect(fleet).models["state"].to_list() == ["unknown"] * 2

    def test_scores_say_which_direction_is_good(self, tmp_path):
        fleet = logged_fleet(tmp_path, models=2)
        fleet.evaluate(metrics=["auc", "log_loss"])
        scores = collect(fleet).scores

        assert {("auc", "higher"), ("log_loss", "lower")} == set(
            scores.select("metric", "better").iter_rows()
        )


class TestCommand:
    def test_a_report_is_written_and_its_size_told(self, tmp_path, capsys):
        fleet, path = logged_fleet(tmp_path, models=3), tmp_path / "out.html"

        assert run(["--fleet", fleet.url, "--json", "report", str(path)]) == 0
        assert {"report": str(path), "models": 3, "bytes": path.stat().st_size} == json.loads(
            capsys.readouterr().out
        )
        assert "No model has been checked yet" in path.read_text("utf-8")

    def test_an_older_report_is_replaced_and_nothing_is_left_beside_it(self, tmp_path):
        path = tmp_path / "out.html"
        path.write_text("old")

        assert write(path, "new") == 3
        assert path.read_text() == "new"
        assert [file.name for file in tmp_path.iterdir()] == ["out.html"]

    def test_a_write_that_fails_leaves_the_older_report(self, tmp_path, monkeypatch):
        path = tmp_path / "out.html"
        path.write_text("old")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("pathlib.Path.replace", full)

        with pytest.raises(BadInput, match="No space left on device"):
            write(path, "new")
        assert path.read_text() == "old"
        assert [file.name for file in tmp_path.iterdir()] == ["out.html"]

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("missing/out.html", "does not exist"),
            ("model.skops", "ends in .html"),
            ("folder.html", "is a folder"),
        ],
    )
    def test_a_path_that_cannot_be_a_report_is_refused(self, path, reason, tmp_path, capsys):
        fleet = logged_fleet(tmp_path, models=1)
        (tmp_path / "folder.html").mkdir()
        (tmp_path / "model.skops").write_text("precious")

        assert run(["--fleet", fleet.url, "report", str(tmp_path / path)]) == 1
        assert reason in capsys.readouterr().err
        assert (tmp_path / "model.skops").read_text() == "precious"


@pytest.fixture
def offering(monkeypatch):
    """Have a stranger's plugin offer panels."""

    def offer(*panels, faults=()):
        known = installed()
        given = Offered("panel", ())
        given.update({**known.panels, **{panel.name: panel for panel in panels}})
        own = known.plugin("report")
        given.givers = dict.fromkeys(given, own)
        stranger = Plugin("wiki", "argosy-wiki", "2.1", "loaded", None, ("argosy_panels",), 1.0)
        given.givers |= {panel.name: stranger for panel in panels}
        given.faults = list(faults)
        monkeypatch.setitem(known.__dict__, "panels", given)

    return offer


class TestPanels:
    @staticmethod
    def written(fleet, tmp_path, *options, code=0):
        path = tmp_path / "out.html"
        assert code == run(["--fleet", fleet.url, "report", str(path), *options])
        return Page(path.read_text("utf-8")) if path.exists() else None

    def test_a_strangers_panel_stands_in_its_place(self, fleet, tmp_path, offering):
        offering(Panel("size", "How large is it?", 15, lambda fleet: "<p>six models</p>"))
        page = self.written(fleet, tmp_path)

        assert page.headings[1:] == [SECTIONS[0], "How large is it?", *SECTIONS[1:]]
        assert "six models" in page.text

    def test_a_panel_with_nothing_to_show_is_left_out(self, fleet, tmp_path, offering, capsys):
        offering(Panel("size", "How large is it?", 15, lambda fleet: None))

        assert self.written(fleet, tmp_path).headings[1:] == SECTIONS
        assert "size" not in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("render", "reason"),
        [
            (lambda fleet: 1 / 0, "failed: ZeroDivisionError: division by zero"),
            (lambda fleet: ["<p>"], "answered with a list, not with a str"),
            (lambda fleet: time.sleep(60), "was given up after 0.2 s"),
            (lambda fleet: "<table><tr>", "left out: it leaves <tr> open"),
            (lambda fleet: "</section></main>", "it closes <section>, which it did not open"),
            (lambda fleet: "<script>alert(1)</script>", "left out: it holds <script>"),
            (lambda fleet: "<p title='", "left out: it ends inside a tag"),
        ],
    )
    def test_a_panel_that_fails_is_a_box_that_names_it(
        self, render, reason, fleet, tmp_path, offering, capsys, monkeypatch
    ):
        """And the rest of the report is whole."""
        offering(Panel("size", "How large is it?", 99, render))
        monkeypatch.setenv("ARGOSY_CORE__TIME_LIMIT", "0.2" if "given up" in reason else "60")
        page = self.written(fleet, tmp_path)
        told = capsys.readouterr().err

        assert page.headings[1:] == [*SECTIONS, "How large is it?"]
        assert page.unclosed == []
        assert "script" not in page.tags
        for text in (page.text, told):
            assert "the panel 'size' (plugin 'wiki' of argosy-wiki 2.1)" in text
            assert reason in text

    def test_a_plugin_that_cannot_say_what_it_offers_is_named(self, fleet, tmp_path, offering):
        offering(faults=["plugin 'wiki' failed in its hook argosy_panels: <b>boom</b>"])
        page = self.written(fleet, tmp_path)

        assert page.headings[1:] == [*SECTIONS, "Missing panels"]
        assert "failed in its hook argosy_panels: <b>boom</b>" in page.text

    def test_panels_are_chosen_by_name_and_keep_their_order(self, fleet, tmp_path):
        page = self.written(fleet, tmp_path, "--panel", "runs", "--panel", "triage")

        assert page.headings[1:] == ["Triage", "Last runs"]

    def test_an_unknown_panel_lists_those_there_are(self, fleet, tmp_path, capsys):
        assert self.written(fleet, tmp_path, "--panel", "triagge", code=2) is None

        told = capsys.readouterr().err
        assert "no panel is called 'triagge'; did you mean 'triage'?" in told
        assert all(name in told for name in PANELS)

    def test_all_panels_share_what_is_read_until_the_fleet_changes(self, fleet, monkeypatch):
        """A costly query is paid once, and a stale answer is never shown."""
        read = []
        collect = facts_of.collect
        monkeypatch.setattr(facts_of, "collect", lambda fleet: read.append(1) or collect(fleet))
        for name in PANELS:
            installed().panels[name].render(fleet)
        fleet.check_drift()

        assert [1] == read
        assert "m2" in installed().panels["triage"].render(fleet)
        assert [1, 1] == read

    def test_the_past_can_be_reported(self, fleet, tmp_path):
        before = fleet.seq
        fleet.check_drift()
        page = self.written(fleet, tmp_path, "--as-of", str(before))

        assert "No model has been checked yet" in page.headings[0]


class TestMapPanel(PanelSuite):
    name = "map"


class TestTriagePanel(PanelSuite):
    name = "triage"


class TestIncidentsPanel(PanelSuite):
    name = "incidents"

    def test_one_broken_input_is_one_row(self, tmp_path):
        fleet = logged_fleet(tmp_path, models=12, drifting={"m1", "m2", "m7"})
        assert "with the first drift check" in self.panel.render(fleet)
        fleet.check_drift()
        told = self.panel.render(fleet)

        assert told.count("<tr>") == 2
        assert "feature <bdi>size</bdi>" in told


class TestInputsPanel(PanelSuite):
    name = "inputs"


class TestDistributionsPanel(PanelSuite):
    name = "distributions"


class TestEvaluationPanel(PanelSuite):
    name = "evaluation"


class TestTeamsPanel(PanelSuite):
    name = "teams"


class TestRunsPanel(PanelSuite):
    name = "runs"


BROWSER = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None
)


@pytest.mark.skipif(BROWSER is None, reason="needs chromium; the page was not looked at")
def test_a_browser_draws_the_page_without_complaint(tmp_path):
    """The policy is only right if a browser applies the style and finds nothing to refuse."""
    path, picture = tmp_path / "page.html", tmp_path / "page.png"
    path.write_text(render(named(HOSTILE[1])), "utf-8")

    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--screenshot={picture}",
            "--window-size=1280,1600",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert "CONSOLE" not in done.stderr
    assert picture.stat().st_size > 40_000  # an unstyled page is a third of this
