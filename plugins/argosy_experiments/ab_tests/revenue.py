"""The job `ab_revenue`: what customers of an A/B test are worth, which may be asked at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl
from pydantic import AfterValidator, Field

from argosy.types import Conclusion, Job
from argosy.types.request import Metavar, Request, Role
from argosy_experiments.ab_tests.clustered import SPREAD
from argosy_experiments.ab_tests.customers import VALUE, WHO, Outcome
from argosy_experiments.ab_tests.looks import count, experiment_name, nothing, ratios, show_groups
from argosy_experiments.ab_tests.means import compared
from argosy_experiments.clusters import Asked
from argosy_experiments.groups import GROUPS
from argosy_experiments.known_cluster import known_cluster
from argosy_experiments.tables import REVENUES

if TYPE_CHECKING:
    from argosy.types import Chunk, Found, Printer, Ran, Tables

OUTCOME = Outcome(
    "revenue",
    sound=VALUE.is_finite(),
    unsound="a revenue is not a finite number",
    sums={"n": pl.lit(1.0), "total": VALUE, "squares": VALUE**2},
    single=True,
)
"""What a customer spent."""
_SHOWN = [
    *("model", "control_n", "treatment_n", "control", "treatment", "effect", "lower", "upper"),
    *("verdict", "reason"),
]


class Revenue(Request):
    """Compare what customers are worth in the two groups of an A/B test of each model.

    The data has a row per customer: customer, group (control or treatment) and revenue since the
    experiment began, zeros included. The intervals hold at all looks together, so looking often
    costs nothing; verdicts are given over all models, anew at every look.
    """

    experiment: Annotated[str, Metavar("NAME"), AfterValidator(experiment_name)] = Field(
        "experiment", description="The name that the looks are kept under."
    )
    data: Role = Field("outcomes", description="The role of the customers' outcomes.")
    level: float = Field(
        0.05, gt=0, lt=1, description="The share of false verdicts that is tolerated."
    )
    horizon: float = Field(
        10_000,
        gt=0,
        description="At how many customers of both groups the intervals are narrowest; choose it"
        " before you see the data.",
    )
    share: float = Field(
        0.5, gt=0, lt=1, description="The share of the customers that are in treatment."
    )
    cluster: Asked = None


def perform(chunk: Chunk) -> Tables:
    """Add up the revenue of the customers of all models of a chunk."""
    return count(chunk, OUTCOME, REVENUES)


def conclude(request: Revenue, found: Found) -> Conclusion:
    """Compare the groups of all models of the experiment together."""
    parts = [nothing(REVENUES), *found.answers.parts(REVENUES.name)]
    whole = pl.concat(parts, how="diagonal_relaxed")
    sums = [f"{group}_{name}" for group in GROUPS for name in OUTCOME.sums]
    kept = [*WHO, *sums, "switched", *SPREAD, "ratio_p_value", "status"]
    fine = whole.filter(status="ok").sort("model").select(kept)
    compared_ = compared(
        _long(fine),
        level=request.level,
        horizon=request.horizon,
        spread=fine.select("model", *SPREAD),
    )
    told = (
        fine.drop("ratio_p_value")
        .join(compared_, on="model", maintain_order="left")
        .join(ratios(fine, request.share), on="model", how="left", maintain_order="left")
    )
    failed = pl.concat(
        [
            whole.filter(status="failed").select(*WHO, "reason"),
            found.lost.select(*WHO, "reason"),
        ]
    ).with_columns(status=pl.lit("failed"))
    rows = pl.concat([told, failed], how="diagonal_relaxed").with_columns(
        experiment=pl.lit(request.experiment), dataset=pl.lit(request.data)
    )
    return Conclusion({REVENUES.name: rows}, failed=failed["model"].n_unique())


def _long(fine: pl.DataFrame) -> pl.DataFrame:
    """Lay sums out as one row per model and group."""
    return pl.concat(
        fine.select(
            "model",
            *(pl.col(f"{group}_{name}").alias(name) for name in OUTCOME.sums),
            group=pl.lit(group),
        )
        for group in GROUPS
    )


def show(printer: Printer, run: Ran, _: object) -> None:
    """Print the run, the verdicts, and where groups are not as large as they should be."""
    rows = run.results()
    if printer.json:
        printer.emit({**run.summary, "revenues": rows.to_dicts()})
        return
    printer.run(run, "compared")
    told = rows.filter(status="ok").sort(pl.col("e_value"), "model", descending=[True, False])
    if told.height:
        printer.emit(told, _SHOWN)
    show_groups(printer, told)


JOB = Job(
    request=Revenue,
    check=known_cluster,
    tables=(REVENUES,),
    perform=perform,
    conclude=conclude,
    done="compared",
    doing="adding up",
    show=show,
)
