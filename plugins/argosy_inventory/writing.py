"""Write the models of a fleet as a list that the importer of this plugin reads back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl

from argosy.errors import BadInput
from argosy_inventory import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

_FLAT = (
    *("model", "version", "team", "owner", "purpose", "template", "tier", "task"),
    *("format", "artifact", "digest", "retired", "created", "updated"),
)
_SPREAD = ("tags", "aliases")
_VERDICT = ("drifted", "q_model", "worst_column")


def write(tables: Mapping[str, pa.Table], url: str, options: Mapping[str, str]) -> None:
    """Write one row per model: its newest version, whose it is, its tags, aliases and verdict.

    Each tag is a column such as `tags.region`, each alias one such as `aliases.champion`. A file
    on this machine is there whole or not at all.

    Raises:
        BadInput: for a file that is to end in something else, or cannot be written.
    """
    ending = next((end for end in _SINKS if url.lower().endswith(end)), None)
    if ending is None:
        raise BadInput(f"cannot tell the format of {url}; name a file that ends in {ENDINGS}")
    rows = _flattened(pl.DataFrame(tables["fleet"])).lazy()
    try:
        if "://" in url:
            getattr(rows, _SINKS[ending])(url, storage_options=dict(options) or None)
            return
        beside = Path(url).with_name(f".{uuid4().hex}{ending}")
        try:
            getattr(rows, _SINKS[ending])(beside)
            beside.replace(url)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"cannot write {url}: {error.strerror or error}") from error


_SINKS = {
    ".csv": "sink_csv",
    ".parquet": "sink_parquet",
    ".pq": "sink_parquet",
    ".jsonl": "sink_ndjson",
    ".ndjson": "sink_ndjson",
    ".arrow": "sink_ipc",
    ".feather": "sink_ipc",
    ".ipc": "sink_ipc",
}


def _flattened(fleet: pl.DataFrame) -> pl.DataFrame:
    """Give every tag and every alias a column of its own; a fleet may have none."""
    spread = [
        part.alias(f"{name}.{part.name}")
        for name in _SPREAD
        if name in fleet.columns
        for part in fleet[name].struct.unnest()  # a tag may be called "*"
    ]
    return fleet.select(*_FLAT, *spread, *_VERDICT)
