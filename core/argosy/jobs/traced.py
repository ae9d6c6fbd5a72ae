"""Perform a chunk so that its end can be told: the wrapper around all work, on every executor.

Beside its tables a chunk answers with the calls of plugins that ended in it, or, if it had a
process of its own, with how that process died. The caller takes these tables out again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import cloudpickle
import pyarrow as pa

from argosy.breadcrumbs import WORK, Step
from argosy.errors import PluginError
from argosy.jobs.alone import Died, alone
from argosy.plugins.trail import following

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from argosy.plugins.trail import Function, Trail
    from argosy.types import Chunk, Tables

TRACE = "argosy_trace"
"""The option of a chunk that holds its `Trace`."""
_CALLS, _DIED = "argosy_calls", "argosy_died"
_RETURNED, _GIVEN_UP = "returned", "given up"
_LONGER = 180.0


@dataclass(frozen=True, slots=True)
class Trace:
    """How a chunk is to be performed."""

    perform: Callable[[Chunk], Tables]
    """The work."""
    alone: bool = False
    """Whether in a process of its own, because others died."""
    blocked: Mapping[Function, str] = field(default_factory=dict)
    """The functions that may not be called, and why."""
    idle: bool = False
    """Whether only to show that a worker can work."""
    limit: float | None = None
    isolate: bool = False
    """The chunk's own limit of time, and whether it parses artifacts; see `traceable`."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a chunk answered beside its tables."""

    died: Died | None = None
    returned: frozenset[Step] = frozenset()
    given_up: frozenset[Step] = frozenset()


def traced(chunk: Chunk) -> Tables:
    """Perform a chunk as its trace says."""
    trace = trace_of(chunk)
    if trace.idle:
        return {}
    if trace.alone:
        here = {**chunk.options, TRACE: replace(trace, alone=False)}
        answer = alone(traced, replace(chunk, options=here), trace.limit)
        return as_tables(answer) if isinstance(answer, Died) else answer
    if WORK.function in trace.blocked:
        raise PluginError(trace.blocked[WORK.function])
    with following(trace.blocked) as trail:
        try:
            tables = trace.perform(chunk)
        except SystemExit as error:  # no Exception: it would end the worker, or the whole run
            raise RuntimeError(f"it called sys.exit({error.code!r})") from error
        except Exception as error:
            if _travels(error):
                raise
            raise RuntimeError(f"{type(error).__name__}: {error}") from None
    return {**tables, _CALLS: _calls(trail)}


def told(tables: Tables) -> Told:
    """Take out of tables what was answered beside them."""
    calls, died = tables.pop(_CALLS, None), tables.pop(_DIED, None)
    returned = _steps(calls, _RETURNED)
    if died is None:
        return Told(None, returned, _steps(calls, _GIVEN_UP))
    [row] = died.to_pylist()
    step = _step(row)
    return Told(Died(row["ending"], row["how"], step, returned), returned)


def traceable(chunk: Chunk, trace: Trace) -> Chunk:
    """Return a chunk that is performed as a trace says.

    Where it has a process of its own, it needs no worker that may die, and that process is stopped
    at its limit; the executor, which would stop the worker around it, waits a while longer.
    """
    before = chunk.options.get(TRACE)
    own: Any = before or chunk
    options = {**chunk.options, TRACE: replace(trace, limit=own.limit, isolate=own.isolate)}
    if not trace.alone:
        return replace(chunk, options=options, limit=own.limit, isolate=own.isolate)
    longer = own.limit and own.limit + _LONGER
    return replace(chunk, options=options, limit=longer, isolate=False)


def trace_of(chunk: Chunk) -> Trace:
    """Return how a chunk is performed."""
    trace: Any = chunk.options[TRACE]
    return trace  # type: ignore[no-any-return]


def _travels(error: Exception) -> bool:
    """Whether an exception can be sent to another process: a stranger's own may not be."""
    try:
        cloudpickle.loads(cloudpickle.dumps(error))
    except Exception:
        return False
    return True


def _calls(trail: Trail) -> pa.Table:
    rows = [(*step, _RETURNED) for step in trail.returned]
    return _table([*rows, *((*step, _GIVEN_UP) for step in trail.given_up)])


def as_tables(died: Died) -> Tables:
    """Return, in place of tables, how a process died."""
    row = {**died.step._asdict(), "ending": died.ending, "how": died.how}
    return {
        _DIED: pa.Table.from_pylist([row], _DEATH),
        _CALLS: _table([(*step, _RETURNED) for step in died.returned]),
    }


def _table(rows: list[tuple[Any, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(_CALL.names, row, strict=True)) for row in rows], _CALL)


def _steps(calls: pa.Table | None, how: str) -> frozenset[Step]:
    rows = [] if calls is None else calls.to_pylist()
    return frozenset(_step(one) for one in rows if one["how"] == how)


def _step(row: Mapping[str, Any]) -> Step:
    return Step(**{name: row[name] for name in Step._fields})


_STEP = [(name, pa.string()) for name in Step._fields]
_CALL = pa.schema([*_STEP, ("how", pa.string())])
_DEATH = pa.schema([*_STEP, ("ending", pa.string()), ("how", pa.string())])
