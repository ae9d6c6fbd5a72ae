"""Exposures, which list was shown to whom and when, in files that are only ever added."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import fsspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from argosy.errors import BadInput
from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

TIME = pl.Datetime("us", "UTC")
KEY = ("model", "customer", "at")
EXPOSURE: Mapping[str, PolarsDataType] = {
    "model": pl.String,
    "version": pl.String,
    "customer": pl.String,
    "at": TIME,
    "items": pl.List(pl.String),
}
OPTIONAL: Mapping[str, PolarsDataType] = {
    "experiment": pl.String,
    "group": pl.String,
    "propensity": pl.Float64,
}
CLUSTERED: Mapping[str, PolarsDataType] = {"cluster": pl.String}
"""What exposures have where customers hang together; kept only where it is given."""


def record(
    url: str,
    exposures: pl.DataFrame | pa.Table,
    storage_options: Mapping[str, Any] | None = None,
) -> str:
    """Append exposures to those that are kept at a URL; files that are there never change.

    A file is named by its content: recording the same table again, as a night does that is
    resumed, adds nothing.

    Args:
        url: a folder, in any place that fsspec reaches.
        exposures: one row per list shown: `model`, `version`, `customer`, `at` (UTC), `items`
            (best first), and optionally `experiment`, `group`, the `propensity` with which the
            list was chosen, and the `cluster` of the customer, such as its household.
        storage_options: what the place needs to be reached, in fsspec's words.

    Returns:
        The URL of the file.

    Raises:
        BadInput: if a column is missing, a time is null, or a customer of a model has two lists
            at one time.

    Example:
        >>> from datetime import UTC, datetime
        >>> shown = pl.DataFrame({"model": "shop", "version": "1", "customer": ["ann"],
        ...                       "at": datetime(2026, 1, 1, tzinfo=UTC), "items": [["tea"]]})
        >>> record("memory://exposed", shown) == record("memory://exposed", shown)
        True
        >>> recorded("memory://exposed").height
        1
    """
    table = shown(exposures).sort(KEY).to_arrow()
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content = sink.getvalue().to_pybytes()
    filesystem, folder = _place(url, storage_options)
    name = f"exposures-{sha256(content).hexdigest()[:32]}.parquet"
    path = f"{folder}/{name}"
    if not filesystem.exists(path):
        filesystem.makedirs(folder, exist_ok=True)
        # Readers see whole files only, also where somebody is killed while writing.
        unfinished = f"{folder}/.{uuid4().hex}.unfinished"
        filesystem.pipe_file(unfinished, content)
        filesystem.mv(unfinished, path)
    return f"{url.rstrip('/')}/{name}"


def recorded(url: str, storage_options: Mapping[str, Any] | None = None) -> pl.DataFrame:
    """Return all exposures that are kept at a URL, by model, customer and time.

    The same exposure in two files counts once.
    """
    filesystem, folder = _place(url, storage_options)
    paths = filesystem.glob(f"{folder}/exposures-*.parquet")
    kinds = {**EXPOSURE, **OPTIONAL}
    parts = [pl.DataFrame(schema=kinds)]
    for path in sorted(paths):
        with filesystem.open(path, "rb") as file:
            part = pl.DataFrame(pq.read_table(file))
            own = {name: kind for name, kind in CLUSTERED.items() if name in part.columns}
            parts.append(part.cast(pl.Schema({**kinds, **own})))
    return pl.concat(parts, how="diagonal").unique(maintain_order=True).sort(KEY)


def _place(url: str, options: Mapping[str, Any] | None) -> tuple[Any, str]:
    """Return the filesystem of a URL, which remembers no listing, and the path in it."""
    filesystem, path = fsspec.core.url_to_fs(url, **(options or {}), use_listings_cache=False)
    return filesystem, path


def shown(exposures: pl.DataFrame | pa.Table) -> pl.DataFrame:
    """Return exposures with all their columns, or refuse them."""
    optional = {**OPTIONAL, **(CLUSTERED if "cluster" in _columns(exposures) else {})}
    given = validated(exposures, EXPOSURE, "exposures", optional).select(*EXPOSURE, *optional)
    timed(given, "exposures")
    return refuse_duplicates(given, list(KEY), "exposures")


def _columns(table: pl.DataFrame | pa.Table) -> list[str]:
    return table.columns if isinstance(table, pl.DataFrame) else table.column_names


def timed(frame: pl.DataFrame, what: str) -> None:
    """Refuse a table in which a time is missing."""
    missing = frame["at"].null_count()
    if missing:
        raise BadInput(f"{missing} of the {what} have no time `at`; leave them out")
