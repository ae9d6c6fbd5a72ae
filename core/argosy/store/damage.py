"""Say in one line what is wrong with a file that cannot be read."""

from __future__ import annotations

import re

import polars as pl
from deltalake.exceptions import DeltaError

from argosy.errors import StoreError

_BACKTRACE = re.compile(r"\n\s*(?:stack backtrace:|0: )")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def collect(rows: pl.LazyFrame, url: str) -> pl.DataFrame:
    """Read a scan of the tables at a URL.

    Raises:
        StoreError: if a file is missing or damaged; a damaged one can make polars panic.
    """
    try:
        return rows.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, DeltaError, OSError) as error:
        raise StoreError(f"cannot read {url}: {brief(error)}; restore it from a backup") from error


def brief(error: BaseException) -> str:
    """Return an error in one line, without the colours and the backtrace that engines add."""
    told = _COLOUR.sub("", _BACKTRACE.split(str(error))[0])
    return " ".join(told.split()) or type(error).__name__
