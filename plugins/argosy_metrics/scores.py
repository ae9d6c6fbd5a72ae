"""The scores of classifiers: which groups have them, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.compute as pc

from argosy_metrics.losses import ANY, IMPROBABLE, MISSING, judged, reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_metrics.groups import Case, Flags, Floats, Groups, Ints


class Several(NamedTuple):
    """The probabilities of models of more than two classes."""

    here: Flags
    """Which groups are of such a model, shape (groups,)."""
    classes: Ints
    """How many classes each has; 0 where there are no probabilities."""
    flat: Floats
    """The probabilities of all rows, class by class, end to end."""
    distance: Floats
    """Of every row the squared distance to what came true, summed over classes."""
    top: Floats
    """The greatest probability of every row."""
    right: Floats
    """1 where its class came true, else 0."""
    flags: Ints
    """What `losses.reduced` says of each group."""


def several(groups: Groups) -> Several:
    """Reduce the probabilities of models of more than two classes to what losses need."""
    here = pc.equal(groups.table["task"], "multiclass").to_numpy().astype(np.bool_)
    if not here.any():
        none, nothing = np.zeros(len(groups), np.int64), np.zeros(0)
        return Several(here, none, nothing, nothing, nothing, nothing, none)
    classes = pc.fill_null(groups.table["classes"], 0).to_numpy().astype(np.int64)
    flat, sizes = groups.own("probabilities")
    classes = np.where(here & (sizes == classes * groups.lengths), classes, 0)
    kept = np.repeat(classes > 0, sizes)
    flat = flat if kept.all() else flat[kept]
    each = reduced(groups["truth"], flat, classes, groups["weight"], *groups.spans)
    return Several(here, classes, flat, *each)


def flags(groups: Groups) -> Ints:
    """Check the scores of each group: of class 1, or the probabilities of several classes."""
    own = judged(groups["score"], groups["weight"], *groups.spans)
    many = groups.once(several)
    return np.where(many.here, many.flags, own)


def of_truth(groups: Groups) -> Ints:
    """Check the probability of the class that came true."""
    return judged(groups["truth_score"], groups["weight"], *groups.spans)


def incomplete(found: Ints) -> Sequence[Case]:
    """Return the cases in which there are no scores, or not all."""
    return [
        (found & (ANY | MISSING) == MISSING, "the model gives no scores"),
        (found == 0, "the model gives no scores"),
        (found & MISSING > 0, "some rows have no score"),
    ]


def improbable(found: Ints) -> Case:
    """Return the case in which scores are not probabilities."""
    return found & IMPROBABLE > 0, "some scores are not probabilities"
