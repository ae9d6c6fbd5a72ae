"""Rows that depend on each other, put into batches that hardly do: how surely a number is known.

Rows that follow each other, or belong to one customer, say less than as many independent ones. So
the rows of a group are cut into batches, and whatever a number owes to each row (its influence) is
added up by batch: the batches stand for the independent rows, Student's t for their small number.

- In order of time: ten contiguous batches of about equally many rows, of whole days (UTC) from 20
  days on. Rows of one time stay together, and so do those of a cluster, which stands where its
  first row does.
- Clusters without a time: every cluster is a batch.
- Neither, or one time for all rows, which orders none: there are no batches, and the rows are
  taken for independent, given that time.

Ten batches need to know nothing of how the dependence fades, but that it is over within a tenth of
the time. An estimate of its long-run variance by lags (Newey and West's, with the usual lag)
covers 70 to 83 % where these cover 94 (rows with the autocorrelation 0.9, 720 of them).

Source: Schmeiser, "Batch size effects in the analysis of simulation output", Operations Research
30 (1982); Ibragimov and Müller, "t-statistic based correlation and heterogeneity robust
inference", Journal of Business & Economic Statistics 28 (2010); clusters: Liang and Zeger,
Biometrika 73 (1986).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels.batch_cuts import MANY, ascends, clusters, counted, cut, orders, some
from argosy.kernels.compiled import compiled
from argosy.kernels.ragged import ragged
from argosy.kernels.sorting import order

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NORMAL = 1.959963984540054
"""The 97.5 % quantile of the normal distribution, and of Student's t for many batches."""


class Batches(NamedTuple):
    """The batches of many groups of rows."""

    of: Ints
    """The number of each row's batch in its group, shape (rows,); 0 in groups without batches."""
    counts: Ints
    """How many batches each group has, shape (groups,); 0 where rows are taken for independent."""

    @property
    def some(self) -> bool:
        """Whether any group has batches."""
        return bool(self.counts.any())


def batches(
    lengths: Ints, weight: Floats, time: Ints | None = None, cluster: Floats | None = None
) -> Batches:
    """Put the rows of every group into batches.

    Args:
        lengths: how many rows each group has.
        weight: of every row, groups end to end; rows of weight zero count as absent.
        time: of every row in microseconds, `NO_TIME` where it has none; one time for all rows of a
            group is no order.
        cluster: of every row, a number alike in rows that hang together; NaN is a cluster of its
            own. A group of NaN alone has no clusters.

    Example:
        >>> hours = np.arange(30) * 3_600_000_000
        >>> found = batches(np.array([30]), np.ones(30), hours)
        >>> found.of.tolist() == [hour // 3 for hour in range(30)], found.counts.tolist()
        (True, [10])
        >>> batches(np.array([4]), np.ones(4), None, np.array([7.0, 3.0, 7.0, 5.0])).of.tolist()
        [2, 0, 2, 1]
    """
    rows, starts = len(weight), np.cumsum(lengths) - lengths
    own = np.zeros(rows, np.int64)
    timed = clustered = np.zeros(len(lengths), np.bool_)
    if time is not None:
        timed = orders(time, weight, starts, lengths)
    if cluster is not None:
        clustered = some(~np.isnan(cluster), starts, lengths)
    if not (timed.any() or clustered.any()):
        return Batches(own, np.zeros(len(lengths), np.int64))
    moments = np.zeros(rows, np.int64) if time is None else time
    if clustered.any() and cluster is not None:
        places = order(cluster, starts, np.where(clustered, lengths, 0))
        moments, own = clusters(cluster, moments, places, clustered, timed, starts, lengths)
    keys = moments.astype(np.float64)
    places = np.arange(rows)
    late = timed & ~ascends(keys, own, starts, lengths)
    if late.any():
        taken, mixed = np.repeat(late, lengths), np.where(late, lengths, 0)
        first = order(own.astype(np.float64), starts, mixed)  # equal moments by cluster
        arranged = np.zeros(rows)
        arranged[taken] = keys[first[taken]]
        places[taken] = first[order(arranged, starts, mixed)[taken]]
    of, counts = cut(moments, own, weight, places, timed, clustered, starts, lengths)
    return Batches(of, counts)


