"""Worlds whose rows hang together: clusters of unequal size with rates of their own."""

import numpy as np
import polars as pl


def clusters_of(rng, many, mean, uneven, rate, correlation):
    """Draw the cluster of each row, and each row's rate, which its cluster shares."""
    sizes = mean * np.exp(uneven * rng.normal(size=many) - uneven**2 / 2)
    cluster = np.repeat(np.arange(many), np.maximum(1, sizes.round().astype(int)))
    if correlation == 0:
        return cluster, np.full(len(cluster), rate)
    strength = 1 / correlation - 1
    return cluster, rng.beta(rate * strength, (1 - rate) * strength, many)[cluster]


def decisions(
    seed, models, clusters, mean=40, uneven=0.8, rate=0.3, correlation=0.2, whole=True, effect=0.0
):
    """Log decisions between two arms, the same for a whole device, or drawn for each row."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        device, own = clusters_of(rng, clusters, mean, uneven, rate, correlation)
        second = (rng.random(clusters) < 0.4)[device] if whole else rng.random(len(device)) < 0.4
        reward = rng.random(len(device)) < np.clip(own + effect * second, 0, 1)
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number}",
                    "device": device,
                    "reward": reward.astype(float),
                    "propensity": np.where(second, 0.4, 0.6),
                    "target": np.where(second, 0.8, 0.2),
                }
            )
        )
    return pl.concat(parts)


def customers(
    seed, models, clusters, mean=30, uneven=0.8, rate=0.2, correlation=0.1, whole=True, effect=0.0
):
    """Deal the customers of homes into two groups: whole homes, or each customer by itself."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        home, own = clusters_of(rng, clusters, mean, uneven, rate, correlation)
        treated = (rng.random(clusters) < 0.5)[home] if whole else rng.random(len(home)) < 0.5
        success = rng.random(len(home)) < np.clip(own + effect * treated, 0, 1)
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number}",
                    "customer": [f"k{place}" for place in range(len(home))],
                    "home": home.astype(str),
                    "group": np.where(treated, "treatment", "control"),
                    "success": success,
                    "revenue": success * rng.gamma(2.0, 10.0, len(home)),
                }
            )
        )
    return pl.concat(parts)


def plays(seed, models, clusters, mean=20, uneven=0.5, rates=(0.2, 0.2), correlation=0.2):
    """Play the arms of each model to customers, each of whom meets one arm again and again."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        for arm, rate in zip("abcdefgh", rates, strict=False):
            cluster, own = clusters_of(rng, clusters, mean, uneven, rate, correlation)
            won = np.bincount(cluster, rng.random(len(cluster)) < own)
            parts.append(
                pl.DataFrame(
                    {
                        "model": f"m{number}",
                        "arm": arm,
                        "cluster": np.arange(clusters).astype(str),
                        "plays": np.bincount(cluster).astype(float),
                        "wins": won.astype(float),
                    }
                )
            )
    return pl.concat(parts)


def by_group(rows, value):
    """Count customers and successes, or what else there is of them, in either group."""
    told = rows.group_by("model", "group").agg(
        n=pl.len().cast(pl.Float64),
        total=pl.col(value).cast(pl.Float64).sum(),
        squares=(pl.col(value).cast(pl.Float64) ** 2).sum(),
    )
    return told.with_columns(successes="total").sort("model", "group")


def by_cluster(rows, value):
    """Add up what customers did in each home and group."""
    return rows.group_by("model", "group", cluster="home").agg(
        n=pl.len().cast(pl.Float64), total=pl.col(value).cast(pl.Float64).sum()
    )
