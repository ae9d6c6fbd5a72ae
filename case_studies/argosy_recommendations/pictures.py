"""Pictures of some nights, drawn as SVG: what came of the candidates, and what lists earned."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import polars as pl

from argosy import inert
from argosy_recommendations.night.feedback import CONTROL, TREATMENT, feedback
from argosy_recommendations.night.opening import METRIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy import Fleet
    from argosy_recommendations.generator.feeds import Night

_COLOURS = ("#2b6cb0", "#a0aec0", "#c05621", "#4a5568")
_BAR, _GAP, _HEIGHT, _LEFT, _TOP = 26, 22, 150, 12, 44


def draw(fleet: Fleet, nights: Sequence[Night]) -> list[str]:
    """Draw pictures of some nights into the folder `pictures` of their fleet; return their URLs."""
    folder = fleet.folder("pictures")
    made = {
        "candidates": bars(
            f"Candidates beside their champions, by {METRIC}", *candidates(fleet, nights), "{:.0f}"
        ),
        "conversion": bars(
            "Calls after which something on the list was bought", *conversion(fleet), "{:.1%}"
        ),
    }
    for name, picture in made.items():
        folder.write(f"{name}.svg", picture.encode())
    return [folder.file(f"{name}.svg") for name in made]


def candidates(fleet: Fleet, nights: Sequence[Night]) -> tuple[list[str], dict[str, list[float]]]:
    """Count by night which candidates were better, no different, worse, or made no version."""
    rows = fleet.comparisons().filter(metric=METRIC).select("run_id", "verdict").collect()
    runs = fleet.runs().select("run_id", "kind", "group", "failed").collect()
    groups = [night.group for night in nights]
    told = rows.join(runs, on="run_id").group_by("group", "verdict").len()
    counted = {(group, verdict): float(many) for group, verdict, many in told.rows()}
    lost = dict(runs.filter(kind="train").select("group", "failed").rows())
    series = {
        verdict: [counted.get((group, verdict), 0.0) for group in groups]
        for verdict in ("better", "no difference", "worse")
    }
    series["not trained"] = [float(lost.get(group, 0)) for group in groups]
    return [str(night.date) for night in nights], series


def conversion(fleet: Fleet) -> tuple[list[str], dict[str, list[float]]]:
    """Return by day the share of calls that led to a purchase, of either test group."""
    won = (pl.col("bought") > 0).mean()
    told = feedback(fleet).group_by(pl.col("at").dt.date().alias("day"), "group").agg(won)
    share = {(day, group): value for day, group, value in told.rows()}
    days = sorted(told["day"].unique())
    return [str(day) for day in days], {
        name: [share.get((day, group), 0.0) for day in days]
        for name, group in (("personal lists", TREATMENT), ("default list", CONTROL))
    }


def bars(
    title: str, groups: Sequence[str], series: Mapping[str, Sequence[float]], number: str
) -> str:
    """Draw bars in groups, each with its number above it, as a picture that fetches nothing.

    >>> picture = bars("Visits", ["Mon", "Tue"], {"new": [1, 2], "known": [3, 0]}, "{:.0f}")
    >>> picture.count("<rect"), picture.startswith("<svg")
    (6, True)
    """
    wide = len(series) * _BAR + _GAP
    width = max(2 * _LEFT + len(groups) * wide, 440)
    most = max((value for each in series.values() for value in each), default=0) or 1
    base = _TOP + _HEIGHT
    drawn = [_text(_LEFT, 16, title, "start", 13)]
    for place, name in enumerate(series):
        x = _LEFT + place * 108
        drawn.append(f'<rect x="{x}" y="24" width="10" height="10" fill="{_COLOURS[place]}"/>')
        drawn.append(_text(x + 14, 33, name, "start", 11))
    for at, group in enumerate(groups):
        left = _LEFT + at * wide
        for place, values in enumerate(series.values()):
            high = round((_HEIGHT - 16) * values[at] / most, 1)
            x, y = left + place * _BAR, round(base - high, 1)
            size = f'width="{_BAR - 3}" height="{high}" fill="{_COLOURS[place]}"'
            drawn.append(f'<rect x="{x}" y="{y}" {size}/>')
            drawn.append(_text(x + _BAR / 2 - 1.5, y - 3, number.format(values[at]), "middle", 9))
        middle = left + len(series) * _BAR / 2
        drawn.append(_text(middle, base + 14, group, "middle", 10))
    size = f'width="{width}" height="{base + 22}" viewBox="0 0 {width} {base + 22}"'
    inside = "\n".join(drawn)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif">'
    return inert.lines(f"{head}\n<title>{escape(title)}</title>\n{inside}\n</svg>\n")


def _text(x: float, y: float, words: str, anchor: str, size: int) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="#4a5568">'
        f"{escape(words)}</text>"
    )
