"""Rank models, or groups of them, by a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.kernels import mean
from argosy.plugins import installed
from argosy.sql.expression import ENGINE, expression
from argosy.sql.refusal import RefusedSQL, first_line, shown
from argosy.views.facts import WINDOW, newest
from argosy.views.group_means import ROWS, VARIES, squares, with_interval

if TYPE_CHECKING:
    from argosy.types import Metric

_SHOWN = (
    *("model", "version", "value", "lower", "upper", "n", "dataset", "window", "dataset_digest"),
)


USUAL = ("auc", "accuracy", "rmse")


def usual(rows: pl.DataFrame) -> str:
    """Return the metric that most models have; ties go to a well-known one, then by name.

    Raises:
        BadInput: if nothing was measured.

    >>> usual(pl.DataFrame({"model": ["a", "a", "b"], "metric": ["f1", "auc", "f1"]}))
    'f1'
    """
    if rows.is_empty():
        raise BadInput("nothing was measured yet; run `argosy evaluate` first")
    counted = rows.group_by("metric").agg(models=pl.col("model").n_unique())
    places = {name: place for place, name in enumerate(USUAL)}
    known = pl.col("metric").replace_strict(places, default=len(USUAL), return_dtype=pl.Int64)
    return str(
        counted.sort("models", known, "metric", descending=[True, False, False])["metric"][0]
    )


def leaderboard(
    rows: pl.DataFrame,
    models: pl.DataFrame,
    metric: str,
    data: str | None,
    group_by: str | None,
    slice_: str,
    window: str | None = None,
    varies: str = ROWS,
) -> pl.DataFrame:
    """Rank models by the values of a metric that stand, best first; equal values share a rank.

    All of them are of one role, one slice and either all rows or one window: of all rows where any
    model was measured so, else of the newest whole window. Models without such a value are left
    out.

    A group's value is the mean of its models' values, all weighted equally; where a metric is best
    at some value, as a bias is at zero, it is that of how far they lie from it. Its 95 % interval
    keeps to the metric's bounds, and `varies` says over what: see `argosy.views.group_means`.

    Args:
        rows: evaluations as they stand, of one metric.
        models: which, with the columns that groups are made of.
        metric: its name.
        data: the role of the data; None if there is only one.
        group_by: a SQL expression over `models`, or None.
        slice_: which slice of the rows.
        window: which window; None for all rows.
        varies: what the interval of a group is over: rows, models or both.

    Raises:
        UnknownName: for a metric, role, slice, window, column or variation that does not exist.
        BadInput: if it was measured on several roles and none is named.
    """
    judged = installed().metrics[metric]
    if varies not in VARIES:
        raise UnknownName.among("variation", varies, VARIES)
    found = _of_role(rows, metric, data).filter(
        pl.col("value").is_finite(), slice=slice_, status="ok"
    )
    if found.is_empty() and rows.height:
        raise UnknownName.among("slice", slice_, rows["slice"].unique().drop_nulls())
    mine = found.join(models.select("model"), on="model", how="semi")
    alike = _of_window(mine, metric, window).sort("at", maintain_order=True)
    last = alike.unique("model", keep="last", maintain_order=True)
    table = (
        last.select(_SHOWN)
        if group_by is None
        else _grouped(last, models, group_by, judged, varies)
    )
    distances = group_by is not None and judged.best is not None
    good = -pl.col("value") if distances else judged.goodness(pl.col("value"))
    rank = good.rank("min", descending=True).cast(pl.Int64)
    order = [name for name in table.columns if name not in {"value", "lower", "upper"}][:1]
    return table.select(rank.alias("rank"), pl.all()).sort("rank", *order)


def _of_role(rows: pl.DataFrame, metric: str, data: str | None) -> pl.DataFrame:
    roles = rows["dataset"].unique().sort().to_list()
    if not roles:
        raise BadInput(f"{metric} was never measured; run `argosy evaluate` first")
    if data is None and len(roles) > 1:
        told = ", ".join(roles)
        raise BadInput(f"{metric} was measured on several roles; name one of them: {told}")
    if data is not None and data not in roles:
        raise UnknownName.among("role that the metric was measured on", data, roles)
    return rows.filter(dataset=data or roles[0])


def _of_window(rows: pl.DataFrame, metric: str, window: str | None) -> pl.DataFrame:
    """Keep the numbers of all rows, or those of one window: numbers of several do not compare."""
    all_rows, cut = rows.filter(pl.col("window").is_null()), rows.drop_nulls("window")
    if window is not None:
        if window not in cut["window"]:
            raise UnknownName.among("window", window, cut["window"].unique().sort())
        cut = cut.filter(window=window)
    elif all_rows.height or cut.is_empty():
        return all_rows
    else:
        cut = cut.filter(pl.col("whole").fill_null(value=True))
        if cut.is_empty():
            raise BadInput(
                f"{metric} was measured in windows that are not whole alone; measure longer, or"
                " name a window"
            )
    return cut.join(newest(cut, WINDOW).select(WINDOW), on=WINDOW, how="semi", nulls_equal=True)


def _grouped(
    rows: pl.DataFrame, models: pl.DataFrame, group_by: str, metric: Metric, varies: str
) -> pl.DataFrame:
    title = group_by if group_by not in {"rank", "models", "value", "n"} else "group"
    named = models.select("model", argosy_group=_group(group_by, models))
    good = metric.goodness(pl.col("value"))
    ordered = rows.join(named, on="model").sort(good, "model", descending=[True, False])
    value = pl.col("value") if metric.best is None else -good
    grouped = ordered.group_by("argosy_group", maintain_order=True).agg(
        models=pl.len().cast(pl.Int64),
        value=mean(value),
        **squares(value),
        n=pl.col("n").sum(),
        dataset=pl.col("dataset").first(),
        window=pl.col("window").first(),
        best=pl.col("model").first(),
        worst=pl.col("model").last(),
    )
    shown = ("models", "value", "lower", "upper", "varies", "n", "dataset", "window")
    ended = with_interval(grouped, metric, varies)
    return ended.select("argosy_group", *shown, "best", "worst").rename({"argosy_group": title})


def _group(text: str, models: pl.DataFrame) -> pl.Expr:
    try:
        found = expression(text)
        for name in found.meta.root_names():
            if name not in models.columns:
                raise UnknownName.among("column", name, models.columns)
        models.select(found)
    except (RefusedSQL, *ENGINE) as error:
        raise BadInput(f"cannot group by {shown(text)}: {first_line(error)}") from error
    return found
