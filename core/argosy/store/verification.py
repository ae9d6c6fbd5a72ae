"""Verify a fleet: its changes, what they add up to, the facts and files that its runs cite.

What it protects against, and against whom it does not, is told in the README.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.errors import StoreError
from argosy.store.citations import cited
from argosy.store.contents import content_of, files_of
from argosy.store.data_files import sound
from argosy.store.evidence import altered, examine
from argosy.store.findings import Finding, Verification, as_table
from argosy.store.head import noted
from argosy.store.ledger import Ledger
from argosy.store.walk import read_head, walk

if TYPE_CHECKING:
    from argosy.store.delta import Table
    from argosy.store.facts import Facts
    from argosy.store.location import Location
    from argosy.store.past import Past, Pinned


def verify(ledger: Ledger | Past | Pinned, facts: Facts, head: str | None = None) -> Verification:
    """Compare everything with the hashes and digests that stand for it.

    A fleet as it stood is compared by its changes only: facts may have been let go since.

    Args:
        ledger: of the fleet.
        facts: of the fleet.
        head: a head that was noted down.

    Raises:
        BadInput: for a text that is no head.
        StoreError: if the ledger cannot be opened.
    """
    heads = {} if head is None else read_head(head)
    location = facts.location
    url = location.child("ledger")
    if not isinstance(ledger, Ledger):
        walked = walk(ledger.scan(), url, ledger.state().seq, heads)
        return Verification(
            walked.changes,
            f"{walked.seq}:{walked.chain or ''}",
            walked.broken_at,
            findings=as_table(walked.findings),
        )
    last = noted(ledger.location, ledger.table.name)  # before the state, which may move on
    fresh = Ledger(ledger.location, ledger.actor)
    opened = fresh.state()
    for head_ in (last, fresh.lost):
        if head_ is not None:
            heads.setdefault(head_.seq, head_.chain)
    walked = walk(ledger.scan(), url, opened.seq, heads)
    findings = list(walked.findings)
    whole = all(one.finding == "stored twice" for one in findings)
    if whole and walked.state is not None and not opened.equals(walked.state):
        saved = ledger.snapshot.url
        told = f"{saved} is not what the changes add up to"
        way_out = "remove that folder, which is made anew, and verify again"
        findings.append(Finding("state", "altered", told, way_out))
    state = opened if walked.state is None else walked.state
    findings += _files(ledger.table, location) + _files(ledger.snapshot.table, location)
    wrong, rows, files = examine(facts, state)
    if wrong:  # meanwhile a run may have been rolled back, or its rows let go on purpose
        now = ledger.state()
        runs = set(now["run"]["run_id"])
        gone = set(cited(now).drop_nulls("gone").select("run_id", "table").rows())
        wrong = [
            one
            for one in wrong
            if one.run_id is None or (one.run_id in runs and (one.run_id, one.table) not in gone)
        ]
    findings += wrong
    return Verification(
        walked.changes,
        f"{walked.seq}:{walked.chain or ''}",
        walked.broken_at,
        rows,
        files,
        as_table(findings),
    )


def _files(table: Table, location: Location) -> list[Finding]:
    """Compare the files of the ledger, or of the saved state, with the hashes in their names."""
    try:
        handle = table.open()
        return [
            altered(table, file, {})
            for file in ([] if handle is None else files_of(handle))
            if not sound(file.path, content_of(location, table.url, file.path))
        ]
    except StoreError as error:
        way_out = "restore it from a backup"
        return [Finding("file", "unreadable", str(error), way_out, table=table.name)]
