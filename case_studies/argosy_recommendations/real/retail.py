"""Online Retail: three kinds of recommender of all markets, and a pipeline of each country."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from argosy import Fleet

FILE = "reco_online_retail.parquet"
CUT = datetime(2011, 11, 1)
LEAST = 5
"""Customers who bought an item, and items that a customer bought, or neither is looked at."""
KINDS = ("popularity", "item_knn", "ease")
MARKETS = ("Germany", "France", "United Kingdom")
COUNTRY = "country-pipeline"
METRICS = ("recall_at_20", "ndcg_at_20")


def play(fleet: Fleet, data: Path, executor: str) -> tuple[dict[str, float], pl.DataFrame]:
    """Train on the purchases before November 2011, and judge by what was bought first from then on.

    Returns:
        The figures, and one row per country: `model`, `n` (purchases), `chosen`, `why`; where
        nothing could be learnt, `chosen` is `nothing`.

    Raises:
        BadInput: if the data is not there.

    Source: D. Chen, "Online Retail", UCI Machine Learning Repository (2015); EASE: H. Steck,
    "Embarrassingly shallow autoencoders for sparse data", WWW 2019.
    """
    path = data / FILE
    if not path.is_file():
        raise BadInput(f"there is no {FILE} in {data}; name the folder that has it with --data")
    countries = sorted(pl.scan_parquet(path).select("country").collect()["country"].unique())
    if fleet.templates().filter(template=COUNTRY).collect().is_empty():
        _define(fleet)
        for kind in KINDS:
            fleet.instantiate(f"all-{kind}", pl.DataFrame({"model": [f"all markets {kind}"]}))
        fleet.instantiate(COUNTRY, pl.DataFrame({"model": countries}))
        _bind(fleet, path)
    untrained = "version IS NULL"
    if len(fleet.where(untrained)):
        fleet.train(untrained, executor)
    every = " OR ".join(f"template = 'all-{kind}'" for kind in KINDS)
    run = fleet.evaluate(every, metrics=METRICS, slices=["country"], least=LEAST, executor=executor)
    return _figures(run.results()), _chosen(fleet, countries)


def _define(fleet: Fleet) -> None:
    told = {"lambda": "500", "least_customers": str(LEAST)}
    whole = [{"template": f"all-{kind}", "params": told | {"candidates": kind}} for kind in KINDS]
    every = [*whole, {"template": COUNTRY, "params": {"lambda": "500"}}]
    for row in every:
        common = {"trainer": "recommender", "task": "ranking", "data": "training"}
        fleet.define([row | common])


def _bind(fleet: Fleet, path: Path) -> None:
    folder = fleet.folder("retail")
    bought, judged = split(pl.read_parquet(path))
    folder.write_table("training.parquet", bought.sort("country"))
    folder.write_table("holdout.parquet", judged)
    training = {"role": "training", "url": folder.file("training.parquet"), "timestamp": "at"}
    holdout = {"role": "holdout", "url": folder.file("holdout.parquet"), "id": "customer"}
    rows = [
        row | {"template": f"all-{kind}"}
        for kind in KINDS
        for row in (training, holdout | {"truth": "bought"})
    ]
    fleet.bind([*rows, training | {"template": COUNTRY, "key": "country"}])


def split(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the purchases to train on, and whom to judge by.

    Known customers and products only (codes that begin with five digits), nothing that was sent
    back or given away. Judged are customers with at least five items of those that five customers
    bought, who bought another one of these from November on.

    Returns:
        `customer`, `item`, `at`, `country`; and `customer`, `history`, `bought` (lists), `country`.
    """
    known = rows.filter(
        pl.col("customer_id").is_not_null(),
        pl.col("quantity") > 0,
        pl.col("unit_price") > 0,
        pl.col("stock_code").str.contains(r"^\d{5}"),
    ).select(customer="customer_id", item="stock_code", at="invoice_ts", country="country")
    before = known.filter(pl.col("at") < CUT)
    pairs = before.select("customer", "item").unique()
    items = pairs.group_by("item").len().filter(pl.col("len") >= LEAST)
    history = (
        pairs.join(items, on="item", how="semi")
        .group_by("customer")
        .agg(history="item")
        .filter(pl.col("history").list.len() >= LEAST)
    )
    later = known.filter(pl.col("at") >= CUT).join(items, on="item", how="semi")
    new = later.join(pairs, on=["customer", "item"], how="anti")
    bought = new.group_by("customer").agg(
        bought=pl.col("item").unique().sort(), country=pl.col("country").first()
    )
    return before, history.join(bought, on="customer").sort("customer")


def _figures(rows: pl.DataFrame) -> dict[str, float]:
    named = {f"all markets {kind}": kind for kind in KINDS}
    told = {}
    for model, part, metric, value in rows.select("model", "slice", "metric", "value").rows():
        country = next((name for name in MARKETS if part is not None and name in part), None)
        if metric is not None and part == "all":
            told[f"{metric} {named[model]}"] = value
        elif metric == METRICS[0] and country and named[model] != "item_knn":
            told[f"{metric} {named[model]}, {country}"] = value
    return told


def _chosen(fleet: Fleet, countries: list[str]) -> pl.DataFrame:
    """Return what every country's pipeline has chosen."""
    params = pl.col("params").map
    versions = fleet.versions().filter(pl.col("model").is_in(countries)).collect()
    made = fleet.trainings().filter(template=COUNTRY).collect().sort("at")
    last = made.unique("model", keep="last").select("model", "n", "reason")
    told = versions.select("model", chosen=params.get("chosen"), why=params.get("why"))
    return (
        last.join(told, on="model", how="left")
        .sort("n", "model", descending=[True, False])
        .select(
            "model",
            "n",
            pl.col("chosen").fill_null("nothing"),
            why=pl.coalesce("why", "reason"),
        )
    )
