"""How often 95 % intervals of metrics hold what they estimate, where rows depend on each other."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import argosy  # isort: skip  (it tells polars' allocator to keep memory, so it comes first)

import numpy as np
import polars as pl
from _measure import peer
from _processes import autoregressive, day_effects, independent, noisy, times

PROCESSES = {
    "independent rows": (independent, 720, 24),
    "autoregression 0.9": (autoregressive(0.9), 720, 24),
    "autoregression 0.95, and as much noise": (noisy(0.95), 720, 24),
    "days of 24 rows, 30 % in common": (day_effects(0.3, 24), 720, 24),
    "lag 24, autoregression 0.8": (autoregressive(0.8, lag=24), 720, 24),
    "lag 24, autoregression 0.8, 4,320 rows": (autoregressive(0.8, lag=24), 4_320, 24),
}
REGRESSION, BINARY = ("bias", "mae", "wape"), ("auc", "log_loss")
TWENTY = 20
"""Clusters, of as many rows each."""
Held = dict[str, float]


def coverage(models: int, seed: int) -> None:
    """Print the share of models whose interval holds the metric's value over all models."""
    metrics = (*REGRESSION, *BINARY)
    print(f"\n95 % intervals that hold the value, of {models:,} models of 720 rows; in brackets as")
    print("if rows were independent, then Newey and West's with the usual lag (statsmodels)")
    print(f"{'':<42}" + "".join(f"{name:>18}" for name in metrics))
    for place, (name, (draw, rows, per_day)) in enumerate(PROCESSES.items()):
        many = max(20, models * 720 // rows)
        data = drawn(draw, many, rows, seed + place)
        at = pl.concat([times(rows, per_day)] * many)
        table = data.with_columns(time=at)
        told(name, table, {"timestamp": "time"}, metrics)
    clusters = drawn(day_effects(0.3, TWENTY), models, TWENTY * TWENTY, seed + 50)
    customer = pl.int_range(pl.len()).over("model") // TWENTY
    table = clusters.with_columns(customer=customer)
    told("20 customers of 20 rows, 30 % in common", table, {"cluster": "customer"}, metrics)


def drawn(draw: Callable[..., np.ndarray], models: int, rows: int, seed: int) -> pl.DataFrame:
    """Return logged predictions whose errors and whose classes follow a process."""
    rng = np.random.default_rng(seed)
    shape = (rows, models)
    error, hidden = draw(rng, shape), draw(rng, shape)
    score = 1 / (1 + np.exp(-(draw(rng, shape) - 0.5)))
    label = hidden + 1.5 * np.log(score / (1 - score)) > 0
    load = 10 + rng.standard_normal(shape)
    columns = {
        "truth": load,
        "said": load + error,
        "score": score,
        "label": label.astype(np.int64),
    }
    names = np.repeat([f"{place:05}" for place in range(models)], rows)
    return pl.DataFrame({"model": names, **{n: v.T.ravel() for n, v in columns.items()}})


def told(name: str, table: pl.DataFrame, order: dict[str, str], metrics: tuple[str, ...]) -> None:
    ours, naive, theirs = held(table, order), held(table, {}), newey_west(table)
    cells = []
    for metric in metrics:
        usual = f", {theirs[metric]:.0%}" if metric in theirs else ""
        cells.append(f"{ours[metric]:.1%} ({naive[metric]:.0%}{usual})")
    print(f"{name:<42}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


def held(table: pl.DataFrame, order: dict[str, str]) -> Held:
    """Return, by metric, how many models' intervals hold the mean over all models."""
    with tempfile.TemporaryDirectory() as name:
        found = [
            measured(Path(name) / task, table, task, order) for task in ("regression", "binary")
        ]
    values = pl.concat(found)
    centre = pl.col("value").mean().over("metric")
    inside = (pl.col("lower") <= centre) & (centre <= pl.col("upper"))
    shares = values.group_by("metric").agg(inside.fill_null(value=False).mean())
    return dict(shares.iter_rows())


def measured(folder: Path, table: pl.DataFrame, task: str, order: dict[str, str]) -> pl.DataFrame:
    fleet = argosy.open(str(folder), create=True)
    models = table["model"].unique(maintain_order=True).to_list()
    fleet.register(
        pl.DataFrame(
            {"model": models, "version": ["1"] * len(models), "task": [task] * len(models)}
        )
    )
    path = str(folder / "log.parquet")
    table.write_parquet(path)
    columns = {"truth": "truth", "prediction": "said"}
    if task == "binary":
        columns = {"truth": "label", "score": "score"}
    fleet.bind([{"role": "holdout", "url": path, "key": "model", **columns, **order}])
    names = list(REGRESSION if task == "regression" else BINARY)
    found = fleet.evaluate(metrics=names).results().filter(pl.col("metric").is_in(names))
    return found.select("metric", "value", "lower", "upper")


def newey_west(table: pl.DataFrame) -> Held:
    """Return the coverage of bias and mae by a HAC interval of the mean, where statsmodels is."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "errors.parquet"
        table.select("model", error=pl.col("said") - pl.col("truth")).write_parquet(path)
        return peer("statsmodels", "_newey_west_peer.py", str(path)) or {}
