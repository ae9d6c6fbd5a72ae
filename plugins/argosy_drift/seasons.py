"""Put every window beside the earlier ones of its season, for the detector `seasons`.

The windows are those of current and of reference rows, where both have times. One that both have
whole counts once, as the current rows have it; one that is not whole is compared with nothing, and
nothing with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from argosy_drift.column_values import GROUP
from argosy_drift.pairs import KEYS
from argosy_drift.time_course import MOST_CATEGORIES, described
from argosy_rows.extent import whole
from argosy_rows.periods import counted, face

if TYPE_CHECKING:
    from argosy_drift.sides import Side

_SERIES = ["model", "segment", "column"]
_CELL = [*GROUP, "column", "met", "whole"]
_MISSING = "share of missing values"
_YEAR = 12
_MOST_NAMES = 6
_LISTS = ("now", "earlier", "years", "own", "all", "degrees")


class Past(NamedTuple):
    """What a window is compared with beside earlier windows of its own role."""

    reference: Side | None
    """Windows of the reference's rows, of the models where these have times."""
    extents: pl.DataFrame
    """`model`, `extent` and `extent_ref`: how far the files of both roles go; and `at`, when it is,
    null where that is not said."""


def seasonal(
    current: Side, past: Past, versions: pl.DataFrame, window: str, season: str
) -> pl.DataFrame:
    """Return one row per column and window that has earlier ones of its season.

    Args:
        current: the windows.
        past: what else there is.
        versions: gives each `model` its `version`.
        window: how long the windows are.
        season: after which time they are of the same season again.

    Returns:
        `KEYS`, `kind`, the counts that every result has (`n_ref` of all earlier windows together),
        `baseline` (what it is compared with, in words), and lists with an element per number that
        the column is followed by: `what`, `now`, `earlier` (the mean of earlier windows), `years`
        (how many these are), `own` (their sum of squares about it), and of all seasons together
        `all` and `degrees`.
    """
    numeric, counts = (_windows(name, current, past) for name in ("numeric", "counts"))
    cells = pl.concat([_of_numbers(numeric), _of_categories(counts)], how="diagonal")
    of = [*_SERIES, "what"]
    cells = cells.with_columns(season=_season(season)).sort(*of, "window_start", "met")
    known = (pl.col("whole") & pl.col("now").is_finite()).fill_null(value=False)
    of_season = [*of, "season"]
    rows = (
        cells.with_columns(known=known)
        .with_columns(zero=pl.col("now").filter("known").first().over(of))
        .with_columns(x=pl.when("known").then(pl.col("now") - pl.col("zero")).otherwise(0.0))
        .with_columns(
            years=_before(pl.col("known").cast(pl.Int64), of_season),
            sum=_before("x", of_season),
            **{f"{name}_ref": _before(_only(name), of_season) for name in ("n", "nulls")},
        )
        .with_columns(mean=(pl.col("sum") / pl.col("years")).fill_nan(0.0))
        .with_columns(
            square=pl.when("known")
            .then(pl.col("years") / (pl.col("years") + 1) * (pl.col("x") - pl.col("mean")).pow(2))
            .otherwise(0.0),
            degree=(pl.col("known") & (pl.col("years") > 0)).cast(pl.Int64),
        )
        .with_columns(
            own=_before("square", of_season),
            all=_before("square", of),
            degrees=_before("degree", of),
            earlier=pl.col("zero") + pl.col("mean"),
        )
    )
    judged = rows.filter("met", pl.col("now").is_not_null(), pl.col("earlier").is_not_null())
    found = judged.group_by(*GROUP, "column", "kind", "season", maintain_order=True).agg(
        "what",
        *_LISTS,
        n_ref=pl.col("n_ref").max(),
        null_ref=pl.col("nulls_ref").max(),
        n_cur=pl.col("n").first(),
        null_cur=pl.col("nulls").first(),
    )
    found = found.filter(pl.col("years").list.max() > 0)
    named = _named(found, rows.filter("known", what=_MISSING), window, season)
    of_version = named.join(versions, on="model").sort("column", *GROUP)
    return of_version.select(*KEYS, pl.exclude(*KEYS, "season"))


def _windows(name: str, current: Side, past: Past) -> pl.DataFrame:
    """Return the rows of both roles, with `met` (whether they are current) and `whole`."""
    ended = pl.col("at").is_null() | (pl.col("window_end") <= pl.col("at"))
    parts = [(current, "extent")]
    if past.reference is not None:
        parts.append((past.reference, "extent_ref"))
    found = []
    for side, extent in parts:
        values = side.numeric if name == "numeric" else side.counts
        rows = values.join(past.extents, on="model", how="left", maintain_order="left")
        held = whole(pl.col("window_start"), pl.col("window_end"), pl.col(extent)) & ended
        rows = rows.with_columns(met=pl.lit(extent == "extent"), whole=held)
        found.append(rows.drop("extent", "extent_ref", "at"))
    if len(found) == 1:
        return found[0]
    mine = found[0].filter("whole").select("model", "window").unique()
    others = found[1].filter("whole").join(mine, on=["model", "window"], how="anti")
    return pl.concat([found[0], others.select(found[0].columns)], how="vertical_relaxed")


