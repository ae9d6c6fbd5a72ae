"""Labels of classes as text: those of truth and prediction alike where they mean the same.

They are written as `argosy.kernels.values` writes values, but that true is `1` and false is `0`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels.values import flags, spell, spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BITS = {"true": "1", "false": "0"}
BITS = frozenset(_BITS.values())
"""The labels of true and false."""


def text(label: object) -> str:
    """Write a label as all kinds of data would.

    >>> text(True), text(2.0), text("x")
    ('1', '2', 'x')
    """
    return _BITS[spell(label)] if isinstance(label, (bool, np.bool_)) else spell(label)


def as_text(column: pl.Series) -> pl.Series:
    """Write a column of labels as all kinds of data would."""
    return spelt(column.cast(pl.Int8) if column.dtype == pl.Boolean else column)


def as_bits(labels: pl.Series) -> pl.Series:
    """Read labels as they are meant beside boolean ones: words that say true are `1`.

    >>> as_bits(pl.Series(["True", "0", "maybe"])).to_list()
    ['1', '0', 'maybe']
    """
    return flags(labels).replace(_BITS)


def bits_of(labels: Sequence[str]) -> list[str]:
    """Read a few labels as `as_bits` does."""
    return as_bits(pl.Series(labels, dtype=pl.String)).to_list()


def in_order(labels: Iterable[str], positive: str | None = None) -> list[str]:
    """Put labels in the order of their codes.

    Example:
        >>> in_order(["cat", "10", "9"], positive="9")
        ['10', 'cat', '9']
    """
    return sorted(labels, key=lambda label: (label == positive, *_rank(label)))


def _rank(word: str) -> tuple[bool, float, str]:
    if word.lstrip("-").isdecimal():  # of any size, exactly
        return False, int(word), word
    try:
        number = float(word)
    except ValueError:
        return True, 0.0, word
    return (False, number, word) if np.isfinite(number) else (True, 0.0, word)
