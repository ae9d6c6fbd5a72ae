"""Reference against current rows of one column, as a small histogram or as paired bars."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from argosy_report.wording import number, q_value, share, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

WIDTH, HEIGHT = 300, 132
FLOOR = 112
"""Where the axis of a histogram is."""
LABELS = 92
"""The room left of paired bars."""
_CATEGORIES = 6


@dataclass(frozen=True, slots=True)
class Bars:
    """One category: two bars, one below the other."""

    label: str
    y: float
    thick: float
    """Height of a bar."""
    reference: float
    """Length of a bar."""
    current: float
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One column of one model."""

    model: str
    column: str
    measured: str
    """Effect and q-value."""
    rows: str
    """How many rows were compared."""
    missing: str
    """The share of missing values, before and after; empty where there are none."""
    described: str
    """The picture in one sentence, for those who do not see it."""
    reference: str = ""
    """SVG path of a histogram."""
    current: str = ""
    ticks: Sequence[tuple[float, str, str]] = ()
    """Where on the axis, how anchored, and what it says."""
    bars: Sequence[Bars] = ()


def pictures(distributions: pl.DataFrame) -> list[Picture]:
    """Draw each row of distributions, in order."""
    return [_picture(row) for row in distributions.iter_rows(named=True)]


def _picture(row: dict[str, Any]) -> Picture:
    reference, current = row["ref_counts"] or [], row["cur_counts"] or []
    null_ref, null_cur = row["null_ref"] or 0, row["null_cur"] or 0
    n_ref, n_cur = sum(reference) + null_ref, sum(current) + null_cur
    model, column = shown(row["model"]), shown(row["column"], 40)
    measured = f"{shown(row['detector'], 24)} {number(row['effect'])}"
    if q := q_value(row["q_column"]):
        measured += f", {q}"
    rows = f"{n_ref:,} → {n_cur:,} rows"
    missing = f"missing {share(null_ref, n_ref)} → {share(null_cur, n_cur)}"
    described = f"{column} of {model}: {n_ref:,} reference and {n_cur:,} current rows, {measured}"
    drawn = Picture(
        model, column, measured, rows, missing if null_ref or null_cur else "", described
    )
    if row["kind"] == "categorical":
        return replace(drawn, bars=_bars(row["categories"] or [], reference, current))
    edges = _finite(row["edges"] or [])
    if len(edges) < 2 or not any((*reference, *current)):
        return drawn
    before, after = _density(edges, reference), _density(edges, current)
    top = max(*before, *after)
    low, high = edges[0], edges[-1]
    return replace(
        drawn,
        reference=_steps(edges, before, top),
        current=_steps(edges, after, top),
        ticks=(
            (0, "start", number(low)),
            (WIDTH / 2, "middle", number((low + high) / 2)),
            (WIDTH, "end", number(high)),
        ),
    )


def _finite(edges: Sequence[float]) -> list[float]:
    """Close open outer bins, as wide as their neighbours, and give a single value some width."""
    inner = [edge for edge in edges if math.isfinite(edge)]
    if not inner:
        return []
    first, last = (inner[1] - inner[0], inner[-1] - inner[-2]) if len(inner) > 1 else (1.0, 1.0)
    closed = [min(max(edge, inner[0] - first), inner[-1] + last) for edge in edges]
    if closed[0] < closed[-1]:
        return closed
    return [closed[0] - 0.5 + place / (len(closed) - 1) for place in range(len(closed))]


def _density(edges: Sequence[float], counts: Sequence[int]) -> list[float]:
    """Share of rows per unit of the axis, so that bins of unequal width compare fairly."""
    total = sum(counts) or 1
    least = (edges[-1] - edges[0]) / 200  # a bin between equal edges holds one repeated value
    widths = [max(high - low, least) for low, high in pairwise(edges)]
    return [n / total / width for n, width in zip(counts, widths, strict=True)]


def _steps(edges: Sequence[float], heights: Sequence[float], top: float) -> str:
    scale = WIDTH / (edges[-1] - edges[0])
    path = f"M0 {FLOOR}"
    for (low, high), height in zip(pairwise(edges), heights, strict=True):
        y = FLOOR - height / top * (FLOOR - 4)
        path += f"L{(low - edges[0]) * scale:.1f} {y:.1f}H{(high - edges[0]) * scale:.1f}"
    return f"{path}V{FLOOR}Z"


def _bars(
    categories: Sequence[str], reference: Sequence[int], current: Sequence[int]
) -> list[Bars]:
    """Pair up the categories that changed most; sum up the rest."""
    n_ref, n_cur = sum(reference) or 1, sum(current) or 1
    parts = [
        (shown(name, 40), before / n_ref, after / n_cur)
        for name, before, after in zip(categories, reference, current, strict=True)
    ]
    parts.sort(key=lambda part: -abs(part[1] - part[2]))
    kept, rest = parts[:_CATEGORIES], parts[_CATEGORIES:]
    kept.sort(key=lambda part: -part[1])
    if rest:
        kept.append((f"{len(rest)} more", sum(p[1] for p in rest), sum(p[2] for p in rest)))
    room = WIDTH - LABELS
    longest = max((max(before, after) for _, before, after in kept), default=0) or 1
    pitch = min(HEIGHT / max(len(kept), 1), 30)
    return [
        Bars(
            label=shown(name, 15),
            y=place * pitch,
            thick=(pitch - 4) / 2,
            reference=before / longest * room,
            current=after / longest * room,
            title=f"{name}: {share(before, 1)} → {share(after, 1)}",
        )
        for place, (name, before, after) in enumerate(kept)
    ]
