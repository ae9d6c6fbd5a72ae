"""Which models move in which step: the same ones, whoever asks and however often."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels.hashing import mixed, text_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = "step"
"""The column that says in which step a model moves, from 1; null where in none."""


def shares(steps: Sequence[float]) -> tuple[float, ...]:
    """Return the steps of a promotion: ascending shares of the models, above 0 and up to 1.

    Raises:
        BadInput: if they are not.
    """
    found = tuple(float(step) for step in steps)
    if not found or not all(0 < step <= 1 for step in found):
        raise BadInput(f"the steps {list(found)} are no shares above 0 and up to 1, such as 0.1, 1")
    if any(later <= earlier for earlier, later in pairwise(found)):
        raise BadInput(f"each step includes the one before it, so {list(found)} must ascend")
    return found


def reached(models: int, steps: Sequence[float]) -> list[int]:
    """Return how many of the models have moved after each step.

    A share is rounded up, each step moves one model at least and leaves one for each step after it,
    and only a share of 1 moves all: a few models are tried on one of them first, as many are. Where
    there are more steps than models, some move none.

    >>> reached(17, (0.01, 0.1, 1.0)), reached(2, (0.01, 0.1, 1.0)), reached(10, (0.95, 1.0))
    ([1, 2, 17], [1, 1, 2], [9, 10])
    """
    if models <= 1:
        return [models] * len(steps)
    moved = models if steps[-1] == 1 else models - 1
    ends: list[int] = []
    for place, share in enumerate(steps, 1):
        wanted = math.ceil(share * models - 1e-9)  # 0.07 * 100 is above 7
        least = (ends[-1] if ends else 0) + 1
        most = max(moved - (len(steps) - place), place)
        ends.append(min(max(wanted, least), most, models if share == 1 else models - 1))
    return ends


def placed(rows: pl.DataFrame, steps: Sequence[float], seed: int) -> pl.DataFrame:
    """Give each model (column `model`) its step, by a hash of its name and the seed.

    >>> fleet = pl.DataFrame({"model": [f"m{number}" for number in range(100)]})
    >>> placed(fleet, (0.01, 0.1, 1.0), seed=0)["step"].value_counts().sort("step")["count"]
    shape: (3,)
    Series: 'count' [u32]
    [
        1
        9
        90
    ]
    """
    salt = mixed(np.array([seed & (2**64 - 1)], np.uint64))
    order = np.argsort(mixed(text_hash(rows["model"]) ^ salt), kind="stable")
    rank = np.empty(rows.height, np.int64)
    rank[order] = np.arange(rows.height)
    ends = np.array(reached(rows.height, steps), np.int64)
    step = pl.Series(STEP, np.searchsorted(ends, rank, side="right") + 1)
    return rows.with_columns(step.set(step > len(ends), None))


def said(step: int, steps: Sequence[float]) -> str:
    """Say in words which step it is.

    >>> said(2, (0.01, 0.125, 1.0))
    'step 2 of 3 (12.5 %)'
    """
    return f"step {step} of {len(steps)} ({100 * steps[step - 1]:.4g} %)"
