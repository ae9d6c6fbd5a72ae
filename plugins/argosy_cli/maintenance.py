"""Commands that keep the store sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from argosy.store.findings import Verification
    from argosy_cli.session import Session

_COLUMNS = ("what", "finding", "table", "run_id", "seq", "detail", "way_out")


@click.command()
@click.option("--head", metavar="SEQ:HASH", help="A head that was noted down earlier.")
@click.pass_obj
def verify(session: Session, head: str | None) -> int:
    """Compare changes, facts and files with their hashes; exits with 1 where one differs.

    Note the head down in a place that those who can write the store cannot: with --head it
    proves that nothing up to it was rewritten.
    """
    from argosy_cli.exit_codes import FAILED

    found = session.view().verify(head)
    if session.json:
        session.emit(found.as_dict())
    else:
        _tell(session, found)
    return 0 if found.intact else FAILED


def _tell(session: Session, found: Verification) -> None:
    if found.intact:
        session.say(
            f"the history is intact: {found.changes} changes, {found.rows} rows of facts and"
            f" {found.files} files are as they were written"
        )
        session.say(f"head {found.head}")
        return
    if found.broken_at is not None:
        first = found.findings.filter(what="ledger").sort("seq")["finding"][0]
        if first == "stored twice":
            session.say(f"the ledger has copies of rows of change {found.broken_at}")
        else:
            session.say(f"the ledger was altered at change {found.broken_at}")
    session.emit(found.findings, columns=_COLUMNS, title=f"{found.findings.height} findings")


@click.command()
@click.option(
    "--keep-hours",
    type=click.FloatRange(min=0),
    default=168,
    show_default=True,
    help="How long files stay that nothing names any more, for readers that hold them open."
    " Never less than 24, for writers, unless --nobody-writes.",
)
@click.option(
    "--nobody-writes",
    is_flag=True,
    help="Promise that nobody works on the fleet, reads it or means to resume a run:"
    " --keep-hours below 24 then holds.",
)
@click.option(
    "--keep-facts",
    metavar="PERIOD",
    help="Let rows of drift, distributions and estimates go, for good, of runs that are older than"
    " this, such as 400d. Verdicts, evaluations and the last run of each model stay.",
)
@click.option("--repair", is_flag=True, help="Remove rows stored twice, bring back lost entries.")
@click.pass_obj
def maintain(
    session: Session, keep_hours: float, nobody_writes: bool, keep_facts: str | None, repair: bool
) -> None:
    """Save the state, gather small files, remove what nothing names any more.

    It may run at any time, beside writers and jobs: nothing goes that is named, or that a job at
    work or to be resumed may yet name. Age is told by the store, not by this machine's clock.
    What fails does not keep the rest from being done, and is told at the end (exit code 1).
    """
    from argosy.store.vacuum import FLOOR_HOURS

    if keep_hours < FLOOR_HOURS and not nobody_writes:
        session.say(
            f"files younger than {FLOOR_HOURS} hours stay, for those who write;"
            " --nobody-writes says that there are none"
        )
    done = session.open().maintain(keep_hours, nobody_writes, repair, keep_facts)
    if session.json:
        session.emit(done)
        return
    repaired = done.pop("repaired", None)
    for one in repaired or ():
        who = f"change {one['seq']}" if one["run_id"] is None else f"run {one['run_id']}"
        session.say(f"{one['table']}, {who}: {one['done']}")
    if repaired == []:
        session.say("there was nothing to repair")
    session.emit(done)
