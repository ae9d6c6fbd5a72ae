"""Policies and listeners see which entities of plugins' kinds are touched."""

import pyarrow as pa
import pytest

from argosy.errors import RowsRefused
from argosy.plugins import installed
from argosy.types import Listener, Policy

from .approvals import APPROVAL, SCHEMA, WHOLE, offer, without_plugin


@pytest.mark.parametrize("present", [True, False])
def test_policies_and_listeners_see_what_is_touched(fleet, monkeypatch, present):
    heard = []

    def check(event, options):
        return pa.table(
            {"model": event.models["model"], "reason": ["never"] * event.models.num_rows}
        )

    def hear(event):
        from argosy.tables import NOTICES

        heard.append(event)
        return NOTICES.empty_table()

    fleet.put("approval", [WHOLE])
    monkeypatch.setitem(installed().listeners, "ear", Listener("ear", None, hear))
    fleet.put("approval", [{**WHOLE, "approver": "bea"}])
    if not present:
        without_plugin(monkeypatch)
    fleet.rollback(3)

    put, back = heard
    assert put.models["model"].to_pylist() == ["a"]
    assert put.before["approval"]["approver"].to_pylist() == ["zoë"]
    assert put.after["approval"]["approver"].to_pylist() == ["bea"]
    assert put.after["approval"].column_names == ["key", *SCHEMA.names]
    names = ["key", *SCHEMA.names] if present else ["key", "payload"]
    assert back.after["approval"].column_names == names
    assert back.after["approval"]["key"].to_pylist() == ["a/1"]
    monkeypatch.setitem(
        installed().policies, "never", Policy("never", "", frozenset({"put"}), check)
    )
    fleet.require({"policy": ["never"]})
    offer(monkeypatch, APPROVAL)
    with pytest.raises(RowsRefused, match="a: never"):
        fleet.put("approval", [{**WHOLE, "approver": "eve"}])
