"""Claim: a model's rows are compared jointly in tens of milliseconds, a course in microseconds.

The rows are seeded: 1,000 reference and 1,000 current rows of 15 numeric and 5 categorical columns,
alike on both sides; the courses have 30 windows of 50 rows. `domain_classifier` is compared with
the cross-validated accuracy of scikit-learn's histogram gradient boosting without any p-value,
`mmd` with 100 random permutations of the same kernel in NumPy, `adwin` and `page_hinkley` with
a plain loop of Page-Hinkley over the rows. All in one thread.
"""

import numpy as np
from _measure import Spent, alternating, asked, options, ratio
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_score
from threadpoolctl import threadpool_limits

from argosy.testing.courses import course_table
from argosy.testing.joint_rows import joint_table
from argosy_multivariate import domain_classifier, mmd
from argosy_multivariate.encoding import encoded
from argosy_sequential import adwin, page_hinkley

SEED = 7
ROWS, NUMERIC, CATEGORICAL = 1_000, 15, 5
WINDOWS, EACH = 30, 50
FEW, LOOPED = 3, 20
"""Models that boosting and sampled permutations do, and courses that the loop does."""
PERMUTATIONS = 100


def main() -> None:
    given = asked(options(__doc__, models=(20, 2), courses=(2_000, 50)))
    models = given.models
    print(
        f"{models} models x {NUMERIC} + {CATEGORICAL} columns x {ROWS:,} rows a side, seed {SEED}"
    )
    generator = np.random.default_rng(SEED)
    kinds = ["numeric"] * NUMERIC + ["categorical"] * CATEGORICAL
    pairs = [(side(generator), side(generator)) for _ in range(models)]
    table, few = joint_table(pairs, kinds), pairs[: 1 if given.quick else FEW]
    for measure in (domain_classifier.measure, mmd.measure):
        measure(table.slice(0, 1))  # compiled before the clock starts
    with threadpool_limits(1):
        found = alternating(
            {
                "domain_classifier": lambda: domain_classifier.measure(table),
                "boosted": lambda: boosted(few),
                "mmd": lambda: mmd.measure(table),
                "permuted": lambda: permuted(few, kinds),
            },
            given.rounds,
        )
    for name, theirs, peer in (
        ("domain_classifier", "boosted", "boosting, 5 folds"),
        ("mmd", "permuted", f"{PERMUTATIONS} permutations"),
    ):
        line(name, found[name] / models, found[theirs] / len(few), peer)
    courses(generator, given.courses, given.rounds)


def courses(generator: np.random.Generator, many: int, rounds: int) -> None:
    print(f"{many:,} courses of {WINDOWS} windows x {EACH} rows")
    values = generator.normal(size=(many, WINDOWS, EACH))
    before = generator.normal(size=ROWS)
    course = course_table([(before, list(each)) for each in values])
    detectors = {each.DETECTOR.name: each for each in (adwin, page_hinkley)}
    for detector in detectors.values():
        detector.measure(course.slice(0, 1))
    found = alternating(
        {
            "loop": lambda: [plain_page_hinkley(each) for each in values[:LOOPED]],
            **{
                name: lambda measure=each.measure: measure(course)
                for name, each in detectors.items()
            },
        },
        rounds,
    )
    for name in detectors:
        line(name, found[name] / many, found["loop"] / LOOPED, "a plain loop over rows")


def side(generator: np.random.Generator) -> np.ndarray:
    numbers = generator.normal(size=(ROWS, NUMERIC))
    return np.hstack([numbers, generator.integers(0, 10, (ROWS, CATEGORICAL)).astype(float)])


def line(name: str, ours: Spent, theirs: Spent, peer: str) -> None:
    own, other = (1e3 * spent.median for spent in (ours, theirs))
    print(f"{name:20} {own:10.3f} ms; {peer} {other:10.3f} ms, {ratio(ours, theirs)}")


def boosted(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    for before, after in pairs:
        label = np.repeat([0, 1], [len(before), len(after)])
        rows = np.concatenate([before, after])
        cross_val_score(HistGradientBoostingClassifier(), rows, label, scoring="balanced_accuracy")


def permuted(pairs: list[tuple[np.ndarray, np.ndarray]], kinds: list[str]) -> None:
    generator = np.random.default_rng(SEED)
    for before, after in pairs:
        points = encoded(np.concatenate([before, after]), kinds).place
        kernel = mmd.gaussian(points, len(before))
        for _ in range(PERMUTATIONS):
            order = generator.permutation(len(kernel))
            mmd.discrepancy(kernel[np.ix_(order, order)], len(before))


def plain_page_hinkley(windows: np.ndarray) -> float:
    total = mean = path = lowest = 0.0
    for count, value in enumerate(windows.reshape(-1).tolist(), start=1):
        total += value
        mean = total / count
        path += value - mean
        lowest = min(lowest, path)
    return path - lowest


if __name__ == "__main__":
    main()
