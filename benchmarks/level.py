"""Claim: the tests of equal challengers say "different" as seldom as they promise, far out too.

Printed is the share of pairs of equally good classifiers whose p-value is below a nominal one,
divided by it: 1 is exact, more is too many. Both classifiers err alike to a degree. Nothing here
is timed.
"""

import numpy as np
import pyarrow as pa
from _measure import asked, options

from argosy.plugins import installed
from argosy.testing.pairs import SIDES

SEED = 3
NOMINAL = (0.05, 0.01, 0.001)
TESTS = (("delong", "auc"), ("paired_t", "brier"), ("mcnemar", "accuracy"))


def main() -> None:
    given = asked(options(__doc__, pairs=(20_000, 200)), compares=False)
    print(f"{given.pairs:,} pairs of each size, seed {SEED}; share below p, divided by p")
    print(f"{'rows':>5}  {'test':<12}" + "".join(f"{p:>8g}" for p in NOMINAL))
    for rows in (60, 200):
        table = equals(given.pairs, rows)
        for name, metric in TESTS:
            found = installed().comparisons[name].measure(table, [metric])[metric]
            p = np.array([row["p_value"] for row in found.to_pylist()], float)
            shares = "".join(f"{(p < nominal).mean() / nominal:>8.2f}" for nominal in NOMINAL)
            print(f"{rows:>5}  {name:<12}{shares}")


def equals(pairs: int, rows: int) -> pa.Table:
    """Draw pairs of classifiers that are equally good, as a test is handed them."""
    generator = np.random.default_rng(SEED)
    shape = (pairs, rows)
    truth = (generator.random(shape) < 0.3).astype(float)
    common = generator.normal(size=shape)
    columns = {"truth": truth, "weight": np.ones(shape)}
    for side in SIDES:
        logit = 1.2 * truth + 0.7 * common + 0.7 * generator.normal(size=shape) - 0.6
        score = 1 / (1 + np.exp(-logit))
        columns |= {
            f"{side}_prediction": (score > 0.5).astype(float),
            f"{side}_score": score,
            f"{side}_truth_score": np.where(truth == 1, score, 1 - score),
        }
    return pa.table({name: list(rows) for name, rows in columns.items()})


if __name__ == "__main__":
    main()
