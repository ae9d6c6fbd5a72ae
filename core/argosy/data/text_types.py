"""Which type columns of text have: each by all of its values in one file, never by the first ones.

| a column whose values are | is read as |
|---|---|
| whole numbers | int64; int128 where one of them is beyond 64 bits |
| numbers, some with a fraction or an exponent, or `NaN` or `inf` | float64 |
| `true` and `false`, in any case | boolean |
| nothing at all | no type, unless it names something |
| anything else | text, as it is written |

Blanks around a number and its sign are no part of it, and among numbers a word for nothing is
null (`NOTHING`). A column that names something (a key, id, version, cluster or segment) is one of
numbers only where each is a whole number as it would be written back: `007` and `1.10` stay what
they are. Labels are text where one is a whole number with zeros in front, or beyond 128 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from polars.selectors import by_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Ints = NDArray[np.int64]

NOTHING = ("", "na", "n/a", "n.a.", "#n/a", "<na>", "null", "none", "nil", "-", "--", "–", "—")
"""Words for nothing among numbers, in small letters."""
KINDS = (pl.String(), pl.Int64(), pl.Int128(), pl.Float64(), pl.Boolean(), pl.Null())
"""Types that a column may have, by their code."""
_TEXT, _WHOLE, _WIDE, _FLOAT, _FLAG, _EMPTY = range(len(KINDS))
_ZEROS = r"^\s*[+-]?(?:0[0-9]+|[1-9][0-9]{38,})\s*$"
_DIGITS_OF_INT64 = 19
_DIGITS = r"^\s*[+-]?[0-9]+\s*$"
_THOUSANDS = {",": r"[. '\u2019\u00A0\u202F]", ".": r"[, '\u2019\u00A0\u202F]"}
"""What may stand between groups of three digits, by the mark for decimals."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the values of a table of text are written, and what its columns are."""

    decimal: str | None = None
    """The mark before a fraction, `,` or `.`; where it is named, thousands may have marks too."""
    nulls: tuple[str, ...] = ()
    """What stands for nothing besides the usual words, in every column."""
    names: frozenset[str] = frozenset()
    """Columns that name something."""
    labels: frozenset[str] = frozenset()
    """Columns that may hold classes."""


class Facts(NamedTuple):
    """What is known of the values of one column; each an array of bools, one per file."""

    number: Flags
    fraction: Flags
    wide: Flags
    """It has a whole number beyond 64 bits."""
    flag: Flags
    word: Flags
    """It has a word for nothing."""
    other: Flags
    """It has a value that is none of these."""
    spelt: Flags
    """It has a value that is no whole number as it would be written back."""
    zeros: Flags
    """It has a whole number with zeros in front, or one that only text can hold."""
    blank: Flags
    """It has a number with blanks around it."""
    ready: pl.Series | None = None
    """The column as numbers, where these were all that had to be read."""

    def __or__(self, more: Facts) -> Facts:
        """Put what is known of two parts of the same files together."""
        flags = [name for name in self._fields if name != "ready"]
        both = {name: getattr(self, name) | getattr(more, name) for name in flags}
        return self._replace(**both, ready=None)

    def kinds(self, name: str, spelling: Spelling) -> NDArray[np.int64]:
        """Return the code in `KINDS` that the column has in each file."""
        text = self.other | (self.flag & (self.number | self.word)) | ~(self.number | self.flag)
        if name in spelling.names:
            text = text | self.spelt
        if name in spelling.labels:
            text = text | self.zeros
        numbers = np.where(self.fraction, _FLOAT, np.where(self.wide, _WIDE, _WHOLE))
        found = np.where(text, _TEXT, np.where(self.flag, _FLAG, numbers)).astype(np.int64)
        if name not in spelling.names:
            found[~(self.number | self.flag | self.word | self.other)] = _EMPTY
        return found


