"""What plugins answer, and what sinks are handed."""

from __future__ import annotations

import pyarrow as pa

from argosy.tables.ledger import TAGS, TIME

FINDINGS = pa.schema([("model", pa.string()), ("reason", pa.string())])
"""What a policy answers: the models that it objects to, and why."""

NOTICES = pa.schema(
    [
        ("at", TIME),
        ("fleet", pa.string()),
        ("verb", pa.string()),
        ("severity", pa.string()),
        ("model", pa.string()),
        ("text", pa.string()),
    ]
)
"""What sinks send: one row per notice.

`severity` is info, warning or critical; `model` is null where a notice is about the fleet.
"""

ANSWERS = pa.schema(
    [
        ("statistic", pa.float64()),
        ("effect", pa.float64()),
        ("p_value", pa.float64()),
        ("p_method", pa.string()),
        ("reason", pa.string()),
    ]
)
"""What a detector answers, in the order of the rows that it is handed."""

DETAIL = pa.field("detail", pa.string())
"""What it may answer besides."""

TRAINED = pa.schema(
    [
        ("content", pa.large_binary()),
        ("format", pa.string()),
        ("task", pa.string()),
        ("params", TAGS),
        ("metrics", pa.map_(pa.string(), pa.float64())),
        ("reason", pa.string()),
    ]
)
"""What a trainer answers, in the order of the lessons that it is handed."""
