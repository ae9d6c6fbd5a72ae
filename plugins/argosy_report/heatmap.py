"""The map of the fleet: every model a square, coloured by its state.

Where a square stands for several models it takes the look of the worst of them. A mean would
hide one sick model among thirty healthy ones, and that model is what the map is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count as endless
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_report.groups import ATTENTION, grouped
from argosy_report.tally import STATES
from argosy_report.wording import column_shown, count, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SQUARES = 6_000  # more are too small to point at, and each costs about 100 bytes
_ROWS = 40
_WIDTH = 900


@dataclass(frozen=True, slots=True)
class Square:
    """One or more models."""

    x: int
    y: int
    look: str
    """The CSS class of the worst model in it."""
    title: str
    """Whom it stands for."""


@dataclass(frozen=True, slots=True)
class Row:
    """The models of one group."""

    label: str
    models: int
    attention: int
    """How many have drifted or failed."""
    height: int
    squares: Sequence[Square]


@dataclass(frozen=True, slots=True)
class FleetMap:
    """Every model of the fleet."""

    noun: str
    """What a row is."""
    per_square: int
    """How many models a square stands for, at most."""
    width: int
    side: int
    """The edge of a square."""
    rows: Sequence[Row]


def fleet_map(models: pl.DataFrame) -> FleetMap:
    """Lay out models, given worst first, in rows of squares.

    >>> from argosy_report.facts import MODELS
    >>> sick = {"model": "sick", "team": "a", "state": "drifted", "excess": 9.0}
    >>> well = [{"model": f"m{i}", "team": "a", "state": "healthy"} for i in range(7_999)]
    >>> drawn = fleet_map(pl.DataFrame([sick, *well], schema=MODELS))
    >>> drawn.per_square, drawn.rows[0].squares[0].look, drawn.rows[0].squares[0].title
    (2, 'd3', '2 models: 1 drifted, 1 healthy; worst: sick')
    """
    groups = grouped(models, _ROWS)
    sizes = groups.models.group_by("group").len()["len"]
    per_square = next(k for k in _round_numbers() if ((sizes + k - 1) // k).sum() <= _SQUARES)
    squares = _merged(groups.models, per_square)
    pitch = 22 if squares.height <= 200 else 15 if squares.height <= 1_000 else 10
    across = _WIDTH // pitch
    rows = [
        _row(label, across, pitch, squares.filter(pl.col("group") == index))
        for index, label in enumerate(groups.labels)
    ]
    return FleetMap(groups.noun, per_square, across * pitch, pitch - 1 - (pitch > 10), rows)


def look() -> pl.Expr:
    """Name the CSS class of a model: its state, and for drift how far beyond the alert it is.

    `d1` is below twice the effect that its detector alerts at, `d2` below five times, `d3` above.
    """
    excess = pl.col("excess")
    band = pl.when(excess >= 5).then(pl.lit("d3")).when(excess >= 2).then(pl.lit("d2"))
    drifted = band.otherwise(pl.lit("d1"))
    return (
        pl.when(pl.col("state") == "drifted")
        .then(drifted)
        .otherwise(pl.col("state").str.head(1))
        .alias("look")
    )


def _round_numbers() -> Iterator[int]:
    return (digit * 10**power for power in endless() for digit in (1, 2, 5))


def _merged(models: pl.DataFrame, per_square: int) -> pl.DataFrame:
    """Put every `per_square` models of a group in one square, led by the worst of them."""
    place = pl.int_range(pl.len()).over("group") // per_square
    tallies = [(pl.col("state") == state).sum().alias(state) for state in STATES]
    return (
        models.with_columns(place.alias("place"), look())
        .group_by("group", "place", maintain_order=True)
        .agg(
            pl.col("model", "look", "state", "worst_column").first(),
            pl.len().alias("models"),
            ATTENTION.sum().alias("attention"),
            *tallies,
        )
    )


def _row(label: str, across: int, pitch: int, squares: pl.DataFrame) -> Row:
    drawn = [
        Square(
            x=square["place"] % across * pitch,
            y=square["place"] // across * pitch,
            look=square["look"],
            title=_title(square),
        )
        for square in squares.iter_rows(named=True)
    ]
    lines = -(-squares.height // across)
    models, attention = int(squares["models"].sum()), int(squares["attention"].sum())
    return Row(label, models, attention, lines * pitch, drawn)


def _title(square: dict[str, Any]) -> str:
    name, worst = shown(square["model"]), square["worst_column"]
    if square["models"] == 1:
        column = f" in {column_shown(worst)}" if worst and square["state"] == "drifted" else ""
        return f"{name}: {square['state']}{column}"
    tally = ", ".join(f"{square[state]:,} {state}" for state in STATES if square[state])
    return f"{count(square['models'], 'model')}: {tally}; worst: {name}"
