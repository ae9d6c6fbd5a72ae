"""Fill the templates: all text passes their escaping, geometry is numbers of our own."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from argosy_report import distributions, strips, tally, wording


def drawn(name: str, **told: Any) -> str:  # noqa: ANN401
    """Fill one template.

    >>> drawn("runs", runs=[]).strip()[:34]
    '<p class="empty">Nothing has run y'
    """
    return _engine().get_template(f"{name}.html.j2").render(told)


@cache
def _engine() -> jinja2.Environment:
    engine = jinja2.Environment(
        loader=jinja2.PackageLoader("argosy_report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters.update(
        count=wording.count,
        duration=wording.duration,
        moment=wording.moment,
        number=wording.number,
        place=wording.place,
        share=wording.share,
        shown=wording.shown,
    )
    engine.globals.update(picture=distributions, strip=strips, states=tally.STATES)
    return engine