def facts(column: pl.Series, owners: Ints, files: int, spelling: Spelling) -> Facts:
    """Look at every value of a column of text.

    Args:
        column: of all files.
        owners: the number of each row's file.
        files: how many there are.
        spelling: how values are written.

    Example:
        >>> found = facts(pl.Series(["1", "2.5", "n/a"]), np.array([0, 1, 1]), 2, Spelling())
        >>> found.kinds("", Spelling()).tolist()
        [1, 3]
    """

    def having(rows: pl.Series, among: Ints) -> Flags:
        found = np.zeros(files, bool)
        found[among[rows.fill_null(value=False).to_numpy()]] = True
        return found

    nowhere = np.zeros(files, bool)
    name, column = column.name, column.rename("")  # the engine takes some names for patterns
    text = column
    if spelling.decimal or spelling.nulls:
        text = column.to_frame("").select(numeral(pl.col(""), spelling)).to_series()
    zeros = nowhere
    if name in spelling.labels:
        odd = _in_question(text)
        zeros = having(text.filter(odd).str.contains(_ZEROS), owners[odd.to_numpy()])
    if len(text) > files:  # often the first value of each file is enough
        first = np.concatenate([[0], np.flatnonzero(owners[1:] != owners[:-1]) + 1])
        found = facts(column.gather(first).rename(name), owners[first], files, spelling)
        found = found._replace(zeros=zeros, ready=None)
        if found.other[owners[first]].all():
            return found
        if found.fraction[owners[first]].all():
            floats = text.cast(pl.Float64, strict=False)
            if floats.null_count() == text.null_count():
                return found._replace(ready=floats)
    whole = text.cast(pl.Int64, strict=False)
    number = having(whole.is_not_null(), owners)
    spelt = nowhere
    if name in spelling.names:
        spelt = having(column.is_not_null() & (whole.cast(pl.String).ne_missing(column)), owners)
    if whole.null_count() == text.null_count():
        none = nowhere
        return Facts(number, none, none, none, none, none, spelt, zeros, none, whole)
    unusual = text.is_not_null() & whole.is_null()
    at, rest = owners[unusual.to_numpy()], text.filter(unusual)
    floats = rest.cast(pl.Float64, strict=False)
    blank = nowhere
    if floats.null_count():
        rest = rest.str.strip_chars()
        bare, floats = floats, rest.cast(pl.Float64, strict=False)
        blank = having(floats.is_not_null() & bare.is_null(), at)
    known = floats.is_not_null()
    even = floats.is_infinite() | (floats == floats.floor())
    whole_at, wholes = at[even.fill_null(value=False).to_numpy()], rest.filter(even)
    digits = wholes.str.contains(_DIGITS) & wholes.cast(pl.Int128, strict=False).is_not_null()
    wide = digits & wholes.cast(pl.Int64, strict=False).is_null()
    left, words = at[~known.to_numpy()], rest.filter(~known).str.to_lowercase()
    flag, word = words.is_in(["true", "false"]), words.is_in(NOTHING)
    return Facts(
        number | having(known, at),
        having(known & ~even.fill_null(value=False), at) | having(~digits, whole_at),
        having(wide, whole_at),
        having(flag, left),
        having(word, left),
        having(~flag & ~word, left),
        spelt,
        zeros,
        blank,
    )


def _in_question(text: pl.Series) -> pl.Series:
    """Tell the few values that may be `_ZEROS` from the many that are not, without the pattern."""
    size = text.str.len_bytes()
    ahead = (size > 1) & ((text < "1") | (text >= ":") | (size > _DIGITS_OF_INT64))
    odd = ahead.fill_null(value=False)
    if odd.any():
        odd &= (~text.str.contains(".", literal=True)).fill_null(value=False)
    return odd


def numeral(text: pl.Expr, spelling: Spelling) -> pl.Expr:
    """Write numbers as the engine reads them, where they have other marks; the rest stays.

    Example:
        >>> pl.select(numeral(pl.lit("1.234,5"), Spelling(","))).item()
        '1234.5'
        >>> pl.select(numeral(pl.lit("1.5"), Spelling(","))).item()
        '?1.5'
    """
    text = _given(text, spelling)
    if spelling.decimal is None:
        return text
    between, point = _THOUSANDS[spelling.decimal], f"\\{spelling.decimal}"
    grouped = (
        rf"^\s*[+-]?(?:\d{{1,3}}(?:{between}\d{{3}})+|\d*)(?:{point}\d*)?(?:[eE][+-]?\d+)?\s*$"
    )
    plain = text.str.replace_all(between, "").str.replace(point, ".")
    return (
        pl.when(~text.str.contains(r"\d"))
        .then(text)
        .when(text.str.contains(grouped))
        .then(plain)
        .otherwise("?" + text)
    )


def converted(name: str, kind: int, spelling: Spelling, blank: bool = True) -> pl.Expr:
    """Return a column of text as one of a kind; what is none of it stands for nothing.

    Args:
        name: of the column.
        kind: its code in `KINDS`.
        spelling: how values are written.
        blank: whether there may be blanks around numbers.
    """
    column = exactly(name)
    if kind == _TEXT:
        return _given(column, spelling)
    if kind == _EMPTY:
        return _given(column, spelling).cast(pl.Null, strict=False)
    text = numeral(column, spelling)
    if kind == _FLAG:
        return (text.str.strip_chars().str.to_lowercase() == "true").alias(name)
    return (text.str.strip_chars() if blank else text).cast(KINDS[kind], strict=False).alias(name)


def exactly(name: str) -> pl.Expr:
    """Name a column whose name may look like a pattern, such as `*` or `^x$`.

    >>> pl.LazyFrame({"a": [1], "*": [2]}).select(exactly("*")).collect().columns
    ['*']
    """
    return by_name(name).as_expr()


def _given(text: pl.Expr, spelling: Spelling) -> pl.Expr:
    return pl.when(~text.is_in(list(spelling.nulls))).then(text) if spelling.nulls else text
