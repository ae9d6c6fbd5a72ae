"""Fleets whose models have logs and outcomes bound, as the jobs of the plugin read them."""

import numpy as np
import polars as pl

from argosy.testing.fleets import logged_fleet


def bind(fleet, role, rows, folder):
    """Bind a table of all models to a role."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{role}-{len(list(folder.iterdir()))}.parquet"
    rows.write_parquet(path)
    fleet.bind([{"role": role, "url": str(path), "key": "model"}])


def log(models, rows=600, seed=5):
    """Decisions of a policy that chose a of two arms; the other policy prefers the second."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        second = rng.random(rows) < 0.4
        rate = np.where(second, 0.3 + 0.05 * number, 0.2)
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number}",
                    "context": "home",
                    "action": np.where(second, "b", "a"),
                    "reward": (rng.random(rows) < rate).astype(float),
                    "propensity": np.where(second, 0.4, 0.6),
                    "target": np.where(second, 0.9, 0.1),
                }
            )
        )
    return pl.concat(parts)


def policy(models):
    """What the other policy does."""
    names = pl.DataFrame({"model": [f"m{number}" for number in range(models)], "context": "home"})
    choices = pl.DataFrame({"action": ["a", "b"], "probability": [0.1, 0.9]})
    return names.join(choices, how="cross")


def outcomes(models, customers=400, seed=6, better=None):
    """Customers in two groups; one model's treatment is better."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        treated = np.arange(customers) % 2 == 1
        rate = np.where(treated & (f"m{number}" == better), 0.4, 0.1)
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number}",
                    "customer": [f"k{place}" for place in range(customers)],
                    "group": np.where(treated, "treatment", "control"),
                    "success": rng.random(customers) < rate,
                }
            )
        )
    return pl.concat(parts)


def fleet_with(folder, role, rows, models):
    """Make a fleet of registered models with one table bound."""
    fleet = logged_fleet(folder, models)
    bind(fleet, role, rows, folder / "bound")
    return fleet
