"""A champion per series: who is there stays, unless another is surely better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels import mean
from argosy.kernels.multiplicity import adjusted
from argosy_forecast.champions.origins import known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.05
_TESTS = {
    "series": pl.String,
    "candidate": pl.String,
    "incumbent": pl.String,
    "origins": pl.Int64,
    "worth": pl.Float64,
    "gain": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "reason": pl.String,
}


def choose(
    losses: pl.DataFrame,
    incumbents: Mapping[str, str] | None = None,
    margin: float = 0.0,
    level: float = LEVEL,
    group: str | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Name the champion of every series.

    A candidate is tested against the incumbent by the differences of their losses at the origins
    that both have: Student's t, one-sided, with one degree less than the origins are worth
    (`argosy_forecast.champions.origins`). All series and candidates are one family
    (Benjamini-Hochberg). The incumbent stays unless a q-value is below the level and the gain above
    the margin; of several such candidates the one that gains most takes over. A series without an
    incumbent gets the method that does best in the whole group: one series says too little.

    What is reported of champions belongs on later origins than those they were chosen on.

    Args:
        losses: `series`, `method`, `origin` and `loss`, as `origin_losses` finds them.
        incumbents: the method of each series that has one.
        margin: the least share of the incumbent's loss that must be saved.
        level: how many of those that take over, on average, may be no better.
        group: the column that says to which group a series belongs; None takes them for one.

    Returns:
        Champions: `series`, `champion`, `incumbent`, `switched`, `reason`, a row per series; and
        tests: `series`, `candidate`, `incumbent`, `origins`, `worth`, `gain`, `p_value`, `q_value`,
        `reason` (why there is no test).

    Raises:
        BadInput: if a loss is no number of 0 or more, or stands twice.

    Source: Diebold and Mariano, Journal of Business & Economic Statistics 13 (1995); Benjamini and
    Hochberg, Journal of the Royal Statistical Society B 57 (1995).

    Example:
        >>> losses = pl.DataFrame({
        ...     "series": "a", "method": ["naive"] * 9 + ["ridge"] * 9, "origin": [*range(9)] * 2,
        ...     "loss": [5.0, 6.0, 5.5] * 3 + [2.0, 3.0, 2.2] * 3,
        ... })
        >>> champions, tests = choose(losses, {"a": "naive"}, margin=0.1)
        >>> champions.row(0)
        ('a', 'ridge', 'naive', True, 'gains 56.4 % (q = 2.5e-12)')
        >>> choose(losses)[0].row(0)
        ('a', 'ridge', None, True, 'best of its group, as there was none')
    """
    _refuse_unfit(losses)
    series = losses["series"].unique().sort()
    before = pl.DataFrame(
        {
            "series": series,
            "incumbent": pl.Series(
                [(incumbents or {}).get(one) for one in series], dtype=pl.String
            ),
        }
    )
    tests = _tests(losses, before.drop_nulls())
    winners = (
        tests.filter((pl.col("q_value") < level) & (pl.col("gain") > margin))
        .sort("series", "gain", "candidate", descending=[False, True, False])
        .unique("series", keep="first", maintain_order=True)
        .select("series", "candidate", "gain", "q_value")
    )
    whole = before.join(_best(losses, group), on="series", how="left", maintain_order="left").join(
        winners, on="series", how="left", maintain_order="left"
    )
    untested = tests.group_by("series").agg((pl.col("p_value").is_not_null()).any().alias("tested"))
    whole = whole.join(untested, on="series", how="left", maintain_order="left")
    champion = pl.coalesce("candidate", "incumbent", "best")
    return whole.with_columns(champion=champion, reason=_told(margin)).select(
        "series",
        "champion",
        "incumbent",
        switched=pl.col("champion").ne_missing(pl.col("incumbent")),
        reason="reason",
    ), tests


def _told(margin: float) -> pl.Expr:
    percent = (pl.col("gain") * 100).round(1)
    q_value = pl.col("q_value").map_elements("{:.2g}".format, return_dtype=pl.String)
    surely = f" by more than {margin:.1%}" if margin else ""
    return (
        pl.when(pl.col("candidate").is_not_null())
        .then(pl.format("gains {} % (q = {})", percent, q_value))
        .when(pl.col("incumbent").is_null())
        .then(pl.lit("best of its group, as there was none"))
        .when(pl.col("tested").fill_null(value=False))
        .then(pl.lit(f"no candidate is surely better{surely}"))
        .otherwise(pl.lit("no candidate could be tested"))
    )


