"""Thompson sampling over thousands of models at once, with a memory that may fade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.kernels import across, total
from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ARM = {"model": pl.String, "arm": pl.String}
STATE = {**ARM, "wins": pl.Float64, "losses": pl.Float64, "plays": pl.Int64}
"""One row per model and arm: what is remembered of wins and losses, and how often it was played."""
_NODES = 32


def begun(arms: pl.DataFrame | pa.Table) -> pl.DataFrame:
    """Begin a bandit of every model, of which nothing is known: all rates are alike (Beta(1, 1)).

    Args:
        arms: one row per `model` and `arm`. Others begin later by joining their rows to a state.

    Returns:
        The state, sorted by model and arm; it is saved as it is.

    Example:
        >>> begun(pl.DataFrame({"model": "m", "arm": ["b", "a"]})).rows()
        [('m', 'a', 0.0, 0.0, 0), ('m', 'b', 0.0, 0.0, 0)]
    """
    given = refuse_duplicates(validated(arms, ARM, "arms"), [*ARM], "arms").select(*ARM)
    nothing = [pl.lit(0, kind).alias(name) for name, kind in list(STATE.items())[2:]]
    return given.with_columns(nothing).sort(*ARM)


def chosen(
    state: pl.DataFrame | pa.Table, requests: pl.DataFrame | pa.Table, seed: int
) -> pl.DataFrame:
    """Choose an arm for every request: the one whose rate, drawn from what is known, is largest.

    Args:
        state: as `begun` or `learnt` returned it.
        requests: one row per suggestion to be made, with `model`; other columns stay.
        seed: the same seed, state and requests give the same arms.

    Returns:
        The requests in their order, with `arm`.

    Raises:
        UnknownName: if a model has no arms.

    Source: Thompson, Biometrika 25 (1933); Chapelle and Li, NeurIPS (2011).

    Example:
        >>> state = begun(pl.DataFrame({"model": "m", "arm": ["a", "b"]}))
        >>> state = learnt(state, pl.DataFrame({"model": "m", "arm": ["a", "b"],
        ...                                     "plays": 500, "wins": [10, 90]}))
        >>> chosen(state, pl.DataFrame({"model": ["m", "m"]}), seed=1)["arm"].to_list()
        ['b', 'b']
    """
    known, (first, many) = _arms(state)
    asked = validated(requests, {"model": pl.String}, "requests").drop("arm", strict=False)
    place = _places(known, asked)
    width = many[place]
    start = np.cumsum(width) - width
    rows = np.repeat(first[place] - start, width) + np.arange(width.sum())
    wins, losses = (known[name].to_numpy() for name in ("wins", "losses"))
    drawn = np.random.default_rng(seed).beta(1 + wins[rows], 1 + losses[rows])
    if not len(drawn):
        return asked.with_columns(arm=pl.lit(None, pl.String))
    best = np.repeat(np.maximum.reduceat(drawn, start), width)
    hit = np.flatnonzero(drawn == best)
    owner = np.repeat(np.arange(len(width)), width)[hit]
    own = rows[hit[np.unique(owner, return_index=True)[1]]]
    return asked.with_columns(arm=known["arm"].gather(own))


def learnt(
    state: pl.DataFrame | pa.Table,
    feedback: pl.DataFrame | pa.Table,
    memory: float | None = None,
) -> pl.DataFrame:
    """Learn what the arms earned since the last time.

    With a memory, each play of a model multiplies all that it knows of its arms by 1 - 1/memory, so
    that it follows rates that change.

    Args:
        state: as `begun` or `learnt` returned it.
        feedback: the new plays only, one row per `model` and `arm`: `plays`, of which `wins`; and
            optionally `scale`, how much of a play of its own each is worth, above 0 and at most
            1, where plays hang together (`worth.worth` over the plays).
        memory: in plays of the model; None never forgets.

    Returns:
        The new state.

    Raises:
        BadInput: if wins are not a whole number from 0 to the plays, or the memory is below 1.
        UnknownName: if an arm is not in the state.

    Source: Raj and Kalyani, "Taming non-stationary bandits: a Bayesian approach" (2017), whose
    discount is per play; within one call, plays count alike.

    Example:
        >>> state = begun(pl.DataFrame({"model": "m", "arm": ["a", "b"]}))
        >>> once = pl.DataFrame({"model": ["m"], "arm": ["a"], "plays": [10], "wins": [4]})
        >>> learnt(learnt(state, once), once, memory=20)["wins"].round(3).to_list()
        [6.395, 0.0]
    """
    if memory is not None and not memory >= 1:
        raise BadInput(f"a memory of {memory!r} plays cannot be: give 1 or more, or None")
    known, _ = _arms(state)
    kinds = {**ARM, "plays": pl.Float64, "wins": pl.Float64}
    given = validated(feedback, kinds, "feedback rows", {"scale": pl.Float64})
    new = refuse_duplicates(given, [*ARM], "feedback rows")
    plays, wins = pl.col("plays"), pl.col("wins")
    sound = plays.is_finite() & (wins >= 0) & (wins <= plays) & (plays == plays.round())
    odd = new.filter(~(sound & (wins == wins.round())).fill_null(False))
    if odd.height:
        raise BadInput(
            f"arm {odd['arm'][0]!r} of model {odd['model'][0]!r} won {odd['wins'][0]} of"
            f" {odd['plays'][0]} plays; give whole numbers, no more wins than plays"
        )
    strangers = new.join(known, on=[*ARM], how="anti")
    if strangers.height:
        model, arm = strangers.select(*ARM).row(0)
        raise UnknownName.among(
            f"arm of model {model!r}", arm, known.filter(model=model)["arm"].to_list()
        )
    keep = 0.0 if memory is None else np.log1p(-1 / memory) if memory > 1 else -np.inf
    scale = pl.col("scale").fill_null(1.0)
    lost = new.filter(~((scale > 0) & (scale <= 1)))
    if lost.height:
        raise BadInput(
            f"a play of arm {lost['arm'][0]!r} of model {lost['model'][0]!r} cannot be worth"
            f" {lost['scale'][0]} plays; give a number above 0 and at most 1"
        )
    fresh = new.select(*ARM, scale, new="plays", won="wins")
    every = pl.col("new").sum().over("model")
    factor = pl.when(every > 0).then((every * keep).exp()).otherwise(1.0)
    joined = known.join(fresh, on=[*ARM], how="left", maintain_order="left").with_columns(
        pl.col("new", "won").fill_null(0.0), pl.col("scale").fill_null(1.0)
    )
    return joined.with_columns(
        wins=pl.col("wins") * factor + pl.col("won") * pl.col("scale"),
        losses=pl.col("losses") * factor
        + pl.col("new") * pl.col("scale")
        - pl.col("won") * pl.col("scale"),
        plays=pl.col("plays") + pl.col("new").cast(pl.Int64),
    ).select(*STATE)


def propensities(state: pl.DataFrame | pa.Table) -> pl.DataFrame:
    """Return the probability with which each arm is chosen, as off-policy estimates want it.

    It is the integral, over the rate of the arm, of the probability that all others are below:
    by the midpoint rule at 32 quantiles, and made to add up to 1.

    Returns:
        The state with `propensity`.

    Example:
        >>> state = begun(pl.DataFrame({"model": "m", "arm": ["a", "b", "c", "d"]}))
        >>> propensities(state)["propensity"].to_list()
        [0.25, 0.25, 0.25, 0.25]
    """
    from scipy.special import betainc, betaincinv

    known, (first, many) = _arms(state)
    a, b = (1 + known[name].to_numpy() for name in ("wins", "losses"))
    nodes = (np.arange(_NODES) + 0.5) / _NODES
    rate = betaincinv(a[:, None], b[:, None], nodes)
    share = np.ones_like(rate)
    last = np.repeat(many, many)
    start = np.repeat(first, many)
    for step in range(1, int(many.max(initial=1))):  # each arm with the one `step` further on
        mine = np.flatnonzero(last > step)
        other = start[mine] + (mine - start[mine] + step) % last[mine]
        share[mine] *= betainc(a[other][:, None], b[other][:, None], rate[mine])
    mean = known.with_columns(propensity=pl.Series(across(share) / _NODES, dtype=pl.Float64))
    return mean.with_columns(pl.col("propensity") / total(pl.col("propensity")).over("model"))


def _arms(
    state: pl.DataFrame | pa.Table,
) -> tuple[pl.DataFrame, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Take a state, sorted, with the place of each model's first arm and how many it has."""
    known = refuse_duplicates(validated(state, STATE, "states"), [*ARM], "states").sort(*ARM)
    many = known.group_by("model", maintain_order=True).len()["len"].to_numpy().astype(np.int64)
    return known, (np.cumsum(many) - many, many)


def _places(known: pl.DataFrame, asked: pl.DataFrame) -> NDArray[np.int64]:
    models = known.select("model").unique(maintain_order=True).with_row_index("place")
    found = asked.select("model").join(models, on="model", how="left", maintain_order="left")
    strange = found.filter(pl.col("place").is_null())
    if strange.height:
        raise UnknownName.among("model with arms", strange["model"][0], models["model"])
    return found["place"].to_numpy().astype(np.int64)
