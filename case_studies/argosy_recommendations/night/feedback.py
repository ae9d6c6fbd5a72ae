"""The day after a night: who called, what they were shown, and what they bought of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.plugins import installed
from argosy_recommendations.generator.feeds import feed_file
from argosy_recommendations.generator.responses import callers, responses
from argosy_recommendations.serving.batch import offered
from argosy_recommendations.serving.lookup_service import ANYBODY

if TYPE_CHECKING:
    from argosy import Fleet
    from argosy_recommendations.generator.feeds import Night

EXPERIMENT = "personal lists"
CONTROL, TREATMENT = "control", "treatment"
SHARES = {CONTROL: 0.2, TREATMENT: 0.8}
"""One customer in five is shown what everybody is shown, for as long as the experiment runs."""
SHOWN = 5
"""Items on a salesperson's screen."""
WINDOW = "1d"


def experiments(fleet: Fleet) -> Any:  # noqa: ANN401
    """Return what the plugin `experiments` adds to a fleet."""
    return installed().accessors["experiments"].make(fleet)


def serve(fleet: Fleet, night: Night) -> None:
    """Answer all calls of the day after a night, log what was shown, and what was bought of it.

    A day that was served is not served again: what was shown then is what is on the log.
    """
    market, day, name = night.market, night.day, f"{night.date}.parquet"
    purchases = fleet.folder("purchases")
    if purchases.holds(name):
        return
    calls = callers(market, day).with_columns(model="client")
    feed = fleet.folder(f"feeds/{night.date}").scan(feed_file("customers"))
    known = feed.select("client", "customer", "history").collect()
    calls = calls.join(known, on=["client", "customer"], how="left", maintain_order="left")
    calls = calls.with_columns(experiments(fleet).group(EXPERIMENT, SHARES))
    plain = pl.col("group") == CONTROL
    asked = calls.rename({"customer": "caller"}).with_columns(
        customer=pl.when(plain).then(pl.lit(ANYBODY)).otherwise("caller")
    )
    answered = offered(fleet, asked, SHOWN).drop("customer").rename({"caller": "customer"})
    shown = answered.filter(pl.col("items").list.len() > 0)
    experiments(fleet).record(shown.with_columns(experiment=pl.lit(EXPERIMENT)))
    came = responses(market, day, shown).rename({"client": "model"})
    sold = came.filter("bought").drop("bought")
    summed = came.select(pl.len().alias("items"), pl.col("chance").sum())
    fleet.folder("calls").write_table(name, summed)
    purchases.write_table(name, sold)


def feedback(fleet: Fleet) -> pl.DataFrame:
    """Give every exposure of the fleet the purchases that followed it within a day."""
    sold = fleet.folder("purchases").scan().collect()
    followed: pl.DataFrame = experiments(fleet).followed(sold, WINDOW)
    return followed


def expected_purchases(fleet: Fleet) -> float:
    """Return how many purchases the chances of all that was shown add up to."""
    calls = fleet.folder("calls").scan()
    return float(calls.select(pl.col("chance").sum()).collect().item())
