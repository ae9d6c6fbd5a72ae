"""The suite for listeners notices each fault, by the test that names it."""

import polars as pl
import pytest

from argosy.plugins import installed
from argosy.testing.listeners import ListenerSuite
from argosy.testing.sinks import AT
from argosy.types import Listener

from .faults import failed


def noticing(**columns):
    def hear(event):
        models = pl.DataFrame(event.models)
        sound = {
            "at": pl.lit(AT, pl.Datetime("us", "UTC")),
            "fleet": pl.lit(event.fleet),
            "verb": pl.lit(event.verb),
            "severity": pl.lit("info"),
            "model": pl.col("model"),
            "text": pl.lit("it was retired"),
        }
        return models.select(**(sound | columns)).to_arrow()

    return hear


@pytest.mark.parametrize(
    ("columns", "sound"),
    [
        ({}, True),
        ({"severity": pl.lit("loud")}, False),
        ({"text": pl.lit("")}, False),
        ({"model": pl.lit("another")}, False),
        ({"fleet": pl.lit("/another")}, False),
        ({"at": pl.lit(None, pl.Datetime("us", "UTC"))}, False),
        ({"text": pl.concat_list(pl.lit("a list"))}, False),
    ],
)
def test_a_listener_is_held_to_what_can_be_sent(columns, sound, tmp_path, monkeypatch):
    listener = Listener("odd", frozenset({"retire"}), noticing(**columns))
    monkeypatch.setitem(installed().listeners, "odd", listener)

    class Suite(ListenerSuite):
        name = "odd"

    assert failed(Suite, tmp_path) == (set() if sound else {"everything_that_happens_is_heard"})
