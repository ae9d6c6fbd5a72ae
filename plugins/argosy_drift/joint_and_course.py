"""Ask the detectors that see more than one column, or more than one window, at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy_drift.call_detectors import answered, undefined
from argosy_drift.column_values import GROUP
from argosy_drift.joint import APART, beside, earlier_rows, handed
from argosy_drift.profiles import NONE, known_rows
from argosy_drift.row_blocks import with_blocks
from argosy_drift.season_detector import NAME as SEASONS
from argosy_drift.seasons import seasonal
from argosy_drift.time_course import courses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from argosy.store.location import Location
    from argosy.types import Detector, Kind
    from argosy_drift.baselines import Baseline
    from argosy_drift.joint import Pairs
    from argosy_drift.seasons import Past
    from argosy_drift.sides import Side
    from argosy_rows.windows import WindowSpec


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of some models in one cut."""

    place: int
    """The place of the cut among all."""
    versions: pl.DataFrame
    """Gives each `model` its `version`."""
    reference: Side
    current: Side
    wanted: pl.DataFrame
    """The `model`, `column`, `kind` and `measure` of what is compared."""
    rows: pl.DataFrame | None
    """A sample of current rows, where a detector asks for it."""
    windowed: bool
    """Whether the reference is of windows too."""
    past: Past | None = None
    """What windows are compared with where they have seasons."""


def refuse(detectors: Iterable[Detector], window: str | None, season: str | None) -> None:
    """Raise if a detector has nothing to look at.

    Raises:
        BadInput: naming the first that only follows columns through windows, or judges them by
            their season, where there are none.
    """
    for detector in detectors:
        if season is None and detector.name == SEASONS:
            raise BadInput(
                f"the detector {detector.name!r} judges windows against those of their season; say"
                " which, such as window='1mo' and against='seasonal 12mo' (--window and --against"
                " on the command line)"
            )
        if window is None and detector.kinds == {"course"}:
            raise BadInput(
                f"the detector {detector.name!r} follows a column through windows, and there are"
                " none; say which, such as '1d' (window= in Python, --window on the command line)"
            )


class JointAndCourse:
    """What joint and course detectors are asked about, of some models in one cut."""

    def __init__(
        self,
        detectors: Sequence[Detector],
        models: pl.DataFrame,
        sides: Sides,
        taus: pl.DataFrame,
        cut: WindowSpec,
        baseline: Baseline,
        location: Location,
    ) -> None:
        """Gather what the detectors need, and nothing where they need nothing.

        `taus` are those of the pairs of columns (`argosy_drift.pairs.Samples.taus`).
        """
        kinds = {kind for detector in detectors for kind in detector.kinds}
        self.fresh = NONE
        """Which profiles of rows are new: the rows of the table `profiles`."""
        self._pairs: Pairs | None = None
        self._course: pl.DataFrame | None = None
        if sides.rows is not None:
            if sides.windowed:
                before = earlier_rows(sides.rows, baseline)
            else:
                of = sides.wanted, cut.segment, sides.place
                before, self.fresh = known_rows(models, *of, location)
            found = beside(before, sides.rows, sides.versions, sides.windowed)
            # rows differ by what is missing, too
            of_rows = taus.with_columns(tau=pl.max_horizontal("tau", "tau_nulls"))
            groups = _with_most(found.groups, of_rows, list(GROUP))
            self._pairs = replace(found, groups=with_blocks(groups))
        if "course" in kinds and cut.window is not None:
            self._course = _course(detectors, sides, taus, cut.window, baseline)

    def tables(self) -> dict[Kind, pa.Table]:
        """Return the rows that results will have, by kind of detector."""
        found: dict[Kind, pa.Table] = {}
        if self._pairs is not None:
            found["joint"] = self._pairs.groups.to_arrow()
        if self._course is not None:
            found["course"] = self._course.drop("seasonal").to_arrow()
        return found

    def answers(
        self, detectors: Sequence[Detector], keys: Mapping[Kind, pl.DataFrame]
    ) -> Iterator[pl.DataFrame]:
        """Yield the results; `keys` are those of `tables`."""
        for some in handed(self._pairs) if self._pairs is not None else ():
            own, table = keys["joint"][some["row"]], some.drop("row").to_arrow()
            for detector in detectors:
                if "joint" not in detector.kinds:
                    continue
                if some["columns"][0].is_empty():  # they all have the same columns
                    yield undefined(detector, own, APART)
                else:
                    yield answered(detector, table, own, "joint")
        for detector in detectors:
            if self._course is not None and "course" in detector.kinds:
                mine = self._course["seasonal"] == (detector.name == SEASONS)
                course = self._course.filter(mine).drop("seasonal").to_arrow()
                yield answered(detector, course, keys["course"].filter(mine), "course")


def _course(
    detectors: Sequence[Detector],
    sides: Sides,
    taus: pl.DataFrame,
    window: str,
    baseline: Baseline,
) -> pl.DataFrame:
    """Return the course of each column, and `seasonal` rows of windows beside their season's."""
    parts = []
    if any("course" in one.kinds and one.name != SEASONS for one in detectors):
        known = None if sides.windowed else sides.reference
        course = courses(known, sides.current, sides.versions)
        parts.append(_with_most(course, taus, ["model", "segment", "column"]))
    asked = any(one.name == SEASONS for one in detectors)
    if asked and sides.past is not None and baseline.season is not None:
        of = sides.current, sides.past, sides.versions
        parts.append(seasonal(*of, window, baseline.season).with_columns(seasonal=True))
    rows = pl.concat(parts, how="diagonal_relaxed")
    marked = pl.col("seasonal") if "seasonal" in rows.columns else pl.lit(None, pl.Boolean)
    return rows.with_columns(seasonal=marked.fill_null(value=False))


def _with_most(rows: pl.DataFrame, taus: pl.DataFrame, of: list[str]) -> pl.DataFrame:
    """Add the greatest `tau` of what rows are made of: all columns, or all windows."""
    most = taus.group_by(of).agg(pl.col("tau").max())
    return rows.join(most, on=of, how="left", nulls_equal=True, maintain_order="left")
