"""What every notification sink must do."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy.tables import SENT_NOTICES
from argosy.testing.events import ODD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from argosy.types import Sink

AT = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
_NUMBERS = count()
"""Of notices: a sink may take two of one `id` for one."""


class SinkSuite:
    """Inherit this, set `name`, say how to configure and to read it, and it is sent notices."""

    name: str
    """The sink under test."""

    def settings(self, folder: Path) -> Mapping[str, Mapping[str, Any]]:
        """Return the options that it needs, by plugin; `folder` is empty and its own."""
        raise NotImplementedError

    def received(self, folder: Path) -> Sequence[str]:
        """Return the texts that have arrived, in order."""
        raise NotImplementedError

    @property
    def sink(self) -> Sink:
        """Return the sink as the core finds it."""
        return installed().sinks[self.name]

    def send(self, folder: Path, *texts: str) -> None:
        """Send one table with a notice per text."""
        rows = [
            {
                "at": AT,
                "fleet": "/fleets/test",
                "verb": "drift",
                "severity": "warning",
                "model": text if number % 2 else None,
                "text": text,
                "id": f"1-suite-{next(_NUMBERS)}",
            }
            for number, text in enumerate(texts)
        ]
        with using(self.settings(folder)):
            self.sink.send(pa.Table.from_pylist(rows, SENT_NOTICES))

    def test_notices_arrive_once_and_in_order(self, tmp_path: Path) -> None:
        """Those of one table, and those of the next after them."""
        self.send(tmp_path, "one", "two", "three")
        self.send(tmp_path, "four")
        assert list(self.received(tmp_path)) == ["one", "two", "three", "four"]

    def test_texts_arrive_as_they_are(self, tmp_path: Path) -> None:
        """In any script, with quotes, and with line ends inside."""
        texts = (*ODD, 'a "quoted" word', "two\nlines")
        self.send(tmp_path, *texts)
        assert list(self.received(tmp_path)) == list(texts)

    def test_many_are_sent_at_once(self, tmp_path: Path) -> None:
        """A bad night has thousands of them."""
        texts = [f"model {number} drifted" for number in range(3000)]
        self.send(tmp_path, *texts)
        assert list(self.received(tmp_path)) == texts

    def test_without_options_it_refuses_in_words(self) -> None:
        """It never sends to a place that nobody chose."""
        row = {"at": AT, "fleet": "f", "verb": "drift", "severity": "warning", "text": "x"}
        error = None
        with using({}):
            try:
                self.sink.send(pa.Table.from_pylist([row], SENT_NOTICES))
            except Exception as raised:
                error = raised
        assert error is not None, "it sent a notice to nowhere"
        assert str(error).strip(), "an error has words"
