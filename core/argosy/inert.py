r"""What text may do to those who read it: nothing.

Names, reasons and values come from strangers, and leave argosy by terminals, JSON, CSV and HTML.
A character that steers a terminal, turns the order of reading, ends a line or cannot be seen is
shown by its escape, wherever it goes out; what is printed of a name is then all there is of it.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

HIDDEN = r"[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\x{2800}]|[\p{Zs}&&[^ ]]"
"""What nobody sees as it is, for expressions of polars: control characters, bidi marks, zero
widths, fillers, separators of lines, blanks but the plain one, private and unassigned ones."""

MOST = 8_000
"""Letters of a message, which may quote a name of megabytes; the way out is at its end."""
_BEGINS, _ENDS = 3_000, 1_000
_FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
"""What Python calls printable, and no font draws."""
_RARE = re.compile(r"[^\x20-\x7e]+")
_RARE_IN_LINES = re.compile(r"[^\x20-\x7e\n]+")
_FORMULA = "^[=+@\uff1d\uff0b\uff0d\uff20-]"
"""How spreadsheets know a formula, in wide letters too; a quote before it makes it text."""
_QUOTE = "'"
_NEGATIVE = r"^-(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_ESCAPE = re.compile(r"\\(?:[\\tnr]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


def visible(text: str) -> str:
    r"""Show a text on one line, each character that cannot be seen by its escape.

    >>> visible("caf\u00e9 \x1b[2J\u202e\n")
    'café \\x1b[2J\\u202e\\n'
    """
    if text.isprintable() and not _FILLERS.search(text):
        return text
    return _RARE.sub(lambda found: _escaped(found[0], _as_python), text)


def lines(text: str) -> str:
    r"""Show a text as `visible` does, line by line.

    >>> lines("two\r\nlines\x07")
    'two\\r\nlines\\x07'
    """
    return _RARE_IN_LINES.sub(lambda found: _escaped(found[0], _as_python), text)


def bounded(text: str) -> str:
    """Return a text, of one that nobody would read to its end the beginning and the end.

    >>> bounded("a" * 3_000 + "b" * 3_000_000 + "; rename it")[2_990:3_060]
    'aaaaaaaaaa... (2,999,011 letters are left out) ...bbbbbbbbbbbbbbbbbbbb'
    """
    if len(text) <= MOST:
        return text
    begins, ends = text[:_BEGINS], text[-_ENDS:]
    return f"{begins}... ({len(text) - _BEGINS - _ENDS:,} letters are left out) ...{ends}"


def document(value: object, indent: int | None = None) -> str:
    r"""Write a value as JSON that any parser takes, and that gives the same texts back.

    A number that JSON does not have is null, a time is text.

    >>> document({"name": "\u202e\x9b\u00e9", "share": float("nan")})
    '{"name": "\\u202e\\u009bé", "share": null}'
    """
    written = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, indent=indent)
    return in_json(written)


def in_json(written: str) -> str:
    r"""Escape what cannot be seen in documents of JSON, such as a line for each.

    >>> in_json('{"name": "\x7f"}')
    '{"name": "\\u007f"}'
    """
    if written.isascii() and "\x7f" not in written:
        return written
    return _RARE_IN_LINES.sub(lambda found: _escaped(found[0], _as_json), written)


def for_spreadsheets(frame: pl.DataFrame) -> pl.DataFrame:
    r"""Return a table whose texts are shown and not carried out where its CSV is opened.

    A text that begins as a formula, or holds what cannot be seen, has a quote before it and escapes
    in it; `from_spreadsheets` gives it back. Numbers, negative ones too, stay as they are.

    >>> import polars as pl
    >>> for_spreadsheets(pl.DataFrame({"a": ["=1+1", "-1.5", "x\ty", None]}))["a"].to_list()
    ["'=1+1", '-1.5', "'x\\ty", None]
    """
    return _changed(frame, f"{HIDDEN}|{_FORMULA}|^{_QUOTE}", _cell)


def from_spreadsheets(frame: pl.DataFrame) -> pl.DataFrame:
    r"""Return a table whose texts are as they were before `for_spreadsheets`.

    >>> import polars as pl
    >>> from_spreadsheets(pl.DataFrame({"a": ["'=1+1", "'x\\ty", "'tis"]}))["a"].to_list()
    ['=1+1', 'x\ty', "'tis"]
    """
    return _changed(frame, f"^{_QUOTE}", _text)


def _changed(frame: pl.DataFrame, odd: str, change: Callable[[str], str]) -> pl.DataFrame:
    """Change the odd ones among names of columns and texts."""
    import polars as pl

    named = frame.rename({name: change(name) for name in frame.columns if change(name) != name})
    changed = []
    for column in named.select(pl.col(pl.String, pl.Categorical)):
        texts = column.cast(pl.String)
        found = texts.filter(texts.str.contains(odd)).unique().to_list()
        if found:
            changed.append(texts.replace({text: change(text) for text in found}))
    return named.with_columns(changed)


def _cell(text: str) -> str:
    formula = re.match(_FORMULA, text) and not re.match(_NEGATIVE, text)
    plain = text.lstrip(_QUOTE)
    like_ours = plain != text and (re.match(_FORMULA, plain) or _ESCAPE.search(plain))
    if formula or like_ours or visible(text) != text:
        return _QUOTE + visible(text.replace("\\", "\\\\"))
    return text


def _text(cell: str) -> str:
    """Return the text that is written as a cell, or the cell itself where there is none."""
    if not cell.startswith(_QUOTE):
        return cell
    text = _ESCAPE.sub(lambda found: _unescaped(found[0]), cell[1:])
    return text if _cell(text) == cell else cell


def _unescaped(escape: str) -> str:
    return escape.encode("ascii").decode("unicode_escape")


def _escaped(letters: str, escape: Callable[[str], str]) -> str:
    if letters.isprintable() and not _FILLERS.search(letters):
        return letters
    return "".join(
        letter if letter.isprintable() and not _FILLERS.match(letter) else escape(letter)
        for letter in letters
    )


def _as_python(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def _as_json(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no NaN
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
