"""Judge a fragment of HTML that a panel answered: it must leave the rest of the page alone.

This catches mistakes, such as a name that was not escaped; it is no wall against a plugin that
means harm, which runs in this process anyway.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "source", "track", "wbr"})
_REFUSED = frozenset(
    {"applet", "base", "body", "embed", "form", "frame", "frameset", "head", "html", "iframe"}
    | {"link", "main", "meta", "noscript", "object", "plaintext", "portal", "script", "style"}
    | {"template"}
)
_FETCHES = frozenset(
    {"action", "background", "data", "formaction", "href", "manifest", "ping", "poster"}
    | {"src", "srcset", "xlink:href"}
)
_LINK = re.compile(r"#|https?://|mailto:", re.IGNORECASE)


def unfit(fragment: str) -> str | None:
    """Say why a fragment cannot stand in a page, or None where it can.

    Every element must be closed. Scripts, styles, forms, frames and event handlers are refused,
    and so is whatever a browser would fetch; a link that a reader may follow is not.

    >>> unfit("<p>3 models &lt; 5, <a href='https://wiki.example/m1'>m1</a></p>")
    >>> unfit("<p>owner: <script>alert(1)</script></p>")
    'it holds <script>'
    >>> unfit("<table><tr><td>m1</table>")
    'it closes <table> where <td> is open'
    >>> unfit("<svg><image href='https://wiki.example/logo.svg'/></svg>")
    "it fetches 'https://wiki.example/logo.svg'"
    """
    if "<!" in fragment or "<?" in fragment:
        return "it holds a comment or a declaration, or a '<' that is not escaped"
    reader = _Reader()
    reader.feed(fragment + "\n")
    if reader.found:
        return reader.found
    if reader.rawdata:
        return "it ends inside a tag"
    return f"it leaves <{reader.open[-1]}> open" if reader.open else None


class _Reader(HTMLParser):
    """Reads until the first thing that is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._judge(tag, attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._judge(tag, attrs)
        if tag not in _VOID and not {"svg", "math"} & {tag, *self.open}:
            self._blame(f"it writes <{tag}/>, which browsers leave open")

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif self.open:
            self._blame(f"it closes <{tag}> where <{self.open[-1]}> is open")
        else:
            self._blame(f"it closes <{tag}>, which it did not open")

    def _judge(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _REFUSED:
            self._blame(f"it holds <{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self._blame(f"it holds the event handler {name!r}")
            elif name == "style":
                self._blame(f"<{tag}> has a style of its own; use classes, or attributes of SVG")
            elif name in _FETCHES and not _stays(tag, value or ""):
                self._blame(f"it fetches {value!r}")

    def _blame(self, reason: str) -> None:
        self.found = self.found or reason


def _stays(tag: str, url: str) -> bool:
    """Whether a browser that only shows the page asks for nothing."""
    return bool(_LINK.match(url)) if tag == "a" else url.startswith("#")
