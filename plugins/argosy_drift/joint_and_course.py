"""Ask the detectors that see more than one column, or more than one window, at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from argosy.errors import BadInput
from argosy_drift.call_detectors import answered, undefined
from argosy_drift.joint import APART, beside, earlier_rows, handed
from argosy_drift.profiles import NONE, known_rows
from argosy_drift.time_course import courses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl
    import pyarrow as pa

    from argosy.data.windows import WindowSpec
    from argosy.store.location import Location
    from argosy.types import Detector, Kind
    from argosy_drift.baselines import Baseline
    from argosy_drift.joint import Pairs
    from argosy_drift.sides import Side


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


def refuse(detectors: Iterable[Detector], window: str | None) -> None:
    """Raise if a detector has nothing to look at.

    Raises:
        BadInput: naming the first that only follows columns through windows, where there are none.
    """
    for detector in detectors:
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
        cut: WindowSpec,
        baseline: Baseline,
        location: Location,
    ) -> None:
        """Gather what the detectors need, and nothing where they need nothing."""
        kinds = {kind for detector in detectors for kind in detector.kinds}
        self.fresh = NONE
        """Which profiles of rows are new: the rows of the table `profiles`."""
        self._pairs: Pairs | None = None
        self._course: pa.Table | None = None
        if sides.rows is not None:
            if sides.windowed:
                before = earlier_rows(sides.rows, baseline)
            else:
                of = sides.wanted, cut.segment, sides.place
                before, self.fresh = known_rows(models, *of, location)
            self._pairs = beside(before, sides.rows, sides.versions, sides.windowed)
        if "course" in kinds and cut.window is not None:
            known = None if sides.windowed else sides.reference
            self._course = courses(known, sides.current, sides.versions).to_arrow()

    def tables(self) -> dict[Kind, pa.Table]:
        """Return the rows that results will have, by kind of detector."""
        found: dict[Kind, pa.Table] = {}
        if self._pairs is not None:
            found["joint"] = self._pairs.groups.to_arrow()
        if self._course is not None:
            found["course"] = self._course
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
                yield answered(detector, self._course, keys["course"], "course")
