"""Upkeep: save the state, gather small files, remove what nothing names any more.

It runs by itself when it pays (every 200 changes, and when a fact table has many files); this is
the same on demand. Readers and writers go on meanwhile, and a step that fails does not keep the
others from being done.
"""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING

from argosy.errors import StoreError
from argosy.store import vacuum
from argosy.store.artifacts import purge
from argosy.store.compaction import compact
from argosy.store.damage import collect
from argosy.store.fact_tables import cited_tables, fact_tables
from argosy.store.log_cleanup import shorten
from argosy.store.retention import finish, let_go
from argosy.store.vacuum import KEEP_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location


def maintain(
    ledger: Ledger,
    facts: Facts,
    location: Location,
    keep_hours: float = KEEP_HOURS,
    nobody_writes: bool = False,
    keep_facts: timedelta | None = None,
) -> dict[str, int]:
    """Do all upkeep now.

    Args:
        ledger: of the fleet.
        facts: of the fleet.
        location: of the fleet.
        keep_hours: for how long files are kept that nothing names any more.
        nobody_writes: as for `argosy.store.vacuum.horizon`.
        keep_facts: for how long the detail of runs is kept; for ever by default.

    Returns:
        `changes` in the ledger, `runs_let_go` that lost detail, `files_removed` of the tables,
        `artifacts_removed` of models that were deleted and whose retention has passed; only
        artifacts below the fleet's own folder `artifacts` are ever removed.

    Raises:
        StoreError: naming every step that failed; the others are done.
    """
    held = vacuum.horizon(location, keep_hours, nobody_writes)
    names = cited_tables(ledger.state())
    tables = [ledger.table, ledger.snapshot.table, *map(facts.table, names)]
    steps = _Steps()
    old = 0
    if keep_facts is not None:
        old = steps.do(partial(let_go, ledger, facts, location, keep_facts)) or 0
    steps.do(partial(finish, ledger, facts, location))
    steps.do(ledger.fold)
    steps.do(partial(compact, location, ledger.table, by="min.seq"))
    for name in names:
        steps.do(partial(compact, location, facts.table(name)))
    steps.do(partial(shorten, location, ledger.table.url))
    if ledger.lost is not None:
        tables.remove(ledger.table)  # what is missing may be brought back from its files
    cleaning: list[Callable[[], int]] = [
        *(partial(vacuum.clean_table, table, location, held) for table in tables),
        *(
            partial(
                vacuum.clean_folder,
                location,
                table.folder,
                partial(_cited, ledger, facts, table.name, table.cites),
                held,
            )
            for table in fact_tables().values()
            if table.cites is not None
        ),
        partial(vacuum.clean_staged, location, held),
        partial(vacuum.clean_root, location, held),
    ]
    removed = sum(steps.do(step) or 0 for step in cleaning)
    purged = steps.do(partial(purge, ledger, location)) or 0
    steps.tell()
    return {
        "changes": ledger.state().seq,
        "runs_let_go": old,
        "files_removed": removed,
        "artifacts_removed": purged,
    }


class _Steps:
    """Steps of which one that fails does not keep the others from being done."""

    def __init__(self) -> None:
        self._failed: list[str] = []

    def do(self, step: Callable[[], int | None]) -> int | None:
        """Do a step, and remember what went wrong."""
        try:
            return step()
        except StoreError as error:
            self._failed.append(str(error))
            return None

    def tell(self) -> None:
        """Raise if a step failed."""
        told = list(dict.fromkeys(self._failed))
        if told:
            raise StoreError(
                f"upkeep is done but for {len(told)} of its steps: {'; '.join(told)};"
                " nothing that is needed was removed, run it again when that is mended"
            )


def _cited(ledger: Ledger, facts: Facts, table: str, column: str) -> set[str]:
    """Return the names of files that a table of facts, a version or a binding names."""
    rows = collect(facts.scan(table).select(column), facts.table(table).url)
    state = ledger.state()
    urls = [*state.whole("version")["artifact"], *state.whole("binding")["url"]]
    return set(rows[column]) | {posixpath.basename(url) for url in urls if url}
