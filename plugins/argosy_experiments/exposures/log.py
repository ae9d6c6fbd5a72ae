"""Exposures, which list was shown to whom and when, in files that are only ever added."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import uuid4

import fsspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from argosy.errors import BadInput
from argosy_experiments.incoming import once, taken

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


def record(url: str, exposures: pl.DataFrame | pa.Table) -> str:
    """Append exposures to those that are kept at a URL; what is there is never changed.

    A file is named by its content: recording the same table again, as a night does that is
    resumed, adds nothing.

    Args:
        url: a folder, in any place that fsspec reaches.
        exposures: one row per list shown: `model`, `version`, `customer`, `at` (UTC), `items`
            (best first), and optionally `experiment`, `group`, and the `propensity` with which
            the list was chosen.

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
    filesystem, folder = fsspec.core.url_to_fs(url)
    name = f"exposures-{sha256(content).hexdigest()[:32]}.parquet"
    path = f"{folder}/{name}"
    if not filesystem.exists(path):
        filesystem.makedirs(folder, exist_ok=True)
        # Readers see whole files only, also where somebody is killed while writing.
        unfinished = f"{folder}/.{uuid4().hex}.unfinished"
        filesystem.pipe_file(unfinished, content)
        filesystem.mv(unfinished, path)
    return f"{url.rstrip('/')}/{name}"


def recorded(url: str) -> pl.DataFrame:
    """Return all exposures that are kept at a URL, by model, customer and time.

    The same exposure in two files counts once.
    """
    filesystem, folder = fsspec.core.url_to_fs(url)
    paths = filesystem.glob(f"{folder}/exposures-*.parquet")
    kinds = pl.Schema({**EXPOSURE, **OPTIONAL})
    parts = [pl.DataFrame(schema=kinds)]
    for path in sorted(paths):
        with filesystem.open(path, "rb") as file:
            parts.append(pl.DataFrame(pq.read_table(file)).cast(kinds))
    return pl.concat(parts).unique(maintain_order=True).sort(KEY)


def shown(exposures: pl.DataFrame | pa.Table) -> pl.DataFrame:
    """Take exposures, or say what is wrong with them."""
    given = taken(exposures, EXPOSURE, "exposures", OPTIONAL).select(*EXPOSURE, *OPTIONAL)
    timed(given, "exposures")
    return once(given, list(KEY), "exposures")


def timed(frame: pl.DataFrame, what: str) -> None:
    """Refuse a table with a time missing."""
    missing = frame["at"].null_count()
    if missing:
        raise BadInput(f"{missing} of the {what} have no time `at`; leave them out")
