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
from argosy_drift.verdict import COMPARED, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from argosy.types import Answers

_OF_A_RUN = ("run_id", "at")
_PICTURE = ("model", "segment_key", "segment_value", "window", "column")
_PAIR = ("model", "window")
_READERS = 4
"""Chunks whose results are in hand at a time: memory is bounded by so many."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the fleet is told of a chunk's results."""

    noteworthy: pl.DataFrame
    """Those that alert, may soon, or could not be had."""
    verdicts: pl.DataFrame
    compared: pl.DataFrame
    """`model`, `window` and `status`, each once."""


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

    def noteworthy(self) -> pl.DataFrame:
        """Return the results that alert, or could not be had."""
        return _together(DRIFT, [told.noteworthy for told in self._told])

    def alerts(self) -> pl.DataFrame:
        """Return the results that alert."""
        return self.noteworthy().filter(status="drift")

    def compared(self) -> pl.DataFrame:
        """Return `model`, `window` and `status` of what could be compared, each once."""
        schema = {**_empty(DRIFT).select(*_PAIR, "status").schema}
        parts = [told.compared for told in self._told]
        return pl.concat([pl.DataFrame(schema=schema), *parts], how="vertical_relaxed")

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
            return [*threads.map(self._tell, self._chunks), _tell(self._failures())]

    def _tell(self, chunk: tuple[Portion, pl.DataFrame]) -> _Told:
        portion, units = chunk
        rows = portion.make()
        return _tell(self._decided(rows.filter(_telling() | _may_alert(units)), units))

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


def _tell(rows: pl.DataFrame) -> _Told:
    telling = rows.filter(_telling()) if "unit" in rows.columns else rows
    telling = telling.select(name for name in _DRIFT if name in rows.columns)
    compared = telling.filter(pl.col("status").is_in(COMPARED))
    return _Told(
        telling.filter(pl.col("status").is_in(["drift", "watch", "failed"])),
        verdicts(telling),
        compared.select(*_PAIR, "status").unique(),
    )


def _empty(schema: pa.Schema) -> pl.DataFrame:
    return pl.DataFrame(schema.empty_table()).drop(_OF_A_RUN)


def _together(schema: pa.Schema, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([_empty(schema), *parts], how="diagonal_relaxed")


def _telling() -> pl.Expr:
    """Keep one of the results of a unit that are `ok`: hundreds say the same of their model."""
    fine = pl.col("status") == "ok"
    return ~fine | pl.col("unit").is_null() | pl.when(fine).then("unit").is_first_distinct()


def _may_alert(units: pl.DataFrame) -> pl.Expr:
    """Keep all results of the units that stand out: no other has an alert."""
    return pl.lit(units["q_model"] < units["level"]).gather("unit")


_DRIFT = _empty(DRIFT).columns
