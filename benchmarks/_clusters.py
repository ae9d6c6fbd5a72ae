"""Rows that hang together, and logs of rare rewards: how often something is called different."""

from __future__ import annotations

import numpy as np
import polars as pl

from argosy_experiments.ab_tests.clustered import cluster_spread
from argosy_experiments.ab_tests.means import compared
from argosy_experiments.ab_tests.rates import begun, looked
from argosy_experiments.bandits import thompson
from argosy_experiments.bandits.worth import worth
from argosy_experiments.groups import ratio_mismatch
from argosy_experiments.offpolicy.estimates import estimates
from argosy_experiments.offpolicy.verdicts import Floor

LOOKS = 4
LEVEL = 0.05
KEY = ("model", "group")


def clustered(models: int, seed: int) -> None:
    """Print what is called different with clusters and as if there were none."""
    print(f"\n{models} models, of whose rows those of a cluster hang together;")
    print("called different, as if rows were by themselves / by their clusters:")
    for told, effect, clusters in (("no difference", 0.0, 60), ("15 points more", 0.15, 200)):
        rows = dealt(models, clusters, effect, seed)
        print(f"  {told}, {clusters} homes, each dealt as a whole, {LOOKS} looks:", end=" ")
        print(", ".join(f"{name} {a:.0%} / {b:.0%}" for name, a, b in peeked(rows, clusters)))
    for told, effect in (("no difference", 0.0), ("40 points more", 0.4)):
        log = logged(models, 60, effect, seed)
        shares = [called(estimates(log, cluster=name)) for name in (None, "cluster")]
        print(f"  off-policy, {told}, 60 devices: snips {shares[0]:.0%} / {shares[1]:.0%}")
    for told, rates in (("alike", (0.2, 0.2)), ("20 % and 40 %", (0.2, 0.4))):
        arms = worth(played(models, 200, rates, seed))
        shares = [sure(each) for each in (arms.with_columns(worth="plays"), arms)]
        print(f"  two arms {told}, 200 customers each: one has over 97.5 % of the traffic in")
        print(f"    {shares[0]:.0%} / {shares[1]:.0%} of the models")


def rare(models: int, seed: int) -> None:
    """Print how often a policy that earns the same is called better or worse on rare rewards."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        logging = np.maximum(rng.dirichlet(np.full(34, 0.3)), 2e-4)
        taken = rng.choice(34, 10_000, p=logging / logging.sum())
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number:04}",
                    "reward": (rng.random(10_000) < 0.005).astype(float),
                    "propensity": (logging / logging.sum())[taken],
                    "target": 1 / 34,
                }
            )
        )
    log = pl.concat(parts)
    print(
        f"\n34 actions, skewed logging policies, rewards of 0.5 %, uniform target, {models} models;"
    )
    print("called better or worse by snips with neither floor / with the worth's / with both:")
    floors = (Floor(worth=0, even=0), Floor(even=0), Floor())
    for told, reward in (("as they are", pl.col("reward")), ("1 less them", 1 - pl.col("reward"))):
        found = [estimates(log.with_columns(reward=reward), floor=floor) for floor in floors]
        shares = " / ".join(f"{called(each):.0%}" for each in found)
        print(f"  rewards {told}: worth {found[0]['worth'].median():.1f}, {shares}")


def drawn(
    rng: np.random.Generator, clusters: int, rate: float, correlation: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the cluster of each row, of unequal size, and each row's rate, which it shares."""
    sizes = np.maximum(1, np.round(30 * rng.lognormal(-0.32, 0.8, clusters))).astype(int)
    strength = 1 / correlation - 1
    own = rng.beta(rate * strength, (1 - rate) * strength, clusters)
    cluster = np.repeat(np.arange(clusters), sizes)
    return cluster, own[cluster]


