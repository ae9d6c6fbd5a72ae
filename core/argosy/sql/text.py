"""What is refused of a text before any parser sees it.

Parsers recurse: a long chain of operators ends the process, and no error can be caught. So quotes,
brackets and operators are counted first. Characters that parsers disagree about are not admitted.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from argosy.sql.functions import word_set
from argosy.sql.refusal import RefusedSQL

MOST_CHARACTERS = 2_000_000
"""Enough for a list of a hundred thousand names."""
DEEPEST = 400
"""Operators that may stand inside each other. From 500 to 1,000 on the engine ends the process."""

_TOKEN = re.compile(
    r"""(?P<list>(?:\s*(?:'(?:[^']|'')*'|-?\d[\w.]*)\s*,){2,})"""
    r"""|(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*"|`[^`]*`)|(?P<word>\w+)|\s+"""
    r"""|(?P<comment>--|/\*)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<next>[,;])|(?P<dot>\.)"""
    r"""|(?P<symbol>[-+*/%|&^=<>!~:\#@?{}\\]+)|(?P<other>.)""",
    re.DOTALL,
)
_SIMPLE = re.compile(r"""(?:[A-Za-z0-9_ .,()=<>+%]|(?<!\w)'[^']*'(?!')|"[^"]*")*""")
"""What most conditions are made of."""
_AFTER = word_set("glob ilike in is isnull like match notnull regexp rlike similar")
"""Words that belong to what stands before them, up to the next one of these:"""
_JOINING = word_set(
    "and at between case collate cross distinct div else except from intersect join member minus"
    " not operator or overlaps qualify union when where xor"
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
    elif len(text) <= DEEPEST and _SIMPLE.fullmatch(text):
        return  # which cannot be deeper than it is long
    _refuse_depth(text)


def _refuse_characters(text: str) -> None:
    for at, sign in enumerate(text, 1):
        kind = unicodedata.category(sign)
        if kind in {"Cc", "Cs"} and sign not in _SPACES:
            raise RefusedSQL(f"character {at} is {sign!r}, which no SQL has; leave it out")


@dataclass(slots=True)
class _Level:
    """What stands between two brackets, and how deep the tree of it can be."""

    chain: int = 1
    """Words since the last comma that join all before them with all after."""
    piece: int = 0
    """Operators since the last of these words."""
    longest: int = 0
    inside: int = 0
    """How deep brackets within it are."""
    deepest: int = 0
    """Of the parts before the last comma."""

    def depth(self) -> int:
        return self.chain + max(self.longest, self.piece) + self.inside

    def join(self) -> None:
        self.longest = max(self.longest, self.piece)
        self.chain, self.piece = self.chain + 1, 0

    def comma(self) -> None:
        self.deepest = max(self.deepest, self.depth())
        self.chain, self.piece, self.longest, self.inside = 1, 0, 0, 0


def _refuse_depth(text: str) -> None:
    """Bound how deep the tree of a text can be, and refuse what cannot be told apart."""
    levels = [_Level()]
    open_depth, before, end = 0, "", -1
    for token in _TOKEN.finditer(text):
        kind, level = token.lastgroup, levels[-1]
        word = token[0].lower() if kind == "word" else ""
        if kind == "open":
            open_depth += level.depth()
            levels.append(_Level())
        elif kind in {"next", "list"}:
            if kind == "list" and end == token.start() and token[0][0] == "'":
                _refuse_prefix(before, text[end - 2 : end].lower(), end)
            level.comma()
        elif kind == "close" and len(levels) > 1:
            level.comma()
            levels.pop()
            open_depth -= levels[-1].depth()
            levels[-1].inside = max(levels[-1].inside, level.deepest)
            levels[-1].piece += token[0] == "]"
        elif kind == "symbol" or word in _AFTER:
            level.piece += 1
        elif word in _JOINING:
            level.join()
        elif kind == "text" and end == token.start():
            _refuse_prefix(before, text[end - 2 : end].lower(), end)
        elif kind in {"comment", "other"}:
            raise RefusedSQL(_told(token[0], token.start() + 1))
        if open_depth + levels[-1].depth() > DEEPEST:
            raise RefusedSQL(
                f"more than {DEEPEST} operators or brackets stand inside each other; write a list"
                " as IN (...), and long conditions in parts"
            )
        before, end = word, token.end()


def _refuse_prefix(word: str, signs: str, end: int) -> None:
    if word in _PREFIXES or signs == "u&":
        raise RefusedSQL(
            f"a text begins with {word or signs} before its quote, at character {end}; write it"
            " between ' and ', and ' in it twice"
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
