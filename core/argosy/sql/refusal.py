"""Why a text is no SQL that is admitted here."""

from __future__ import annotations

from argosy.errors import BadInput

_SHOWN = 200
_SAID = 400


class RefusedSQL(BadInput):
    """A text is no SQL, or SQL that is not admitted; the message is the reason alone."""


def shown(text: str) -> str:
    """Quote a text in a message, and of a long one only its beginning.

    >>> print(shown("team = 'risk'"), len(shown("a" * 10_000)))
    "team = 'risk'" 225
    """
    if len(text) <= _SHOWN:
        return repr(text)
    return f"{text[:_SHOWN]!r}... ({len(text):,} characters)"


def first_line(error: BaseException) -> str:
    """Return what an error says, without the engine's account of its plan, or of a long text."""
    text = str(error).strip()
    line = text.splitlines()[0] if text else type(error).__name__
    return line if len(line) <= _SAID else f"{line[:_SAID]}..."
