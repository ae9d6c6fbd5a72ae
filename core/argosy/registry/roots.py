"""Declare the roots of a fleet: what its data and artifacts may come from.

Until the first is declared, the folder that holds the fleet is one. It is written down together
with the first that joins it, so that widening a fleet takes nothing away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.frames import refuse_bad_rows
from argosy.store.after_images import Change
from argosy.store.roots import KIND, as_root, declared
from argosy.store.state import Decision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.ledger import Ledger
    from argosy.store.state import State


def add(
    ledger: Ledger, urls: Sequence[str], reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Let data and artifacts come from folders or prefixes.

    Returns:
        One row per URL: `url`, `outcome` (`added`, or `unchanged` where it is one), `reason`.

    Raises:
        RowsRefused: for what can be no root; nothing is written.
    """
    wanted = _as_roots(urls)

    def decide(state: State) -> Decision:
        held = state[KIND]["url"]
        new = [url for url in dict.fromkeys(wanted) if url not in held]
        first = declared(state, ledger.location.url) if held.is_empty() and new else ()
        written = _change(list(dict.fromkeys([*first, *new])))
        return Decision(_outcomes(wanted, new, "added"), [written])

    return ledger.apply("add_root", decide, reason, dry_run)


def remove(
    ledger: Ledger, urls: Sequence[str], reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Let nothing come from folders or prefixes any more; what is bound there is not read.

    Returns:
        One row per URL: `url`, `outcome` (`removed`), `reason`.

    Raises:
        UnknownName: for what is no root of the fleet.
        BadInput: if none would be left, which would stand for the default.
    """
    gone = [as_root(url) for url in urls]

    def decide(state: State) -> Decision:
        held = declared(state, ledger.location.url)
        for url in gone:
            if url not in held:
                raise UnknownName.among("root", url, held)
        if set(held) <= set(gone):
            raise BadInput(
                f"the fleet needs a root, and {', '.join(gone)} is all it has; add another first:"
                " `argosy roots add URL`"
            )
        left = _change(gone, deleted=True)
        return Decision(_outcomes(gone, gone, "removed"), [left])

    return ledger.apply("remove_root", decide, reason, dry_run)


def _as_roots(urls: Sequence[str]) -> list[str]:
    found: list[str] = []
    reasons: list[str | None] = []
    for url in urls:
        try:
            found.append(as_root(url))
            reasons.append(None)
        except BadInput as error:
            found.append(url)
            reasons.append(str(error))
    told = pl.Series("reason", reasons, pl.String)
    refuse_bad_rows(pl.DataFrame({"url": found, "outcome": None, "reason": told}), "be a root")
    return found


def _change(urls: Sequence[str], deleted: bool = False) -> Change:
    rows = pl.DataFrame({"key": urls, "url": urls}, schema=dict.fromkeys(("key", "url"), pl.String))
    return Change(KIND, rows.with_columns(deleted=pl.lit(deleted)) if deleted else rows)


def _outcomes(urls: Sequence[str], changed: Sequence[str], outcome: str) -> pl.DataFrame:
    told = [outcome if url in changed else "unchanged" for url in urls]
    return pl.DataFrame({"url": urls, "outcome": told}).with_columns(reason=pl.lit(None, pl.String))
