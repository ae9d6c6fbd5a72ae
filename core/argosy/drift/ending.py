"""End a drift check: decide over the fleet what the chunks found, one chunk at a time.

Only one number per model is needed of all chunks at once, so that a fleet of any size is decided
in the memory that a few chunks take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.drift.agreement import agreed
from argosy.drift.correction import decided, pooled
from argosy.drift.verdict import COMPARED, verdicts
from argosy.tables import DISTRIBUTIONS, DRIFT, PROFILES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from argosy.jobs.staging import Staged

_OF_A_RUN = ("run_id", "at")
_PICTURE = ("model", "segment_key", "segment_value", "window", "column")
_PAIR = ("model", "window")


class Ending:
    """What a drift check found; `results` is to be walked through before the rest is asked for."""

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
        self._verdicts: list[pl.DataFrame] = []
        self._noted: list[pl.DataFrame] = []
        self._compared: list[pl.DataFrame] = []

    def results(self) -> Iterator[pl.DataFrame]:
        """Yield the results, decided, chunk by chunk, with the columns of `DRIFT`."""
        empty = _empty(DRIFT)
        units = list(self._found.parts("units"))
        heights = [part.height for part in units]
        whole = pooled(pl.concat(units)) if units else pl.DataFrame()
        start = 0
        for part, height in zip(self._found.parts("drift"), heights, strict=True):
            rows = decided(part, whole.slice(start, height))
            start += height
            if self._past is not None:
                own = rows.select("model").unique()
                held, past = (frame.join(own, on="model") for frame in (self._held, self._past))
                rows = agreed(rows, held, past)
            yield self._seen(rows.select(name for name in empty.columns if name in rows.columns))
        yield self._seen(pl.concat([empty, self._failed], how="diagonal_relaxed"))

    def _seen(self, rows: pl.DataFrame) -> pl.DataFrame:
        self._verdicts.append(verdicts(rows))
        self._noted.append(rows.filter(pl.col("status").is_in(["drift", "watch", "failed"])))
        compared = rows.filter(pl.col("status").is_in(COMPARED))
        self._compared.append(compared.select(*_PAIR, "status").unique())
        return rows

    def verdicts(self) -> pl.DataFrame:
        """Return one verdict per model."""
        return _together(VERDICTS, self._verdicts)

    def noteworthy(self) -> pl.DataFrame:
        """Return the results that alert, or could not be had."""
        return _together(DRIFT, self._noted)

    def alerts(self) -> pl.DataFrame:
        """Return the results that alert."""
        return self.noteworthy().filter(status="drift")

    def compared(self) -> pl.DataFrame:
        """Return `model`, `window` and `status` of what could be compared, each once."""
        schema = {**_empty(DRIFT).select(*_PAIR, "status").schema}
        return pl.concat([pl.DataFrame(schema=schema), *self._compared], how="vertical_relaxed")

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
