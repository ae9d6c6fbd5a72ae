"""Run thousands of machine-learning models as if they were one table.

For users: `open` a fleet; `Fleet`, `View` (one to read), `Selection` and `Run` are what it gives
you.

For plugin authors: `hookimpl` marks a hook, :mod:`argosy.hookspecs` lists the hooks and
:mod:`argosy.types` the values they exchange, :mod:`argosy.plugins` reads their options,
:mod:`argosy.testing` holds the suites they inherit; :mod:`argosy.errors` is the tree of errors.

For maintainers: :mod:`argosy.store` keeps the tables, :mod:`argosy.registry` the rules of what
may be written, :mod:`argosy.governance` asks policies and tells listeners, :mod:`argosy.views` says
what state and facts mean, :mod:`argosy.data` reads rows, :mod:`argosy.jobs` runs work over a
selection, :mod:`argosy_cli` turns arguments into calls. What the work is, plugins say.
"""

# isort: off
from argosy.current_folder import is_command, leave

if is_command():  # before anything else is looked for
    leave()
# isort: on

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pluggy

from argosy.allocation import keep_memory
from argosy.errors import ArgosyError
from argosy.version import API, __version__

if TYPE_CHECKING:
    from argosy.fleet import Fleet, View, open  # noqa: A004
    from argosy.jobs.run import Run
    from argosy.views.selection import Selection

__all__ = [
    "API",
    "ArgosyError",
    "Fleet",
    "Run",
    "Selection",
    "View",
    "__version__",
    "hookimpl",
    "open",
]

hookimpl = pluggy.HookimplMarker("argosy")
"""Marks a function of a plugin as the implementation of a hook."""

keep_memory()

_LATE = {
    "Fleet": "argosy.fleet",
    "View": "argosy.fleet",
    "open": "argosy.fleet",
    "Run": "argosy.jobs.run",
    "Selection": "argosy.views.selection",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # Plugins import this package at start-up; polars and deltalake wait until a fleet is opened.
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module 'argosy' has no attribute {name!r}")
