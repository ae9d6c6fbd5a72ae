"""What the ledger keeps: each change as the after-image of one entity."""

from __future__ import annotations

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")
TAGS = pa.map_(pa.string(), pa.string())
FEATURES = pa.list_(
    pa.struct([("name", pa.string()), ("type", pa.string()), ("role", pa.string())])
)

CITED = pa.list_(
    pa.struct(
        [
            ("table", pa.string()),
            ("rows", pa.int64()),
            ("digest", pa.string()),  # of the rows in any order: `argosy.store.digests`
            ("gone", TIME),  # when they were let go on purpose
        ]
    )
)

COMMIT = pa.schema(
    [
        ("seq", pa.int64()),  # the commit, one higher than the last: order never asks a clock
        ("ord", pa.int64()),  # the row's place in its commit
        ("kind", pa.string()),
        ("key", pa.string()),
        ("rev", pa.int64()),
        ("at", TIME),
        ("actor", pa.string()),
        ("op", pa.string()),
        ("reason", pa.string()),
        ("group", pa.string()),  # the changes that were made as one piece of work, such as a night
        ("txn_id", pa.string()),
        ("deleted", pa.bool_()),
        ("chain", pa.string()),
    ]
)

MODEL = pa.schema(
    [
        ("model", pa.string()),
        ("team", pa.string()),
        ("owner", pa.string()),
        ("purpose", pa.string()),
        ("template", pa.string()),
        ("tier", pa.int64()),
        ("tags", TAGS),
        ("retired", pa.bool_()),
        ("keep_until", TIME),  # of a deleted model: until then it can be restored
    ]
)

VERSION = pa.schema(
    [
        ("model", pa.string()),
        ("version", pa.string()),
        ("task", pa.string()),
        ("format", pa.string()),
        ("artifact", pa.string()),
        ("digest", pa.string()),
        ("features", FEATURES),
        ("params", TAGS),
        ("metrics", pa.map_(pa.string(), pa.float64())),
        ("upstream", pa.list_(pa.string())),
        ("training_data_digest", pa.string()),
        ("code_revision", pa.string()),
        ("seed", pa.int64()),
        ("environment", pa.string()),
    ]
)

ALIAS = pa.schema([("alias", pa.string()), ("model", pa.string()), ("version", pa.string())])

BINDING = pa.schema(
    [
        ("role", pa.string()),
        ("model", pa.string()),
        ("template", pa.string()),
        ("url", pa.string()),
        ("format", pa.string()),
        ("key_column", pa.string()),
        ("key_value", pa.string()),
        ("where", pa.string()),
        ("id", pa.string()),
        ("timestamp", pa.string()),
        ("zone", pa.string()),
        ("timestamp_format", pa.string()),
        ("frequency", pa.string()),
        ("available_at", pa.string()),
        ("cluster", pa.string()),
        ("prediction", pa.string()),
        ("score", pa.string()),
        ("truth", pa.string()),
        ("weight", pa.string()),
        ("latency", pa.string()),
        ("version_column", pa.string()),
        ("positive", pa.string()),
        ("label_delay", pa.string()),
        ("segments", pa.list_(pa.string())),
        ("separator", pa.string()),
        ("encoding", pa.string()),
        ("decimal", pa.string()),
        ("nulls", pa.list_(pa.string())),
    ]
)

RUN = pa.schema(
    [
        ("run_id", pa.string()),
        ("job", pa.string()),
        ("status", pa.string()),
        ("started", TIME),
        ("finished", TIME),
        ("seconds", pa.float64()),
        ("models", pa.int64()),
        ("ok", pa.int64()),
        ("failed", pa.int64()),
        ("drifted", pa.int64()),
        ("unknown", pa.int64()),
        ("executor", pa.string()),
        ("options", pa.string()),
        ("facts", CITED),
    ]
)
"""A run, and in `facts` what it appended to the fact tables."""

POLICY = pa.schema([("policy", pa.string()), ("where", pa.string()), ("options", pa.string())])

QUARANTINE = pa.schema(
    [
        ("model", pa.string()),
        ("version", pa.string()),
        ("cause", pa.string()),
        ("why", pa.string()),
        ("run_id", pa.string()),
    ]
)
"""A version that killed its worker, and which no job touches until it is released."""

PROMOTION = pa.schema(
    [
        ("promotion", pa.string()),
        ("alias", pa.string()),
        ("steps", pa.list_(pa.float64())),
        ("step", pa.int64()),
        ("state", pa.string()),
        ("plan", pa.string()),
        ("why", pa.string()),
        ("checks", pa.list_(pa.string())),
        ("tolerated", pa.float64()),
        ("wait", pa.string()),
    ]
)
"""One step of a promotion in waves, or its end; `steps` are ascending shares of the models.

`state` is moving for a step that was made, waiting where the next one is held up, finished or
reverted for the end, and `why` says why. `checks`, `tolerated` and `wait` are as they were asked
for, so that whoever knows the name can carry it on.
`plan` tells one time that the promotion was made from another; the file of that name says which
model moves in which step, until the end. Each is an entity of its own, which is never changed, so
that each can be rolled back by itself.
"""

ROOT = pa.schema([("url", pa.string())])
"""A folder or prefix that data and artifacts may come from; while there is none, the folder that
holds the fleet is one."""

TEMPLATE = pa.schema(
    [
        ("template", pa.string()),
        ("trainer", pa.string()),
        ("params", TAGS),
        ("metric_names", pa.list_(pa.string())),
        ("comparison", pa.string()),
        ("metric", pa.string()),
        ("margin", pa.float64()),
        ("schedule", pa.string()),
        ("effect_delay", pa.string()),
        ("data", pa.string()),
        ("task", pa.string()),
        ("features", FEATURES),
        ("owner", pa.string()),
    ]
)
"""A prototype: what its instances are trained, measured and promoted by."""

KINDS = {
    "model": MODEL,
    "version": VERSION,
    "alias": ALIAS,
    "binding": BINDING,
    "run": RUN,
    "policy": POLICY,
    "quarantine": QUARANTINE,
    "promotion": PROMOTION,
    "template": TEMPLATE,
    "root": ROOT,
}
"""What every ledger keeps: the columns of each kind of entity; plugins may bring others."""

LEDGER = COMMIT.append(pa.field("payload", pa.string()))
"""Every change: the commit's columns, and the columns of its kind as one JSON object."""

STATE = pa.schema(
    list({field.name: field for schema in (LEDGER, *KINDS.values()) for field in schema}.values())
)
"""Every entity as it stands: the commit's columns, `payload` where a plugin brings the kind, then
the columns of the core's kinds, null elsewhere."""

VIEWS = (
    *("models", "versions", "aliases", "bindings", "runs", "policies", "promotions"),
    *("templates", "roots", "quarantined", "events", "incidents", "realised", "standing"),
)
"""The tables of every fleet that are more than what runs appended."""

BESIDES = ("fleet", "triage")
"""What a query can name besides tables: one row per model with all it has, and `triage`."""
