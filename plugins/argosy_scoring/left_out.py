"""Why rows of predictions and labels do not count, and how many of each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.data.left_out import Cause, leave_out_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy.data.datasets import Dataset

    Ints = NDArray[np.int64]

OTHER = Cause("other_version", "are of another version, or say of none")
DUPLICATE = Cause("duplicate", "have an id that a newer row has")
IMMATURE = Cause("immature", "were too young to be expected to have a label")
AGELESS = Cause("ageless", "have no time, so that nobody knows whether a label is due")
UNLABELLED = Cause("unlabelled", "have no label, though they are old enough to have one")
WEIGHTLESS = Cause("weightless", "have the weight zero or none")
EMPTY = Cause("label_empty", "were to hold a label and have none")
LATE = Cause("label_late", "hold a label that was not known yet at the time asked about")
NAMELESS = Cause("label_nameless", "hold a label and no id to join it by")
OUTDATED = Cause("label_outdated", "hold a label of an id that has a newer one")


def leave_out(
    dataset: Dataset, owners: pl.Series, counts: dict[str, Ints], ageless: Ints | None
) -> None:
    """Say which rows do not count, group by group; every row has one cause.

    Args:
        dataset: whose rows they are.
        owners: the model of each group.
        counts: of each group, `duplicates`, `immature`, `mature` and `n`.
        ageless: those of the immature rows that have no time; None if all have one.
    """
    without = np.zeros_like(counts["n"]) if ageless is None else ageless
    for cause, rows in (
        (DUPLICATE, counts["duplicates"]),
        (AGELESS, without),
        (IMMATURE, counts["immature"] - without),
        (UNLABELLED, counts["mature"] - counts["n"]),
    ):
        if rows.any():
            leave_out_of(cause, dataset, owners, pl.Series(rows))
