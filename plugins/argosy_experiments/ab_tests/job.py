"""The job `ab_test`: a look at an A/B test of every model, which may be taken at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl
from pydantic import AfterValidator, Field

from argosy.types import Conclusion, Job
from argosy.types.request import Metavar, Request, Role
from argosy_experiments.ab_tests.clustered import SPREAD
from argosy_experiments.ab_tests.customers import VALUE, WHO, Outcome
from argosy_experiments.ab_tests.looks import count, experiment_name, nothing, ratios, show_groups
from argosy_experiments.ab_tests.rates import COUNTED, STATE, begun, looked
from argosy_experiments.clusters import Asked, few
from argosy_experiments.groups import GROUPS
from argosy_experiments.known_cluster import known_cluster
from argosy_experiments.tables import LOOKS

if TYPE_CHECKING:
    from argosy.types import Chunk, FleetView, Found, Printer, Ran, Tables

OUTCOME = Outcome(
    "success",
    sound=VALUE.is_in([0.0, 1.0]),
    unsound="a success is neither 0 nor 1",
    sums={"n": pl.lit(1.0), "successes": VALUE},
)
"""Whether a customer did what was hoped for."""
_SHOWN = [
    *("model", "looks", "control_n", "treatment_n", "effect", "lower", "upper", "p_value"),
    "verdict",
]


class ABTest(Request):
    """Look at an A/B test of each model, and decide over all of them what can be decided.

    The data has a row per customer whose outcome is known for good: customer, group (control or
    treatment) and success, since the experiment began. Looking often costs nothing: evidence is
    kept from look to look, and verdicts stand.
    """

    experiment: Annotated[str, Metavar("NAME"), AfterValidator(experiment_name)] = Field(
        "experiment", description="Looks of one name follow each other."
    )
    data: Role = Field("outcomes", description="The role of the customers' outcomes.")
    base: Annotated[float | None, Field(gt=0, lt=1)] = Field(
        None,
        description="The rate known from before; where it is not, the first look only learns it.",
    )
    level: float = Field(
        0.05, gt=0, lt=1, description="The share of false verdicts that is tolerated."
    )
    share: float = Field(
        0.5, gt=0, lt=1, description="The share of the customers that are in treatment."
    )
    cluster: Asked = None


def perform(chunk: Chunk) -> Tables:
    """Count the customers of all models of a chunk."""
    return count(chunk, OUTCOME, LOOKS)


def conclude(request: ABTest, found: Found) -> Conclusion:
    """Go on from the look before, and decide over all models of the experiment."""
    whole = pl.concat([nothing(LOOKS), *found.answers.parts(LOOKS.name)], how="diagonal_relaxed")
    fine = whole.filter(pl.col("status") == "ok").sort("model")
    before = _before(found.scope.view, request.experiment)
    new = fine.join(before.select("model"), on="model", how="anti").select("model")
    fresh = begun(new.with_columns(base=pl.lit(request.base, pl.Float64)))
    state = pl.concat([before, fresh]).sort("model")
    fine = _since(fine, state)
    back = fine.filter("backwards")
    fine = fine.filter(~pl.col("backwards"))
    after = looked(state, _new(fine), level=request.level, spread=fine.select("model", *SPREAD))
    told = (
        fine.select(*WHO, "switched", *SPREAD, "status", reason=few())
        .join(after, on="model", maintain_order="left")
        .join(ratios(fine, request.share), on="model", how="left", maintain_order="left")
        .with_columns(pl.col("log_e").cast(pl.List(pl.Float64)))
    )
    fewer = "there are fewer customers or successes than at the last look; bind all of them"
    failed = pl.concat(
        [
            whole.filter(pl.col("status") != "ok").select(*WHO, "reason"),
            back.select(*WHO, reason=pl.lit(fewer)),
            found.lost.select(*WHO, "reason"),
        ]
    ).with_columns(status=pl.lit("failed"))
    rows = pl.concat([told, failed], how="diagonal_relaxed").with_columns(
        experiment=pl.lit(request.experiment), dataset=pl.lit(request.data)
    )
    return Conclusion({LOOKS.name: rows}, failed=failed["model"].n_unique())


def _before(view: FleetView, experiment: str) -> pl.DataFrame:
    """Return what every model of an experiment was at when it was last looked at."""
    rows = view.table(LOOKS.name).filter(experiment=experiment, status="ok")
    last = rows.sort("at").group_by("model").last().select(*STATE).collect()
    return last.cast(dict(STATE)).sort("model")  # type: ignore[arg-type]


def _since(fine: pl.DataFrame, state: pl.DataFrame) -> pl.DataFrame:
    """Add the counts since the last look, and whether they are impossible (`backwards`)."""
    old = state.select(
        "model", pl.col(COUNTED).name.prefix("old_"), open=pl.col("verdict") == "undecided"
    )
    both = fine.join(old, on="model", how="left", maintain_order="left").with_columns(
        (pl.col(name) - pl.col(f"old_{name}")).alias(f"new_{name}") for name in COUNTED
    )
    impossible = [
        (pl.col(f"new_{group}_successes") < 0)
        | (pl.col(f"new_{group}_successes") > pl.col(f"new_{group}_n"))
        for group in GROUPS
    ]
    return both.with_columns(backwards=pl.col("open") & pl.any_horizontal(impossible))


def _new(fine: pl.DataFrame) -> pl.DataFrame:
    """Lay what is new out as one row per model and group; models that are decided keep theirs."""
    return pl.concat(
        fine.filter("open").select(
            "model",
            group=pl.lit(group),
            n=f"new_{group}_n",
            successes=f"new_{group}_successes",
        )
        for group in GROUPS
    )


def show(printer: Printer, run: Ran, _: object) -> None:
    """Print the run, the verdicts, and where groups are not as large as they should be."""
    rows = run.results()
    if printer.json:
        printer.emit({**run.summary, "looks": rows.drop("log_e").to_dicts()})
        return
    printer.run(run, "looked at")
    told = rows.filter(status="ok").sort("p_value", "model")
    if told.height:
        printer.emit(told, _SHOWN)
    show_groups(printer, told)


JOB = Job(
    request=ABTest,
    check=known_cluster,
    tables=(LOOKS,),
    perform=perform,
    conclude=conclude,
    done="looked at",
    doing="counting",
    show=show,
)
