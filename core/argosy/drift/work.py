"""The work of one chunk of a drift check: gather both sides, then measure all columns at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
from polars import selectors as cs

from argosy.drift import distributions, profiles
from argosy.drift.calibration import calibrated
from argosy.drift.correction import nested, numbered
from argosy.drift.earlier import Baseline, earlier
from argosy.drift.pairing import KEYS, paired
from argosy.drift.turns import gathered
from argosy.errors import PluginError
from argosy.jobs.windows import Cut
from argosy.jobs.worker import prepared
from argosy.plugins import call, installed
from argosy.plugins.calling import whole
from argosy.tables import ANSWERS, DRIFT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from argosy.drift.pairing import Samples
    from argosy.store.location import Location
    from argosy.types import Chunk, Detector, Tables

KINDS = ("numeric", "categorical")
_COUNTS = ("n_ref", "n_cur", "null_ref", "null_cur")
_KEPT = (*DRIFT.names, "unit", "q_test", "level")


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
    """Measure drift of the chunk's models; one that cannot be compared is a row with its reason.

    Returns:
        `drift`, the results corrected inside each model, `units`, what the rest of the correction
        needs of them, the `distributions` that an alert may ask for, and new `profiles`.
    """
    asked: Any = chunk.options["asked"]
    location: Any = chunk.options["location"]
    models = pl.DataFrame(chunk.models)
    cuts = [Cut(asked.window, segment) for segment in asked.segments]
    detectors = [installed().detectors[name] for name in asked.detectors]
    found: dict[str, list[pl.DataFrame]] = {}
    many = 0
    for cut, (samples, made) in zip(cuts, _samples(models, cuts, asked, location), strict=True):
        results, units = nested(_results(samples, detectors, models, cut.segment))
        kept = [name for name in _KEPT if name in results.columns]
        tables = {
            "drift": results.select(kept).with_columns(pl.col("unit") + many),
            "units": units,
            "distributions": _pictures(samples, results, units, cut.segment),
            "profiles": made,
        }
        many += units.height
        for name, table in tables.items():
            found.setdefault(name, []).append(table)
    return {
        name: pl.concat(parts, how="diagonal_relaxed").to_arrow() for name, parts in found.items()
    }


def _samples(
    models: pl.DataFrame, cuts: Sequence[Cut], asked: Asked, location: Location
) -> Iterator[tuple[Samples, pl.DataFrame]]:
    """Yield both sides of every cut, and which profiles were made for it."""
    versions, met = models.select("model", "version"), models.rename({"current": "binding"})
    if not asked.baseline.fixed:
        for after in gathered(met, location, cuts, None, "current")[0]:
            yield paired(earlier(after, asked.baseline), after, versions, True), profiles.NONE
        return
    known = [
        profiles.known(models, segment, place, location)
        for place, segment in enumerate(asked.segments)
    ]
    afters, _ = gathered(met, location, cuts, [wanted for _, wanted, _ in known], "current")
    for (before, _, made), after in zip(known, afters, strict=True):
        yield paired(before, after, versions, False), made


def _results(
    samples: Samples, detectors: Sequence[Detector], models: pl.DataFrame, segment: str | None
) -> pl.DataFrame:
    # one table per kind, the same for every detector: what one finds out the next need not
    tables = {kind: getattr(samples, kind).to_arrow() for kind in KINDS}
    terms = models.select("model", "level", "least", cs.starts_with("floor "))
    keys = numbered(
        pl.concat(
            pl.DataFrame(table.select([*KEYS, *_COUNTS])).with_columns(kind=pl.lit(kind))
            for kind, table in tables.items()
        )
        .rename({"segment": "segment_value"})
        .with_columns(segment_key=pl.lit(segment, pl.String))
        .join(terms, on="model", how="left", maintain_order="left")
    )
    of_kind = {kind: keys.filter(kind=kind).drop("kind") for kind in KINDS}
    measured = [
        _measured(detector, tables[kind], of_kind[kind])
        for detector in detectors
        for kind in sorted(detector.kinds)
    ]
    trouble = _trouble(samples.trouble, models).with_columns(segment_key=pl.lit(segment, pl.String))
    return pl.concat([trouble, *measured], how="diagonal_relaxed")


def _measured(detector: Detector, table: pa.Table, keys: pl.DataFrame) -> pl.DataFrame:
    own = f"floor {detector.name}"
    floor = pl.lit(float(detector.floor))
    keys = keys.with_columns(
        detector=pl.lit(detector.name),
        weight=pl.lit(float(detector.weight)),
        threshold=pl.coalesce(own, floor) if own in keys.columns else floor,
    ).drop(cs.starts_with("floor "))

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


def _trouble(trouble: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    return (
        trouble.unique(["model", "column"], keep="first", maintain_order=True)
        .join(models.select("model", "version"), on="model", how="inner", maintain_order="left")
        .with_columns(status=pl.lit("failed"))
    )


def _pictures(
    samples: Samples, results: pl.DataFrame, units: pl.DataFrame, segment: str | None
) -> pl.DataFrame:
    """Count the values of the columns that may yet alert: no q-value grows smaller than it is."""
    may_alert = results.filter(
        pl.lit(units["p"] < units["level"]).gather("unit"),
        pl.max_horizontal("q_test", "q_column") < pl.col("level"),
        pl.col("effect") >= pl.col("threshold"),
    )
    of = {"segment": "segment_value", "model": "model", "column": "column", "window": "window"}
    worth = may_alert.select(**of).unique()
    chosen = [
        getattr(samples, kind).join(worth, on=list(of), how="semi", nulls_equal=True)
        for kind in KINDS
    ]
    drawn = [distributions.numeric(chosen[0]), distributions.categorical(chosen[1])]
    named = pl.concat(drawn, how="diagonal_relaxed").rename({"segment": "segment_value"})
    return named.with_columns(segment_key=pl.lit(segment, pl.String))
