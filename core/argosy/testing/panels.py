"""What every panel must do."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from argosy.plugins import installed
from argosy.plugins.html_check import unfit
from argosy.testing.readings import EVALUATED, MARK, READINGS, reading

if TYPE_CHECKING:
    from argosy.types import Panel


class PanelSuite:
    """Inherit this, set `name`, and your panel is drawn from fleets of every kind."""

    name: str
    """The panel under test."""

    @property
    def panel(self) -> Panel:
        """Return the panel as the core finds it."""
        return installed().panels[self.name]

    def drawn(self, of: str) -> str:
        """Draw one of `argosy.testing.readings.READINGS`; empty where there is nothing to show."""
        fragment = self.panel.render(reading(of))
        assert fragment is None or isinstance(fragment, str), (of, type(fragment))
        return fragment or ""

    def test_it_is_described(self) -> None:
        """Users type its name, read its title, and find it in its place."""
        assert self.panel.name == self.name.lower()
        assert self.panel.title.strip()
        assert isinstance(self.panel.place, int)

    def test_every_fleet_can_be_drawn(self) -> None:
        """Without models, without runs, as it stood, and with thousands of models."""
        for of in READINGS:
            self.drawn(of)

    def test_some_fleet_has_something_to_show(self) -> None:
        """A panel that is always left out is none."""
        assert any(self.drawn(of).strip() for of in READINGS)

    def test_the_rest_of_the_page_is_left_alone(self) -> None:
        """Elements are closed, nothing runs, and nothing is fetched."""
        for of in READINGS:
            reason = unfit(self.drawn(of))
            assert reason is None, f"{of}: {reason}"

    def test_hostile_names_stay_text(self) -> None:
        """Whoever registers a model chooses its name; whoever opens the page trusts it."""
        fragment = self.drawn("hostile")
        names = _Names()
        names.feed(fragment + "\n")

        assert not [name for name in names.seen if MARK in name]
        assert EVALUATED not in fragment

    def test_the_same_fleet_is_drawn_the_same(self) -> None:
        """Reports are compared by people, and by scripts."""
        for of in ("checked", "hostile"):
            assert self.drawn(of) == self.drawn(of), of

    def test_drawing_changes_nothing(self) -> None:
        """A panel reads the fleet."""
        for of in ("unchecked", "checked"):
            before = reading(of).seq
            self.drawn(of)
            assert before == reading(of).seq, of


class _Names(HTMLParser):
    """Collects the names of elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs)}
