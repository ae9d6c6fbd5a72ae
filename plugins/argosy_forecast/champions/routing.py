"""How far ahead a learned forecast is worth it: beyond, climatology does as well."""

from __future__ import annotations

import numpy as np
import polars as pl

from argosy_forecast.champions.origins import known

CONFIDENCE = 0.95
_SCHEMA = {
    "group": pl.String,
    "block": pl.Int64,
    "origins": pl.Int64,
    "worth": pl.Float64,
    "gain": pl.Float64,
    "lower": pl.Float64,
    "learned": pl.Boolean,
    "switch": pl.Int64,
    "reason": pl.String,
}


def learn_or_not(losses: pl.DataFrame, margin: float = 0.0) -> pl.DataFrame:
    """Say for every group and block of horizons whether its forecasts are learned.

    The gain is 1 less the learned losses over climatology's, both added up over origins. A block is
    learned while the lower 95 % limit (one-sided) of its gain, and that of all blocks before it,
    exceed the margin; `switch` is the last such block. Of twenty blocks without any gain one
    exceeds it by luck, so what is beyond the first that does not is left alone.

    Args:
        losses: `group`, `block` (ordered by its value), `origin`, `learned` and `climatology`: the
            losses of both, added up over the series of the group.
        margin: the least gain that is worth a learned model.

    Returns:
        `group`, `block`, `origins`, `worth` (how many independent origins they are), `gain`,
        `lower`, `learned`, `switch` (null where no block is learned), `reason` where the limit is
        not known, in order of group and block.

    Source: Fieller's problem by linearisation (Cochran, Sampling Techniques, 1977, section 6.4).

    Example:
        >>> learned = [1.0, 1.2, 1.1, 0.9] + [3.0, 2.0, 2.5, 2.9]
        >>> losses = pl.DataFrame({
        ...     "group": "grid", "block": [24] * 4 + [48] * 4, "origin": [0, 1, 2, 3] * 2,
        ...     "learned": learned, "climatology": [2.5, 2.6, 2.4, 2.5] * 2,
        ... })
        >>> learn_or_not(losses).select("block", "learned", "switch").rows()
        [(24, True, 24), (48, False, 24)]
    """
    from scipy.special import stdtrit

    rows = losses.sort("group", "block", "origin")
    cells = rows.select("group", "block").unique(maintain_order=True)
    moments = rows["origin"].unique().sort()
    placed = rows.join(cells.with_row_index("cell"), on=["group", "block"], maintain_order="left")
    place = (placed["cell"].to_numpy(), moments.search_sorted(placed["origin"]).to_numpy())
    sides = {
        name: np.full((cells.height, len(moments)), np.nan) for name in ("learned", "climatology")
    }
    for name, side in sides.items():
        side[place] = placed[name].cast(pl.Float64).to_numpy()
    both = np.isfinite(sides["learned"]) & np.isfinite(sides["climatology"])
    ours, theirs = (known(np.where(both, side, np.nan)).mean for side in sides.values())
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = np.where(theirs > 0, 1 - ours / theirs, np.nan)
        owed = ((1 - gain)[:, None] * sides["climatology"] - sides["learned"]) / theirs[:, None]
        found = known(np.where(both, owed, np.nan))
        lower = gain - stdtrit(found.freedom, CONFIDENCE) * found.error
    why = np.where(
        theirs == 0,
        "climatology never errs",
        np.where(
            found.origins == 0, "no origin has losses of both", "origins are worth less than 2"
        ),
    )
    told = cells.with_columns(
        origins=pl.Series(found.origins.astype(np.int64)),
        worth=pl.Series(found.worth),
        gain=pl.Series(gain).fill_nan(None),
        lower=pl.Series(lower).fill_nan(None),
        reason=pl.when(pl.Series(np.isnan(lower))).then(pl.Series(why)),
    )
    wins = (pl.col("lower") > margin).fill_null(value=False)
    learned = told.with_columns(learned=wins.cum_min().over("group"))
    last = pl.col("block").filter(pl.col("learned")).max().over("group")
    whole = learned.with_columns(switch=last)
    return whole.select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())


def moved_switch(standing: int | None, last: int | None, newest: int | None) -> int | None:
    """Return the switch after two backtests: it moves where both say so, as far as both say.

    Args:
        standing: the switch in force; None: nothing is learned.
        last: what the last backtest found.
        newest: what the newest one found.

    Example:
        >>> moved_switch(24, 48, 72), moved_switch(24, 48, 12), moved_switch(24, None, 12)
        (48, 24, 12)
    """
    place, once, again = (0 if one is None else one for one in (standing, last, newest))
    if min(once, again) > place:
        place = min(once, again)
    elif max(once, again) < place:
        place = max(once, again)
    return place or None
