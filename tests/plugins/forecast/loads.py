"""A small grid of loads, and a fleet that forecasts them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

START = datetime(2024, 1, 1, tzinfo=UTC)
NODES = ("east", "north", "west")


def loads(days=70, nodes=NODES, seed=1):
    """Return hourly loads: `node`, `ts`, `mw`; a day and a week have their shape."""
    generator = np.random.default_rng(seed)
    hours = np.arange(24 * days)
    shape = 100 + 20 * np.sin(hours / 24 * 2 * np.pi) + 10 * (hours // 24 % 7 < 5)
    parts = [
        pl.DataFrame(
            {
                "node": node,
                "ts": [START + timedelta(hours=int(hour)) for hour in hours],
                "mw": (shape + generator.normal(size=len(hours))) * (place + 1),
            }
        )
        for place, node in enumerate(nodes)
    ]
    return pl.concat(parts)


def grid_fleet(fleet, folder, rows, forecaster="seasonal_naive", **binding):
    """Register a model for every node, and train it on what is known."""
    nodes = rows["node"].unique().sort().to_list()
    rows.write_parquet(folder / "loads.parquet")
    fleet.add_root(str(folder))
    template = {"template": "load", "trainer": "forecast", "params": {"forecaster": forecaster}}
    fleet.define([{**template, "data": "history"}])
    fleet.instantiate("load", pl.DataFrame({"model": nodes}))
    bound = {
        "role": "history",
        "model": nodes,
        "url": str(folder / "loads.parquet"),
        "key": "node",
        "timestamp": "ts",
        "truth": "mw",
        "frequency": "1h",
        **binding,
    }
    fleet.bind(pl.DataFrame(bound))
    run = fleet.train()
    assert run.summary["ok"] == len(nodes), run.failures()["reason"].to_list()
    return fleet
