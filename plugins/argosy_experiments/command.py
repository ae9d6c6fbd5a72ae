"""`argosy experiment`: the parts of this package, over files and over a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

from argosy.plugins import installed
from argosy_cli.jobs import command
from argosy_cli.table_files import read_table
from argosy_experiments.blending import blended
from argosy_experiments.experiments import Experiments
from argosy_experiments.groups import EVEN
from argosy_experiments.guardrails import guarded

if TYPE_CHECKING:
    from argosy_cli.session import Session


def share(text: str) -> tuple[str, float]:
    """Read the share of a group.

    >>> share("control=0.2")
    ('control', 0.2)
    """
    name, sign, number = text.partition("=")
    try:
        return name.strip(), float(number if sign else "")
    except ValueError:
        raise click.BadParameter(f"{text!r} is no share; write control=0.5") from None


name_option = click.option(
    "--experiment", "name", metavar="NAME", required=True, help="The name of the experiment."
)
to_option = click.option(
    "--to",
    "path",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, writable=True),
    help="The Parquet file that is written.",
)


@click.group()
def experiment() -> None:
    """Experiments over all models at once: who is in which group, and what came of it."""


@experiment.command()
@click.argument("file")
@name_option
@click.option(
    "--share",
    "shares",
    type=share,
    metavar="GROUP=SHARE",
    multiple=True,
    help="Repeat for each group; defaults to control=0.5 and treatment=0.5.",
)
@to_option
@click.pass_obj
def assign(
    session: Session, file: str, name: str, shares: tuple[tuple[str, float], ...], path: str
) -> None:
    """Give every customer of FILE (model, customer) its group, and test their sizes.

    A group is a hash of the names: nobody ever switches, whoever asks and however often.
    """
    asked = dict(shares) or dict(EVEN)
    experiments = Experiments(session.open())
    rows = experiments.assigned(read_table(file), name, asked)
    rows.write_parquet(path)
    odd = experiments.mismatch(rows, asked)
    counts = rows.group_by("group").agg(customers=pl.len()).sort("group", nulls_last=True)
    if session.json:
        session.emit({"file": path, "groups": counts.to_dicts(), "ratios": odd.to_dicts()})
        return
    session.emit(counts, title=name)
    uneven = odd.filter(pl.col("q_value") < 0.001)
    if uneven.height:
        session.emit(uneven, title="models whose groups are not as large as they should be")
    session.say(f"written to {path}")


@experiment.command()
@click.argument("file")
@click.pass_obj
def record(session: Session, file: str) -> None:
    """Keep the exposures of FILE beside the fleet: which list was shown to whom, and when.

    Columns: model, version, customer, at and items; experiment, group and propensity where they are
    known. The same file again adds nothing.
    """
    kept = Experiments(session.open()).record(read_table(file))
    session.emit({"file": kept}) if session.json else session.say(f"kept as {kept}")


@experiment.command()
@click.argument("purchases")
@name_option
@click.option("--window", default="7d", show_default=True, help="How long an exposure counts.")
@to_option
@click.pass_obj
def outcomes(session: Session, purchases: str, name: str, window: str, path: str) -> None:
    """Write what became of every customer that was shown something, as `look` reads it.

    PURCHASES has the columns model, customer, item and at, and amount where it is known. Exposures
    whose window is not over yet are left out.
    """
    rows = Experiments(session.open()).outcomes(read_table(purchases), name, window)
    rows.write_parquet(path)
    told = rows.group_by("group").agg(customers=pl.len(), successes=pl.col("success").sum())
    if session.json:
        session.emit({"file": path, "groups": told.sort("group").to_dicts()})
        return
    session.emit(told.sort("group"), title=name)
    session.say(f"written to {path}")


@experiment.command()
@click.argument("scores")
@click.argument("rules")
@to_option
@click.pass_obj
def blend(session: Session, scores: str, rules: str, path: str) -> None:
    """Order the items of SCORES into one list per customer, by the RULES of each model.

    SCORES has model, customer, item and a column per KPI; RULES has model, rule (weighted,
    lexicographic or veto), kpi, and what applies of weight, priority, tolerance and floor.
    """
    rows = blended(read_table(scores), read_table(rules))
    rows.write_parquet(path)
    many = rows.select("model", "customer").unique().height
    told = {"file": path, "lists": many, "items": rows.height}
    text = f"{many:,} lists of {rows.height:,} items, written to {path}"
    session.emit(told) if session.json else session.say(text)


@experiment.command()
@click.argument("lists")
@click.option("--bounds", metavar="FILE", required=True, help="model, low, high and least.")
@click.option("--fallback", metavar="FILE", required=True, help="model and items.")
@to_option
@click.pass_obj
def guard(session: Session, lists: str, bounds: str, fallback: str, path: str) -> None:
    """Replace LISTS that are empty, broken or out of bounds by their model's fallback.

    LISTS has model, customer, items and scores.
    """
    served, log = guarded(read_table(lists), read_table(bounds), read_table(fallback))
    served.write_parquet(path)
    if session.json:
        session.emit({"file": path, "lists": served.height, "replaced": log.to_dicts()})
        return
    session.say(f"{log.height:,} of {served.height:,} lists were replaced; written to {path}")
    if log.height:
        session.emit(log)


@experiment.command()
@click.argument("requests")
@click.option(
    "--experiment", "name", default="bandit", show_default=True, help="The name of the bandit."
)
@click.option("--seed", type=int, required=True, help="Of the draws; another one every night.")
@to_option
@click.pass_obj
def choose(session: Session, requests: str, name: str, seed: int, path: str) -> None:
    """Choose an arm for every row of REQUESTS (model), by what `bandits` has learnt.

    The arms are in the column arm, the probability that each was chosen with in propensity, which
    off-policy estimates need. The same seed and requests give the same arms.
    """
    rows = Experiments(session.open()).chosen(read_table(requests), seed, name)
    rows.write_parquet(path)
    counts = rows.group_by("model", "arm").agg(requests=pl.len()).sort("model", "arm")
    if session.json:
        session.emit({"file": path, "arms": counts.to_dicts()})
        return
    session.emit(counts, title=name)
    session.say(f"written to {path}")


JOBS = {
    "look": "ab_test",
    "revenue": "ab_revenue",
    "bandits": "bandit",
    "replay": "bandit_replay",
    "offpolicy": "offpolicy",
}
"""The commands that carry out a job, and which."""
for _name, _kind in JOBS.items():
    experiment.add_command(command(installed().jobs[_kind]), _name)
