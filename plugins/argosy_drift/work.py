"""The work of one chunk of a drift check: gather both sides, then measure all columns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.plugins import installed
from argosy.tables import DRIFT
from argosy_drift import distributions, profiles
from argosy_drift.baselines import earlier
from argosy_drift.call_detectors import answered, keyed
from argosy_drift.column_batches import gathered
from argosy_drift.correction import nested
from argosy_drift.joint_and_course import JointAndCourse, Sides
from argosy_drift.pairs import paired
from argosy_drift.seasons import Past
from argosy_drift.wide_numbers import with_bases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from argosy.store.location import Location
    from argosy.types import Chunk, Detector, Kind, Tables
    from argosy_drift.baselines import Baseline
    from argosy_drift.column_batches import Gathered
    from argosy_drift.pairs import Samples
    from argosy_rows.windows import WindowSpec

KINDS: tuple[Kind, ...] = ("numeric", "categorical")
"""How columns are compared one by one; `argosy_drift.joint_and_course` does the rest."""
_KEPT = (*DRIFT.names, "unit", "q_test", "level", "partial", "strange", "slow")


def perform(chunk: Chunk) -> Tables:
    """Measure drift of the chunk's models; one that cannot be compared is a row with its reason.

    Returns:
        `drift`, the results corrected inside each model, `units`, what the rest of the correction
        needs of them, the `distributions` that an alert may ask for, new `profiles`, and when the
        rows `began`.
    """
    request: Any = chunk.options["request"]
    location: Any = chunk.options["location"]
    models = pl.DataFrame(chunk.models).with_columns(
        at=pl.lit(request.at, pl.Datetime("us", "UTC")),
        each=pl.lit(request.cuts[0].rows_each, pl.Int64),
    )
    cuts, baseline = request.cuts, request.baseline
    detectors = [installed().detectors[name] for name in request.detectors]
    found: dict[str, list[pl.DataFrame]] = {}
    many = 0
    rows = any("joint" in detector.kinds for detector in detectors)
    turns = any(d.dependence == "blocks" and not d.kinds.isdisjoint(KINDS) for d in detectors)
    for sides, made, met in _sides(models, cuts, baseline, location, rows, turns):
        cut = cuts[sides.place]
        samples = paired(sides.reference, sides.current, sides.versions, sides.windowed)
        joint_and_course = JointAndCourse(
            detectors, models, sides, samples.taus(), cut, baseline, location
        )
        held = _with_extents(models, met.extents)
        results, units = nested(_results(samples, joint_and_course, detectors, held, cut.segment))
        kept = [name for name in _KEPT if name in results.columns]
        tables = {
            "drift": results.select(kept).with_columns(pl.col("unit") + many),
            "units": units,
            "distributions": _pictures(samples, results, units, cut.segment, sides.wanted),
            "profiles": pl.concat([made, joint_and_course.fresh]),
            "began": met.began if sides.place == 0 else met.began.clear(),
        }
        many += units.height
        for name, table in tables.items():
            found.setdefault(name, []).append(table)
    return {
        name: pl.concat(parts, how="diagonal_relaxed").to_arrow(
            compat_level=pl.CompatLevel.newest()
        )
        for name, parts in found.items()
    }


def _sides(
    models: pl.DataFrame,
    cuts: Sequence[WindowSpec],
    baseline: Baseline,
    location: Location,
    rows: bool,
    turns: bool,
) -> Iterator[tuple[Sides, pl.DataFrame, Gathered]]:
    """Yield both sides of every cut, which profiles were made for it, and what was gathered."""
    versions, met = models.select("model", "version"), models.rename({"current": "binding"})
    if not baseline.fixed:
        found = gathered(met, location, cuts, None, "current", rows)
        past = _past(models, location, cuts, found, baseline)
        for place, (after, wanted) in enumerate(zip(found.sides, found.columns, strict=True)):
            drawn = found.rows[place] if rows else None
            before = earlier(after, baseline)
            yield (
                Sides(place, versions, before, after, wanted, drawn, True, past[place]),
                profiles.NONE,
                found,
            )
        return
    known = [
        profiles.known(models, cut.segment, place, location, turns)
        for place, cut in enumerate(cuts)
    ]
    found = gathered(met, location, cuts, [wanted for _, wanted, _ in known], "current", rows)
    for place, (before, wanted, made) in enumerate(known):
        drawn = found.rows[place] if rows else None
        yield (
            Sides(place, versions, before, found.sides[place], wanted, drawn, False),
            made,
            found,
        )


def _past(
    models: pl.DataFrame,
    location: Location,
    cuts: Sequence[WindowSpec],
    found: Gathered,
    baseline: Baseline,
) -> list[Past | None]:
    """Return what windows have beside earlier ones of their own role, where there are seasons."""
    if baseline.season is None:
        return [None] * len(cuts)
    of = _with_extents(models, found.extents).select("model", "extent", "extent_ref", "at")
    timed = models.filter(pl.col("past").is_not_null()).rename({"past": "binding"})
    if timed.is_empty():
        return [Past(None, of)] * len(cuts)
    own = [columns.join(timed.select("model"), on="model", how="semi") for columns in found.columns]
    met = gathered(timed, location, cuts, own, "reference")
    both = of.join(met.extents.rename({"extent": "own"}), on="model", how="left")
    extents = both.with_columns(extent_ref=pl.coalesce("extent_ref", "own")).drop("own")
    return [Past(side, extents) for side in met.sides]


def _with_extents(models: pl.DataFrame, extents: pl.DataFrame) -> pl.DataFrame:
    """Say how far the file of each model goes, where it is its own."""
    both = models.join(extents, on="model", how="left", maintain_order="left", suffix="_own")
    return both.with_columns(extent=pl.coalesce("extent", "extent_own")).drop("extent_own")


def _results(
    samples: Samples,
    joint_and_course: JointAndCourse,
    detectors: Sequence[Detector],
    models: pl.DataFrame,
    segment: str | None,
) -> pl.DataFrame:
    # one table per kind, the same for every detector: what one finds out the next need not
    asked = [kind for kind in KINDS if any(kind in detector.kinds for detector in detectors)]
    tables = {kind: getattr(samples, kind).to_arrow() for kind in asked}
    keys = keyed({**tables, **joint_and_course.tables()}, models, segment)
    measured = [
        answered(detector, tables[kind], keys[kind], kind)
        for detector in detectors
        for kind in asked
        if kind in detector.kinds
    ]
    trouble = _trouble(samples.trouble, models).with_columns(segment_key=pl.lit(segment, pl.String))
    more = joint_and_course.answers(detectors, keys)
    return pl.concat([trouble, *measured, *more], how="diagonal_relaxed")


def _trouble(trouble: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    return (
        trouble.unique(["model", "column"], keep="first", maintain_order=True)
        .join(models.select("model", "version"), on="model", how="inner", maintain_order="left")
        .with_columns(status=pl.lit("failed"))
    )


def _pictures(
    samples: Samples,
    results: pl.DataFrame,
    units: pl.DataFrame,
    segment: str | None,
    wanted: pl.DataFrame,
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
    drawn[0] = with_bases(drawn[0], wanted)
    named = pl.concat(drawn, how="diagonal_relaxed").rename({"segment": "segment_value"})
    return named.with_columns(segment_key=pl.lit(segment, pl.String))
