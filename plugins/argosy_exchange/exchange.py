"""Bring in models that another system lists, and take the fleet's tables out, through plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from argosy.errors import BadInput, PluginError, RowsRefused, UnknownName
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin
from argosy.store.location import Location, absolute
from argosy.tables import BESIDES
from argosy.views.tables import whole_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from argosy import Fleet
    from argosy.types import FleetView


def listed(name: str, url: str, options: Mapping[str, Any] | None = None) -> pa.Table:
    """Return the models at a URL, as the importer `name` reads them.

    Args:
        name: of the importer.
        url: where the other system's list is.
        options: what its store needs to be reached, in fsspec's words.

    Raises:
        UnknownName: if no plugin offers the importer.
        BadInput: for a list that is not there or cannot be read as it is.
        PluginError: naming the importer and its plugin, where it fails.
    """
    importer, url = installed().importers[name], absolute(url)
    answer: pa.Table = _asked(
        "importers", name, importer.read, url, _options(url, options), answers=pa.Table
    )
    return answer


def bring(
    fleet: Fleet,
    name: str,
    url: str,
    existing: Literal["refuse", "skip"] = "refuse",
    reason: str | None = None,
    dry_run: bool = False,
    options: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Register every model that an importer finds at a URL, in one change, or none of them.

    Returns:
        What `fleet.register` returns: one outcome per row, or the difference of a dry run.

    Raises:
        RowsRefused: if any row cannot be registered; nothing is written.
        BadInput: if the table is none that can be registered.
    """
    table = listed(name, url, options)
    try:
        return fleet.register(table, existing, reason, dry_run)
    except RowsRefused:
        raise
    except (BadInput, UnknownName) as error:
        raise BadInput(
            f"what {origin('importers', name)} read from {url} cannot be registered: {error}"
        ) from error


def take(
    fleet: FleetView,
    name: str,
    url: str,
    overwrite: bool = False,
    options: Mapping[str, Any] | None = None,
) -> dict[str, int]:
    """Write the tables that an exporter asks for to a URL.

    Args:
        fleet: now, or as it stood (`fleet.as_of`).
        name: of the exporter.
        url: where the export goes.
        overwrite: replace what is there.
        options: what its store needs to be reached, in fsspec's words.

    Returns:
        The number of rows of each table that was handed over.

    Raises:
        UnknownName: if no plugin offers the exporter.
        BadInput: if something is at the URL already, and is not to be replaced.
        PluginError: naming the exporter and its plugin, where it fails.
    """
    exporter, url = installed().exporters[name], absolute(url)
    whose, known = origin("exporters", name), (*fleet.tables(), *BESIDES)
    strange = [table for table in exporter.tables if table not in known]
    if strange:
        raise PluginError(
            f"{whose} asks for the table {strange[0]!r}; there are {', '.join(known)}"
        )
    if not overwrite and _taken(url, options or {}):
        raise BadInput(
            f"{url} exists; name another place, or replace it (overwrite=True, --overwrite)"
        )
    handed = whole_tables(fleet, exporter.tables)
    _asked(
        "exporters", name, exporter.write, handed, url, _options(url, options), answers=type(None)
    )
    return {table: rows.num_rows for table, rows in handed.items()}


def _asked(kind: str, name: str, *called: Any, answers: type[Any]) -> Any:  # noqa: ANN401
    """Call a plugin; what it says of the user's input is the user's, not the plugin's, fault."""
    try:
        return call(kind, name, *called, answers=answers)
    except PluginError as error:
        if isinstance(error.__cause__, (BadInput, UnknownName)):
            raise error.__cause__ from None
        raise


def _options(url: str, options: Mapping[str, Any] | None) -> dict[str, str]:
    return Location(url, options or {}).storage_options()


def _taken(url: str, options: Mapping[str, Any]) -> bool:
    """Whether something is at a URL already; False where nobody can tell, as for a service."""
    from fsspec.core import url_to_fs

    if url.startswith(("http://", "https://")):
        return False
    try:
        filesystem, path = url_to_fs(url, **options)
    except (ValueError, ImportError):
        return False
    try:
        return bool(filesystem.exists(path))
    except Exception as error:  # each store has errors of its own
        raise BadInput(f"cannot look at {url}: {error}; check the URL and your rights") from error
