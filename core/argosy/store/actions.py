"""The lines of a log's entries, in the words of Delta's protocol."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from deltalake import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    import pyarrow as pa

Action = dict[str, Any]
"""One line of an entry."""


def founding(schema: pa.Schema, append_only: bool) -> list[Action]:
    """Return the first entry of a table: what a reader must know, and its columns."""
    return [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {
            "metaData": {
                "id": str(uuid.uuid4()),
                "format": {"provider": "parquet", "options": {}},
                "schemaString": Schema.from_arrow(schema).to_json(),
                "partitionColumns": [],
                "configuration": {
                    "delta.appendOnly": str(append_only).lower(),
                    "delta.enableExpiredLogCleanup": "false",
                },
                "createdTime": _now(),
            }
        },
    ]


def marker(application: str, version: int) -> Action:
    """Say how far an application is: a run by its waves, the ledger by its changes."""
    return {"txn": {"appId": application, "version": version}}


def added(name: str, size: int, stats: Mapping[str, Any], data_change: bool = True) -> Action:
    """List a file.

    Args:
        name: in the folder of the table.
        size: in bytes.
        stats: how many rows there are, and their bounds.
        data_change: whether the rows are new; false where they lay in other files before.
    """
    return {
        "add": {
            "path": name,
            "partitionValues": {},
            "size": size,
            "modificationTime": _now(),
            "dataChange": data_change,
            "stats": json.dumps(stats),
        }
    }


def removed(name: str, size: int, at: int, data_change: bool = True) -> Action:
    """List a file no longer.

    Args:
        name: in the folder of the table.
        size: in bytes.
        at: the time of the store, in milliseconds.
        data_change: whether its rows are gone; false where they lie in other files now.
    """
    return {
        "remove": {
            "path": name,
            "deletionTimestamp": at,
            "dataChange": data_change,
            "extendedFileMetadata": True,
            "partitionValues": {},
            "size": size,
        }
    }


def bounds(changes: pl.DataFrame) -> dict[str, object]:
    """Return the stats of rows of the ledger: readers look for the newer ones."""
    numbers = changes["seq"]
    return {
        "numRecords": changes.height,
        "minValues": {"seq": numbers.min()},
        "maxValues": {"seq": numbers.max()},
        "nullCount": {"seq": 0},
    }


def _now() -> int:
    return time.time_ns() // 1_000_000
