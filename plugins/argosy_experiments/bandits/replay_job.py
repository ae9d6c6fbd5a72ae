"""The job `bandit_replay`: a bandit of every model is tried on a log of random choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from pydantic import Field

from argosy.data.datasets import MODEL, read
from argosy.data.times import chronological
from argosy.errors import BadInput
from argosy.types import Conclusion, Job
from argosy.types.request import Request, Role
from argosy_experiments.ab_tests.looks import nothing
from argosy_experiments.apart import apart, only
from argosy_experiments.bandits.replay import replayed
from argosy_experiments.tables import REPLAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.types import Chunk, Found, Printer, Ran, Tables

_WHO = ["model", "version"]
_COLUMNS = ("arm", "win", "propensity")
_SHOWN = ["model", "n", "arms", "matched", "logged", "rate", "late_rate"]


class BanditReplay(Request):
    """Try a bandit on the log of each model, which must have chosen every arm alike.

    The log has a row per decision: arm, win (0 or 1) and propensity where it is known, in the order
    of the binding's timestamp, or of its rows where it names none. Decisions that the bandit would
    have made otherwise are passed over, so of n arms one row in n is left.
    """

    data: Role = Field("log", description="The role of the log.")
    memory: Annotated[float | None, Field(ge=1)] = Field(
        None, description="In plays of a model; old plays count for less. Never forgets by default."
    )
    seed: int = Field(0, description="Of the bandit's draws.")


def perform(chunk: Chunk) -> Tables:
    """Replay the logs of all models of a chunk, those that share a table at once."""
    options: Any = chunk.options
    # a log has no features: nothing is read but what is asked for
    models = pl.DataFrame(chunk.models).with_columns(pl.col("features").list.head(0).fill_null([]))
    parts = [nothing(REPLAYS)]
    for dataset in read(models, options["location"], _COLUMNS):
        parts += _replayed(dataset, options["request"])
    return {REPLAYS.name: pl.concat(parts, how="diagonal_relaxed").to_arrow()}


def _replayed(dataset: Dataset, asked: BanditReplay) -> Iterator[pl.DataFrame]:
    """Yield the rows of the models of one log; a fault of one is not the others'."""
    models = dataset.models
    if dataset.reason is not None:
        yield _failed(models, dataset.reason)
        return
    rows, time = dataset.rows.rename({MODEL: "model"}), dataset.binding["timestamp"]
    if time in rows.columns:
        try:
            rows = rows.sort(chronological(rows, dataset.binding), maintain_order=True)
        except BadInput as error:
            yield _failed(models, str(error))
            return
    bare = models.join(rows, on="model", how="anti")
    yield _failed(bare, dataset.absent(bare))

    def work(part: pl.DataFrame) -> pl.DataFrame:
        return replayed(only(rows, part), asked.seed, asked.memory)[0]

    for part, answer in apart(only(models, rows), work):
        if isinstance(answer, BadInput):
            yield _failed(part, str(answer))
        else:
            found = part.select(_WHO).join(answer, on="model")
            yield found.with_columns(pl.col("n").cast(pl.Int64), status=pl.lit("ok"))


def _failed(models: pl.DataFrame, reason: str | pl.Series) -> pl.DataFrame:
    told = pl.lit(reason) if isinstance(reason, str) else reason
    return models.select(*_WHO, status=pl.lit("failed"), reason=told)


def conclude(request: BanditReplay, found: Found) -> Conclusion:
    """Put the models that were lost beside the others."""
    lost = found.lost.select(*_WHO, "reason", status=pl.lit("failed"))
    parts = [nothing(REPLAYS), *found.answers.parts(REPLAYS.name), lost]
    rows = pl.concat(parts, how="diagonal_relaxed").with_columns(dataset=pl.lit(request.data))
    return Conclusion({REPLAYS.name: rows}, failed=rows.filter(status="failed").height)


def show(printer: Printer, run: Ran, _: object) -> None:
    """Print the run, and what became of every log."""
    rows = run.results()
    if printer.json:
        printer.emit({**run.summary, "replays": rows.to_dicts()})
        return
    printer.run(run, "replayed")
    told = rows.filter(status="ok").sort("model")
    if told.height:
        printer.emit(told, _SHOWN)


JOB = Job(
    request=BanditReplay,
    tables=(REPLAYS,),
    perform=perform,
    conclude=conclude,
    done="replayed",
    doing="replaying",
    show=show,
)
