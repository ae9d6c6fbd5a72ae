"""The work of one chunk of a drift check: gather both sides, then measure all columns at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.drift import distributions, profiles
from argosy.drift.calibration import calibrated
from argosy.drift.correction import LEVEL
from argosy.drift.earlier import Baseline, earlier
from argosy.drift.features import features
from argosy.drift.pairing import KEYS, paired
from argosy.drift.sides import side
from argosy.errors import PluginError
from argosy.jobs.files import read_together
from argosy.jobs.windows import Cut
from argosy.jobs.worker import prepared
from argosy.plugins import call, installed
from argosy.plugins.calling import whole
from argosy.tables import ANSWERS, DRIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.drift.pairing import Samples
    from argosy.jobs.datasets import Dataset
    from argosy.store.location import Location
    from argosy.types import Chunk, Detector, Tables

KINDS = ("numeric", "categorical")
_COUNTS = ("n_ref", "n_cur", "null_ref", "null_cur")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a drift check is asked to do."""

    detectors: tuple[str, ...]
    window: str | None
    segments: tuple[str | None, ...]
    """SQL expressions; None for all rows together."""
    baseline: Baseline


@prepared
def perform(chunk: Chunk) -> Tables:
    """Measure drift of the chunk's models; one that cannot be compared is a row with its reason."""
    asked: Any = chunk.options["asked"]
    location: Any = chunk.options["location"]
    models = pl.DataFrame(chunk.models)
    cuts = [Cut(asked.window, segment) for segment in asked.segments]
    needed = {name for cut in cuts for name in cut.needs()}
    met = list(read_together(models.rename({"current": "binding"}), location, needed))
    detectors = [installed().detectors[name] for name in asked.detectors]
    drift, pictures, fresh = [], [], []
    for place, cut in enumerate(cuts):
        samples, made = _samples(models, met, cut, asked.baseline, place, location)
        results = _results(samples, detectors, models)
        of = pl.lit(cut.segment, pl.String).alias("segment_key")
        drift.append(results.with_columns(of))
        pictures.append(_pictures(samples, results).with_columns(of))
        fresh.append(made)
    empty = pl.DataFrame(DRIFT.empty_table()).drop("run_id", "at")
    return {
        "drift": _named(pl.concat([empty, *drift], how="diagonal_relaxed")).to_arrow(),
        "distributions": _named(pl.concat(pictures, how="diagonal_relaxed")).to_arrow(),
        "profiles": pl.concat(fresh, how="diagonal_relaxed").to_arrow(),
    }


def _samples(
    models: pl.DataFrame,
    met: Sequence[Dataset],
    cut: Cut,
    baseline: Baseline,
    place: int,
    location: Location,
) -> tuple[Samples, pl.DataFrame]:
    versions = models.select("model", "version")
    if baseline.fixed:
        before, wanted, made = profiles.known(models, cut.segment, place, location)
        wanted = _features(wanted, cut)
        return paired(before, side(met, wanted, "current", cut), versions, False), made
    after = side(met, _features(features(met), cut), "current", cut)
    return paired(earlier(after, baseline), after, versions, True), profiles.NONE


def _features(wanted: pl.DataFrame, cut: Cut) -> pl.DataFrame:
    return wanted.filter(pl.col("column").ne_missing(pl.lit(cut.partition, pl.String)))


def _results(samples: Samples, detectors: Sequence[Detector], models: pl.DataFrame) -> pl.DataFrame:
    parts = [_trouble(samples.trouble, models)]
    # one table per kind, the same for every detector: what one finds out the next need not
    tables = {kind: getattr(samples, kind).to_arrow() for kind in KINDS}
    keys = {
        kind: pl.DataFrame(table.select([*KEYS, *_COUNTS])).join(
            models.select("model", "least"), on="model", how="left", maintain_order="left"
        )
        for kind, table in tables.items()
    }
    for detector in detectors:
        parts += [_measured(detector, tables[kind], keys[kind]) for kind in sorted(detector.kinds)]
    return pl.concat(parts, how="diagonal_relaxed")


def _measured(detector: Detector, table: pa.Table, keys: pl.DataFrame) -> pl.DataFrame:
    keys = keys.with_columns(detector=pl.lit(detector.name))

    def ask(asked: pa.Table) -> pa.Table:
        told = call("detectors", detector.name, detector.measure, asked, answers=pa.Table)
        return whole("detectors", detector.name, told, ANSWERS, asked.num_rows)

    try:
        answer = pl.DataFrame(calibrated(table, ask(table), ask))
    except PluginError as error:
        return keys.with_columns(status=pl.lit("failed"), reason=pl.lit(str(error))).drop("least")
    few = pl.min_horizontal("n_ref", "n_cur") < pl.col("least")
    return (
        keys.hstack(answer)
        .with_columns(
            reason=pl.when(few)
            .then(
                pl.format(
                    "only {} reference and {} current rows; {} are needed",
                    "n_ref",
                    "n_cur",
                    "least",
                )
            )
            .otherwise("reason"),
            status=pl.when(few | pl.col("reason").is_not_null())
            .then(pl.lit("insufficient"))
            .otherwise(pl.lit("ok")),
        )
        .drop("least")
    )


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop("segment_value", strict=False).rename({"segment": "segment_value"})


def _trouble(trouble: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    return (
        trouble.unique(["model", "column"], keep="first", maintain_order=True)
        .join(models.select("model", "version"), on="model", how="inner", maintain_order="left")
        .with_columns(status=pl.lit("failed"))
    )


def _pictures(samples: Samples, results: pl.DataFrame) -> pl.DataFrame:
    floors = {name: detector.floor for name, detector in installed().detectors.items()}
    floor = pl.col("detector").replace_strict(floors, default=0.0, return_dtype=pl.Float64)
    may_alert = (pl.col("p_value") < LEVEL) & (pl.col("effect") >= floor)
    of = ["model", "column", "segment", "window"]
    worth = results.filter(may_alert).select(of).unique()
    return pl.concat(
        [
            distributions.numeric(samples.numeric.join(worth, on=of, how="semi", nulls_equal=True)),
            distributions.categorical(
                samples.categorical.join(worth, on=of, how="semi", nulls_equal=True)
            ),
        ],
        how="diagonal_relaxed",
    )
