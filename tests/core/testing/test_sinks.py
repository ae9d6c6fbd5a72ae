"""The suite for sinks notices each fault, by the test that names it."""

import pytest

from argosy.plugins import configured, installed
from argosy.testing.sinks import SinkSuite
from argosy.types import Sink

from .faults import failed


@pytest.mark.parametrize(
    ("keep", "noticed"),
    [
        (lambda kept, texts: kept + texts, {"without_options_it_refuses_in_words"}),
        (lambda kept, texts: texts, {"notices_arrive_once_and_in_order"}),
        (lambda kept, texts: kept + texts[::-1], {"many_are_sent_at_once"}),
        (lambda kept, texts: kept + texts + texts[-1:], {"notices_arrive_once_and_in_order"}),
        (
            lambda kept, texts: kept + [text.split("\n")[0] for text in texts],
            {"texts_arrive_as_they_are"},
        ),
        (lambda kept, texts: kept + texts[:1000], {"many_are_sent_at_once"}),
    ],
)
def test_a_faulty_sink_is_noticed(keep, noticed, tmp_path, monkeypatch):
    kept = {}

    def send(notices):
        place = configured().get("odd", {}).get("folder")
        kept[place] = keep(kept.get(place, []), notices["text"].to_pylist())

    monkeypatch.setitem(installed().sinks, "odd", Sink("odd", send))

    class Suite(SinkSuite):
        name = "odd"

        def settings(self, folder):
            return {"odd": {"folder": str(folder)}}

        def received(self, folder):
            return kept[str(folder)]

    assert noticed <= failed(Suite, tmp_path)
