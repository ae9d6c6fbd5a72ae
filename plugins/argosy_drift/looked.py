"""What a check looked at, for the incidents that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from datetime import datetime


class Looked(NamedTuple):
    """What a check saw."""

    alerts: pl.DataFrame
    """Its results that alert."""
    missing: pl.DataFrame
    """`model` and `column` of inputs that could not be compared, each once."""
    judged: pl.DataFrame
    """`model`, `window` and `window_start` of what could be judged, each once."""
    began: pl.DataFrame
    """When the rows began where no window says so, as `argosy_drift.onsets` has it."""
    open: set[tuple[str, str]]
    """The models and columns with a finding that is open now, of whatever check."""

    def newest(self) -> dict[str, datetime]:
        """Return when the newest rows of each model began that were looked at."""
        windows = self.judged.select("model", began="window_start")
        both = pl.concat([windows, self.began.select("model", "began")]).drop_nulls("began")
        return dict(both.group_by("model").agg(pl.col("began").max()).iter_rows())
