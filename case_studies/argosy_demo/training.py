"""Training, chunk by chunk, in whatever processes the executor has."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import ArgosyError
from argosy.plugins import installed
from argosy.types import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

CHUNK = 25
"""Models per chunk: about half a second of work."""


def train(
    roster: pl.DataFrame,
    data: Path,
    artifacts: Path,
    executor: str,
    progress: Callable[[int, int], None],
) -> pl.DataFrame:
    """Train every model of the roster on its reference rows.

    `data` holds `<template>/reference.parquet`; the models are written to
    `artifacts/<template>/<model>.skops`. `progress` is told the models done and
    the models in all.

    Returns one row per model: `model`, `artifact` (path), `digest`.

    Raises:
        ArgosyError: if a chunk failed, so that there would be no fleet to show.
    """
    chunks = [
        Chunk(
            id=f"{template}-{start}",
            models=models[start : start + CHUNK].to_arrow(),
            options={"data": str(data), "artifacts": str(artifacts)},
            isolate=True,
        )
        for (template,), models in roster.group_by("template", maintain_order=True)
        for start in range(0, models.height, CHUNK)
    ]
    done = []
    for finished in installed().executors[executor].run(chunks, perform):
        if finished is None:
            continue
        if finished.tables is None:
            raise ArgosyError(f"training stopped at {finished.chunk}: {finished.error}")
        table = finished.tables["trained"]
        done.append(pl.DataFrame(table))
        progress(sum(part.height for part in done), roster.height)
    return pl.concat(done).sort("model")


def perform(chunk: Chunk) -> dict[str, pa.Table]:
    """Train the models of one chunk, all of one template; called by name on a worker."""
    models = pl.DataFrame(chunk.models)
    template = models.item(0, "template")
    folder = Path(str(chunk.options["artifacts"])) / template
    folder.mkdir(parents=True, exist_ok=True)
    rows = (
        pl.scan_parquet(Path(str(chunk.options["data"])) / template / "reference.parquet")
        .filter(pl.col("model").is_in(models.get_column("model").to_list()))
        .collect()
        .partition_by("model", as_dict=True)
    )
    written = [_write(model, rows[(model["model"],)], folder) for model in models.to_dicts()]
    return {"trained": pl.DataFrame(written).to_arrow()}


def _write(model: dict[str, Any], rows: pl.DataFrame, folder: Path) -> dict[str, str]:
    """Fit one model and write it as a compressed skops file."""
    from zipfile import ZIP_DEFLATED

    from skops.io import dumps

    names = [feature["name"] for feature in model["features"]]
    fitted = _pipeline(model).fit(rows.select(names), rows.get_column("target").to_numpy())
    content: bytes = dumps(fitted, compression=ZIP_DEFLATED)
    path = folder / f"{model['model']}.skops"
    path.write_bytes(content)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"model": model["model"], "artifact": str(path), "digest": digest}


def _pipeline(model: dict[str, Any]) -> Pipeline:
    """Make the untrained pipeline: numbers scaled, the category one-hot encoded."""
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    by_type = {
        kind: [feature["name"] for feature in model["features"] if feature["type"] == kind]
        for kind in ("numeric", "categorical")
    }
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (StandardScaler(), by_type["numeric"]), (encoder, by_type["categorical"])
    )
    return make_pipeline(columns, _estimator(model["task"], model["algorithm"], model["seed"]))


def _estimator(task: str, algorithm: str, seed: int) -> BaseEstimator:
    """Make the estimator of one task and algorithm."""
    from sklearn import ensemble, linear_model, tree

    regression = task == "regression"
    match algorithm:
        case "linear":
            return linear_model.Ridge() if regression else linear_model.LogisticRegression()
        case "tree":
            grow = tree.DecisionTreeRegressor if regression else tree.DecisionTreeClassifier
            return grow(max_depth=3 if regression else 5, min_samples_leaf=8, random_state=seed)
        case "forest":
            plant = (
                ensemble.RandomForestRegressor if regression else ensemble.RandomForestClassifier
            )
            return plant(n_estimators=8, max_depth=6, random_state=seed)
        case _:
            boost = (
                ensemble.HistGradientBoostingRegressor
                if regression
                else ensemble.HistGradientBoostingClassifier
            )
            rounds = 5 if task == "multiclass" else 15  # each round grows one tree per class
            return boost(max_iter=rounds, max_leaf_nodes=8, early_stopping=False, random_state=seed)
