"""Whole tables of a fleet, for use outside it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from argosy.types import FleetView


def whole_tables(fleet: FleetView, names: Iterable[str]) -> Mapping[str, pa.Table]:
    """Return tables as exporters get them: those that `argosy sql` knows, with every column.

    >>> import argosy, tempfile
    >>> fleet = argosy.open(tempfile.mkdtemp() + "/fleet", create=True)
    >>> _ = fleet.register({"model": ["churn"], "version": ["1"]})
    >>> whole_tables(fleet, ["fleet"])["fleet"]["model"].to_pylist()
    ['churn']
    """
    return MappingProxyType({name: _table(fleet, name) for name in names})


def _table(fleet: FleetView, name: str) -> pa.Table:
    if name == "fleet":
        return fleet.overview().to_arrow()
    if name == "triage":
        return fleet.triage().to_arrow()
    return fleet.table(name).collect().to_arrow()
