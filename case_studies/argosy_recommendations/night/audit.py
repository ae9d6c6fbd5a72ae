"""Was what a night promoted better than what it replaced? Only a drawn market can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy_recommendations.generator.quality import true_quality
from argosy_recommendations.night.cycle import CHAMPION, COMPARISON
from argosy_recommendations.night.naming import version_of
from argosy_recommendations.night.opening import METRIC

if TYPE_CHECKING:
    from argosy import Fleet
    from argosy_recommendations.generator.feeds import Night

FORMER = "former"
"""The alias of the version that was replaced last."""


def audit(fleet: Fleet, night: Night, executor: str = "local") -> pl.DataFrame:
    """Let champions promoted by a night, and those they replaced, rank the same customers.

    The lists are judged by what the customers truly want, not by what they happened to buy.

    It is kept beside the fleet, and made once: champions may have been replaced since.

    Args:
        fleet: after the night.
        night: which one.
        executor: where the models are asked.

    Returns:
        One row per promotion that replaced a version: `model`, `former`, `version`,
        `former_quality`, `quality` (see `generator.quality`), `effect` (that was measured).
    """
    audits, name = fleet.folder("audits"), f"{night.date}.parquet"
    if not audits.holds(name):
        audits.write_table(name, _audited(fleet, night, executor))
    return audits.scan(name).collect()


def _audited(fleet: Fleet, night: Night, executor: str) -> pl.DataFrame:
    replaced = _replaced(fleet, night)
    if replaced.is_empty():
        return replaced.with_columns(former_quality=pl.lit(0.0), quality=pl.lit(0.0))
    work = fleet.in_group(f"audit-{night.date}")
    work.set_alias(replaced.select("model", version="former"), FORMER)
    version = version_of(fleet, night)
    where = f"aliases.{CHAMPION} = '{version}' AND aliases.{FORMER} IS NOT NULL"
    told = replaced
    for alias, name in ((FORMER, "former_quality"), (CHAMPION, "quality")):
        run = work.predict(where, data="holdout", alias=alias, executor=executor)
        url = f"{fleet.url}/predicted/{run.id}/*.parquet"
        options = fleet.location.table_options(url)
        lists = pl.read_parquet(url, storage_options=options or None)
        found = true_quality(night.market, night.day, lists.rename({"model": "client"}))
        told = told.join(found.rename({"client": "model", "quality": name}), on="model")
    return told


def _replaced(fleet: Fleet, night: Night) -> pl.DataFrame:
    runs = fleet.runs().filter(group=night.group, kind="compare").select("run_id")
    pairs = fleet.comparisons().filter(comparison=COMPARISON, metric=METRIC)
    champions = fleet.aliases().filter(alias=CHAMPION).select("model", "version")
    return (
        pairs.join(runs, on="run_id", how="semi")
        .select("model", "effect", version="challenger_version", former="champion_version")
        .join(champions, on=["model", "version"], how="semi")
        .sort("model")
        .collect()
    )
