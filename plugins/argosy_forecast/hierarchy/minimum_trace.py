"""Forecasts of one origin that add up: those of the leaves, or what errors say is nearest.

Minimum trace (MinT) is a projection: with the constraints C y = 0 that say what adds up, and W the
covariance of the errors, y - W Cᵀ (C W Cᵀ)⁻¹ C y. Its matrix has a row per node with children, so
leaves cost little; W is a diagonal and few columns, so beyond some thousand of those nodes the
inverse is that of a sparse matrix, corrected by Woodbury's formula.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from argosy.errors import BadInput
from argosy.kernels import single_threaded
from argosy_forecast.hierarchy.covariance import FEW, Covariance, shrunk, variances

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from argosy_forecast.hierarchy.summing import Summing

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

METHODS = ("bottom_up", "wls", "mint")
_DENSE = 2_000
"""Up to so many nodes with children a dense matrix is faster than a sparse one."""


class Reconciled(NamedTuple):
    """Forecasts of one origin that add up as far as they are there."""

    value: Floats
    """Shape (nodes, horizons). The base forecast where a node is not reconciled."""
    method: tuple[str, ...]
    """What was done, of each horizon: `mint` below 30 origins with errors is `wls`, `wls` without
    any is `bottom_up`."""
    reason: tuple[str, ...]
    """Of each node why it is not reconciled, or what stands in its place; empty where all is well.
    """


def reconcile(
    hierarchy: Summing,
    base: Floats,
    errors: Floats,
    blocks: Ints | None = None,
    method: str = "mint",
    non_negative: bool = False,
) -> Reconciled:
    """Make the forecasts of one origin add up.

    A leaf without a forecast cannot be told apart from its neighbours, so neither it nor the nodes
    above it are reconciled; the rest is. A node with children that has no forecast gets their sum.

    Args:
        hierarchy: its nodes are the rows of the rest.
        base: forecasts, shape (nodes, horizons); NaN where there is none.
        errors: forecast less truth at origins whose truth was known by then, uncentred, shape
            (nodes, origins, horizons); NaN where one is not known.
        blocks: of each horizon, a number alike in those that share a covariance; None: all do.
        method: `bottom_up`, `wls` (variances) or `mint` (correlations too, shrunk).
        non_negative: set leaves below zero to zero, and add up anew. One step, so it always ends;
            what is above a leaf that was raised is raised as much.

    Raises:
        BadInput: if there is no such method, or shapes do not fit.

    Source: Wickramasuriya, Athanasopoulos and Hyndman, Journal of the American Statistical
    Association 114 (2019); non-negative: Di Fonzo and Girolimetto, "Spatio-temporal reconciliation
    of solar forecasts", Solar Energy 251 (2023).

    Example:
        >>> import polars as pl
        >>> from argosy_forecast.hierarchy.summing import summing
        >>> tree = summing(pl.DataFrame({"parent": ["all", "all"], "child": ["a", "b"]}))
        >>> base, errors = np.array([[10.0], [4.0], [3.0]]), np.ones((3, 5, 1))
        >>> reconcile(tree, base, errors, method="wls").value.ravel().round(6).tolist()
        [9.0, 5.0, 4.0]
    """
    with on_one_thread():
        return project(hierarchy, base, errors, blocks, method, non_negative)


def project(
    hierarchy: Summing,
    base: Floats,
    errors: Floats,
    blocks: Ints | None,
    method: str,
    non_negative: bool,
) -> Reconciled:
    """Do as `reconcile` does, for who has seen to a single thread."""
    found = np.where(np.isfinite(base), base, np.nan)
    parts = np.zeros(base.shape[1], np.int64) if blocks is None else blocks
    _refuse_unfit(hierarchy, base, errors, parts, method)
    told, reasons = np.empty(base.shape[1], np.object_), np.full(base.shape[0], "", np.object_)
    for part in np.unique(parts):
        columns = parts == part
        known, done = _covariance(errors[:, :, columns], hierarchy.level, method)
        told[columns] = done
        found[:, columns], why = _block(hierarchy, found[:, columns], known, non_negative)
        reasons = np.where(reasons == "", why, reasons)
    return Reconciled(found, tuple(told), tuple(reasons))


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Limit linear algebra to one thread; SciPy's is loaded first, so that it is limited too."""
    import_module("scipy.sparse.linalg")
    with single_threaded():
        yield


def incoherence(hierarchy: Summing, value: Floats) -> float:
    """Return by how much any node differs from the sum of its leaves, over the size of that sum.

    Args:
        hierarchy: its nodes are the rows of `value`.
        value: shape (nodes, ...); NaN is passed over.

    Example:
        >>> import polars as pl
        >>> from argosy_forecast.hierarchy.summing import summing
        >>> tree = summing(pl.DataFrame({"parent": ["all", "all"], "child": ["a", "b"]}))
        >>> incoherence(tree, np.array([11.0, 4.0, 6.0]))
        0.1
    """
    upper, many = hierarchy.matrix[: hierarchy.aggregates], hierarchy.aggregates
    flat = value.reshape(len(value), -1)
    total, size = upper @ flat[many:], abs(upper) @ np.abs(flat[many:])
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(flat[:many] - total) / np.where(size > 0, size, 1.0)
    return float(np.nanmax(apart, initial=0.0))


