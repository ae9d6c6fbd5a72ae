"""The hash chain: each change carries the hash of itself and of all before it.

    chain = SHA-256(chain of the change before · the change's rows as JSON lines)

A row that is edited, removed or slipped in breaks every hash after it. Whoever can write the
store can also compute a new chain; to notice that, keep the head (`argosy verify` prints it)
somewhere they cannot write.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from argosy.tables import COMMIT, KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

_HASHED = [name for name in COMMIT.names if name != "chain"]


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the chain found."""

    changes: int
    """How many changes the ledger holds."""
    head: str
    """The last change's `seq:hash`, to be kept elsewhere."""
    broken_at: int | None
    """The first change whose hash or number does not fit, if any."""


def link(before: str, images: Sequence[pl.DataFrame]) -> str:
    """Return the hash of one change's rows, a frame per kind, given the hash before it."""
    digest = hashlib.sha256(before.encode())
    for rows in images:
        text = rows.select(*_HASHED, *KINDS[rows["kind"][0]].names).write_ndjson()
        digest.update(text.encode())
    return digest.hexdigest()


def walk(rows: pl.DataFrame) -> Verification:
    """Compute every hash anew."""
    before, expected = "", 1
    changes = rows.sort("seq", "ord").partition_by("seq", maintain_order=True)
    for change in changes:
        seq = change["seq"][0]
        found = link(before, change.partition_by("kind", maintain_order=True))
        if seq != expected or change["chain"].unique().to_list() != [found]:
            return Verification(len(changes), f"{expected - 1}:{before}", expected)
        before, expected = found, expected + 1
    return Verification(len(changes), f"{expected - 1}:{before}", None)