def _of_numbers(numeric: pl.DataFrame) -> pl.DataFrame:
    values = described(numeric, _CELL)
    share = pl.col("nulls") / pl.col("n")
    of = [*map(pl.col, (*_CELL, "n", "nulls")), pl.lit("numeric").alias("kind")]
    mean = values.filter(pl.col("mean").is_not_null()).select(
        *of, what=pl.lit("mean"), now=pl.col("mean")
    )
    return pl.concat([mean, values.select(*of, what=pl.lit(_MISSING), now=share)])


def _of_categories(counts: pl.DataFrame) -> pl.DataFrame:
    """Follow the share of each of the most common categories, and of missing values."""
    missing = pl.col("category").is_null()
    cells = counts.group_by(_CELL, maintain_order=True).agg(
        n=pl.col("count").sum(), nulls=pl.col("count").filter(missing).sum()
    )
    totals = counts.filter(~missing).group_by(*_SERIES, "category").agg(pl.col("count").sum())
    common = (
        totals.sort(*_SERIES, "count", "category", descending=[*[False] * 3, True, False])
        .group_by(_SERIES, maintain_order=True)
        .head(MOST_CATEGORIES)
        .drop("count")
    )
    counted = counts.select(*_CELL, "category", "count")
    shares = cells.join(common, on=_SERIES, nulls_equal=True).join(
        counted, on=[*_CELL, "category"], how="left", nulls_equal=True
    )
    known = pl.col("n") - pl.col("nulls")
    of = [*map(pl.col, (*_CELL, "n", "nulls")), pl.lit("categorical").alias("kind")]
    share = shares.filter(known > 0).select(
        *of,
        what=pl.format("share of '{}'", "category"),
        now=pl.col("count").fill_null(0) / known,
    )
    gone = cells.select(*of, what=pl.lit(_MISSING), now=pl.col("nulls") / pl.col("n"))
    return pl.concat([share, gone])


def _season(season: str) -> pl.Expr:
    """Return the number of each window's season: the same where whole seasons lie between."""
    months, minutes = counted(season)
    shown = face(pl.col("window"))
    minute = shown.dt.epoch("ms").floordiv(60_000)
    if not months:
        return minute % minutes
    number = shown.dt.year().cast(pl.Int64) * _YEAR + shown.dt.month() - 1
    rest = (shown.dt.day().cast(pl.Int64) * 24 + shown.dt.hour()) * 60 + shown.dt.minute()
    return number % months * (32 * 24 * 60) + rest


def _before(column: str | pl.Expr, of: list[str]) -> pl.Expr:
    """Add up what earlier windows have."""
    values = pl.col(column) if isinstance(column, str) else column
    return values.cum_sum().shift(1, fill_value=0).over(of)


def _only(name: str) -> pl.Expr:
    return pl.when("known").then(pl.col(name)).otherwise(0)


def _named(found: pl.DataFrame, known: pl.DataFrame, window: str, season: str) -> pl.DataFrame:
    """Add `baseline`: which windows those before are, in words."""
    of_months = counted(window) == (1, 0) and counted(season)[0] % _YEAR == 0
    began = face(pl.col("window"))
    name = began.dt.year().cast(pl.String) if of_months else pl.col("window")
    on = [*_SERIES, "season"]
    earlier = known.select(*on, before="window_start", name=name)
    pairs = (
        found.select(*on, "window", "window_start")
        .join(earlier, on=on, nulls_equal=True)
        .filter(pl.col("before") < pl.col("window_start"))
        .sort(*on, "window_start", "before")
    )
    names = pairs.group_by(*on, "window", maintain_order=True).agg("name")
    both = found.join(
        names, on=[*on, "window"], how="left", nulls_equal=True, maintain_order="left"
    )
    intro = began.dt.strftime("%B of ") if of_months else pl.lit("the windows ")
    return both.with_columns(baseline=pl.concat_str(intro, _listed(pl.col("name")))).drop("name")


def _listed(names: pl.Expr) -> pl.Expr:
    """Write names as a sentence has them.

    >>> names = pl.DataFrame({"name": [["2022"], ["2022", "2023", "2024"], list("abcdefgh")]})
    >>> names.select(_listed(pl.col("name")))["name"].to_list()
    ['2022', '2022, 2023 and 2024', 'a to h']
    """
    many = names.list.len()
    several = pl.concat_str(
        names.list.head(many - 1).list.join(", "), pl.lit(" and "), names.list.last()
    )
    span = pl.concat_str(names.list.first(), pl.lit(" to "), names.list.last())
    return (
        pl.when(many > _MOST_NAMES)
        .then(span)
        .when(many > 1)
        .then(several)
        .otherwise(names.list.first())
    )
