"""Panels of the report, ours and a stranger's."""

from __future__ import annotations

import time

import pytest

from argosy.plugins import Offered, Plugin, installed
from argosy.testing.fleets import logged_fleet
from argosy.testing.panels import PanelSuite
from argosy.types import Panel
from argosy_cli.main import run
from argosy_report import PANELS
from argosy_report import facts as facts_of

from .pages import SECTIONS, Page


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