def _refuse_unfit(
    hierarchy: Summing, base: Floats, errors: Floats, blocks: Ints, method: str
) -> None:
    if method not in METHODS:
        raise BadInput(f"no reconciliation is called {method!r}; there are {', '.join(METHODS)}")
    nodes, horizons = len(hierarchy.nodes), base.shape[1]
    if base.shape[0] != nodes or errors.shape[0] != nodes or errors.shape[2] != horizons:
        raise BadInput(
            f"{nodes} nodes are to be reconciled over {horizons} horizons, but forecasts have the"
            f" shape {base.shape} and errors {errors.shape}"
        )
    if len(blocks) != horizons:
        raise BadInput(f"{len(blocks)} horizons are in blocks, of {horizons}")


def _covariance(errors: Floats, level: Ints, method: str) -> tuple[Covariance | None, str]:
    """Return what is known of the errors of a block, and the method that it suffices for."""
    there = ~np.isnan(errors).all(axis=(0, 2))
    if method == "bottom_up" or not there.any():
        return None, "bottom_up"
    seen = errors[:, there]
    if method == "wls" or there.sum() < FEW:
        return variances(seen, level), "wls"
    return shrunk(seen, level), "mint"


def _block(
    hierarchy: Summing, base: Floats, known: Covariance | None, non_negative: bool
) -> tuple[Floats, NDArray[np.object_]]:
    """Reconcile horizons that share a covariance; where some lack forecasts, by what they lack."""
    found, why = base.copy(), np.full(len(base), "", np.object_)
    gaps = np.isnan(base)
    for pattern in np.unique(gaps, axis=1).T:
        columns = (gaps == pattern[:, None]).all(axis=0)
        value, told = _alike(hierarchy, base[:, columns], pattern, known, non_negative)
        found[:, columns] = value
        why = np.where(why == "", told, why)
    return found, why


def _alike(
    hierarchy: Summing,
    base: Floats,
    gap: NDArray[np.bool_],
    known: Covariance | None,
    non_negative: bool,
) -> tuple[Floats, NDArray[np.object_]]:
    """Reconcile horizons that lack the same forecasts."""
    many, why = hierarchy.aggregates, np.full(len(gap), "", np.object_)
    lost = hierarchy.matrix @ gap[many:].astype(np.float64) > 0
    if known is not None:
        why[known.unknown] = "it has no errors yet: it is weighed as its level is"
    summed = gap & ~lost
    why[summed] = "it has no forecast of its own: the sum of its leaves"
    why[lost] = "a leaf of it has no forecast"
    why[many:][gap[many:]] = "it has no forecast"
    upper = hierarchy.matrix[:many]
    whole = np.flatnonzero(~lost[:many])
    fit = np.flatnonzero(~lost[:many] & ~gap[:many])
    value = base.copy()
    leaves = np.where(gap[many:, None], 0.0, base[many:])
    if known is not None and len(fit):
        rows = np.concatenate((fit, np.arange(many, len(gap))))
        apart = base[fit] - upper[fit] @ leaves
        leaves = leaves - _leaf_shift(upper[fit], known, rows, apart)
    if non_negative:
        leaves = np.where(gap[many:, None], leaves, np.maximum(leaves, 0.0))
    value[many:] = np.where(gap[many:, None], np.nan, leaves)
    value[whole] = (upper @ leaves)[whole]
    return value, why


def _leaf_shift(upper: Any, known: Covariance, rows: Ints, apart: Floats) -> Floats:  # noqa: ANN401
    """Return by how much leaves move: (W Cᵀ)(C W Cᵀ)⁻¹ of how far nodes are from their sums.

    C is one per node with children, less its leaves.
    """
    many = len(apart)
    diagonal, factor = known.diagonal[rows], known.factor[rows]
    shared = factor[:many] - upper @ factor[many:]
    solve = _inverse(upper, diagonal[:many], diagonal[many:], shared)
    weights = solve(apart)
    moved: Floats = factor[many:] @ (shared.T @ weights)
    moved -= diagonal[many:, None] * (upper.T @ weights)
    return moved


def _inverse(
    upper: Any,  # noqa: ANN401
    own: Floats,
    leaves: Floats,
    shared: Floats,
) -> Callable[[Floats], Floats]:
    """Return what solves with the matrix own + upper leaves upperᵀ + shared sharedᵀ."""
    from scipy.linalg import cho_factor, cho_solve
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import splu

    scale = 1 / np.sqrt(own + (upper.multiply(upper)) @ leaves)
    spread = diags_array(scale) @ upper
    sparse = diags_array(own * scale**2) + spread @ diags_array(leaves) @ spread.T
    low = scale[:, None] * shared
    if len(own) <= _DENSE:
        whole = cho_factor(sparse.toarray() + low @ low.T)
        return lambda right: scale[:, None] * cho_solve(whole, scale[:, None] * right)
    plain = splu(sparse.tocsc())
    inverted = plain.solve(low)
    inner = cho_factor(np.eye(low.shape[1]) + low.T @ inverted) if low.shape[1] else None

    def solve(right: Floats) -> Floats:
        first = plain.solve(scale[:, None] * right)
        if inner is not None:
            first = first - inverted @ cho_solve(inner, low.T @ first)
        return np.asarray(scale[:, None] * first)

    return solve
