"""The job `offpolicy`: what another policy would have earned, from the log of each model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from pydantic import Field

from argosy.data.datasets import MODEL, read
from argosy.errors import BadInput
from argosy.jobs.units import unbound, with_data
from argosy.registry.bindings import bound
from argosy.types import Conclusion, Job, Units
from argosy.types.request import Request, Role
from argosy_experiments.apart import apart, only
from argosy_experiments.clusters import Asked, named
from argosy_experiments.known_cluster import known_cluster
from argosy_experiments.offpolicy.estimates import MEASURED, TOLD, measured
from argosy_experiments.offpolicy.expected_rewards import foretold
from argosy_experiments.offpolicy.verdicts import Floor, judged
from argosy_experiments.tables import ESTIMATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.store.location import Location
    from argosy.types import Chunk, Found, Printer, Ran, Scope, Tables

_WHO = ["model", "version"]
_COLUMNS = (
    *("context", "action", "reward", "propensity", "target", "probability"),
    *("expected", "expected_target", "uncovered"),
)
_MEASURED = (*dict.fromkeys((*_WHO, "estimator", *MEASURED, *TOLD)), "status")
"""What is known of a model and estimator before all of them are judged."""
_NOTHING = pl.DataFrame(ESTIMATES.schema.empty_table()).drop("run_id", "at")
_SHOWN = [
    "model",
    "estimator",
    "value",
    "lower",
    "upper",
    "logged",
    "ess",
    "worth",
    "verdict",
    "reason",
]


class OffPolicy(Request):
    """Estimate what another policy would have earned, from the log of the one that ran.

    The log has a row per decision: its reward, the propensity with which it was taken, and target,
    the probability with which the other policy takes it; or context and action, where the other
    policy is data in a role of its own.
    """

    data: Role = Field("log", description="The role of the log.")
    policy: Role | None = Field(
        None,
        description="The role of what the other policy does: context, action and probability; else"
        " the log has the column target.",
    )
    clip: Annotated[float | None, Field(gt=0)] = Field(
        None, description="The largest weight; larger ones are cut."
    )
    level: float = Field(
        0.05, gt=0, lt=1, description="The share of false verdicts that is tolerated."
    )
    least_ess: float = Field(
        100, ge=0, description="Conclude nothing below this effective sample size."
    )
    least_rewarded: int = Field(
        20, ge=0, description="Conclude nothing from fewer rows with a reward."
    )
    least_worth: float = Field(
        30, ge=0, description="Conclude nothing from a log that is worth fewer rewards."
    )
    least_even: float = Field(
        15, ge=0, description="Conclude nothing from a log as lopsided as fewer even rows."
    )
    most_uncovered: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Conclude nothing where the log could not have shown more of the other"
        " policy's choices.",
    )
    cluster: Asked = None


def units(request: OffPolicy, scope: Scope) -> Units:
    """Give each model its log, and the other policy where that is data too."""
    found = with_data(scope, request.data)
    if request.policy is None:
        return found
    ready = bound(scope.view.state, found.ready.rename({"binding": "log"}), request.policy)
    bare = pl.col("binding").is_null()
    unfit = ready.filter(bare).select(*_WHO, reason=unbound(request.policy))
    ready = ready.filter(~bare).rename({"binding": "policy", "log": "binding"})
    return Units(ready, pl.concat([found.unfit, unfit]), reads=("binding", "policy"))


def perform(chunk: Chunk) -> Tables:
    """Measure all models of a chunk, those that share a log at once."""
    options: Any = chunk.options
    asked, location = options["request"], options["location"]
    # a log has no features: nothing is read but what is asked for
    models = pl.DataFrame(chunk.models).with_columns(pl.col("features").list.head(0).fill_null([]))
    parts = [_NOTHING]
    own = () if asked.cluster is None else (asked.cluster,)
    for dataset in read(models, location, (*_COLUMNS, *own)):
        parts += _of(dataset, location, asked)
    return {ESTIMATES.name: pl.concat(parts, how="diagonal_relaxed").to_arrow()}


def _of(dataset: Dataset, location: Location, asked: OffPolicy) -> Iterator[pl.DataFrame]:
    """Yield the rows of the models of one log."""
    models = dataset.models
    if dataset.reason is not None:
        yield _failed(models, pl.lit(dataset.reason))
        return
    rows = dataset.rows.rename({MODEL: "model"})
    how = asked.clip, named(dataset.binding, asked.cluster)
    bare = models.join(rows, on="model", how="anti")
    yield _failed(bare, dataset.absent(bare))
    if asked.policy is not None:
        for policy in read(models.with_columns(binding="policy"), location, _COLUMNS):
            own = only(rows, policy.models)
            if policy.reason is not None:
                yield _failed(policy.models, pl.lit(policy.reason))
            else:
                choices = policy.rows.rename({MODEL: "model"})
                yield from _estimated(policy.models, own, choices, *how)
    else:
        yield from _estimated(models, rows, None, *how)


def _estimated(
    models: pl.DataFrame,
    log: pl.DataFrame,
    policy: pl.DataFrame | None,
    clip: float | None,
    cluster: str | None,
) -> Iterator[pl.DataFrame]:
    """Yield the rows of models that have a log; a fault of one is not the others'."""

    def work(part: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        own = only(log, part)
        whole = own if policy is None else foretold(own, only(policy, part))
        return measured(whole, clip, cluster)

    for part, answer in apart(only(models, log), work):
        if isinstance(answer, BadInput):
            yield _failed(part, pl.lit(str(answer)))
            continue
        found, faults = answer
        yield _failed(part.join(faults, on="model"), pl.col("fault"))
        yield found.join(part.select(_WHO), on="model").with_columns(
            pl.col("n", "rewarded").cast(pl.Int64), status=pl.lit("ok")
        )


def _failed(models: pl.DataFrame, reason: pl.Expr | pl.Series) -> pl.DataFrame:
    return models.select(*_WHO, status=pl.lit("failed"), reason=reason)


def conclude(request: OffPolicy, found: Found) -> Conclusion:
    """Judge all estimates of the fleet together."""
    whole = pl.concat([_NOTHING, *found.answers.parts(ESTIMATES.name)], how="diagonal_relaxed")
    lost = found.lost.select(*_WHO, "reason", status=pl.lit("failed"))
    fine = pl.col("status") == "ok"
    floor = Floor(
        request.least_ess,
        request.least_rewarded,
        request.most_uncovered,
        request.least_worth,
        request.least_even,
    )
    ready = whole.filter(fine).sort("model", "estimator").select(*_MEASURED)
    told = judged(ready, floor, request.level)
    failed = pl.concat([whole.filter(~fine), lost], how="diagonal_relaxed")
    rows = pl.concat([told, failed], how="diagonal_relaxed")
    return Conclusion(
        {ESTIMATES.name: rows.with_columns(dataset=pl.lit(request.data))},
        failed=failed["model"].n_unique(),
    )


def show(printer: Printer, run: Ran, _: object) -> None:
    """Print the run, and every estimate."""
    if printer.json:
        printer.emit({**run.summary, "estimates": run.results().to_dicts()})
        return
    printer.run(run, "estimated")
    told = run.results().filter(status="ok")
    if told.height:
        printer.emit(told, _SHOWN)


JOB = Job(
    request=OffPolicy,
    check=known_cluster,
    tables=(ESTIMATES,),
    units=units,
    perform=perform,
    conclude=conclude,
    done="estimated",
    doing="estimating",
    show=show,
)
