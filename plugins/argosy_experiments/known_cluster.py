"""Refuse a cluster that no data has, before a job begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from argosy.registry.bindings import bound
from argosy_rows.columns import BoundColumns

if TYPE_CHECKING:
    from argosy.types import Scope


class Clustered(Protocol):
    """What is asked: the role of the data, and the column of its clusters."""

    @property
    def data(self) -> str:
        """The role."""
        ...

    @property
    def cluster(self) -> str | None:
        """The column; None where the binding names it."""
        ...


def known_cluster(request: Clustered, scope: Scope) -> None:
    """Refuse a column that none of the data has.

    Raises:
        UnknownName: naming the option and the columns that there are.
    """
    if request.cluster is not None:
        bindings = bound(scope.view.state, scope.models, request.data)["binding"]
        BoundColumns(bindings, request.data, scope.location).refuse_column(
            "cluster", request.cluster
        )
