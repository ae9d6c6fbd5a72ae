"""How the files of a binding are written, as far as it says so: separator, encoding, marks, nulls.

The first two are what the source of a format has to know; how numbers are written is understood
here, in any format.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from argosy.plugins import installed
from argosy.registry.condition_faults import in_our_words
from argosy.store.origins import Origins
from argosy.types import Written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.store.location import Location
    from argosy.types import Source

WRITING = ("separator", "encoding", "decimal", "nulls")
"""The fields of a binding that say how text is written."""
_DECIMALS = (".", ",")
_ZONE = re.compile(r"unable to parse time zone: '([^']*)'")


def source_of(binding: Mapping[str, Any]) -> Source:
    """Return the source of a binding's format, for files that are written as the binding says."""
    source = installed().sources[binding["format"]]
    named = {name: binding[name] for name in source.options if binding.get(name) is not None}
    return source.written(Written(**named)) if named and source.written else source


def fault(binding: Mapping[str, Any]) -> str | None:
    """Say what is wrong with how a binding says that its files are written, or None.

    >>> plain = {"format": "csv", "encoding": None, "decimal": None, "separator": ";"}
    >>> fault(plain), fault({**plain, "decimal": "comma"})
    (None, "the decimal 'comma' is none; name '.' or ','")
    """
    source = installed().sources.get(binding["format"] or "")
    for name in ("separator", "encoding"):
        if binding[name] is None or source is None:
            continue
        if name not in source.options:
            able = sorted(one.format for one in installed().sources.values() if name in one.options)
            return f"{source.format} files have no {name}; formats that have one: {', '.join(able)}"
    separator, encoding, decimal = (binding[name] for name in ("separator", "encoding", "decimal"))
    if separator is not None and (len(separator) != 1 or not separator.isascii()):
        return (
            f"the separator {separator!r} is not one ASCII character; name one such as ',', ';',"
            " '|' or a tab"
        )
    if separator is not None and (separator.isalnum() or separator in '"\r\n'):
        return f"the separator {separator!r} separates nothing; name one such as ',', ';' or '|'"
    if decimal is not None and decimal not in _DECIMALS:
        return f"the decimal {decimal!r} is none; name '.' or ','"
    if encoding is not None and not _known(encoding):
        return (
            f"no encoding is called {encoding!r}; name one such as utf-8, latin-1, cp1252 or utf-16"
        )
    return None


def explained(binding: Mapping[str, Any], location: Location, error: BaseException) -> str:
    """Say in one line why a table cannot be read."""
    text = str(error).strip()
    source, url = source_of(binding), binding["url"]
    may_look = not binding.get("copy") and Origins(location).fault(url) is None
    if source.explain is not None and may_look:
        with suppress(Exception):
            told = source.explain(url, location.table_options(url), text)
            if told:
                return told
    condition = in_our_words(text) if binding.get("where") else None
    if condition is not None:
        return f"its where {binding['where']!r} {condition}"
    zone = _ZONE.search(text)
    if zone:
        return (
            f"a time has the zone {zone[1]!r}, which the database of time zones does not have;"
            " write it in UTC, or in a zone such as 'Europe/Berlin'"
        )
    return text.splitlines()[0] if text else type(error).__name__


def _known(encoding: str) -> bool:
    try:
        return isinstance("".encode(encoding), bytes) and codecs.lookup(encoding)._is_text_encoding
    except (LookupError, TypeError, UnicodeError):
        return False
