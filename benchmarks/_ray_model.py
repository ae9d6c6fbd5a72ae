"""What a fleet of any size takes on a cluster of any size, from figures measured on this machine.

The work is shared by all cores. Three things are not: handing chunks out and hearing of them,
which the driver does one by one; deciding over the fleet and committing, which it does alone; and
the last chunk, for which all others wait. `simulated` plays the same plan chunk by chunk on a
virtual clock, so that what the formula leaves out (chunks of unlike cost, a driver that is busy
when a core falls idle) shows.
"""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

SEED = 20261125


@dataclass(frozen=True)
class Measured:
    """Seconds, of one core."""

    start: float
    """Until the cluster takes work."""
    model: float
    """Of a worker, per model."""
    chunk: float
    """Of the driver, per chunk: handing out, hearing of it."""
    commit: float
    """Of the driver, per model: reading back, deciding over the fleet, committing."""
    plan: float
    """Of the driver, per model."""
    staged: float
    """Bytes beside the fleet, per model."""


@dataclass(frozen=True)
class Predicted:
    work: float
    driver: float
    commit: float
    total: float

    @property
    def bottleneck(self) -> str:
        """What would have to be faster for the whole to be."""
        parts = {"work": self.work, "driver": self.driver, "commit": self.commit}
        return max(parts, key=lambda name: parts[name])


def size(models: int, cores: int, each: float) -> int:
    """Return how many models the planner puts into a chunk."""
    worth = max(-(-models // (cores * 8)), round(1 / each))
    return max(1, min(worth, round(10 / each), 20_000))


def predicted(found: Measured, models: int, cores: int) -> Predicted:
    """Predict by formula."""
    many = size(models, cores, found.model)
    chunks = -(-models // many)
    work = found.model * models / cores + found.model * many / 2  # half a chunk is the mean tail
    driver = found.chunk * chunks
    commit = found.commit * models
    begin = found.start + found.plan * models
    return Predicted(work, driver, commit, begin + max(work, driver) + commit)


def simulated(found: Measured, models: int, cores: int, spread: float = 0.3) -> float:
    """Play the plan on a virtual clock, costs of chunks differing log-normally by `spread`."""
    many = size(models, cores, found.model)
    generator = np.random.default_rng(SEED)
    sizes = [min(many, models - start) for start in range(0, models, many)]
    noise = generator.lognormal(-spread * spread / 2, spread, len(sizes))
    costs = [found.model * each * factor for each, factor in zip(sizes, noise, strict=True)]
    begin = found.start + found.plan * models
    driver, idle, busy = begin, cores, []
    for cost in costs:
        if not idle:
            driver = max(driver, heappop(busy))
            idle += 1
        driver += found.chunk
        heappush(busy, driver + cost)
        idle -= 1
    return max([driver, *busy]) + found.commit * models
