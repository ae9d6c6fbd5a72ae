"""What utilsforecast takes in processor seconds; run by the environment of `make peers`."""

import json
import statistics
import sys
import time
from importlib.metadata import version

import numpy as np
import polars as pl
from utilsforecast import losses

path, levels, rounds = sys.argv[1], [float(each) for each in sys.argv[2].split(",")], sys.argv[3]
points = pl.read_parquet(path)
methods = points["method"].unique(maintain_order=True).to_list()
keys = {"unique_id": "series", "ds": "time", "y": "truth"}
first = points.filter(pl.col("method") == methods[0])
columns = {name: first[column] for name, column in keys.items()}
for method in methods:
    own = points.filter(pl.col("method") == method)
    columns[method] = own["value"]
    for place, level in enumerate(levels):
        columns[f"{method}-q{place}"] = own["quantiles"].arr.get(place)
        share = round(abs(2 * level - 1) * 100)
        if share:
            side = "lo" if level < 0.5 else "hi"
            columns[f"{method}-{side}-{share}"] = columns[f"{method}-q{place}"]
wide = pl.DataFrame(columns)
train = wide.select("unique_id", "ds", "y")
shares = sorted({round(abs(2 * level - 1) * 100) for level in levels} - {0})
quantiled = {method: [f"{method}-q{place}" for place in range(len(levels))] for method in methods}


def measure() -> int:
    """Measure what both have: six metrics of numbers, each level, intervals, and CRPS."""
    for name in ("mae", "rmse", "wape", "smape", "bias"):
        getattr(losses, name)(wide, methods)
    losses.mase(wide, methods, seasonality=1, train_df=train)
    for place, level in enumerate(levels):
        models = {method: f"{method}-q{place}" for method in methods}
        losses.quantile_loss(wide, models, q=level)
    losses.mqloss(wide, quantiled, quantiles=np.array(levels))
    for share in shares:
        losses.coverage(wide, methods, level=share)
        losses.winkler_score(wide, methods, level=share)
    return 7 + len(levels) + 2 * len(shares)


spent = []
for _ in range(int(rounds)):
    started = time.process_time()
    metrics = measure()
    spent.append(time.process_time() - started)
found = {
    "version": version("utilsforecast"),
    "seconds": statistics.median(spent),
    "metrics": metrics,
}
print(json.dumps(found))