def dealt(models: int, clusters: int, effect: float, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        cluster, rate = drawn(rng, clusters, 0.2, 0.1)
        treated = (rng.random(clusters) < 0.5)[cluster]
        success = (rng.random(len(cluster)) < np.clip(rate + effect * treated, 0, 1)).astype(float)
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number:04}",
                    "cluster": cluster,
                    "group": np.where(treated, "treatment", "control"),
                    "success": success,
                    "revenue": success * rng.gamma(2.0, 10.0, len(cluster)),
                }
            )
        )
    return pl.concat(parts)


def peeked(rows: pl.DataFrame, clusters: int) -> list[tuple[str, float, float]]:
    """Look again and again; say who was ever called different, without and with clusters."""
    names = rows.select("model").unique().sort("model")
    states, ever = [begun(names)] * 2, np.zeros((4, names.height), bool)
    for look in range(LOOKS):
        first, last = clusters * look // LOOKS, clusters * (look + 1) // LOOKS
        known = rows.filter(pl.col("cluster") < last)
        news = summed(known.filter(pl.col("cluster") >= first), "success", KEY)
        states = [
            looked(state, news, spread=spread)
            for state, spread in zip(states, (None, together(known, "success")), strict=True)
        ]
        ever[:2] |= [(state.sort("model")["p_value"] <= LEVEL).to_numpy() for state in states]
        sums = summed(known, "revenue", KEY)
        for place, spread in ((2, None), (3, together(known, "revenue"))):
            found = compared(sums, horizon=2_000, spread=spread)
            ever[place] |= (found["e_value"].fill_null(0) >= 1 / LEVEL).to_numpy()
    ratios = [
        (ratio_mismatch(summed(rows, "success", key))["p_value"] < LEVEL).mean()
        for key in (KEY, (*KEY, "cluster"))
    ]
    shares = ever.mean(1)
    return [
        ("rates", shares[0], shares[1]),
        ("revenue", shares[2], shares[3]),
        ("sizes of groups (never different)", *ratios),
    ]


def summed(rows: pl.DataFrame, value: str, key: tuple[str, ...]) -> pl.DataFrame:
    return rows.group_by(key).agg(
        n=pl.len().cast(pl.Float64),
        total=pl.col(value).sum(),
        successes=pl.col(value).sum(),
        squares=(pl.col(value) ** 2).sum(),
    )


def together(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    return cluster_spread(summed(rows, value, (*KEY, "cluster")))


def logged(models: int, clusters: int, effect: float, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        cluster, rate = drawn(rng, clusters, 0.3, 0.2)
        second = (rng.random(clusters) < 0.4)[cluster]
        won = rng.random(len(cluster)) < np.clip(rate + effect * second, 0, 1)
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number:04}",
                    "cluster": cluster,
                    "reward": won.astype(float),
                    "propensity": np.where(second, 0.4, 0.6),
                    "target": np.where(second, 0.8, 0.2),
                }
            )
        )
    return pl.concat(parts)


def called(found: pl.DataFrame) -> float:
    own = found.filter(estimator="snips")["verdict"]
    return float(own.is_in(["better", "worse"]).mean())


def played(models: int, clusters: int, rates: tuple[float, float], seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        for arm, rate in zip("ab", rates, strict=True):
            cluster, own = drawn(rng, clusters, rate, 0.2)
            won = np.bincount(cluster, rng.random(len(cluster)) < own)
            plays = np.bincount(cluster).astype(float)
            parts.append(
                pl.DataFrame(
                    {
                        "model": f"m{number:04}",
                        "arm": arm,
                        "cluster": np.arange(clusters),
                        "plays": plays,
                        "wins": won.astype(float),
                    }
                )
            )
    return pl.concat(parts)


def sure(arms: pl.DataFrame) -> float:
    """Return the share of models one of whose arms gets nearly all of the traffic."""
    news = arms.select("model", "arm", "plays", "wins", scale=pl.col("worth") / pl.col("plays"))
    state = thompson.learnt(thompson.begun(arms.select("model", "arm")), news)
    top = thompson.propensities(state).group_by("model").agg(pl.col("propensity").max())
    return float((top["propensity"] > 0.975).mean())
