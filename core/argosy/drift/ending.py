"""End a drift check: decide over the fleet what the chunks found, one chunk at a time.

Only one number per model is needed of all chunks at once, so that a fleet of any size is decided
in the memory that a few chunks take.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from argosy.drift.agreement import agreed
from argosy.drift.correction import decided, pooled
from argosy.drift.verdict import COMPARED, verdicts
from argosy.jobs.portions import Portion
from argosy.tables import DISTRIBUTIONS, DRIFT, PROFILES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from argosy.jobs.staging import Staged

_OF_A_RUN = ("run_id", "at")
_PICTURE = ("model", "segment_key", "segment_value", "window", "column")
_PAIR = ("model", "window")


class Ending:
    """What a drift check found: make the portions of `results` before the rest is asked for."""

    def __init__(
        self, found: Staged, failed: pl.DataFrame, held: pl.DataFrame, past: pl.DataFrame | None
    ) -> None:
        """Begin.

        Args:
            found: by the chunks.
            failed: `model`, `version` and `reason` of models that no chunk has a result of.
            held: what models are held to, as `argosy.drift.rules.terms` gives it.
            past: what earlier runs found, as `agreed` wants it, where several windows must agree.
        """
        self._found = found
        self._failed = failed.with_columns(status=pl.lit("failed"))
        self._held = held
        self._past = past
        self._verdicts: dict[int, pl.DataFrame] = {}
        self._noted: dict[int, pl.DataFrame] = {}
        self._compared: dict[int, pl.DataFrame] = {}

    def results(self) -> list[Portion]:
        """Return the results, decided, with the columns of `DRIFT`: a portion per chunk.

        Each may be made in a thread of its own.
        """
        units = list(self._found.parts("units"))
        whole = pooled(pl.concat(units)) if units else pl.DataFrame()
        decided_ = []
        start = 0
        parts = zip(self._found.portions("drift"), units, strict=True)
        for place, (portion, own) in enumerate(parts):
            among = whole.slice(start, own.height)
            start += own.height
            decided_.append(Portion(portion.rows, partial(self._decided, place, portion, among)))
        failed = _together(DRIFT, [self._failed])
        lost = partial(self._seen, len(units), failed, failed)
        return [*decided_, Portion(self._failed.height, lost)]

    def _decided(self, place: int, portion: Portion, units: pl.DataFrame) -> pl.DataFrame:
        rows = decided(portion.make(), units)
        if self._past is not None:
            own = rows.select("model").unique()
            held, past = (frame.join(own, on="model") for frame in (self._held, self._past))
            rows = agreed(rows, held, past)
        return self._seen(place, rows, rows.filter(_telling()))

    def _seen(self, place: int, rows: pl.DataFrame, telling: pl.DataFrame) -> pl.DataFrame:
        """Keep what the fleet is told of, by the place of the chunk, and return its results."""
        rows, telling = (
            frame.select(name for name in _DRIFT if name in frame.columns)
            for frame in (rows, telling)
        )
        self._noted[place] = telling.filter(pl.col("status").is_in(["drift", "watch", "failed"]))
        self._verdicts[place] = verdicts(telling)
        compared = telling.filter(pl.col("status").is_in(COMPARED))
        self._compared[place] = compared.select(*_PAIR, "status").unique()
        return rows

    def verdicts(self) -> pl.DataFrame:
        """Return one verdict per model."""
        return _together(VERDICTS, _ordered(self._verdicts))

    def noteworthy(self) -> pl.DataFrame:
        """Return the results that alert, or could not be had."""
        return _together(DRIFT, _ordered(self._noted))

    def alerts(self) -> pl.DataFrame:
        """Return the results that alert."""
        return self.noteworthy().filter(status="drift")

    def compared(self) -> pl.DataFrame:
        """Return `model`, `window` and `status` of what could be compared, each once."""
        schema = {**_empty(DRIFT).select(*_PAIR, "status").schema}
        parts = _ordered(self._compared)
        return pl.concat([pl.DataFrame(schema=schema), *parts], how="vertical_relaxed")

    def pictures(self) -> pl.DataFrame:
        """Return the distributions of the columns that alert, or may soon."""
        worth = self.noteworthy().filter(pl.col("status") != "failed").select(_PICTURE).unique()
        parts = [
            part.join(worth, on=_PICTURE, how="semi", nulls_equal=True)
            for part in self._found.parts("distributions")
        ]
        return _together(DISTRIBUTIONS, parts)

    def profiles(self) -> pl.DataFrame:
        """Return which profiles are new."""
        return _together(PROFILES, list(self._found.parts("profiles")))


def _empty(schema: pa.Schema) -> pl.DataFrame:
    return pl.DataFrame(schema.empty_table()).drop(_OF_A_RUN)


def _together(schema: pa.Schema, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([_empty(schema), *parts], how="diagonal_relaxed")


def _telling() -> pl.Expr:
    """Keep one of the results of a unit that are `ok`: hundreds say the same of their model."""
    fine = pl.col("status") == "ok"
    return ~fine | pl.col("unit").is_null() | pl.when(fine).then("unit").is_first_distinct()


def _ordered(parts: Mapping[int, pl.DataFrame]) -> list[pl.DataFrame]:
    """Return what threads found in whatever order, in that of the plan."""
    return [parts[place] for place in sorted(parts)]


_DRIFT = _empty(DRIFT).columns
