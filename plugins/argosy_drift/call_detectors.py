"""Ask a detector about a table, and make its answers rows of the table `drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
from polars import selectors as cs

from argosy.errors import PluginError
from argosy.plugins import call
from argosy.plugins.guarded_call import origin, whole
from argosy.plugins.sound import alone, either, faults, forgotten, number, probability
from argosy.tables import ANSWERS, DETAIL
from argosy_drift.calibration import FAULT, calibrated
from argosy_drift.correction import numbered
from argosy_drift.pairs import KEYS
from argosy_drift.time_parts import without_turns
from argosy_drift.worth import BLOCK, TAUS, doubted, effective, in_time, slow
from argosy_rows.extent import whole as whole_window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.types import Detector, Kind

_COUNTS = ("n_ref", "n_cur", "null_ref", "null_cur")
PARTIAL = "the window is not whole: its file begins after it did, or ends before it does"
CHANCE = "there is no p-value, so nobody can tell its effect from chance"
_MOSTLY, _FEW = 0.5, 20
"""The share of new categories, and the values on each side, that make an input another one."""
_ALONE = ("numeric", "categorical")
"""The kinds whose reference can be cut into parts, to calibrate a detector without p-values."""
_NUMBERS = ("statistic", "effect", "p_value")
_SOUND = (
    number("statistic", "a statistic"),
    number("effect", "an effect", low=0.0),
    probability("p_value", "a p-value"),
    either("effect", "an effect"),
    alone(_NUMBERS, "numbers"),
)
"""What every answer of a detector keeps to."""
_NO_TAUS = pl.DataFrame(schema={**dict.fromkeys(TAUS, pl.Float64), BLOCK: pl.Int64})
_NOTHING = {
    **dict.fromkeys(_NUMBERS, pl.lit(None, pl.Float64)),
    **dict.fromkeys(("p_method", DETAIL.name), pl.lit(None, pl.String)),
}
"""What stands in the place of an answer."""


def keyed(
    tables: Mapping[Kind, pa.Table], models: pl.DataFrame, segment: str | None
) -> dict[Kind, pl.DataFrame]:
    """Return what every result of the tables' rows says, whoever measures it.

    Args:
        tables: what detectors of each kind are handed; a course says the kind of each row's column.
        models: `model`, `level`, `least`, `source`, the binding `current`, and `floor NAME`.
        segment: the expression by which the rows were cut.

    Returns:
        By kind of detector: `KEYS` and counts, `kind`, `role`, `reference_id`, `unseen_share`,
        whether the column is `strange`, the numbers of `argosy_drift.correction`, and what the
        models are held to.
    """
    bound = pl.col("current").struct
    said = models.select(
        "model",
        "level",
        "least",
        "extent",
        "at",
        "each",
        cs.starts_with("floor "),
        reference_id="source",
        prediction=bound.field("prediction"),
        score=bound.field("score"),
    )
    parts = [_described(kind, table) for kind, table in tables.items()]
    column = pl.col("column")
    role = (
        pl.when(column == pl.col("prediction"))
        .then(pl.lit("prediction"))
        .when(column == pl.col("score"))
        .then(pl.lit("score"))
        .otherwise(pl.lit("feature"))
    )
    keys = numbered(
        pl.concat([_NO_TAUS, *parts], how="diagonal_relaxed")
        .rename({"segment": "segment_value"})
        .join(said, on="model", how="left", maintain_order="left")
        .with_columns(
            segment_key=pl.lit(segment, pl.String),
            role=pl.when(pl.col("kind") != "joint").then(role),
            partial=_partial(),
            slow=slow(),
        )
        .drop("prediction", "score", "extent", "at", "each")
    )
    return {kind: keys.filter(sight=kind).drop("sight") for kind in tables}


def _partial() -> pl.Expr:
    """Whether a result's window lacks rows: those before its file begins, or after it ends."""
    ended = pl.col("at").is_null() | (pl.col("window_end") <= pl.col("at"))
    covered = whole_window(pl.col("window_start"), pl.col("window_end"), pl.col("extent"))
    full = pl.col("window").is_null() | (pl.col("n_cur") >= pl.col("each"))
    return ~(ended & covered & full).fill_null(value=True)


def _described(kind: Kind, table: pa.Table) -> pl.DataFrame:
    own = [name for name in ("kind", *TAUS, BLOCK) if name in table.column_names]
    rows = pl.DataFrame(table.select([*KEYS, *_COUNTS, *own]))
    if "kind" not in own:
        rows = rows.with_columns(kind=pl.lit(kind))
    if kind != "categorical":
        nothing = pl.lit(None, pl.Float64).alias("unseen_share"), pl.lit(False).alias("strange")
        return rows.with_columns(*nothing, sight=pl.lit(kind))
    unseen = _unseen(table)
    return rows.with_columns(
        unseen.alias("unseen_share"), strange(table, unseen).alias("strange"), sight=pl.lit(kind)
    )


def strange(table: pa.Table, unseen: pl.Series) -> pl.Series:
    """Say of each categorical column whether its current values are not the reference's at all.

    More than half of them lie in new categories, beyond the share that is new by nature, and both
    sides have twenty values. What is new by nature is estimated by the share of reference values
    whose category occurs once: of names and identifiers, which hardly ever recur, nothing can be
    said, and they are never strange.

    Args:
        table: as detectors are handed it, with `ref_counts` and `cur_counts`.
        unseen: the share of current values in categories that the reference lacks.

    Source: I. J. Good, "The population frequencies of species and the estimation of population
    parameters", Biometrika 40 (1953).

    >>> before, after = [[30, 30, 0], [1] * 60 + [0]], [[5, 0, 40], [0] * 60 + [40]]
    >>> counts = pa.table({"ref_counts": before, "cur_counts": after})
    >>> strange(counts, pl.Series([0.89, 1.0])).to_list()
    [True, False]
    """
    before, after = (pl.Series(table[name]) for name in ("ref_counts", "cur_counts"))
    values = before.list.sum()
    once = before.list.eval((pl.element() == 1).cast(pl.Int64)).list.sum() / values
    many = (values >= _FEW) & (after.list.sum() >= _FEW)
    return (many & (unseen - once > _MOSTLY)).fill_null(value=False)


