"""Values of every kind that is hard to sort."""

import numpy as np

ODDITIES = [0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, 5e-324, -5e-324, 1e308, 1.0]
DRAWS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "ties": lambda rng, n: rng.integers(-3, 4, n).astype(float),
    "odd": lambda rng, n: rng.choice(ODDITIES, n),
    "outliers": lambda rng, n: np.where(rng.random(n) < 0.01, 1e300, rng.random(n)),
    "crowded": lambda rng, n: 1 + rng.random(n) * 2.0 ** -rng.integers(0, 52, n),
    "heavy": lambda rng, n: np.exp(5 * rng.normal(size=n)) * rng.choice([-1, 1], n),
    "constant": lambda rng, n: np.full(n, 0.3),
    "tiny": lambda rng, n: rng.integers(-9, 9, n) * 5e-324,
    "huge": lambda rng, n: rng.choice([-1.7e308, 1.7e308, 0.0, 1.0], n),
    "whole": lambda rng, n: rng.integers(-(2**63), 2**63 - 1, n).astype(float),
    "rising": lambda rng, n: np.arange(float(n)) + rng.random(n),
    "falling": lambda rng, n: -np.arange(float(n)) - rng.random(n),
    "missing": lambda rng, n: np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
    "nothing": lambda rng, n: np.full(n, np.nan),
}
