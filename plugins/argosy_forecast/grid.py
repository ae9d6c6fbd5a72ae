"""Values of many series on one grid of times, and since when each of them was known.

A value that was corrected has several layers: the k-th row of a time, by when it was available,
lies in the k-th. What was known at an instant is, of each time, the newest row available by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.datasets import MODEL
from argosy.data.left_out import UNTIMED, Cause, leave_out
from argosy.data.times import instant
from argosy.errors import BadInput
from argosy.registry.bindings import named_columns
from argosy_forecast.steps import clock_of, microseconds, positions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

OFF_GRID = Cause("off_grid", "lie between two steps of the frequency")
_NEVER = np.iinfo(np.int64).max
_PLACE, _KNOWN, _SERIES = "argosy_place", "argosy_known", "argosy_series"


@dataclass(frozen=True, slots=True)
class Layer:
    """One row of each time of each series; shape (series, times)."""

    values: Numbers
    known: NDArray[np.int64]
    """Since when, in microseconds since 1970 UTC."""
    covariates: Mapping[str, Numbers]


@dataclass(frozen=True, slots=True)
class Grid:
    """Series over the same times, one step apart."""

    names: list[str]
    first: int
    """The position of the first time; see `argosy_forecast.steps`."""
    step: int
    """Microseconds."""
    times: int
    """How many there are."""
    clock: str | None
    layers: list[Layer]

    @classmethod
    def filled(
        cls, laid: pl.DataFrame, step: int, clock: str | None, covariates: Sequence[str]
    ) -> Grid:
        """Fill the layers from rows that lie on the same steps."""
        codes = laid.select(pl.col(_SERIES).unique().sort()).to_series()
        first, last = int(laid[_PLACE].min()), int(laid[_PLACE].max())  # type: ignore[arg-type]
        shape = (len(codes), (last - first) // step + 1)
        at = laid.sort(_SERIES, _PLACE, _KNOWN, nulls_last=True, maintain_order=True).with_columns(
            column=(pl.col(_PLACE) - first) // step,
            line=pl.col(_SERIES).replace_strict(codes, pl.int_range(len(codes), eager=True)),
        )
        layer = at.select(pl.int_range(pl.len()).over(_SERIES, _PLACE)).to_series().to_numpy()
        layers = []
        for number in range(int(layer.max()) + 1):
            part = at.filter(layer == number)
            place = (part["line"].to_numpy(), part["column"].to_numpy())
            known = np.full(shape, _NEVER, np.int64)
            known[place] = part[_KNOWN].fill_null(_NEVER).to_numpy()
            values = [_blank(shape, place, part[f"{one}"]) for one in range(1 + len(covariates))]
            layers.append(Layer(values[0], known, dict(zip(covariates, values[1:], strict=True))))
        return cls(codes.to_list(), first, step, shape[1], clock, layers)

    def known(self, origin: int, start: int, stop: int) -> Layer:
        """Return what was known at an instant of the times from `start` to before `stop`.

        Args:
            origin: microseconds since 1970 UTC.
            start: the column of the first time; may lie before the grid.
            stop: the column after the last; may lie behind the grid.
        """
        whole = self._cut(self.layers[0], start, stop)
        values = np.where(whole.known <= origin, whole.values, np.nan)
        covariates = {
            name: np.where(whole.known <= origin, one, np.nan)
            for name, one in whole.covariates.items()
        }
        since = whole.known
        for layer in self.layers[1:]:
            part = self._cut(layer, start, stop)
            newer = part.known <= origin
            np.copyto(values, part.values, where=newer)
            np.copyto(since, part.known, where=newer)
            for name, one in covariates.items():
                np.copyto(one, part.covariates[name], where=newer)
        return Layer(values, since, covariates)

    def latest(self, start: int, stop: int) -> Layer:
        """Return what is known by now, after all corrections, and since when."""
        return self.known(_NEVER - 1, start, stop)

    def column(self, place: int) -> int:
        """Return the column of the first time at or after a position."""
        return -((self.first - place) // self.step)

    def _cut(self, layer: Layer, start: int, stop: int) -> Layer:
        columns = np.arange(start, stop)
        inside = (columns >= 0) & (columns < self.times)

        def padded(values: NDArray[Any], blank: float) -> NDArray[Any]:
            found = np.full((len(values), stop - start), blank, values.dtype)
            found[:, inside] = values[:, columns[inside]]
            return found

        return Layer(
            padded(layer.values, np.nan),
            padded(layer.known, _NEVER),
            {name: padded(one, np.nan) for name, one in layer.covariates.items()},
        )


def grids(
    rows: pl.DataFrame, binding: Mapping[str, Any], covariates: Sequence[str] = ()
) -> list[Grid]:
    """Lay rows out, series whose times lie on the same steps together.

    Rows between two steps of their own series are left out, and counted.

    Args:
        rows: of some series, told apart by `argosy_model`; at least one.
        binding: names their `timestamp`, `truth`, `frequency`, and perhaps `available_at` and
            `zone`.
        covariates: the columns of numbers that forecasters may use besides.

    Raises:
        BadInput: for a binding that names too little, or columns that hold no numbers.
    """
    for name in ("timestamp", "truth", "frequency"):
        if not binding[name]:
            raise BadInput(
                f"the binding of {binding['url']} names no {name}; a series needs its timestamp,"
                " truth and frequency"
            )
    step, clock = microseconds(binding["frequency"], "frequency"), clock_of(rows, binding)
    numbers = [_number(rows, name) for name in (binding["truth"], *covariates)]
    laid = pl.DataFrame(
        [
            rows[MODEL].cast(pl.String).alias(_SERIES),
            positions(rows, binding, clock).alias(_PLACE),
            _available(rows, binding).alias(_KNOWN),
            *(column.alias(f"{place}") for place, column in enumerate(numbers)),
        ]
    )
    leave_out(UNTIMED, laid[_SERIES].filter(laid[_PLACE].is_null()))
    laid = laid.drop_nulls([_PLACE]).with_columns(phase=pl.col(_PLACE) % step)
    usual = pl.col("phase").mode().sort().first().over(_SERIES)
    off = laid.select(pl.col("phase") != usual).to_series()
    leave_out(OFF_GRID, laid[_SERIES].filter(off))
    parts = laid.filter(~off).partition_by("phase", include_key=False, maintain_order=True)
    return [Grid.filled(part, step, clock, covariates) for part in parts]


def lag(binding: Mapping[str, Any]) -> int:
    """Return by how many microseconds values are known late, where that is a fixed time; else 0."""
    told = binding["available_at"]
    fixed = told and "available_at" not in named_columns(binding)
    return microseconds(told, "available_at") if fixed else 0


def _available(rows: pl.DataFrame, binding: Mapping[str, Any]) -> pl.Series:
    """Return since when rows were known: by a column, a time after their own, or at their time."""
    told = binding["available_at"]
    if "available_at" in named_columns(binding):
        times = instant(rows, {**binding, "timestamp": told, "timestamp_format": None})
        return rows.select(times.cast(pl.Int64)).to_series()
    return rows.select(instant(rows, binding).cast(pl.Int64)).to_series() + lag(binding)


def _number(rows: pl.DataFrame, name: str) -> pl.Series:
    if name not in rows.columns:
        raise BadInput(f"there is no column {name!r}; there are {', '.join(rows.columns)}")
    if not (rows.schema[name].is_numeric() or rows.schema[name] in (pl.Boolean, pl.Null)):
        raise BadInput(f"the column {name!r} is {rows.schema[name]}; a series holds numbers")
    return rows[name].cast(pl.Float64)


def _blank(
    shape: tuple[int, int], place: tuple[NDArray[Any], NDArray[Any]], values: pl.Series
) -> Numbers:
    filled = np.full(shape, np.nan)
    filled[place] = values.fill_null(np.nan).to_numpy()
    filled[~np.isfinite(filled)] = np.nan
    return filled
