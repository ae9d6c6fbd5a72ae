"""Claim: a model's rows are compared jointly in tens of milliseconds, a course in microseconds.

The rows are seeded: 1,000 reference and 1,000 current rows of 15 numeric and 5 categorical columns,
alike on both sides; the courses have 30 windows of 50 rows. `domain_classifier` is compared with
the cross-validated accuracy of scikit-learn's histogram gradient boosting without any p-value,
`mmd` with 100 random permutations of the same kernel in NumPy, `adwin` and `page_hinkley` with
a plain loop of Page-Hinkley over the rows. All in one thread, process time.

    wider_drift.py [--models 20]
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from _machine import describe
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
COURSES, WINDOWS, EACH = 2_000, 30, 50
BOOSTED, PERMUTED, LOOPED = 3, 3, 20
PERMUTATIONS = 100


def main(models: int) -> None:
    print(describe())
    print(
        f"{models} models x {NUMERIC} + {CATEGORICAL} columns x {ROWS:,} rows a side, seed {SEED}"
    )
    generator = np.random.default_rng(SEED)
    kinds = ["numeric"] * NUMERIC + ["categorical"] * CATEGORICAL
    pairs = [(side(generator), side(generator)) for _ in range(models)]
    table = joint_table(pairs, kinds)
    with threadpool_limits(1):
        ours = per(models, lambda: domain_classifier.measure(table))
        line("domain_classifier", ours, per(BOOSTED, lambda: boosted(pairs)), "boosting, 5 folds")
        ours = per(models, lambda: mmd.measure(table))
        line("mmd", ours, per(PERMUTED, lambda: permuted(pairs, kinds)), "100 permutations")
    print(f"{COURSES:,} courses of {WINDOWS} windows x {EACH} rows")
    values = generator.normal(size=(COURSES, WINDOWS, EACH))
    before = generator.normal(size=ROWS)
    course = course_table([(before, list(each)) for each in values])
    looped = per(LOOPED, lambda: [plain_page_hinkley(each) for each in values[:LOOPED]])
    for detector in (adwin, page_hinkley):
        ours = per(COURSES, lambda measure=detector.measure: measure(course))
        line(detector.DETECTOR.name, ours, looped, "a plain loop over rows")


def side(generator: np.random.Generator) -> np.ndarray:
    numbers = generator.normal(size=(ROWS, NUMERIC))
    return np.hstack([numbers, generator.integers(0, 10, (ROWS, CATEGORICAL)).astype(float)])


def per(many: int, work: Callable[[], object]) -> float:
    """Return the process time of each of so many, the best of two."""
    spent = []
    for _ in range(2):
        start = time.process_time()
        work()
        spent.append((time.process_time() - start) / many)
    return min(spent)


def line(name: str, ours: float, theirs: float, peer: str) -> None:
    print(f"{name:20} {ours * 1e3:10.3f} ms; {peer} {theirs * 1e3:10.3f} ms, {theirs / ours:.1f} x")


def boosted(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    for before, after in pairs[:BOOSTED]:
        label = np.repeat([0, 1], [len(before), len(after)])
        rows = np.concatenate([before, after])
        cross_val_score(HistGradientBoostingClassifier(), rows, label, scoring="balanced_accuracy")


def permuted(pairs: list[tuple[np.ndarray, np.ndarray]], kinds: list[str]) -> None:
    generator = np.random.default_rng(SEED)
    for before, after in pairs[:PERMUTED]:
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=20)
    main(parser.parse_args().models)