def _refuse_unfit(losses: pl.DataFrame) -> None:
    loss = pl.col("loss")
    odd = losses.filter((~(loss.is_finite() & (loss >= 0))).fill_null(value=True))
    if odd.height:
        told = odd.select("series", "method", "origin").row(0)
        raise BadInput(f"the loss of {told[1]} on {told[0]} at {told[2]} is no number of 0 or more")
    twice = losses.select("series", "method", "origin").is_duplicated()
    if twice.any():
        told = losses.filter(twice).select("series", "method", "origin").row(0)
        raise BadInput(f"the loss of {told[1]} on {told[0]} at {told[2]} stands twice")


def _best(losses: pl.DataFrame, group: str | None) -> pl.DataFrame:
    """Return the method that does best in the group of each series.

    Each series counts alike: by a method's loss over the mean loss of all methods there.
    """
    grouped = losses.with_columns(argosy_group=pl.lit("") if group is None else pl.col(group))
    each = (
        grouped.sort("series", "method", "origin")
        .group_by("argosy_group", "series", "method", maintain_order=True)
        .agg(mean(pl.col("loss")).alias("loss"))
        .with_columns(level=mean(pl.col("loss")).over("argosy_group", "series"))
        .with_columns(relative=pl.when(pl.col("level") > 0).then(pl.col("loss") / pl.col("level")))
    )
    counts = each.group_by("argosy_group", "method", maintain_order=True).agg(
        mean(pl.col("relative").fill_null(1.0)).alias("relative"), pl.len().alias("many")
    )
    widest = counts.filter(pl.col("many") == pl.col("many").max().over("argosy_group"))
    best = widest.sort("argosy_group", "relative", "method").unique(
        "argosy_group", keep="first", maintain_order=True
    )
    return (
        each.select("argosy_group", "series")
        .unique("series", keep="first", maintain_order=True)
        .join(best.select("argosy_group", best="method"), on="argosy_group")
        .select("series", "best")
    )


def _tests(losses: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Test every candidate against the incumbent of its series."""
    from scipy.special import stdtr

    plain = losses.select("series", "method", "origin", pl.col("loss").cast(pl.Float64))
    theirs = before.join(plain, on="series").filter(pl.col("method") == pl.col("incumbent"))
    both = (
        plain.join(before, on="series")
        .filter(pl.col("method") != pl.col("incumbent"))
        .join(
            theirs.select("series", "origin", held="loss"),
            on=["series", "origin"],
            how="left",
        )
        .sort("series", "method", "origin")
    )
    pairs = both.select("series", "method", "incumbent").unique(maintain_order=True)
    if pairs.is_empty():
        return pl.DataFrame(schema=_TESTS)
    gains, held = _by_origin(both, pairs)
    found = known(gains)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(found.error > 0, found.mean / found.error, np.nan)
        t = np.where(found.error == 0, np.where(found.mean > 0, np.inf, -np.inf), t)
        p_value = stdtr(found.freedom, -t)
        gain = np.where(held > 0, found.mean / held, np.nan)
    tested = np.isfinite(p_value) & ~np.isnan(found.error)
    q_value = np.full(len(p_value), np.nan)
    q_value[tested] = adjusted(p_value[tested], np.zeros(int(tested.sum()), np.int64))
    why = np.where(
        found.origins == 0, "no origin has losses of both", "origins are worth less than 2"
    )
    return pairs.rename({"method": "candidate"}).with_columns(
        origins=pl.Series(found.origins.astype(np.int64)),
        worth=pl.Series(found.worth),
        gain=pl.Series(gain).fill_nan(None),
        p_value=pl.Series(np.where(tested, p_value, np.nan)).fill_nan(None),
        q_value=pl.Series(q_value).fill_nan(None),
        reason=pl.when(pl.Series(~tested)).then(pl.Series(why)),
    ).select(*_TESTS)  # fmt: skip


def _by_origin(both: pl.DataFrame, pairs: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return what each pair gains at each origin, and the incumbent's mean loss at those."""
    moments = both["origin"].unique().sort()
    rows = both.join(
        pairs.with_row_index("pair").select("pair", "series", "method"),
        on=["series", "method"],
        maintain_order="left",
    )
    place = (rows["pair"].to_numpy(), moments.search_sorted(rows["origin"]).to_numpy())
    shape = (pairs.height, len(moments))
    ours, held = np.full(shape, np.nan), np.full(shape, np.nan)
    ours[place], held[place] = rows["loss"].to_numpy(), rows["held"].to_numpy()
    gains = held - ours
    return gains, known(np.where(np.isnan(gains), np.nan, held)).mean
