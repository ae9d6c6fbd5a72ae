"""A kind of entity that a plugin brings, and two of its rows."""

from datetime import UTC, date, datetime

import pyarrow as pa

from argosy.plugins import installed
from argosy.types import EntityKind

TEXT = pa.string()
SCHEMA = pa.schema(
    [
        ("model", TEXT),
        ("version", TEXT),
        ("approver", TEXT),
        ("reason", TEXT),
        ("score", pa.float64()),
        ("until", pa.timestamp("us", "UTC")),
        ("on", pa.date32()),
        ("tags", pa.map_(TEXT, TEXT)),
        ("steps", pa.list_(pa.struct([("name", TEXT), ("done", pa.bool_())]))),
    ]
)
APPROVAL = EntityKind(
    "approval", "approvals", SCHEMA, ("model", "version"), "Who approved a version."
)
WHOLE = {
    "model": "a",
    "version": "1",
    "approver": "zoë",
    "reason": "seq 7 / at \\ noon",
    "score": 0.1,
    "until": datetime(2026, 11, 29, 1, 2, 3, 4, UTC),
    "on": date(2026, 11, 29),
    "tags": {"region": "eu"},
    "steps": [{"name": "look", "done": True}, {"name": "sign", "done": None}],
}
BARE = {**dict.fromkeys(SCHEMA.names), "model": "b", "version": "1"}


def offer(monkeypatch, *kinds):
    for kind in kinds:
        monkeypatch.setitem(installed().entity_kinds, kind.name, kind)


def kept(fleet):
    return fleet.table("approvals").collect().drop("since", "by").to_dicts()


def without_plugin(monkeypatch):
    monkeypatch.delitem(installed().entity_kinds, "approval")