def read(table: pa.Table, lengths: Ints) -> Batches:
    """Return the batches that the column `batch` of a table names; none where it has no such.

    Args:
        table: a row per group.
        lengths: how many rows each group has.

    Example:
        >>> import pyarrow as pa
        >>> table = pa.table({"batch": [[0.0, 1.0, 1.0], None]})
        >>> read(table, np.array([3, 2]))
        Batches(of=array([0, 1, 1, 0, 0]), counts=array([2, 0]))
    """
    of, counts = np.zeros(int(lengths.sum()), np.int64), np.zeros(len(lengths), np.int64)
    if "batch" not in table.column_names:
        return Batches(of, counts)
    values, _, own = ragged(table["batch"])
    there = own == lengths
    of[np.repeat(there, lengths)] = values[np.repeat(there, own)].astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    return Batches(of, counted(of, np.where(there, lengths, 0), starts))


@compiled
def squared(influence: Floats, of: Ints, counts: Ints, starts: Ints, lengths: Ints) -> Floats:
    """Return the variance of each group's number: the squares of its batches' sums, added up.

    With the factor G / (G - 1) of G batches, as Stata and statsmodels have it for clusters.

    Args:
        influence: of every row, what the number owes to it; adds up to 0 in each group.
        of: the batch of each row.
        counts: how many batches each group has.
        starts: where each group begins.
        lengths: how many rows it has.

    Returns:
        Shape (groups,); NaN where there are fewer than two batches.

    Example:
        >>> off = np.array([1.0, 1.0, -2.0]) / 3
        >>> every = np.array([0]), np.array([3])
        >>> squared(off, np.array([0, 0, 1]), np.array([2]), *every).round(4).tolist()
        [1.7778]
    """
    found = np.full(len(lengths), np.nan)
    most = 1
    for count in counts:
        most = max(most, count)
    sums = np.empty(most)
    for group in range(len(lengths)):
        count = counts[group]
        if count < 2:
            continue
        sums[:count] = 0.0
        for k in range(starts[group], starts[group] + lengths[group]):
            sums[of[k]] += influence[k]
        total = 0.0
        for b in range(count):
            total += sums[b] * sums[b]
        found[group] = total * count / (count - 1.0)
    return found


def student(counts: Ints, confidence: float = 0.975) -> Floats:
    """Return the quantile of Student's t for each number of batches, the normal's for none.

    Example:
        >>> student(np.array([0, 10, 20])).round(3).tolist()
        [1.96, 2.262, 2.093]
    """
    from scipy.special import ndtri, stdtrit

    plain = NORMAL if confidence == 0.975 else float(ndtri(confidence))
    if not counts.any():
        return np.full(len(counts), plain)
    found: Floats = np.where(counts > 1, stdtrit(np.maximum(counts, 2) - 1.0, confidence), plain)
    return found


class Settled(NamedTuple):
    """How sure a number of each group is."""

    variance: Floats
    """Of the number: by batches where there are some, else that of independent rows."""
    worth: Floats
    """How many independent rows the group's are worth, at most as many as they are; NaN where they
    are taken for independent."""


def settled(rows: Ints | Floats, alone: Floats, batched: Floats, counts: Ints) -> Settled:
    """Return the variance that holds of each group, and how many rows its rows are worth.

    Of ten batches that are cut out of one series neighbours still hang together, and their variance
    falls short by about τ / 2b of itself where the dependence fades exponentially, b rows make a
    batch and τ of them are worth one: by 10 / 2 over what all rows are worth. Noise makes τ smaller
    and mends nothing, so twice as much is added. Clusters hang together with no neighbours.

    Args:
        rows: how many there are.
        alone: the variance of a number, were they independent.
        batched: its variance by batches (`squared`).
        counts: how many batches each group has.

    Source: Song and Schmeiser, "Optimal mean-squared-error batch sizes", Management Science 41
    (1995), for the bias, of dependence that fades exponentially.

    Example:
        >>> one = np.ones(1)
        >>> settled(one * 100, one, one * 4, np.array([10]))
        Settled(variance=array([5.6]), worth=array([25.]))
        >>> settled(one * 100, one, one * 4, np.array([40])).variance.tolist()
        [4.0]
    """
    there = counts > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        worth = rows * np.minimum(alone / batched, 1.0)
        varied = (counts == MANY) & (batched > 0)  # where nothing varies, nothing is to be enlarged
        enlarged = np.where(varied, batched * (1.0 + MANY / worth), batched)
    return Settled(np.where(there, enlarged, alone), np.where(there, worth, np.nan))
