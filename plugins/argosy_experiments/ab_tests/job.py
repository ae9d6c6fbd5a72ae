"""The job `ab_test`: a look at an A/B test of every model, which may be taken at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from pydantic import AfterValidator, Field

from argosy.data.datasets import MODEL, read
from argosy.registry.frames import refuse_bad_name
from argosy.types import Conclusion, Job
from argosy.types.request import Metavar, Request, Role
from argosy_experiments.ab_tests.means import CONTROL, GROUPS, TREATMENT
from argosy_experiments.ab_tests.rates import COUNTED, STATE, begun, looked
from argosy_experiments.groups import ratio_mismatch
from argosy_experiments.tables import LOOKS

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset
    from argosy.types import Chunk, FleetView, Found, Printer, Ran, Tables

_WHO = ["model", "version"]
_COLUMNS = ("customer", "group", "success")
_NOTHING = pl.DataFrame(LOOKS.schema.empty_table()).drop("run_id", "at")
_SHOWN = [
    *("model", "looks", "control_n", "treatment_n", "effect", "lower", "upper", "p_value"),
    "verdict",
]
MISMATCH = 0.001
"""Groups whose sizes are this unlikely are told of."""


def _name(text: str) -> str:
    refuse_bad_name(text, "experiment")
    return text


class ABTest(Request):
    """Look at an A/B test of each model, and decide over all of them what can be decided.

    The data has a row per customer whose outcome is known for good: customer, group (control or
    treatment) and success, since the experiment began. Looking often costs nothing: evidence is
    kept from look to look, and verdicts stand.
    """

    experiment: Annotated[str, Metavar("NAME"), AfterValidator(_name)] = Field(
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


def perform(chunk: Chunk) -> Tables:
    """Count the customers of all models of a chunk."""
    options: Any = chunk.options
    # outcomes have no features: nothing is read but what is asked for
    models = pl.DataFrame(chunk.models).with_columns(pl.col("features").list.head(0).fill_null([]))
    parts = [counted(dataset) for dataset in read(models, options["location"], _COLUMNS)]
    return {LOOKS.name: pl.concat([_NOTHING, *parts], how="diagonal_relaxed").to_arrow()}


def counted(dataset: Dataset) -> pl.DataFrame:
    """Count customers and successes of both groups, for each model of a dataset."""
    models = dataset.models.select(_WHO)
    absent = [name for name in _COLUMNS if name not in dataset.rows.columns]
    reason = dataset.reason
    if reason is None and absent:
        reason = f"the outcomes at {dataset.binding['url']} have no column {absent[0]!r}"
    if reason is not None:
        return models.with_columns(status=pl.lit("failed"), reason=pl.lit(reason))
    rows = dataset.rows.select(
        pl.col(MODEL).alias("model"),
        pl.col("customer", "group").cast(pl.String),
        success=pl.col("success").cast(pl.Float64, strict=False),
    ).filter(pl.col("group").is_not_null())
    odd = rows.group_by("model").agg(
        nameless=pl.col("customer").null_count() > 0,
        strange=(~pl.col("group").is_in(GROUPS)).any(),
        unclear=(~pl.col("success").is_in([0.0, 1.0])).fill_null(True).any(),
    )
    people = rows.group_by("model", "customer").agg(
        pl.col("group").first(), of=pl.col("group").n_unique(), success=pl.col("success").max()
    )
    one = pl.col("of") == 1
    counts = people.group_by("model").agg(
        *(_of(group, pl.lit(1.0), "n") for group in GROUPS),
        *(_of(group, pl.col("success"), "successes") for group in GROUPS),
        switched=(~one).sum().cast(pl.Int64),
    )
    found = models.join(counts, on="model", how="left").join(odd, on="model", how="left")
    why = (
        pl.when(pl.col("nameless"))
        .then(pl.lit("a customer has no name"))
        .when(pl.col("strange"))
        .then(pl.lit(f"a group is neither {CONTROL!r} nor {TREATMENT!r}"))
        .when(pl.col("unclear"))
        .then(pl.lit("a success is neither 0 nor 1"))
        .when(pl.col("switched").is_null())
        .then(pl.lit(f"no customer of the model has a group at {dataset.binding['url']}"))
    )
    return found.select(
        *_WHO,
        *COUNTED,
        "switched",
        status=pl.when(why.is_null()).then(pl.lit("ok")).otherwise(pl.lit("failed")),
        reason=why,
    )


def _of(group: str, told: pl.Expr, name: str) -> pl.Expr:
    """Count what is told of customers who were seen in one group only."""
    own = (pl.col("of") == 1) & (pl.col("group") == group)
    return pl.when(own).then(told).otherwise(0.0).sum().alias(f"{group}_{name}")


def conclude(request: ABTest, found: Found) -> Conclusion:
    """Go on from the look before, and decide over all models of the experiment."""
    whole = pl.concat([_NOTHING, *found.answers.parts(LOOKS.name)], how="diagonal_relaxed")
    fine = whole.filter(pl.col("status") == "ok").sort("model")
    before = _before(found.scope.view, request.experiment)
    new = fine.join(before.select("model"), on="model", how="anti").select("model")
    fresh = begun(new.with_columns(base=pl.lit(request.base, pl.Float64)))
    state = pl.concat([before, fresh]).sort("model")
    fine = _since(fine, state)
    back = fine.filter("backwards")
    fine = fine.filter(~pl.col("backwards"))
    after = looked(state, _long(fine, "new_"), level=request.level)
    shares = {CONTROL: 1 - request.share, TREATMENT: request.share}
    ratio = ratio_mismatch(_long(fine, ""), shares).select(
        "model", ratio_p_value="p_value", ratio_q_value="q_value"
    )
    told = (
        fine.select(*_WHO, "switched", "status")
        .join(after, on="model", maintain_order="left")
        .join(ratio, on="model", how="left", maintain_order="left")
        .with_columns(pl.col("log_e").cast(pl.List(pl.Float64)))
    )
    fewer = "there are fewer customers or successes than at the last look; bind all of them"
    failed = pl.concat(
        [
            whole.filter(pl.col("status") != "ok").select(*_WHO, "reason"),
            back.select(*_WHO, reason=pl.lit(fewer)),
            found.lost.select(*_WHO, "reason"),
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
    """Add what came since the last look, and whether that cannot be."""
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


def _long(fine: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """Lay counts out as one row per model and group; models that are decided keep theirs."""
    open_ = pl.col("open") if prefix else pl.lit(True)
    return pl.concat(
        fine.filter(open_).select(
            "model",
            group=pl.lit(group),
            n=f"{prefix}{group}_n",
            successes=f"{prefix}{group}_successes",
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
    uneven = told.filter(pl.col("ratio_q_value") < MISMATCH)
    if uneven.height:
        title = f"{uneven.height} models whose groups are not as large as they should be"
        printer.emit(uneven, ["model", "control_n", "treatment_n", "ratio_p_value"], title=title)
    many = int(told["switched"].sum())
    if many:
        printer.say(f"{many:,} customers were seen in both groups, and count in neither")


JOB = Job(
    request=ABTest,
    tables=(LOOKS,),
    perform=perform,
    conclude=conclude,
    done="looked at",
    doing="counting",
    show=show,
)
