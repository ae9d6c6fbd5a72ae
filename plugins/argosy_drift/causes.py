"""Group alerts by what they have in common, so that one broken feature is one incident."""

from __future__ import annotations

import polars as pl

from argosy.tables import ALL_COLUMNS

_LEAST = 2
"""Models that must alert together before what they share is called the cause."""
_SHARE = 0.5
"""The share of all that have an upstream source, or a template, that must alert with it."""


def caused(alerts: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Add `kind` and `cause` to the alerts of one window.

    The cause is an upstream source where several columns of most models that read it alert;
    else a feature where several models alert in a column of this name; else a template where
    most of its models alert; else the model.

    Args:
        alerts: `model` and `column`, once each.
        units: `model`, `template` and `upstream` (a list of names) of every model compared.

    >>> alerts = pl.DataFrame({"model": ["a", "b", "c"], "column": ["age", "age", "size"]})
    >>> units = pl.DataFrame({"model": ["a", "b", "c"], "template": [None] * 3,
    ...     "upstream": [None] * 3}, schema={"model": str, "template": str, "upstream": list[str]})
    >>> caused(alerts, units).rows()
    [('a', 'age', 'feature', 'age'), ('b', 'age', 'feature', 'age'), ('c', 'size', 'model', 'c')]
    """
    read = units.select("model", source="upstream").explode("source").drop_nulls()
    sources = _shared(alerts, read, "source").filter(
        pl.col("columns") >= _LEAST, pl.col("share") > _SHARE
    )
    of_source = (
        read.join(sources, on="source")
        .sort("alerting", "source", descending=[True, False])
        .unique("model", keep="first")
        .select("model", "source")
    )
    templates = units.select("model", source="template").drop_nulls()
    of_template = templates.join(
        _shared(alerts, templates, "source").filter(pl.col("share") > _SHARE), on="source"
    ).select("model", template="source")
    told = alerts.join(of_source, on="model", how="left", maintain_order="left").join(
        of_template, on="model", how="left", maintain_order="left"
    )
    hurt = pl.col("model").filter(pl.col("source").is_null()).n_unique().over("column")
    own = pl.col("column") != ALL_COLUMNS  # that all of them alert together is no feature's fault
    by = [
        ("upstream", pl.col("source").is_not_null(), pl.col("source")),
        ("feature", own & (hurt >= _LEAST), pl.col("column")),
        ("template", pl.col("template").is_not_null(), pl.col("template")),
    ]
    kind = pl.coalesce(
        *[pl.when(holds).then(pl.lit(name)) for name, holds, _ in by], pl.lit("model")
    )
    cause = pl.coalesce(*[pl.when(holds).then(what) for _, holds, what in by], "model")
    return told.with_columns(kind=kind, cause=cause).drop("source", "template")


def _own_columns() -> pl.Expr:
    return pl.col("column").filter(pl.col("column") != ALL_COLUMNS).n_unique()


def _shared(alerts: pl.DataFrame, members: pl.DataFrame, by: str) -> pl.DataFrame:
    """Count, per group of models, who alerts, in how many columns, and which share they are."""
    all_ = members.group_by(by).agg(models=pl.col("model").n_unique())
    hit = (
        members.join(alerts, on="model")
        .group_by(by)
        .agg(alerting=pl.col("model").n_unique(), columns=_own_columns())
    )
    counted = hit.join(all_, on=by).with_columns(share=pl.col("alerting") / pl.col("models"))
    return counted.filter(pl.col("alerting") >= _LEAST)
