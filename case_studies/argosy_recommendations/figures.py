"""What may be counted on, counted: the figures of some nights beside those that are expected."""

from __future__ import annotations

import tomllib
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_recommendations.generator.feeds import feed_file, retired
from argosy_recommendations.night.cycle import CHAMPION
from argosy_recommendations.night.feedback import (
    CONTROL,
    TREATMENT,
    expected_purchases,
    feedback,
)
from argosy_recommendations.night.naming import version_of
from argosy_recommendations.night.opening import METRIC
from argosy_recommendations.serving.lookup_service import LISTS, SERVING

if TYPE_CHECKING:
    from argosy import Fleet
    from argosy_recommendations.generator.feeds import Night
    from argosy_recommendations.options import Options

EXPECTED = Path(__file__).with_name("expected.toml")


def simulated(
    fleet: Fleet, nights: list[Night], steps: pl.DataFrame, audits: pl.DataFrame
) -> dict[str, float]:
    """Count what must never happen, and what the nights came to."""
    followed = feedback(fleet)
    bought = float(followed.select(pl.col("bought").sum()).item())
    due = expected_purchases(fleet)
    whole = followed.with_columns(won=pl.col("bought") > 0)
    conversion = dict(whole.group_by("group").agg(pl.col("won").mean()).rows())
    promoted = steps.filter(step="promote").sort("group")["ok"].to_list()
    last = _evaluated(fleet, nights[-1])
    return {
        "worse versions promoted": audits.filter(
            pl.col("quality") < pl.col("former_quality")
        ).height,
        "models trained on another number of rows than their client has": _crossed(fleet, nights),
        "items of other clients on lists": _foreign(followed),
        "retired items offered": _retired(nights, followed),
        "frozen clients that changed": _thawed(fleet, nights[0]),
        "calls that a client switched off answered": _answered(fleet, followed, nights),
        "purchases after a list, of those expected": bought / due if due else nan,
        **{f"promoted, night {n}": many for n, many in enumerate(promoted, 1)},
        f"{METRIC} of the last night's versions": last,
        "conversion of personal lists": conversion.get(TREATMENT, 0.0),
        "conversion of default lists": conversion.get(CONTROL, 0.0),
    }


def beside(measured: dict[str, float], expected: dict[str, Any]) -> pl.DataFrame:
    """Lay what was measured beside what is expected: the figures of a case.

    Args:
        measured: by figure.
        expected: by figure, a number, or a table of `value` and `tolerance` (relative) or `within`
            (absolute).
    """
    rows: list[dict[str, Any]] = [
        {"figure": figure, **_allowed(told)} for figure, told in expected.items()
    ]
    schema = {"figure": pl.String, "value": pl.Float64, "tolerance": pl.Float64}
    figures = pl.DataFrame(rows, schema=schema).select(
        "figure",
        expected="value",
        measured=pl.Series(
            [measured.get(row["figure"]) for row in rows], dtype=pl.Float64, strict=False
        ),
        tolerance="tolerance",
    )
    off = (pl.col("measured") - pl.col("expected")).abs()
    most = pl.col("expected").abs() * pl.col("tolerance") + 1e-12
    return figures.with_columns(holds=(off <= most).fill_null(value=False))


def _allowed(told: Any) -> dict[str, float]:  # noqa: ANN401
    if not isinstance(told, dict):
        return {"value": told, "tolerance": 0.0}
    within = told.get("within", 0.0) / abs(told["value"]) if told["value"] else 0.0
    return {"value": told["value"], "tolerance": told.get("tolerance", within)}


def expected(options: Options) -> dict[str, Any]:
    """Return what `expected.toml` expects of nights with these options.

    What must never happen is expected of all; the nights that are played by default come to what
    they came to earlier.
    """
    held = tomllib.loads(EXPECTED.read_text())
    told = dict(held["always"])
    played = held["default"]["options"]
    if all(getattr(options, name) == value for name, value in played.items()):
        told |= held["default"]["earlier"]
    return told


def expected_of_real() -> dict[str, Any]:
    """Return what `expected.toml` expects of the real data."""
    return dict(tomllib.loads(EXPECTED.read_text())["real"])


def _evaluated(fleet: Fleet, night: Night) -> float:
    runs = fleet.runs().filter(group=night.group, kind="evaluate").select("run_id")
    rows = fleet.evaluations().filter(metric=METRIC, slice="all")
    mean = rows.join(runs, on="run_id", how="semi").select(pl.col("value").mean()).collect()
    return float(mean.item() or 0.0)


def _crossed(fleet: Fleet, nights: list[Night]) -> int:
    """Count versions that were trained on another number of rows than their client has."""
    wrong = 0
    for night in nights:
        feed = fleet.folder(f"feeds/{night.date}").scan(feed_file("training"))
        rows = feed.group_by("client").len("own")
        runs = fleet.runs().filter(group=night.group).select("run_id")
        made = fleet.trainings().filter(status="ok").join(runs, on="run_id", how="semi")
        both = made.join(rows, left_on="model", right_on="client", how="left")
        wrong += both.filter(pl.col("n") != pl.col("own").fill_null(0)).collect().height
    return wrong


def _foreign(followed: pl.DataFrame) -> int:
    long = followed.select("model", "items").explode("items")
    return long.filter(pl.col("items").str.slice(0, 4) != pl.col("model").str.slice(7)).height


def _retired(nights: list[Night], followed: pl.DataFrame) -> int:
    """Count items that were offered on a day on which their client did not sell them."""
    wrong = 0
    for night in nights:
        shown = followed.filter(pl.col("at").dt.date() == night.date)
        long = shown.select("model", item="items").explode("item")
        gone = retired(night.market, night.day + 1).explode("retired").drop_nulls("retired")
        both = long.join(gone, left_on=["model", "item"], right_on=["client", "retired"])
        wrong += both.height
    return wrong


def _states(fleet: Fleet, state: str) -> pl.DataFrame:
    now = pl.col("tags").map.get(SERVING)
    return fleet.models().filter(now == state).select("model").collect()


def _thawed(fleet: Fleet, first: Night) -> int:
    """Count frozen clients whose champion or lists are not those of the night before the frost."""
    frozen = _states(fleet, "freeze")
    champions = fleet.aliases().filter(alias=CHAMPION).select("model", "version").collect()
    runs = fleet.runs().filter(group=first.group, kind="predict").select("run_id").collect()
    lists = fleet.bindings().filter(role=LISTS).select("model", "url").collect()
    run = runs["run_id"].item() if runs.height else ""
    both = frozen.join(champions, on="model", how="left").join(lists, on="model", how="left")
    same = (pl.col("version") == version_of(fleet, first)) & pl.col("url").str.contains(
        run, literal=True
    )
    untouched = pl.col("version").is_null() & pl.col("url").is_null()
    return both.filter(~(same | untouched).fill_null(value=False)).height


def _answered(fleet: Fleet, followed: pl.DataFrame, nights: list[Night]) -> int:
    """Count what was offered for clients after they had switched themselves off."""
    off = _states(fleet, "off")["model"]
    later = pl.col("at").dt.date() > nights[0].date
    return followed.filter(later, pl.col("model").is_in(off.implode())).height
