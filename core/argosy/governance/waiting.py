"""The notices that wait in an outbox, as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import StoreError
from argosy.plugins import configured, options
from argosy.plugins.settings import CORE
from argosy.tables import SENT_NOTICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.governance.outbox import Letter, Outbox

_TIME = pl.Datetime("us", "UTC")
_SAID = ("at", "verb", "severity", "model", "text")
_COLUMNS = pl.Schema(
    {
        "id": pl.String(),
        "seq": pl.Int64(),
        "sink": pl.String(),
        **{name: pl.DataFrame(SENT_NOTICES.empty_table()).schema[name] for name in _SAID},
        "age": pl.Duration("us"),
        "tries": pl.Int64(),
        "last_error": pl.String(),
        "next_try": _TIME,
    }
)


def letters_of(outbox: Outbox) -> list[tuple[Letter, pl.DataFrame]]:
    """Return every letter and what it says; of one that cannot be read, a row that says so.

    Raises:
        StoreError: if the store cannot be read.
    """
    found = []
    for letter in outbox.letters(outbox.names()):
        try:
            said = outbox.notices(letter)
        except StoreError as error:
            if f"{letter.name}.arrow" not in outbox.names():  # it was delivered meanwhile
                continue
            row = {name: [None] for name in SENT_NOTICES.names} | {"id": [letter.name]}
            schema = pl.DataFrame(SENT_NOTICES.empty_table()).schema
            said = pl.DataFrame(row, schema=schema).with_columns(text=pl.lit(str(error)))
        found.append((letter, said))
    return found


def waiting(letters: Sequence[tuple[Letter, pl.DataFrame]]) -> pl.DataFrame:
    """Return one row per notice and sink, oldest first.

    `age` is how long it waits, `tries` how often its sink was tried in vain, `next_try` when it is
    tried again; null where the next command that writes will try it. A sink that is not chosen
    here is a `last_error` too: nothing here delivers to it.
    """
    chosen = options(CORE).sinks if configured().get(CORE, {}).get("sinks") else []
    now = datetime.now(UTC)
    parts = [pl.DataFrame(schema=_COLUMNS)]
    for letter, said in letters:
        error = letter.tried.error if letter.tried else None
        if letter.sink not in chosen:
            error = "; ".join(filter(None, [error, "the sink is not in core.sinks here"]))
        until = letter.tried.until if letter.tried else None
        parts.append(
            said.with_columns(
                seq=pl.lit(letter.seq, pl.Int64),
                sink=pl.lit(letter.sink),
                age=pl.duration(seconds=(pl.lit(now, _TIME) - pl.col("at")).dt.total_seconds()),
                tries=pl.lit(letter.tries, pl.Int64),
                last_error=pl.lit(error, pl.String),
                next_try=pl.lit(until, _TIME),
            ).select(pl.col(name).cast(kind) for name, kind in _COLUMNS.items())
        )
    return pl.concat(parts)
