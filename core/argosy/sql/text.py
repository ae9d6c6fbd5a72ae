"""What is refused of a text before any parser sees it.

Parsers recurse: a long chain of operators ends the process, and no error can be caught. So quotes,
brackets and operators are counted first. Characters that parsers disagree about are not admitted.
"""

from __future__ import annotations

import re
import unicodedata

from argosy.sql.functions import word_set
from argosy.sql.refusal import RefusedSQL

MOST_CHARACTERS = 2_000_000
"""Enough for a list of a hundred thousand names."""
DEEPEST = 300
"""Operators that may stand inside each other. From 500 to 1,000 on the engine ends the process."""

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*"|`[^`]*`)|(?P<word>\w+)|\s+"""
    r"""|(?P<comment>--|/\*)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<next>[,;])|(?P<dot>\.)"""
    r"""|(?P<symbol>[-+*/%|&^=<>!~:\#@?{}\\]+)|(?P<other>.)""",
    re.DOTALL,
)
_OPERATORS = word_set(
    "and at between case collate cross distinct div except from glob ilike in intersect is isnull"
    " join like match member minus not notnull operator or overlaps qualify regexp rlike similar"
    " union when where xor"
)
_PREFIXES = frozenset(["e", "n", "r", "q", "nq", "br", "rb"])
"""Letters before a quote after which a backslash, or another sign, ends a text otherwise."""
_LIKE_QUOTES = frozenset("‘’‚‛“”„‟′″‵‶ʹʺʼˈ´＇＂｀«»‹›")  # noqa: RUF001
_SPACES = frozenset("\t\n\r")


def refuse_unreadable(text: str) -> None:
    """Raise if a text is too long, too deep, or has what is never part of SQL here.

    Raises:
        RefusedSQL: saying what it is.
    """
    if not isinstance(text, str):
        raise RefusedSQL(f"SQL is text, and not {type(text).__name__}")
    if len(text) > MOST_CHARACTERS:
        raise RefusedSQL(
            f"it has {len(text):,} characters, and {MOST_CHARACTERS:,} are read at most; write it"
            " shorter, or bring what it lists as a table"
        )
    if not text.strip():
        raise RefusedSQL("there is nothing in it")
    if not text.isprintable():
        _refuse_characters(text)
    _refuse_depth(text)


def _refuse_characters(text: str) -> None:
    for at, sign in enumerate(text, 1):
        kind = unicodedata.category(sign)
        if kind in {"Cc", "Cs"} and sign not in _SPACES:
            raise RefusedSQL(f"character {at} is {sign!r}, which no SQL has; leave it out")


def _refuse_depth(text: str) -> None:
    """Bound how deep the tree of a text can be, and refuse what cannot be told apart."""
    levels = [[0, 0]]  # per open bracket: operators since the last comma, and the deepest inside
    deepest = [0]  # per open bracket: of all its parts
    before, end = "", -1
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            levels.append([1, 0])
            deepest.append(0)
        elif kind in {"close", "next"}:
            deepest[-1] = max(deepest[-1], sum(levels[-1]))
            levels[-1] = [1, 0]
            if kind == "close" and len(levels) > 1:
                levels.pop()
                levels[-1][1] = max(levels[-1][1], deepest.pop())
                levels[-1][0] += token[0] == "]"
        elif kind == "symbol" or (kind == "word" and token[0].lower() in _OPERATORS):
            levels[-1][0] += 1
        elif kind == "text":
            joined = end == token.start()
            if joined and (before in _PREFIXES or text[:end].lower().endswith("u&")):
                raise RefusedSQL(
                    f"a text begins with {before or '&'} before its quote, at character {end};"
                    " write it between ' and ', and ' in it twice"
                )
        elif kind in {"comment", "other"}:
            raise RefusedSQL(_told(token[0], token.start() + 1))
        if sum(levels[-1]) > DEEPEST:
            break
        before, end = (token[0].lower() if kind == "word" else ""), token.end()
    if max(sum(level) for level in levels) > DEEPEST or sum(map(sum, levels)) > 2 * DEEPEST:
        raise RefusedSQL(
            f"more than {DEEPEST} operators or brackets stand inside each other; write a list as"
            " IN (...), and long texts in parts"
        )


def _told(sign: str, at: int) -> str:
    if sign in {"--", "/*"}:
        return f"a comment begins at character {at}; leave it out"
    if sign in {"'", '"', "`"}:
        return f"the quote {sign} at character {at} is not closed"
    if sign in _LIKE_QUOTES:
        return f"{sign} at character {at} is no quote; write ' around a text and \" around a name"
    if sign == "$":
        return f"$ at character {at} quotes nothing here; write ' around a text, \" around a name"
    return f"{sign!r} at character {at} means nothing in SQL"
