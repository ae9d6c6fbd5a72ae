"""End a drift check: decide over the fleet what the chunks found, one chunk at a time.

Only one number per model is needed of all chunks at once, so that a fleet of any size is decided
in the memory that a few chunks take.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

from argosy.tables import DISTRIBUTIONS, DRIFT, PROFILES, VERDICTS
from argosy.types import Portion
from argosy_drift.correction import decided, pooled
from argosy_drift.k_of_m import agreed
from argosy_drift.onsets import told_of
from argosy_drift.verdict import JUDGED, KEY, UNIT, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from argosy.types import Answers

_OF_A_RUN = ("run_id", "at")
_PICTURE = ("model", "segment_key", "segment_value", "window", "column")
_COLUMN = [*UNIT, "column"]
_READERS = 4
"""Chunks whose results are in hand at a time: memory is bounded by so many."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the fleet is told of a chunk's results."""

    noteworthy: pl.DataFrame
    """Those that alert, may soon, or could not be had."""
    verdicts: pl.DataFrame
    course: pl.DataFrame
    """Window by window, those of columns and detectors that alert somewhere, or had a finding."""
    judged: pl.DataFrame
    """`model`, `window` and `window_start` of what could be judged, each once."""


@dataclass(frozen=True)
class DriftConclusion:
    """What a drift check found.

    Results are decided twice: first those few that the fleet is told of, of all chunks, then all of
    them, a chunk at a time, as they are written.
    """

    found: Answers
    """By the chunks."""
    failed: pl.DataFrame
    """`model`, `version` and `reason` of models that no chunk has a result of."""
    held: pl.DataFrame
    """What models are held to, as `argosy_drift.rules.terms` gives it."""
    past: pl.DataFrame | None
    """What earlier runs found, as `agreed` wants it, where several windows must agree."""
    open: pl.DataFrame
    """Findings that were open before."""
    excused: pl.DataFrame
    """`model` and `column` of what need not be judged."""

    def results(self) -> list[Portion]:
        """Return the results, decided, with the columns of `DRIFT`: a portion per chunk.

        Each may be made in a thread of its own.
        """
        of_chunks = [
            Portion(portion.rows, partial(self._results, portion, units))
            for portion, units in self._chunks
        ]
        return [*of_chunks, Portion(self.failed.height, self._failures)]

    def verdicts(self) -> pl.DataFrame:
        """Return one verdict per model."""
        return _together(VERDICTS, [told.verdicts for told in self._told])

    def course(self) -> pl.DataFrame:
        """Return, window by window, the results that findings may be opened or cleared by."""
        return pl.concat([told.course for told in self._told], how="diagonal_relaxed")

    def missing(self) -> pl.DataFrame:
        """Return `model` and `column` of the inputs that are missing."""
        lists = self.verdicts().select("model", column="missing")
        return lists.explode("column").drop_nulls()

    def noteworthy(self) -> pl.DataFrame:
        """Return the results that alert, or could not be had."""
        return _together(DRIFT, [told.noteworthy for told in self._told])

    def alerts(self) -> pl.DataFrame:
        """Return the results that alert."""
        return self.noteworthy().filter(status="drift")

    def judged(self) -> pl.DataFrame:
        """Return `model`, `window` and `window_start` of what could be judged, each once."""
        return pl.concat([told.judged for told in self._told], how="vertical_relaxed")

    def began(self) -> pl.DataFrame:
        """Return when the rows of models and windows began, as `argosy_drift.onsets` says."""
        return told_of(list(self.found.parts("began")))

    def pictures(self) -> pl.DataFrame:
        """Return the distributions of the columns that alert, or may soon."""
        worth = self.noteworthy().filter(pl.col("status") != "failed").select(_PICTURE).unique()
        parts = [
            part.join(worth, on=_PICTURE, how="semi", nulls_equal=True)
            for part in self.found.parts("distributions")
        ]
        return _together(DISTRIBUTIONS, parts)

    def profiles(self) -> pl.DataFrame:
        """Return which profiles are new."""
        return _together(PROFILES, list(self.found.parts("profiles")))

    @cached_property
    def _chunks(self) -> list[tuple[Portion, pl.DataFrame]]:
        """Give each chunk's results its units, corrected over all of them."""
        units = list(self.found.parts("units"))
        whole = pooled(pl.concat(units)) if units else pl.DataFrame()
        starts = accumulate((own.height for own in units), initial=0)
        each = [whole.slice(start, own.height) for start, own in zip(starts, units, strict=False)]
        return list(zip(self.found.portions("drift"), each, strict=True))

    @cached_property
    def _told(self) -> list[_Told]:
        """Look at all chunks once, and keep little of each; in the order of the plan."""
        with ThreadPoolExecutor(min(_READERS, os.cpu_count() or 1)) as threads:
            return [*threads.map(self._tell, self._chunks), self._lost()]

    def _tell(self, chunk: tuple[Portion, pl.DataFrame]) -> _Told:
        portion, units = chunk
        rows = portion.make()
        chosen = rows.select(_telling() | _may_alert(units)).to_series()
        told = self._decided(rows.filter(chosen), units)
        others = rows.filter(~chosen)
        doubtful = told.filter(~pl.col("status").is_in(JUDGED)).select(_COLUMN).unique()
        known = others.join(doubtful, on=_COLUMN, how="semi", nulls_equal=True)
        judged = known.unique([*_COLUMN, "window"], maintain_order=True)
        keys = pl.concat([told.filter(status="drift").select(KEY), self.open.select(KEY)]).unique()
        seen = [part.join(keys, on=KEY, how="semi", nulls_equal=True) for part in (told, others)]
        of_model = pl.lit(units["p"]).gather("unit")
        course = pl.concat(seen, how="diagonal_relaxed").with_columns(p_model=of_model)
        both = pl.concat([told, judged], how="diagonal_relaxed")
        return _tell(told, both, course, self.excused)

    def _results(self, portion: Portion, units: pl.DataFrame) -> pl.DataFrame:
        rows = self._decided(portion.make(), units)
        return rows.select(name for name in _DRIFT if name in rows.columns)

    def _decided(self, rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
        rows = decided(rows, units)
        if self.past is None:
            return rows
        own = rows.select("model").unique()
        held, past = (frame.join(own, on="model") for frame in (self.held, self.past))
        return agreed(rows, held, past)

    def _failures(self) -> pl.DataFrame:
        return _together(DRIFT, [self.failed.with_columns(status=pl.lit("failed"))])

    def _lost(self) -> _Told:
        rows = self._failures().with_columns(
            partial=pl.lit(value=False), strange=pl.lit(value=False), slow=pl.lit(value=False)
        )
        nothing = {"p_model": pl.Float64, "level": pl.Float64}
        course = rows.clear().with_columns(
            pl.lit(None, kind).alias(n) for n, kind in nothing.items()
        )
        return _tell(rows, rows, course, self.excused)


def _tell(
    told: pl.DataFrame, rows: pl.DataFrame, course: pl.DataFrame, excused: pl.DataFrame
) -> _Told:
    """Keep what the fleet is told of a chunk.

    Args:
        told: the results that say something of their model, decided.
        rows: these, and for columns that some detector could not judge the results of others.
        course: the results that findings are followed by.
        excused: what need not be judged.
    """
    shown = told.filter(pl.col("status").is_in(["drift", "watch", "failed"]))
    judged = told.filter(pl.col("status").is_in(JUDGED))
    return _Told(
        shown.select(name for name in _DRIFT if name in told.columns),
        verdicts(rows, course, excused),
        course,
        judged.select("model", "window", "window_start").unique(),
    )


def _empty(schema: pa.Schema) -> pl.DataFrame:
    return pl.DataFrame(schema.empty_table()).drop(_OF_A_RUN)


def _together(schema: pa.Schema, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([_empty(schema), *parts], how="diagonal_relaxed")


def _telling() -> pl.Expr:
    """Keep one of the results of a unit that are `ok`: hundreds say the same of their model."""
    fine = (pl.col("status") == "ok") & ~pl.col("strange").fill_null(value=False)
    return ~fine | pl.col("unit").is_null() | pl.when(fine).then("unit").is_first_distinct()


def _may_alert(units: pl.DataFrame) -> pl.Expr:
    """Keep all results of the units that stand out: no other has an alert."""
    return pl.lit(units["q_model"] < units["level"]).gather("unit")


_DRIFT = _empty(DRIFT).columns
