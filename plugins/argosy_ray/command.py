"""`argosy submit`: run any command of argosy as a job of a Ray cluster, and follow it."""

from __future__ import annotations

import shlex
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from argosy_cli.session import Session
    from argosy_ray.jobs import Jobs, State

_PAUSE = 2.0
_PATIENCE = 60.0
"""Seconds in which a job must have stopped; Ray itself kills it after a few."""


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--dashboard",
    metavar="URL",
    envvar="RAY_DASHBOARD",
    default="http://127.0.0.1:8265",
    show_default=True,
    help="The cluster's dashboard (or RAY_DASHBOARD).",
)
@click.option("--no-wait", is_flag=True, help="Print the job's id and leave it to itself.")
@click.option("--follow", metavar="JOB", help="Follow a job that was submitted before.")
@click.option("--stop", metavar="JOB", help="Stop a job; `argosy resume` carries its run on.")
@click.pass_obj
def submit(
    session: Session,
    command: tuple[str, ...],
    dashboard: str,
    no_wait: bool,
    follow: str | None,
    stop: str | None,
) -> int:
    """Run COMMAND (such as `drift --executor ray`) on a Ray cluster as one of its jobs.

    The job's id is printed at once, then its log as it grows; the exit code is the command's own.
    Ctrl-C stops following, and the job goes on: `--follow JOB` returns to it, `--stop JOB` stops
    it. The fleet must be where the cluster can reach it; secrets belong in the cluster's
    environment, never on this line.
    """
    from argosy.plugins import options
    from argosy_ray.cluster import is_here, refuse_open
    from argosy_ray.jobs import Jobs

    if sum(map(bool, (command, follow, stop))) != 1:
        raise click.UsageError("give a command to submit, or --follow JOB, or --stop JOB")
    jobs = Jobs(dashboard)
    allowed = []
    if not is_here(f"{jobs.host}:0"):
        refuse_open(jobs.host)  # before a token is sent anywhere
        if not jobs.asks_for_a_token():
            refuse_open(jobs.host, "")
        if options("ray").allow_unauthenticated:  # so that the run it makes tells of it
            allowed = ["--set", "ray.allow_unauthenticated=true"]
    if stop:
        return _stopped(session, jobs, stop)
    if follow:
        return _followed(session, jobs, follow)
    told = {"--fleet": session.fleet_url, "--actor": session.actor, "--as-of": session.as_of}
    given = [part for name, value in told.items() if value for part in (name, value)]
    line = shlex.join(["argosy", *given, *allowed, *command])
    job = jobs.submit(line, {"env_vars": {"PYTHONUNBUFFERED": "1"}})
    if not no_wait:
        return _followed(session, jobs, job, line)
    session.say(f"job {job}: {line}")
    if session.json:
        session.emit({"job": job, "status": "PENDING", "command": line})
    return 0


def _followed(session: Session, jobs: Jobs, job: str, line: str = "") -> int:
    from argosy_ray.jobs import SUCCEEDED

    try:
        if line:
            session.follow(f"job {job}: {line}\n")
        state = _ended(session, jobs, job)
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(
            f"job {job} goes on: `argosy submit --follow {job}` returns to it,"
            f" `argosy submit --stop {job}` stops it"
        ) from error
    if session.json:
        session.emit({"job": job, **asdict(state)})
    elif state.status != SUCCEEDED:
        told = state.message.partition(", last available logs")[0]  # they were printed already
        session.tell(f"job {job}: {state.status.lower()}: {told}")
    return 0 if state.status == SUCCEEDED else state.code


def _ended(session: Session, jobs: Jobs, job: str) -> State:
    """Print a job's log as it grows, until the job has ended."""
    seen = ""
    while True:
        state = jobs.state(job)
        log = jobs.log(job)
        session.follow(log.removeprefix(seen))
        seen = log
        if state.ended:
            return state
        time.sleep(_PAUSE)


def _stopped(session: Session, jobs: Jobs, job: str) -> int:
    from argosy_cli.exit_codes import FAILED

    jobs.stop(job)
    until = time.monotonic() + _PATIENCE
    state = jobs.state(job)
    while not state.ended and time.monotonic() < until:
        time.sleep(_PAUSE)
        state = jobs.state(job)
    session.say(f"job {job}: {state.status.lower()}")
    if session.json:
        session.emit({"job": job, **asdict(state)})
    return 0 if state.ended else FAILED
