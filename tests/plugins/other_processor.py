"""Measure a small fleet as this process's processor does, and print what was found."""

import json
import sys

import numpy as np
import pyarrow as pa

from argosy.plugins import installed
from argosy.testing.columns import odd, sampled
from argosy.testing.joint_rows import joint_table
from argosy.testing.predictions import handed, predictions

JOINT = ("domain_classifier", "mmd")


def joint():
    """Lay out rows of few values, most of them equal, on which rounding would decide."""
    pairs = []
    for seed in range(25):
        generator = np.random.default_rng(seed)
        n, m = generator.integers(12, 60, 2)
        share = generator.uniform(0.02, 0.5)
        pairs.append(tuple((generator.random((each, 3)) < share) * 1.0 for each in (n, m)))
        crossed = np.array(np.meshgrid(*[[0, 1]] * 3)).reshape(3, -1).T.repeat(3, 0) * 1.0
        pairs.append((generator.permutation(crossed), generator.permutation(crossed)))
    large = [np.random.default_rng(7).integers(0, 3, (200, 3)) * 1.0 for _ in range(2)]
    return joint_table([*pairs, (large[0], large[1])])


def wide():
    """Lay out every pair of twelve categories: all principal components are equally large."""
    both = np.array(np.meshgrid(np.arange(12), np.arange(12))).reshape(2, -1).T * 1.0
    generator = np.random.default_rng(3)
    pairs = [(both, generator.permutation(both)), (both, both[generator.integers(0, 144, 144)])]
    return joint_table(pairs, ["categorical"] * 2)


def found():
    for task in ("binary", "multiclass", "regression"):
        table = handed(
            {f"m{n}": predictions(task, 5 + 9 * n, 1.0, "real", n).rows for n in range(25)}, task
        )
        for name, metric in installed().metrics.items():
            if task in metric.tasks:
                yield f"{task} {name}", metric.measure(table, [name])[name].to_pylist()
    for kind in ("numeric", "categorical", "joint", "course"):
        table = pa.concat_tables([sampled(kind, 5), sampled(kind, 5, moved=True), odd(kind)])
        for name, detector in installed().detectors.items():
            if kind in detector.kinds:
                yield f"{kind} {name}", detector.measure(table).to_pylist()
    for name in JOINT:
        for table in (joint(), wide()):
            yield f"{name} {table.num_rows}", installed().detectors[name].measure(table).to_pylist()


if __name__ == "__main__":
    json.dump(dict(found()), sys.stdout)
