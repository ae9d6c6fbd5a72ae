"""The guide for plugin authors, as it comes with argosy: whole, or one section of it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from argosy.errors import PluginError, UnknownName

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def guide() -> str:
    """Return the guide: a wheel has it beside this module, a source tree one folder up.

    Raises:
        PluginError: if it is in neither place.
    """
    for place in (files("argosy_scaffold") / "guide.md", Path(__file__).parents[1] / "README.md"):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise PluginError("this argosy was packed without its guide; install it from a wheel")


def sections(text: str) -> dict[str, str]:
    r"""Return the sections of a guide by the words that name them.

    >>> sections("# Guide\n\n## argosy_sinks()\n\nPlaces.\n\n## Versions\n\nTwo.\n")
    {'argosy_sinks': '## argosy_sinks()\n\nPlaces.', 'versions': '## Versions\n\nTwo.'}
    """
    parts = _HEADING.split(text)[1:]
    return {
        heading.removesuffix("()").lower(): f"## {heading}{body}".rstrip()
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
    }


def section(text: str, wanted: str) -> str:
    r"""Return one section of a guide: by its heading, its hook, or what the hook offers.

    Raises:
        UnknownName: if there is no such section.

    >>> section("## argosy_sinks()\n\nPlaces.", "sinks")
    '## argosy_sinks()\n\nPlaces.'
    """
    known, word = sections(text), wanted.removesuffix("()").lower()
    for name in (word, f"argosy_{word}", f"argosy_{word}s"):
        if name in known:
            return known[name]
    raise UnknownName.among("section of the guide", wanted, known)
