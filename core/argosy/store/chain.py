"""The hash chain: each change carries the hash of itself and of all before it.

    chain = SHA-256(chain of the change before · the text of each of the change's rows)

The text of a row names every column but the hash, each with its length, so that no library's way
of writing a value enters the hash. A row that is edited, removed or slipped in breaks every hash
after it. Whoever can write the store can also compute a new chain; to notice that, keep the head
(`argosy verify` prints it) somewhere they cannot write.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from argosy.tables import LEDGER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASHED = [name for name in LEDGER.names if name != "chain"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEW = 8
"""Up to so many rows it costs less to write them one by one than to ask the engine."""


def link(before: str, rows: Sequence[pl.DataFrame]) -> str:
    """Return the hash of one change's rows of the ledger, given the hash before it."""
    return following(before, (text for part in rows for text in texts(part)))


def following(before: str, texts: Iterable[str]) -> str:
    """Return the hash of a change whose rows have these texts, given the hash before it."""
    digest = hashlib.sha256(before.encode())
    for text in texts:
        digest.update(text.encode())
    return digest.hexdigest()


def texts(rows: pl.DataFrame) -> list[str]:
    r"""Return each row of the ledger as the text that is hashed.

    >>> row = {"seq": 1, "kind": "model", "key": "näme", "at": datetime(2026, 1, 1, tzinfo=UTC)}
    >>> rows = pl.concat([pl.DataFrame(LEDGER.empty_table()), pl.DataFrame([row])], how="diagonal")
    >>> texts(rows)
    ['1:1,-,5:model,5:näme,-,16:1767225600000000,-,-,-,-,-,-,-\\n']
    """
    if rows.height <= _FEW:
        return [_text(row) for row in rows.select(HASHED).iter_rows()]
    fields = [
        pl.when(value.is_not_null()).then(pl.format("{}:{}", value.str.len_bytes(), value))
        for value in map(_as_text, HASHED)
    ]
    text = pl.concat_str([field.fill_null("-") for field in fields], separator=",") + "\n"
    return rows.select(text).to_series().to_list()


def _text(row: Iterable[object]) -> str:
    return ",".join(map(_field, row)) + "\n"


def _field(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        value = (value - _EPOCH) // timedelta(microseconds=1)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{len(text.encode())}:{text}"


def _as_text(name: str) -> pl.Expr:
    column = pl.col(name)
    return (column.dt.epoch("us") if name == "at" else column).cast(pl.String)
