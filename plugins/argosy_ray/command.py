"""`argosy submit`: run any command of argosy as a job of a Ray cluster, and follow it."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from argosy.cli.session import Session
    from argosy_ray.jobs import Jobs

_PAUSE = 2.0


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option(
    "--dashboard",
    metavar="URL",
    envvar="RAY_DASHBOARD",
    default="http://127.0.0.1:8265",
    show_default=True,
    help="The cluster's dashboard (or RAY_DASHBOARD).",
)
@click.option("--no-wait", is_flag=True, help="Print the job's id and leave it to itself.")
@click.pass_obj
def submit(session: Session, command: tuple[str, ...], dashboard: str, no_wait: bool) -> int:
    """Run COMMAND (such as `drift --executor ray`) on a Ray cluster as one of its jobs.

    The job's id is printed at once, then its log as it grows. The fleet must be where the cluster
    can reach it; secrets belong into the cluster's environment, never on this line.
    """
    from argosy_ray.cluster import is_here, refuse_open
    from argosy_ray.jobs import Jobs

    jobs = Jobs(dashboard)
    if not is_here(f"{jobs.host}:0"):
        refuse_open(jobs.host)
    fleet = ["--fleet", session.fleet_url] if session.fleet_url else []
    actor = ["--actor", session.actor] if session.actor else []
    line = shlex.join(["argosy", *fleet, *actor, *command])
    job = jobs.submit(line, {"env_vars": {"PYTHONUNBUFFERED": "1"}})
    click.echo(f"job {job}: {line}", err=session.json)
    if no_wait:
        if session.json:
            session.emit({"job": job, "status": "PENDING", "command": line})
        return 0
    return _followed(session, jobs, job, line)


def _followed(session: Session, jobs: Jobs, job: str, line: str) -> int:
    from argosy.cli.main import FAILED
    from argosy_ray.jobs import ENDED

    seen = ""
    while True:
        status, message = jobs.state(job)
        log = jobs.log(job)
        click.echo(log.removeprefix(seen), nl=False, err=session.json)
        seen = log
        if status in ENDED:
            break
        time.sleep(_PAUSE)
    told: dict[str, Any] = {"job": job, "status": status, "command": line, "message": message}
    if session.json:
        session.emit(told)
    elif status != "SUCCEEDED":
        click.echo(f"job {job}: {status.lower()}: {message}", err=True)
    return 0 if status == "SUCCEEDED" else FAILED
