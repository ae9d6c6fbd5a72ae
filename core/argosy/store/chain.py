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

import polars as pl

from argosy.errors import BadInput
from argosy.tables import COMMIT, KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        text = rows[[*_HASHED, *KINDS[rows["kind"][0]].names]].write_ndjson()
        digest.update(text.encode())
    return digest.hexdigest()


def walk(rows: pl.DataFrame, head: str | None = None) -> Verification:
    """Compute every hash anew, and compare it with a `head` that was noted down.

    Raises:
        BadInput: for a head that is not `seq:hash`.
    """
    noted, _, noted_hash = (head or "0:").partition(":")
    if not noted.isdigit() or (head is not None and not noted_hash):
        raise BadInput(f"{head!r} is no head; write SEQ:HASH as `argosy verify` prints it")
    before, expected, broken = "", 1, None
    changes = (
        rows.with_columns(known=_known())
        .sort("seq", "ord")
        .partition_by("seq", maintain_order=True)
    )
    for change in changes:
        images = change.partition_by("kind", maintain_order=True)
        found = link(before, images) if change["known"].all() else ""
        fits = change["seq"][0] == expected and change["chain"].unique().to_list() == [found]
        if not fits or (expected == int(noted) and found != noted_hash):
            broken = expected
            break
        before, expected = found, expected + 1
    if broken is None and expected <= int(noted):
        broken = expected  # the tail, up to the head that was noted down, is gone
    return Verification(len(changes), f"{expected - 1}:{before}", broken)


def _known() -> pl.Expr:
    """Whether a row is of a known kind and leaves empty what that kind has no hash of."""
    foreign = [
        pl.col(name).is_not_null() & ~pl.col("kind").is_in(kinds)
        for name, kinds in _owners().items()
    ]
    known = pl.col("kind").is_in(list(KINDS)) & ~pl.any_horizontal(foreign)
    return known.fill_null(False)


def _owners() -> dict[str, list[str]]:
    names = dict.fromkeys(name for schema in KINDS.values() for name in schema.names)
    return {name: [kind for kind in KINDS if name in KINDS[kind].names] for name in names}
