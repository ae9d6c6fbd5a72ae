"""Tell listeners what happened, and send their notices, and those of policies, to the sinks.

The change is committed by now, so failures here are warnings, never errors. Notices are kept in
the fleet's outbox before a sink is tried, and stay there until it has taken them.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy import inert
from argosy.errors import ArgosyError, ArgosyWarning, StoreError
from argosy.governance.delivery import after_change, hand_over
from argosy.governance.outbox import identified
from argosy.governance.policies import afterthoughts
from argosy.governance.promises import Promise, drop
from argosy.plugins import call, configured, installed, options
from argosy.plugins.guarded_call import whole
from argosy.plugins.settings import CORE
from argosy.tables import NOTICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.governance.event import Attempt
    from argosy.governance.outbox import Outbox
    from argosy.types import ChangeEvent, Listener

_SEVERITIES = ("info", "warning", "critical")


def promised(txn_id: str) -> Promise | None:
    """Return whom this process tells of a change; None where no sink is chosen."""
    sinks = _sinks()
    if not sinks:
        return None
    return Promise(txn_id, tuple(sinks), options(CORE).severity, datetime.now(UTC))


def tell(attempt: Attempt, seq: int, outbox: Outbox, promise: Promise | None) -> None:
    """Tell all listeners of a change that was made, and the sinks what they make of it."""
    hearing = [
        one
        for one in installed().listeners.values()
        if (one.verbs is None or attempt.verb in one.verbs) and _wanted(one)
    ]
    if not hearing and attempt.state["policy"].is_empty() and promise is None:
        return
    event = attempt.event(seq)
    said = [pl.DataFrame(NOTICES.empty_table())]
    for listener in hearing:
        with warned():
            answer = call("listeners", listener.name, listener.hear, event, answers=pa.Table)
            said.append(pl.DataFrame(whole("listeners", listener.name, answer, NOTICES, None)))
    with warned():
        said += [_as_notices(found, event) for found in afterthoughts(attempt, event)]
    if promise is not None:
        send(pl.concat(said), seq, outbox, promise)


def send(notices: pl.DataFrame, seq: int, outbox: Outbox, promise: Promise) -> None:
    """Keep the notices of a change that are severe enough, and deliver what is due.

    Where they cannot be kept, such as on a full disk, the sinks are tried once.
    """
    sinks = [name for name in promise.sinks if name in _sinks()]
    least = _SEVERITIES.index(promise.severity)
    text = pl.col("text").map_elements(inert.lines, return_dtype=pl.String)
    wanted = notices.filter(pl.col("severity").is_in(_SEVERITIES[least:]))
    wanted = wanted.with_columns(text)  # wherever it is read, it must not mislead
    try:
        kept = outbox.keep(seq, wanted, promise.sinks) if wanted.height else []
        drop(outbox, promise)
    except StoreError as error:
        told = f"the notices of change {seq} cannot be kept, so the sinks are tried once: {error}"
        warnings.warn(told, ArgosyWarning, stacklevel=3)
        for name in sinks:
            with warned():
                hand_over(name, identified(wanted, seq))
        return
    with warned():
        after_change(outbox, kept, sinks)


def _wanted(listener: Listener) -> bool:
    """Whether a listener is to hear; one that cannot say it is."""
    if listener.wanted is None:
        return True
    with warned():
        return call("listeners", listener.name, listener.wanted, answers=bool)
    return True


def _sinks() -> list[str]:
    """Return the chosen sinks, each once."""
    if not configured().get(CORE, {}).get("sinks"):
        return []
    return list(dict.fromkeys(options(CORE).sinks))


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
def warned() -> Iterator[None]:
    """Turn an error into a warning."""
    try:
        yield
    except ArgosyError as error:
        warnings.warn(str(error), ArgosyWarning, stacklevel=4)
