"""Try a bandit on a log: it sees the outcome of every decision that it would have made itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels import compiled, mean
from argosy_experiments.bandits.thompson import ARM, STATE
from argosy_experiments.incoming import validated

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

_UNEVEN = 1e-6


def replayed(
    log: pl.DataFrame | pa.Table, seed: int, memory: float | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Replay the logs of all models, each by itself, through Thompson sampling.

    Rows that the bandit would have decided otherwise are passed over. The rewards that are left are
    those that the bandit itself would have met, if the log chose every arm alike: about one row in
    as many as there are arms, so that a log of 10,000 rows and 46 arms gives some 217.

    Args:
        log: in the order of time within a model: `model`, `arm`, `win` (0 or 1), and optionally
            `propensity`, which must then be one over the number of the model's arms.
        seed: of the draws; a model's draws do not depend on which others there are.
        memory: as for `thompson.learnt`.

    Returns:
        One row per model: `n` (rows), `arms`, `matched` (rows that count), `wins` among these,
        `rate` (null if none matched), `logged` (the log's own rate) and the rate over the second
        half of what matched, `late_rate`; and the state that the bandit ended with.

    Raises:
        BadInput: if a win is neither 0 nor 1, or the log did not choose every arm alike.

    Source: Li, Chu, Langford and Wang, "Unbiased offline evaluation of contextual-bandit-based
    news article recommendation algorithms", WSDM (2011).

    Example:
        >>> log = pl.DataFrame({"model": "m", "arm": ["a", "b"] * 500, "win": [0, 1] * 500})
        >>> found, state = replayed(log, seed=1)
        >>> found["logged"].item(), found["late_rate"].item() > 0.9
        (0.5, True)
    """
    kinds = {**ARM, "win": pl.Float64}
    rows = validated(log, kinds, "logged rows", {"propensity": pl.Float64})
    if memory is not None and not memory >= 1:
        raise BadInput(f"a memory of {memory!r} plays cannot be: give 1 or more, or None")
    odd = rows.filter(~pl.col("win").is_in([0.0, 1.0]).fill_null(False))
    if odd.height:
        raise BadInput(f"a win of model {odd['model'][0]!r} is {odd['win'][0]}; give 0 or 1")
    arms = rows.select(*ARM).unique().sort(*ARM)
    arms = arms.with_columns(own=pl.int_range(pl.len()).over("model"))
    arms = arms.with_columns(many=pl.len().over("model").cast(pl.Int64))
    placed = rows.join(arms, on=[*ARM], how="left", maintain_order="left").sort(
        "model", maintain_order=True
    )
    _even(placed)
    sizes = placed.group_by("model", maintain_order=True).agg(
        n=pl.len(), arms=pl.col("many").first(), logged=mean(pl.col("win"))
    )
    matched, wins, late, won, lost, plays = walked(
        placed["own"].to_numpy(),
        placed["win"].to_numpy(),
        sizes["n"].to_numpy().astype(np.int64),
        sizes["arms"].to_numpy(),
        _seeds(sizes["model"], seed),
        1.0 if memory is None else 1 - 1 / memory,
    )
    half = matched - matched // 2
    found = sizes.with_columns(
        pl.Series("matched", matched),
        pl.Series("wins", wins),
        pl.Series("rate", wins / np.maximum(matched, 1)),
        pl.Series("late_rate", late / np.maximum(half, 1)),
    ).with_columns(pl.when(pl.col("matched") > 0).then(pl.col("rate", "late_rate")))
    ended = arms.with_columns(
        pl.Series("wins", won), pl.Series("losses", lost), pl.Series("plays", plays)
    )
    return found, ended.select(*STATE)


@compiled
def walked(
    arm: Places, win: Floats, rows: Places, arms: Places, seeds: Places, keep: float
) -> tuple[Places, Places, Places, Floats, Floats, Places]:
    """Walk through all logs.

    Args:
        arm: which of its model's arms each row took.
        win: whether it won.
        rows: how many rows each model has, end to end.
        arms: how many arms each model has.
        seeds: of each model's draws.
        keep: the share of what is known that a play leaves.

    Returns:
        Per model, how many rows matched, won, and won in the second half of the matched; per
        arm, what is remembered of wins and losses, and how often it was played.

    Example:
        >>> one = np.ones(1, np.int64)
        >>> found = walked(np.zeros(2, np.int64), np.ones(2), one * 2, one, one, 1.0)
        >>> [part.tolist() for part in found]
        [[2], [2], [1], [2.0], [0.0], [2]]
    """
    models, total = len(rows), arms.sum()
    matched, wins, late = np.zeros((3, models), np.int64)
    won, lost = np.zeros((2, total))
    plays = np.zeros(total, np.int64)
    first, begin = 0, 0
    for model in range(models):
        np.random.seed(seeds[model])
        kept = np.empty(rows[model], np.int64)
        end = first + arms[model]
        for row in range(begin, begin + rows[model]):
            best, largest = -1, -1.0
            for each in range(first, end):
                drawn = np.random.beta(1 + won[each], 1 + lost[each])
                if drawn > largest:
                    best, largest = each, drawn
            if best != first + arm[row]:
                continue
            if keep < 1:
                for each in range(first, end):
                    won[each] *= keep
                    lost[each] *= keep
            gain = np.int64(win[row])
            won[best] += gain
            lost[best] += 1 - gain
            plays[best] += 1
            kept[matched[model]] = gain
            matched[model] += 1
        count = matched[model]
        wins[model] = kept[:count].sum()
        late[model] = kept[count // 2 : count].sum()
        first, begin = end, begin + rows[model]
    return matched, wins, late, won, lost, plays


def _even(rows: pl.DataFrame) -> None:
    """Refuse a log whose propensities say that it preferred some arms."""
    off = (pl.col("propensity") * pl.col("many") - 1).abs() > _UNEVEN
    odd = rows.filter(off.fill_null(False))
    if odd.height:
        model, propensity, many = odd.select("model", "propensity", "many").row(0)
        raise BadInput(
            f"the log of model {model!r} chose an arm with a probability of {propensity:g}, not"
            f" one in {many}; a replay needs a log that chose all arms alike, so take its random"
            " part, or estimate off-policy"
        )


def _seeds(models: pl.Series, seed: int) -> Places:
    from argosy_experiments.groups import hashed

    mixed = hashed([models], f"replay {seed}") >> np.uint64(33)
    found: Places = mixed.astype(np.int64)
    return found
