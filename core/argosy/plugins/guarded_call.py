"""Call what a plugin offers, so that whatever goes wrong is told by the plugin's name.

A stranger's function may raise, hang, answer with something else than it should, or write into
the table it was handed. Arrow tables cannot be written to; a polars frame is handed over as a
copy that shares its values, and compared afterwards.
"""

from __future__ import annotations

import ctypes
import threading
from contextvars import copy_context
from traceback import clear_frames
from typing import TYPE_CHECKING, Any, TypeVar

from argosy.breadcrumbs import Breadcrumb, Step
from argosy.errors import ArtifactError, DataError, PluginError
from argosy.plugins import trail
from argosy.plugins.aside import aside
from argosy.plugins.fair_clock import ends_in_time
from argosy.plugins.hidden import hidden
from argosy.plugins.registry import installed
from argosy.plugins.settings import CORE, options

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from argosy.plugins.offers import Offered

T = TypeVar("T")


def call(
    kind: str,
    name: str,
    function: Callable[..., Any],
    *arguments: Any,  # noqa: ANN401
    answers: type[T],
    limit: float | None = None,
    model: str | None = None,
    act: str = "",
) -> T:
    """Call a function that a plugin offered.

    The function runs in a thread of its own, and leaves a breadcrumb (`argosy.breadcrumbs`).
    Where it exceeds its time (`argosy.plugins.fair_clock`), it is left behind: it is asked to end,
    which Python's own loops hear, and holds nothing up any more, unless it holds the interpreter's
    lock or hangs inside a polars expression, whose threads others need. Such a process is ended
    from outside.

    Args:
        kind: what it is, as the attribute of `Installed` is called, such as `detectors`.
        name: its name.
        function: what to call.
        arguments: what it is handed.
        answers: the type that it must answer with.
        limit: seconds; defaults to the option `core.time_limit`.
        model: the version whose own code the function is, as `MODEL@VERSION`.
        act: which of its functions, where what is offered has several.

    Raises:
        PluginError: naming it, its plugin and what went wrong; also where it ended processes
            before in the same run, and is not called any more.
        ArtifactError, DataError: as the plugin raised it.
    """
    limit = options(CORE).time_limit if limit is None else limit
    step, calls = Step(kind, name, model, act), trail.current()
    calls.refuse_blocked(step)
    crumb = Breadcrumb(step, origin(kind, name), limit)
    handed = [_own(argument) for argument in arguments]
    outcome: list[Any] = []
    failure: list[BaseException] = []

    def work() -> None:
        with crumb, aside():
            try:
                outcome.append(function(*handed))
            except BaseException as error:
                failure.append(error)

    worker = threading.Thread(
        target=copy_context().run, args=(work,), name=f"{kind} {name}", daemon=True
    )
    worker.start()
    if not ends_in_time(worker, limit, crumb) and not outcome and not failure:
        crumb.leave_behind()
        _ask_to_end(worker)
        told = f"was given up after {limit:g} s; core.time_limit sets the limit"
        reason = f"{origin(kind, name)} {told}"
        calls.hangs(step, reason)
        raise PluginError(reason)
    calls.returned.add(step)
    if failure and isinstance(failure[0], (ArtifactError, DataError)):
        raise failure[0]  # the artifact's or the data's fault, not the plugin's
    if failure:
        if isinstance(failure[0], MemoryError):
            clear_frames(failure[0].__traceback__)  # what filled the memory is held there
        told = hidden(f"{type(failure[0]).__name__}: {failure[0]}")
        raise PluginError(f"{origin(kind, name)} failed: {told}") from failure[0]
    for argument, own in zip(arguments, handed, strict=True):
        if own is not argument and not _same(own, argument):
            raise PluginError(f"{origin(kind, name)} changed the table that it was handed")
    if not isinstance(outcome[0], answers):
        raise PluginError(
            f"{origin(kind, name)} answered with a {type(outcome[0]).__name__},"
            f" not with a {answers.__name__}"
        )
    return outcome[0]


def _ask_to_end(worker: threading.Thread) -> None:
    """Raise in a thread that was left behind, so that a busy loop does not slow others down."""
    if not worker.is_alive():  # its number may be another thread's by now
        return
    thread = ctypes.c_ulong(worker.ident or 0)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(SystemExit))


def whole(kind: str, name: str, answer: pa.Table, schema: pa.Schema, rows: int | None) -> pa.Table:
    """Return the columns of a schema from an answer, with its types.

    Raises:
        PluginError: naming the plugin, where a column is missing, of another type, or the answer
            has another number of rows than it should.
    """
    absent = [column for column in schema.names if column not in answer.column_names]
    if absent:
        raise PluginError(f"{origin(kind, name)} answered without the column {absent[0]!r}")
    if rows is not None and answer.num_rows != rows:
        raise PluginError(f"{origin(kind, name)} answered {answer.num_rows} rows for {rows}")
    import pyarrow as pa

    try:
        return answer.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise PluginError(f"{origin(kind, name)} answered with other types: {error}") from error


def origin(kind: str, name: str) -> str:
    """Say what it is and whose: the detector 'ks' (plugin 'detectors' of argosy 0.1.0)."""
    offered: Offered[Any] = getattr(installed(), kind)
    giver = offered.givers.get(name)
    return f"the {offered.what} {name!r}" + (f" ({giver.origin})" if giver else "")


def _own(argument: Any) -> Any:  # noqa: ANN401
    import polars as pl

    return argument.clone() if isinstance(argument, pl.DataFrame) else argument


def _same(own: Any, argument: Any) -> bool:  # noqa: ANN401
    return bool(own.schema == argument.schema and own.equals(argument))
