"""Write the models of a fleet as a list that the importer of this plugin reads back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl

from argosy import inert
from argosy.errors import BadInput
from argosy_inventory import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    on this machine is there whole or not at all. A CSV does nothing where it is opened: a
    text that begins as a formula, or holds what nobody sees, has a quote before it and escapes.

    Raises:
        BadInput: for a file that is to end in something else, or cannot be written.
    """
    ending = next((end for end in _SINKS if url.lower().endswith(end)), None)
    if ending is None:
        raise BadInput(f"cannot tell the format of {url}; name a file that ends in {ENDINGS}")
    rows, sink = _written(_flattened(pl.DataFrame(tables["fleet"])), ending)
    try:
        if "://" in url:
            sink(rows.lazy(), url, storage_options=dict(options) or None)
            return
        beside = Path(url).with_name(f".{uuid4().hex}{ending}")
        try:
            sink(rows.lazy(), beside)
            beside.replace(url)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"cannot write {url}: {error.strerror or error}") from error


_LINES = partial(pl.LazyFrame.sink_csv, include_header=False, quote_style="never")
_SINKS: dict[str, Callable[..., object]] = {
    ".csv": pl.LazyFrame.sink_csv,
    ".parquet": pl.LazyFrame.sink_parquet,
    ".pq": pl.LazyFrame.sink_parquet,
    ".jsonl": _LINES,
    ".ndjson": _LINES,
    ".arrow": pl.LazyFrame.sink_ipc,
    ".feather": pl.LazyFrame.sink_ipc,
    ".ipc": pl.LazyFrame.sink_ipc,
}


def _written(rows: pl.DataFrame, ending: str) -> tuple[pl.DataFrame, Callable[..., object]]:
    """Return what is written of rows, and what writes it: text formats hold nothing unseen."""
    sink = _SINKS[ending]
    if ending == ".csv":
        return inert.for_spreadsheets(rows), sink
    if sink is _LINES:
        lines = inert.in_json(rows.write_ndjson()).splitlines()
        return pl.DataFrame({"line": lines}, schema={"line": pl.String}), sink
    return rows, sink


def _flattened(fleet: pl.DataFrame) -> pl.DataFrame:
    """Give every tag and every alias a column of its own; a fleet may have none."""
    spread = [
        part.alias(f"{name}.{part.name}")
        for name in _SPREAD
        if name in fleet.columns
        for part in fleet[name].struct.unnest()  # a tag may be called "*"
    ]
    return fleet.select(*_FLAT, *spread, *_VERDICT)
