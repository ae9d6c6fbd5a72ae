"""The fleet before its first night: one prototype, and a model of it for every client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from argosy import Fleet
    from argosy_recommendations.generator.market import Market

TEMPLATE = "recommender"
METRIC = "ndcg_at_10"
MARGIN = 0.01
REGIONS = ("north", "south", "east", "west")


def open_fleet(fleet: Fleet, market: Market) -> None:
    """Define the prototype and register every client with it, unless that was done before.

    The prototype is trained every day although a version takes a week to show its effect, which
    the fleet warns of: that is how the clients want it, and the warning says what it costs.
    """
    if fleet.templates().filter(template=TEMPLATE).collect().is_empty():
        fleet.define(
            {
                "template": [TEMPLATE],
                "trainer": ["recommender"],
                "params": [{"length": "20"}],
                "metrics": [[METRIC, "recall_at_10", "coverage_at_10"]],
                "comparison": ["paired_ranking"],
                "metric": [METRIC],
                "margin": [MARGIN],
                "schedule": ["daily 00:00"],
                "effect_delay": ["7d"],
                "data": ["training"],
                "task": ["ranking"],
                "owner": ["recommendations-on-call"],
            }
        )
    known = fleet.models().select("model").collect()["model"]
    clients = pl.DataFrame(
        {
            "model": market.names,
            "team": "recommendations",
            "purpose": "Say what to offer on a call.",
            "tier": 3,
            "tags": [
                {"region": REGIONS[number % len(REGIONS)], "serving": "on"}
                for number in range(market.clients)
            ],
        },
        schema_overrides={"tags": pl.Map(pl.String, pl.String)},
    ).filter(~pl.col("model").is_in(known.implode()))
    if clients.height:
        fleet.instantiate(TEMPLATE, clients)
