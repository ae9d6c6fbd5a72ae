"""Conditions that a fleet keeps are checked by whoever uses them, not only by whoever stores them.

The rows are written here as an older release, or another program, would have: without the check.
"""

import socket
import threading

import polars as pl
import pytest

from argosy.errors import BadInput, RowsRefused
from argosy.testing.fleets import logged_fleet


@pytest.fixture
def listener():
    """A server that counts who calls it, on loopback."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    called, over = [], threading.Event()

    def listen():
        while not over.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            called.append(connection.recv(200))
            connection.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], called
    over.set()
    thread.join()
    server.close()


@pytest.fixture(params=["url", "file"])
def attack(request, listener, tmp_path):
    """A condition that reads something beside the fleet, and is true of what stands there."""
    port, called = listener
    outside = tmp_path / "outside.csv"
    outside.write_text("secret\nhunter2\n")
    named = f"http://127.0.0.1:{port}/x.csv" if request.param == "url" else str(outside)
    yield f"EXISTS (SELECT 1 FROM read_csv('{named}') WHERE secret = 'hunter2')"  # noqa: S608
    assert called == []


@pytest.fixture
def fleet(tmp_path):
    return logged_fleet(tmp_path / "fleet", models=3)


@pytest.fixture
def bound(fleet, monkeypatch):
    """Bind a model anew, with what a check would refuse."""

    def bind(**fields):
        named = fleet.table("bindings").select("role", "url", "truth", "score").collect()
        rows = [{**row, "model": "m1", **fields} for row in named.to_dicts()]
        with monkeypatch.context() as patch:
            patch.setattr("argosy.registry.bindings.unreadable", lambda *_: None)
            fleet.bind(rows, check=False)

    return bind


@pytest.mark.parametrize(("verb", "table"), [("evaluate", "evaluations"), ("check_drift", "drift")])
def test_a_where_of_a_binding_fails_its_model_alone(fleet, bound, attack, verb, table):
    bound(where=attack)
    run = getattr(fleet, verb)()
    failed = fleet.table(table).filter(pl.col("reason").is_not_null(), model="m1").collect()
    reasons = failed["reason"].to_list()

    assert reasons
    assert all("a sub-query is not admitted here" in reason for reason in reasons)
    assert run.summary["failed"] == 1


def test_segments_of_a_binding_are_read_by_nobody(fleet, bound, attack):
    bound(segments=[attack])
    fleet.evaluate()
    fleet.check_drift()

    assert fleet.table("bindings").filter(model="m1").collect()["segments"][0].to_list() == [attack]


def test_a_policy_with_such_a_where_refuses_every_change_it_may_be_about(
    fleet, attack, monkeypatch
):
    with pytest.raises(BadInput, match="sub-query"):
        fleet.require({"policy": ["reason"], "where": [attack]})
    with monkeypatch.context() as patch:
        patch.setattr("argosy.registry.policies.filtered", lambda *_: None)
        fleet.require({"policy": ["reason"], "where": [attack]})

    with pytest.raises((BadInput, RowsRefused), match="sub-query"):
        fleet.set_alias(fleet.where("true"), "champion", reason="why not")
    assert fleet.aliases().collect().is_empty()


@pytest.mark.parametrize(
    "ask",
    [
        lambda fleet, text: fleet.where(text).frame(),
        lambda fleet, text: fleet.where("true").where(text).frame(),
        lambda fleet, text: len(fleet.where(text)),
        lambda fleet, text: fleet.leaderboard("auc", where=text),
        lambda fleet, text: (fleet.evaluate(), fleet.leaderboard("auc", group_by=text)),
        lambda fleet, text: fleet.evaluate(text),
        lambda fleet, text: fleet.evaluate(slices=[text]),
        lambda fleet, text: fleet.check_drift(segments=[text]),
        lambda fleet, text: fleet.check_drift(rules=[{"where": text, "level": 0.1}]),
        lambda fleet, text: fleet.tag(fleet.where(text), {"a": "b"}),
        lambda fleet, text: fleet.bind({"role": ["x"], "url": ["x.parquet"], "where": [text]}),
        lambda fleet, text: fleet.sql(f"SELECT * FROM models WHERE {text}"),  # noqa: S608
    ],
)
def test_nobody_asks_so(fleet, attack, ask):
    with pytest.raises(BadInput, match=r"sub-query|a function in place of a table|read_csv"):
        ask(fleet, attack)


def test_a_narrowed_selection_is_two_conditions(fleet):
    with pytest.raises(BadInput, match="cannot read the expression"):
        fleet.where("team = 'risk'").where("true) OR (true").frame()
