"""The job `bandit`: what the arms of every model have earned, and how often each is chosen next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from pydantic import AfterValidator, Field

from argosy.data.datasets import MODEL, read
from argosy.kernels.numbers import number
from argosy.kernels.values import spelling
from argosy.types import Conclusion, Job
from argosy.types.request import Metavar, Request, Role
from argosy_experiments.ab_tests.looks import experiment_name, nothing
from argosy_experiments.bandits.thompson import learnt, propensities
from argosy_experiments.bandits.worth import worth
from argosy_experiments.clusters import Asked, named
from argosy_experiments.known_cluster import known_cluster
from argosy_experiments.tables import ARMS

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset
    from argosy.types import Chunk, FleetView, Found, Printer, Ran, Tables

_WHO = ["model", "version"]
_ARM = ["model", "arm"]
_COLUMNS = ("arm", "plays", "wins")
_SHOWN = ["model", "arm", "plays", "wins", "remembered_wins", "remembered_losses", "propensity"]


class Bandit(Request):
    """Let a bandit per model learn from what its arms have earned since the last time.

    The data has a row per arm (and cluster, where plays hang together): arm, plays and wins since
    the arm began, 0 for a new one. Each run
    learns only what is new. An arm that is no longer in the data is no longer chosen.
    """

    experiment: Annotated[str, Metavar("NAME"), AfterValidator(experiment_name)] = Field(
        "bandit", description="Runs of one name follow each other."
    )
    data: Role = Field("arms", description="The role of the arms.")
    memory: Annotated[float | None, Field(ge=1)] = Field(
        None, description="In plays of a model; old plays count for less. Never forgets by default."
    )
    cluster: Asked = None


def perform(chunk: Chunk) -> Tables:
    """Read the arms of all models of a chunk."""
    options: Any = chunk.options
    # arms have no features: nothing is read but what is asked for
    models = pl.DataFrame(chunk.models).with_columns(pl.col("features").list.head(0).fill_null([]))
    asked = options["request"].cluster
    columns = _COLUMNS if asked is None else (*_COLUMNS, asked)
    parts = [
        _arms(dataset, named(dataset.binding, asked))
        for dataset in read(models, options["location"], columns)
    ]
    return {ARMS.name: pl.concat([nothing(ARMS), *parts], how="diagonal_relaxed").to_arrow()}


def _arms(dataset: Dataset, cluster: str | None) -> pl.DataFrame:
    """Return the arms of the models of a dataset, and why those of others cannot be used."""
    models = dataset.models.select(_WHO)
    columns = _COLUMNS if cluster is None else (*_COLUMNS, cluster)
    absent = [name for name in columns if name not in dataset.rows.columns]
    reason = dataset.reason
    if reason is None and absent:
        reason = f"the arms at {dataset.binding['url']} have no column {absent[0]!r}"
    if reason is not None:
        return models.with_columns(status=pl.lit("failed"), reason=pl.lit(reason))
    rows = dataset.rows.select(
        pl.col(MODEL).alias("model"),
        spelling(pl.col("arm")),
        number(pl.col("plays", "wins")),
        cluster=pl.lit("") if cluster is None else spelling(pl.col(cluster)),
    )
    plays, wins = pl.col("plays"), pl.col("wins")
    whole = plays.is_finite() & (plays == plays.round()) & (wins == wins.round())
    odd = rows.group_by("model").agg(
        nameless=pl.col("arm").null_count() > 0,
        loose=pl.col("cluster").null_count() > 0,
        twice=pl.struct("arm", "cluster").is_duplicated().any(),
        unclear=(~(whole & (wins >= 0) & (wins <= plays))).fill_null(True).any(),
    )
    why = (
        pl.when(pl.col("nameless").is_null())
        .then(pl.lit(f"there is no arm of the model at {dataset.binding['url']}"))
        .when("nameless")
        .then(pl.lit("an arm has no name"))
        .when("loose")
        .then(pl.lit("a row has no cluster"))
        .when("twice")
        .then(pl.lit(_TWICE if cluster is None else f"{_TWICE} per {cluster!r}"))
        .when("unclear")
        .then(pl.lit("plays and wins are not whole numbers, no more wins than plays"))
    )
    judged = models.join(odd, on="model", how="left").select(*_WHO, reason=why)
    fine = judged.filter(pl.col("reason").is_null()).select(_WHO).join(rows, on="model")
    fine = (
        fine.drop("cluster")
        if cluster is None
        else fine.select(_WHO)
        .unique()
        .join(worth(fine.select(*_ARM, "cluster", "plays", "wins")), on="model")
    )
    return pl.concat(
        [
            fine.sort(_ARM).with_columns(plays.cast(pl.Int64), wins.cast(pl.Int64), status=_OK),
            judged.drop_nulls("reason").with_columns(status=_FAILED),
        ],
        how="diagonal",
    )


_OK, _FAILED = pl.lit("ok"), pl.lit("failed")
_TWICE = "an arm has two rows; keep one"


def conclude(request: Bandit, found: Found) -> Conclusion:
    """Learn what came since the last run, and how often each arm is chosen from now on."""
    whole = pl.concat([nothing(ARMS), *found.answers.parts(ARMS.name)], how="diagonal_relaxed")
    known = arms(found.scope.view, request.experiment).select(
        *_ARM,
        *("remembered_wins", "remembered_losses"),
        old_plays="plays",
        old_wins="wins",
        old_scale=_scale(),
    )
    fine = (
        whole.filter(status="ok")
        .select(*_WHO, "arm", "plays", "wins", "clusters", "worth", "status")
        .join(known, on=_ARM, how="left")
        .sort(_ARM)
        .with_columns(pl.col("old_plays", "old_wins").fill_null(0))
        .with_columns(pl.col("^remembered_.*$").fill_null(0.0), scale=_scale())
    )
    # What is known by now of how plays hang together holds of those before, too.
    again = pl.col("scale") / pl.col("old_scale").fill_null(1.0)
    fine = fine.with_columns(pl.col("^remembered_.*$") * again)
    plays, wins = pl.col("plays") - pl.col("old_plays"), pl.col("wins") - pl.col("old_wins")
    backwards = ((wins < 0) | (wins > plays)).any().over("model")
    back = fine.filter(backwards).select(_WHO).unique()
    fine = fine.filter(~backwards)
    state = fine.select(
        *_ARM, wins="remembered_wins", losses="remembered_losses", plays="old_plays"
    )
    new = fine.select(*_ARM, "scale", plays=plays, wins=wins)
    after = propensities(learnt(state, new, request.memory))
    told = fine.select(*_WHO, "arm", "plays", "wins", "clusters", "worth", "status").join(
        after.select(*_ARM, "propensity", remembered_wins="wins", remembered_losses="losses"),
        on=_ARM,
        maintain_order="left",
    )
    fewer = "there are fewer plays or wins than at the last run; bind all of them"
    failed = pl.concat(
        [
            whole.filter(status="failed").select(*_WHO, "reason"),
            back.select(*_WHO, reason=pl.lit(fewer)),
            found.lost.select(*_WHO, "reason"),
        ]
    ).with_columns(status=_FAILED)
    rows = pl.concat([told, failed], how="diagonal_relaxed").with_columns(
        experiment=pl.lit(request.experiment), dataset=pl.lit(request.data)
    )
    return Conclusion({ARMS.name: rows}, failed=failed["model"].n_unique())


def _scale() -> pl.Expr:
    """Return how much of a play each play of an arm is worth: 1 where rows do not hang together."""
    known = pl.col("worth").is_not_null() & (pl.col("plays") > 0)
    return pl.when(known).then(pl.col("worth") / pl.col("plays")).otherwise(1.0)


def arms(view: FleetView, experiment: str) -> pl.DataFrame:
    """Return the arms of every model of an experiment, as its last run that did not fail left them.

    Returns:
        The columns of the table `bandit_arms`, by model and arm.
    """
    rows = view.table(ARMS.name).filter(experiment=experiment, status="ok")
    last = rows.filter(pl.col("at") == pl.col("at").max().over("model"))
    return last.sort(_ARM).collect()


def show(printer: Printer, run: Ran, _: object) -> None:
    """Print the run, and the arms of every model, the one that is chosen most often first."""
    rows = run.results()
    if printer.json:
        printer.emit({**run.summary, "arms": rows.to_dicts()})
        return
    printer.run(run, "learnt from")
    told = rows.filter(status="ok")
    if told.height:
        printer.emit(told.sort("model", "propensity", descending=[False, True]), _SHOWN)


JOB = Job(
    request=Bandit,
    check=known_cluster,
    tables=(ARMS,),
    perform=perform,
    conclude=conclude,
    done="learnt from",
    doing="learning",
    show=show,
)
