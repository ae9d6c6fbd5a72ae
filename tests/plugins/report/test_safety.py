"""The report runs nobody's code and asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from argosy_report.page import render

from .pages import HOSTILE, Page, facts, named


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
        assert "left\\u202egnp.exe" in page

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
