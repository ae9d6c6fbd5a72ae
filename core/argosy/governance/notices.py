"""Tell listeners what happened, and send their notices, and those of policies, to the sinks.

The change is committed by now, so failures here are warnings, never errors.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy import inert
from argosy.errors import ArgosyError, ArgosyWarning
from argosy.governance.policies import afterthoughts
from argosy.plugins import call, configured, installed, options
from argosy.plugins.guarded_call import whole
from argosy.plugins.settings import CORE
from argosy.tables import NOTICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.governance.event import Attempt
    from argosy.types import ChangeEvent

_SEVERITIES = ("info", "warning", "critical")


def tell(attempt: Attempt, seq: int) -> None:
    """Tell all listeners of a change that was made."""
    hearing = [
        one
        for one in installed().listeners.values()
        if one.verbs is None or attempt.verb in one.verbs
    ]
    if not hearing and attempt.state["policy"].is_empty():
        return
    event = attempt.event(seq)
    said = [pl.DataFrame(NOTICES.empty_table())]
    for listener in hearing:
        with _warned():
            answer = call("listeners", listener.name, listener.hear, event, answers=pa.Table)
            said.append(pl.DataFrame(whole("listeners", listener.name, answer, NOTICES, None)))
    with _warned():
        said += [_as_notices(found, event) for found in afterthoughts(attempt, event)]
    send(pl.concat(said))


def send(notices: pl.DataFrame) -> None:
    """Send notices that are severe enough to every chosen sink."""
    if not configured().get(CORE, {}).get("sinks"):
        return
    least = _SEVERITIES.index(options(CORE).severity)
    wanted = notices.filter(pl.col("severity").is_in(_SEVERITIES[least:]))
    if wanted.is_empty():
        return
    text = pl.col("text").map_elements(inert.lines, return_dtype=pl.String)
    wanted = wanted.with_columns(text)  # wherever it is read, it must not mislead
    for name in options(CORE).sinks:
        with _warned():
            sink = installed().sinks[name]
            call("sinks", name, sink.send, wanted.to_arrow().cast(NOTICES), answers=type(None))


def _as_notices(found: pl.DataFrame, about: ChangeEvent) -> pl.DataFrame:
    return found.select(
        at=pl.lit(datetime.now(UTC), pl.Datetime("us", "UTC")),
        fleet=pl.lit(about.fleet),
        verb=pl.lit(about.verb),
        severity=pl.lit("warning"),
        model="model",
        text=pl.format("{} (policy {})", "reason", "policy"),
    )


@contextmanager
def _warned() -> Iterator[None]:
    """Turn an error into a warning."""
    try:
        yield
    except ArgosyError as error:
        warnings.warn(str(error), ArgosyWarning, stacklevel=4)
