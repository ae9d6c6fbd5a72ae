"""Kinds that clash or cannot be kept are refused by name."""

from types import SimpleNamespace

import pyarrow as pa
import pytest

from argosy.errors import PluginError
from argosy.plugins import installed
from argosy.store.entity_kinds import entity_kinds
from argosy.types import EntityKind

from .approvals import SCHEMA, TEXT, offer


def kind_with(name="thing", table="things", schema=SCHEMA, key=("model",)):
    return EntityKind(name, table, schema, key)


def columns(*names, of=TEXT):
    return pa.schema([(name, of) for name in names])


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (kind_with(name="model"), "name of a kind of argosy's own"),
        (kind_with(table="models"), "the table 'models', and argosy has"),
        (kind_with(table="verdicts"), "the table 'verdicts', and argosy has"),
        (kind_with(table="fleet"), "the table 'fleet', and argosy has"),
        (kind_with(table="approvals"), "the table 'approvals', and so has .*'approval'"),
        (kind_with(name="Thing"), "name 'Thing', which is not lowercase"),
        (kind_with(table="my things"), "table 'my things', which is not lowercase"),
        (kind_with(key=()), "key"),
        (kind_with(key=("nothing",)), "not some of its columns"),
        (kind_with(key=("model", "model")), "not some of its columns"),
        (kind_with(schema=columns("model", "by")), "column 'by', which is taken"),
        (kind_with(schema=columns("model", "model")), "column 'model', which is taken"),
        (kind_with(schema=columns("outcome"), key=("outcome",)), "'outcome', which is taken"),
        (kind_with(schema=columns("model", of=pa.float64())), "a double tells none apart"),
        (kind_with(schema=columns("model", of=pa.binary())), "binary, which cannot be kept"),
        (
            kind_with(schema=columns("model", of=pa.list_(pa.duration("s")))),
            "which cannot be kept",
        ),
    ],
)
def test_a_kind_that_clashes_or_cannot_be_kept_is_refused_by_name(fleet, monkeypatch, kind, told):
    offer(monkeypatch, kind)

    with pytest.raises(PluginError, match=f"kind of entity '{kind.name}'.*{told}"):
        fleet.tables()
    assert fleet.models().collect().height == 3


def test_a_job_and_a_kind_cannot_bring_one_table(monkeypatch):
    from argosy.store import fact_tables as module
    from argosy.types import FactTable, Job, JobKind

    job = Job(object, (FactTable("approvals", SCHEMA),), lambda chunk: {})
    jobs = {"count": JobKind("count", "", lambda: job)}
    offered = SimpleNamespace(jobs=jobs, entity_kinds=installed().entity_kinds)
    monkeypatch.setattr(module, "installed", lambda: offered)

    with pytest.raises(PluginError, match="job 'count' brings a table 'approvals', and .*approval"):
        module.fact_tables.__wrapped__()


def test_the_built_in_kinds_are_sound():
    assert "note" in entity_kinds()
