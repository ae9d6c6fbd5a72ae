"""Claim: lists are sorted by counting in less time than NumPy's sort takes.

The lists hold 1,000 values each, as the windows of a model's columns do: normal ones, and ones of
which most crowd in a small part of their range. Both sort a copy in one thread.
"""

import numpy as np
from _measure import alternating, asked, options, ratio

from argosy.kernels import ascending

SEED = 20261129


def main() -> None:
    given = asked(options(__doc__, lists=(20_000, 200), values=(1_000, 1_000)))
    lists, each = given.lists, given.values
    print(f"{lists:,} lists of {each:,} values, seed {SEED}; ns per value")
    generator = np.random.default_rng(SEED)
    drawn = {
        "normal": generator.standard_normal((lists, each)),
        "crowded": generator.standard_cauchy((lists, each)) ** 9,
    }
    starts, lengths = np.arange(lists) * each, np.full(lists, each)
    into = np.empty(lists * each)
    for name, values in drawn.items():
        flat = values.ravel()
        ascending(flat, starts[:2], lengths[:2], into)  # compiled before the clock starts
        found = alternating(
            {
                "argosy": lambda flat=flat: ascending(flat, starts, lengths, into),
                "numpy": lambda values=values: np.sort(values, axis=1),
            },
            given.rounds,
        )
        assert np.array_equal(into.reshape(lists, each), found["numpy"].answer)
        ours, theirs = (1e9 * spent.median / flat.size for spent in found.values())
        told = f"counting {ours:6.1f}, NumPy {theirs:6.1f}: NumPy takes"
        print(f"{name:<10}{told} {ratio(found['argosy'], found['numpy'])}")


if __name__ == "__main__":
    main()
