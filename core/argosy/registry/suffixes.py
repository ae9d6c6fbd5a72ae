"""Which data format a file is of by its ending, where nobody names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.plugins import installed

if TYPE_CHECKING:
    from argosy.types import Source


def by_suffix() -> dict[str, Source]:
    """Return the source that opens files of each ending, the longest endings first.

    What comes with argosy keeps its endings, whoever else claims them: what is installed besides
    must not read otherwise what was bound before. An ending that several others claim is nobody's,
    so that a format must be named.

    >>> by_suffix()[".parquet"].format
    'parquet'
    """
    offered = installed().sources
    claims: dict[str, list[Source]] = {}
    for source in offered.values():
        for suffix in source.suffixes:
            claims.setdefault(suffix, []).append(source)
    chosen = {}
    for suffix in sorted(claims, key=lambda one: (-len(one), one)):
        own = [one for one in claims[suffix] if offered.own(one.format)]
        wanted = own or claims[suffix]
        if len(wanted) == 1:
            chosen[suffix] = wanted[0]
    return chosen
