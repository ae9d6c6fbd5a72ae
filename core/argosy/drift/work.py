"""The work of one chunk of a drift check: gather both sides, then measure all columns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.drift import distributions, profiles
from argosy.drift.correction import LEVEL
from argosy.drift.pairing import paired
from argosy.drift.sides import side
from argosy.errors import PluginError
from argosy.jobs.datasets import read
from argosy.jobs.worker import prepared
from argosy.plugins import call, installed
from argosy.plugins.calling import whole
from argosy.tables import ANSWERS, DRIFT

if TYPE_CHECKING:
    from argosy.drift.pairing import Samples
    from argosy.types import Chunk, Detector, Tables

_KEYS = ("model", "version", "column", "n_ref", "n_cur", "null_ref", "null_cur")


@prepared
def perform(chunk: Chunk) -> Tables:
    """Measure drift of the chunk's models; one that cannot be compared is a row with its reason."""
    names: Any = chunk.options["detectors"]
    least: Any = chunk.options["min_rows"]
    location: Any = chunk.options["location"]
    detectors = [installed().detectors[name] for name in names]
    models = pl.DataFrame(chunk.models)
    before, wanted, fresh = profiles.known(models, location)
    after = side(list(read(models.rename({"current": "binding"}), location)), wanted, "current")
    samples = paired(before, after, models.select("model", "version"))
    parts = [_trouble(samples.trouble, models)]
    # one table per kind, the same for every detector: what one finds out the next need not
    tables = {kind: getattr(samples, kind).to_arrow() for kind in ("numeric", "categorical")}
    for detector in detectors:
        parts += [_measured(detector, tables[kind], least) for kind in sorted(detector.kinds)]
    empty = pl.DataFrame(DRIFT.empty_table()).drop("run_id", "at")
    results = pl.concat([empty, *parts], how="diagonal_relaxed")
    return {
        "drift": results.to_arrow(),
        "distributions": _pictures(samples, results).to_arrow(),
        "profiles": fresh.to_arrow(),
    }


def _measured(detector: Detector, table: pa.Table, least: int) -> pl.DataFrame:
    keys = pl.DataFrame(table.select(_KEYS)).with_columns(detector=pl.lit(detector.name))
    try:
        told = call("detectors", detector.name, detector.measure, table, answers=pa.Table)
        told = whole("detectors", detector.name, told, ANSWERS, table.num_rows)
    except PluginError as error:
        return keys.with_columns(status=pl.lit("failed"), reason=pl.lit(str(error)))
    answer = pl.DataFrame(told)
    few = pl.min_horizontal("n_ref", "n_cur") < least
    return keys.hstack(answer).with_columns(
        reason=pl.when(few)
        .then(
            pl.format(
                "only {} reference and {} current rows; {} are needed",
                "n_ref",
                "n_cur",
                pl.lit(least),
            )
        )
        .otherwise("reason"),
        status=pl.when(few | pl.col("reason").is_not_null())
        .then(pl.lit("insufficient"))
        .otherwise(pl.lit("ok")),
    )


def _trouble(trouble: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    return (
        trouble.unique(maintain_order=True)
        .join(models.select("model", "version"), on="model", how="inner", maintain_order="left")
        .with_columns(status=pl.lit("failed"))
    )


def _pictures(samples: Samples, results: pl.DataFrame) -> pl.DataFrame:
    floors = {name: detector.floor for name, detector in installed().detectors.items()}
    floor = pl.col("detector").replace_strict(floors, default=0.0, return_dtype=pl.Float64)
    may_alert = (pl.col("p_value") < LEVEL) & (pl.col("effect") >= floor)
    worth = results.filter(may_alert).select("model", "column").unique()
    pair = ["model", "column"]
    return pl.concat(
        [
            distributions.numeric(samples.numeric.join(worth, on=pair, how="semi")),
            distributions.categorical(samples.categorical.join(worth, on=pair, how="semi")),
        ],
        how="diagonal_relaxed",
    )
