"""The page of the report hides no sick model, whatever the fleet."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from argosy_report.heatmap import fleet_map
from argosy_report.page import render

from .pages import HOSTILE, SECTIONS, Page, facts, fleet_of, named


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
