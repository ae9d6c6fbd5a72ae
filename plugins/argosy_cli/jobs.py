"""Commands that run jobs: one for each kind that is installed, with options from its request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from argosy_cli.exit_codes import NONE_ALLOWED, Allowance, allowance_option, of_run
from argosy_cli.fields import options_of

if TYPE_CHECKING:
    import polars as pl

    from argosy.jobs.run import Run
    from argosy.types import Job, JobKind
    from argosy_cli.session import Session

where_option = click.option("--where", metavar="SQL", help="Which models; defaults to all.")
executor_option = click.option(
    "--executor", default="local", show_default=True, help="Where it runs."
)
limit_option = click.option(
    "--limit", default=50, show_default=True, help="Most rows shown; 0: all."
)
reason_option = click.option("--reason", help="Why; kept with the run and what it changes.")
explain_option = click.option(
    "--explain", is_flag=True, help="Start nothing; say how the work would be cut, and how long."
)


def command(kind: JobKind) -> click.Command:
    """Return the command of a job."""
    from argosy.jobs.load import load

    job: Job[Any] = load(kind.name)
    flags = options_of(job.flags) if job.flags else []

    @click.pass_obj
    def run(
        session: Session,
        /,
        where: str | None,
        executor: str,
        explain: bool,
        allowed: Allowance,
        **given: Any,  # noqa: ANN401
    ) -> int:
        shown = {str(option.name): given.pop(str(option.name)) for option in flags}
        fleet = session.open()
        if explain:
            given.pop("reason", None)
            return tell_plan(session, fleet.explain(kind.name, where, executor, **given))
        with session.watched(), session.progress(job.doing) as progress:
            if session.watch.run_id is None:
                done = fleet.run(kind.name, where, executor, progress=progress, **given)
            else:
                done = fleet.resume(session.watch.run_id, progress=progress)
        return tell(session, job, done, shown, allowed)

    own = click.Command(
        kind.name,
        callback=run,
        params=[*options_of(job.request), *flags],
        help=job.request.__doc__ or kind.summary,
        short_help=kind.summary,
    )
    decorations = [allowance_option, explain_option, executor_option]
    if job.effects is not None:
        decorations.insert(0, reason_option)
    for decorate in decorations:
        decorate(own)
    where_option(own)
    return own


def tell(
    session: Session,
    job: Job[Any],
    run: Run,
    shown: dict[str, Any],
    allowed: Allowance = NONE_ALLOWED,
) -> int:
    """Print what a run found as its job wants it printed, and return the exit code.

    Whatever the job prints, the reasons of models that failed are told with it.
    """
    found = None
    with session.telling(run):
        if job.show is None:
            session.run(run, job.done)
        else:
            flags = job.flags.model_validate(shown) if job.flags else None
            found = job.show(session, run, flags)
    return of_run(run.summary, found, allowed)


def tell_plan(session: Session, planned: pl.DataFrame) -> int:
    """Print how a job would be cut, and what it would take."""
    if session.json:
        session.emit(planned)
        return 0
    sizes, seconds = planned["models"].to_list(), planned["seconds"].drop_nulls().to_list()
    cores, weights = max(planned["cores"], default=1), planned["bytes"].drop_nulls().to_list()
    session.say(
        f"{sum(sizes):,} models in {len(sizes):,} chunks of up to {max(sizes, default=0):,},"
        f" {cores} at a time"
    )
    if not seconds:
        session.say("how long it takes is not known: no such job has run in this fleet yet")
        return 0
    work = sum(seconds)
    session.say(
        f"about {max(work / cores, *seconds):,.0f} s, {work / 3600:,.2f} core hours,"
        " by what the last such run took"
    )
    if weights:
        session.say(
            f"{sum(weights) / 2**30:,.2f} GiB of rows, up to {max(weights) / 2**20:,.0f} MiB in a"
            " chunk"
        )
    return 0


class JobCommands(click.Group):
    """The command of every job, below `argosy run`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every job, and what joins them."""
        return [*kinds(), *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command of a job, or one that joins them."""
        return command(kinds()[name]) if name in kinds() else super().get_command(ctx, name)


@click.group(cls=JobCommands)
def run() -> None:
    """Carry out a job of any kind, a plugin's too."""


def kinds() -> dict[str, JobKind]:
    """Return every job that is installed, by its name."""
    from argosy.plugins import installed

    return installed().jobs
