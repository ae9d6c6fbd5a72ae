"""Edges of hierarchies as entities: kept with their history, and valid for a time."""

from __future__ import annotations

import pyarrow as pa

from argosy.types import EntityKind
from argosy_forecast.hierarchy.rules import refuse

SCHEMA = pa.schema(
    [
        ("hierarchy", pa.string()),
        ("parent", pa.string()),
        ("child", pa.string()),
        ("valid_from", pa.timestamp("us", tz="UTC")),
        ("valid_until", pa.timestamp("us", tz="UTC")),
        ("weight", pa.float64()),
    ]
)

HIERARCHY = EntityKind(
    "hierarchy",
    "hierarchies",
    SCHEMA,
    ("hierarchy", "parent", "child", "valid_from"),
    "What a node adds up: a parent, a child, from when, until when (not included), and a weight.",
    refuse,
)
