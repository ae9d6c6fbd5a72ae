"""Bring models in from other systems' lists, and take the fleet's models out as one.

``reading`` is the importer `inventory`, ``writing`` the exporter of that name, ``settings`` what
can be set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Exporter, Importer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    import pydantic

ENDINGS = ".csv, .parquet, .jsonl or .arrow"
"""What an inventory is stored as."""

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_options() -> type[pydantic.BaseModel]:
    """Declare how the columns of a list are called."""
    from argosy_inventory.settings import Inventory

    return Inventory


@hookimpl
def argosy_importers() -> Iterator[Importer]:
    """Offer the importer `inventory`."""

    def read(url: str, options: Mapping[str, str]) -> pa.Table:
        from argosy_inventory.reading import read

        return read(url, options)

    yield Importer("inventory", f"A list of models: {ENDINGS}, with any column names.", read)


@hookimpl
def argosy_exporters() -> Iterator[Exporter]:
    """Offer the exporter `inventory`."""

    def write(tables: Mapping[str, pa.Table], url: str, options: Mapping[str, str]) -> None:
        from argosy_inventory.writing import write

        write(tables, url, options)

    yield Exporter("inventory", f"One row per model: {ENDINGS}.", ("fleet",), write)
