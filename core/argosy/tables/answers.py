"""What plugins answer, and what sinks are handed."""

from __future__ import annotations

import pyarrow as pa

from argosy.tables.ledger import TAGS, TIME

FINDINGS = pa.schema([("model", pa.string()), ("reason", pa.string())])
"""What a policy answers: the models that it objects to, and why."""

REFUSALS = pa.schema([("row", pa.int64()), ("reason", pa.string())])
"""What a kind of entity answers: the rows, by their place in the table, that cannot be written."""

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
"""What listeners answer: one row per notice.

`severity` is info, warning or critical; `model` is null where a notice is about the fleet.
"""

SENT_NOTICES = pa.schema([*NOTICES, ("id", pa.string())])
"""What sinks send: notices, each with an `id` that is its own however often it is sent."""

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

TROUBLES = pa.schema([("model", pa.string()), ("severity", pa.float64()), ("reason", pa.string())])
"""Models that a cause of triage finds, how bad it is from 0 to 100, and why."""

TROUBLE_DETAILS = pa.schema(
    [("version", pa.string()), ("since", TIME), ("hurts", pa.string()), ("next_step", pa.string())]
)
"""What a cause may answer besides: the version that it is about, if it is not the newest, since
when, whom it hurts beyond the model's own users, and what to do next if that differs by model."""

JUDGED = pa.schema(
    [
        *[(name, pa.string()) for name in ("model", "version", "gate", "dataset")],
        *[(name, pa.string()) for name in ("dataset_digest", "metric")],
        ("value", pa.float64()),
        ("bound", pa.float64()),
        ("n", pa.int64()),
        ("passed", pa.bool_()),
        ("reason", pa.string()),
    ]
)
"""What a gate answers: a row per version that it has a say on.

`gate` is what its rows are called, `bound` what `value` had to reach, or not to pass.
"""
