"""What every listener must do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.plugins import installed
from argosy.plugins.guarded_call import whole
from argosy.tables import NOTICES
from argosy.testing.events import every, verbs

if TYPE_CHECKING:
    from argosy.types import ChangeEvent, Listener

SEVERITIES = ("info", "warning", "critical")


class ListenerSuite:
    """Inherit this, set `name`, and your listener hears of everything."""

    name: str
    """The listener under test."""

    @property
    def listener(self) -> Listener:
        """Return the listener as the core finds it; one that is offered only at times is given."""
        return installed().listeners[self.name]

    def said(self, event: ChangeEvent) -> pl.DataFrame:
        """Tell it, and check that its notices can be sent as they are."""
        answer = self.listener.hear(event)
        assert isinstance(answer, pa.Table), type(answer)
        notices = pl.DataFrame(whole("listeners", self.name, answer, NOTICES, None))
        models = set(event.models["model"].to_pylist())
        assert set(notices["severity"]) <= set(SEVERITIES)
        assert set(notices["fleet"]) <= {event.fleet}
        assert set(notices["verb"]) <= {event.verb}
        assert set(notices["model"].drop_nulls()) <= models
        assert notices["at"].null_count() == 0
        assert all((text or "").strip() for text in notices["text"]), "a notice has words"
        return notices

    def test_it_hears_of_verbs_that_exist(self) -> None:
        """And of one at least, if not of all."""
        assert self.listener.verbs is None or self.listener.verbs
        assert (self.listener.verbs or set()) <= set(verbs())

    def test_everything_that_happens_is_heard(self) -> None:
        """No models, odd names, hundreds at once; changes and runs."""
        for event in every():
            if self.listener.verbs is None or event.verb in self.listener.verbs:
                self.said(event)