def _unseen(table: pa.Table) -> pl.Series:
    """Return the share of current values in categories that the reference lacks."""
    sides = [pl.Series(table[name]) for name in ("ref_counts", "cur_counts")]
    before, after = (side.explode(empty_as_null=False).to_numpy() for side in sides)
    many = sides[1].list.len().to_numpy()
    owner = np.repeat(np.arange(len(many)), many)
    values = np.bincount(owner, after, minlength=len(many))
    new = np.bincount(owner, np.where(before == 0, after, 0), minlength=len(many))
    share = np.divide(new, values, out=np.full(len(many), np.nan), where=values > 0)
    return pl.Series(share).fill_nan(None)


def answered(detector: Detector, table: pa.Table, keys: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """Return a detector's results for a table; where it fails, every row says so.

    Args:
        detector: who is asked.
        table: what it is handed.
        keys: as `keyed` gives them.
        kind: what the detector looks at.
    """
    keys = _held(detector, keys)

    def ask(asked: pa.Table) -> pa.Table:
        told = call("detectors", detector.name, detector.measure, asked, answers=pa.Table)
        if DETAIL.name not in told.column_names:
            told = told.append_column(DETAIL, pa.nulls(told.num_rows, DETAIL.type))
        told = whole("detectors", detector.name, told, ANSWERS.append(DETAIL), asked.num_rows)
        return _sound(detector, told)

    try:
        answer = ask(without_turns(table))
        if kind in _ALONE:
            answer = calibrated(table, answer, ask, in_time(detector, table))
    except PluginError as error:
        failed = {"status": pl.lit("failed"), "reason": pl.lit(str(error))}
        return keys.with_columns(**failed, **_NOTHING).drop("least")
    return _judged(detector, keys.hstack(pl.DataFrame(answer)))


def _sound(detector: Detector, answer: pa.Table) -> pa.Table:
    """Add `fault`, what is unsound about a row; such a row keeps no number."""
    frame = pl.DataFrame(answer)
    fault = faults(frame, _SOUND, origin("detectors", detector.name))
    if fault is None:
        return answer.append_column(FAULT, pa.nulls(answer.num_rows, pa.string()))
    return frame.with_columns(fault.alias(FAULT), *forgotten(fault, _NUMBERS)).to_arrow()


def undefined(detector: Detector, keys: pl.DataFrame, reason: str) -> pl.DataFrame:
    """Return the results of a detector that need not be asked."""
    keys = _held(detector, keys).drop("least")
    told = {"status": pl.lit("insufficient"), "reason": pl.lit(reason)}
    return keys.with_columns(**told, **_NOTHING)


def _held(detector: Detector, keys: pl.DataFrame) -> pl.DataFrame:
    """Say who measures, and what an alert of it must reach."""
    own, floor = f"floor {detector.name}", float(detector.floor)
    rows = keys[[name for name in keys.columns if not name.startswith("floor ")]]
    said = [("detector", detector.name), ("weight", float(detector.weight)), ("threshold", floor)]
    columns = [pl.Series(name, [value]).new_from_index(0, rows.height) for name, value in said]
    if own in keys.columns and keys[own].null_count() < keys.height:
        columns[-1] = keys[own].fill_null(floor).alias("threshold")
    return rows.hstack(columns).with_columns(n_effective=effective(detector))


def _judged(detector: Detector, rows: pl.DataFrame) -> pl.DataFrame:
    if rows["partial"].any():
        told = pl.when("partial").then(pl.lit(PARTIAL)).otherwise("reason")
        rows = rows.with_columns(reason=told)
    few = ~rows["partial"] & (rows["n_ref"] < rows["least"]) | ~rows["partial"] & (
        rows["n_cur"] < rows["least"]
    )
    if few.any():  # seldom: it is not worth writing the sentence for all rows
        told = pl.format(
            "only {} reference and {} current rows; {} are needed", "n_ref", "n_cur", "least"
        )
        rows = rows.with_columns(reason=pl.when(few).then(told).otherwise("reason"))
    rows = doubted(detector, rows)
    bare = rows["reason"].is_null() & rows["effect"].is_not_null() & rows["p_value"].is_null()
    if bare.any():
        rows = rows.with_columns(reason=pl.when(bare).then(pl.lit(CHANCE)).otherwise("reason"))
    kept = rows[[name for name in rows.columns if name not in {"least", FAULT}]]
    fault = rows[FAULT]
    if rows["reason"].null_count() + fault.null_count() == 2 * rows.height:
        return kept.hstack([pl.Series("status", ["ok"]).new_from_index(0, rows.height)])
    judged = (
        pl.when(pl.col("reason").is_null()).then(pl.lit("ok")).otherwise(pl.lit("insufficient"))
    )
    return kept.with_columns(
        *forgotten(fault, _NUMBERS),
        status=pl.when(pl.lit(fault).is_not_null()).then(pl.lit("failed")).otherwise(judged),
        reason=pl.coalesce(pl.lit(fault), "reason"),
    )
