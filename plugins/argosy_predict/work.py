"""The work of one chunk of a prediction: each model predicts its rows, and they are written."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import MODEL
from argosy.errors import BadInput
from argosy.jobs.worker import STAGE
from argosy.tables import PREDICTED_FOLDER, PREDICTIONS
from argosy_predict.files import Files
from argosy_rows.groups import grouped
from argosy_rows.together import read_together
from argosy_scoring.batches import blocks
from argosy_scoring.model_cache import Models, answered, failure, features

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.types import Chunk, Tables

OWN = ("model", "version", "prediction", "probabilities")
"""Columns of the files that the data must not give another meaning."""


def perform(chunk: Chunk) -> Tables:
    """Let the chunk's models predict; a model that fails is one row with its reason."""
    location: Any = chunk.options["location"]
    models = pl.DataFrame(chunk.models)
    outcomes: list[dict[str, Any]] = []
    with Files(location, posixpath.join(PREDICTED_FOLDER, str(chunk.options[STAGE]))) as files:
        for block in blocks(models, location):
            held = Models(location)
            for dataset in read_together(block, location):
                outcomes += _of(dataset, held, files)
    rows = pl.DataFrame(outcomes, ROW, orient="row")
    sha256 = pl.col("file").replace_strict(files.sha256, return_dtype=pl.String)
    return {"predictions": rows.with_columns(sha256=sha256).to_arrow()}


def _of(dataset: Dataset, models: Models, files: Files) -> Iterator[dict[str, Any]]:
    """Yield what became of each model of a dataset, in the order of their names."""
    if dataset.reason is not None:
        yield from (_failed(unit, dataset.reason) for unit in dataset.models.to_dicts())
        return
    rows, groups, lengths = grouped(dataset.rows, [MODEL])
    ends = lengths.cumsum()
    begins = dict(zip(groups[MODEL], (ends - lengths).tolist(), strict=True))
    sizes = dict(zip(groups[MODEL], lengths.tolist(), strict=True))
    bare = dataset.models.join(groups, left_on="model", right_on=MODEL, how="anti")
    absent = dict(zip(bare["model"], dataset.absent(bare), strict=True))
    for unit in dataset.models.sort("model").iter_rows(named=True):
        name = unit["model"]
        if name in absent:
            yield _failed(unit, absent[name])
            continue
        own = rows.slice(begins[name], sizes[name])
        try:
            yield _kept(unit, own, dataset, models, files)
        except Exception as error:  # a stranger's model may raise anything
            yield _failed(unit, failure(error))


def _kept(
    unit: dict[str, Any], rows: pl.DataFrame, dataset: Dataset, models: Models, files: Files
) -> dict[str, Any]:
    """Let one model predict its rows, and write them in the order of their ids."""
    identity = dataset.binding["id"]
    if identity in OWN:
        raise BadInput(f"its rows are named by the column {identity!r}; call that otherwise")
    if identity is not None and identity not in rows.columns:
        raise BadInput(f"the data at {dataset.binding['url']} has no column {identity!r}")
    predictor = models.get(unit)
    answer = answered(predictor, rows, features(unit, dataset, predictor.task), dataset.binding)
    _refuse_nothing(answer["prediction"])
    names = [pl.lit(unit[name]).alias(name) for name in ("model", "version")]
    ids = [] if identity is None else [_written(rows[identity])]
    whole = answer.select(*names, *ids, *answer.columns)
    if ids:
        whole = whole.sort(identity, maintain_order=True)
    file = files.add(whole.to_arrow(), ["model", *([identity] if ids else [])])
    kept = {"file": file, "n": whole.height, "id": identity, "task": predictor.task}
    return {**_blank(unit), **kept, "status": "ok"}


def _written(ids: pl.Series) -> pl.Series:
    """Return ids in a type that Parquet has: it has no integers of 128 bits."""
    if ids.dtype not in (pl.Int128, pl.UInt128):
        return ids
    exact = ids.cast(pl.Decimal(38, 0), strict=False)
    return exact if exact.null_count() == ids.null_count() else ids.cast(pl.String)


def _refuse_nothing(prediction: pl.Series) -> None:
    lacking = prediction.is_null()
    if prediction.dtype.is_float():
        lacking |= ~prediction.is_finite()
    if lacking.any():
        raise BadInput(f"it predicted no value in {lacking.sum()} of {len(prediction)} rows")


def _failed(unit: dict[str, Any], reason: str) -> dict[str, Any]:
    return {**_blank(unit), "n": 0, "status": "failed", "reason": reason}


def _blank(unit: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(ROW) | {"model": unit["model"], "version": unit["version"]}


_FACT = pl.DataFrame(PREDICTIONS.empty_table()).schema
ROW: dict[str, Any] = {
    **{name: _FACT[name] for name in ("model", "version", "task", "file", "n", "status", "reason")},
    "id": pl.String,
}
"""What is known of each model's predictions: the facts, and the column that names rows."""
