"""Keep a sample of the rows of each version's reference, for detectors that see columns jointly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.data.windows import Cut
from argosy.drift import sampling
from argosy.drift.profiles import NONE, keep, kept_of
from argosy.drift.turns import gathered

if TYPE_CHECKING:
    from argosy.store.location import Location

ROWS = "rows"


def known_rows(
    models: pl.DataFrame, wanted: pl.DataFrame, segment: str | None, place: int, location: Location
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows of the reference of some models: those kept, or drawn now where there are none.

    Args:
        models: `model`, `version`, `reference`, `source` and `rows`, the files.
        wanted: the columns that are compared (`argosy.drift.features`).
        segment: the expression by which it is cut.
        place: its place in the list of files.
        location: the fleet's.

    Returns:
        The columns of `ROWS`, and which profiles are new: the rows of the table `profiles`.
    """
    kept, lost = kept_of(models, ROWS, place, location)
    if lost.is_empty():
        return pl.concat([pl.DataFrame(schema=sampling.ROWS), *kept]), NONE
    before, cuts = lost.rename({"reference": "binding"}), [Cut(segment=segment)]
    (drawn,) = gathered(before, location, cuts, [wanted], "reference", rows=True).rows
    whole = lost.join(drawn, on="model", how="semi").select("model", "version", "source")
    fresh = keep(drawn, whole, ROWS, segment, location)
    return pl.concat([pl.DataFrame(schema=sampling.ROWS), *kept, drawn]), fresh
