"""Find, load and list plugins, call what they offer, and read their options.

For plugin authors: `options` returns the options of a plugin, validated, and `configured`
what was set at all; `installed` is what the plugins of this process offer, by kind and name;
`offer` makes a function of a notebook a metric, a detector or a cause while the process lasts.

For maintainers: :mod:`argosy.plugins.discovery` loads entry points one by one,
:mod:`argosy.plugins.registry` gathers what hooks yield, :mod:`argosy.plugins.choice` is what the
user chose among it, :mod:`argosy.plugins.lending` what the process offers itself,
:mod:`argosy.plugins.guarded_call` calls a stranger's function with a time limit and an attribution,
:mod:`argosy.plugins.aside` keeps what it prints off answers, :mod:`argosy.plugins.html_check`
judges the HTML of panels, :mod:`argosy.plugins.settings` reads `argosy.toml`, the environment and
the command line, :mod:`argosy.plugins.trust` says what a file may set. What was never imported
soundly is imported by another process first (:mod:`argosy.plugins.import_probe`, which runs
`import_child.py` and keeps what it found by :mod:`argosy.plugins.import_memory`), and
:mod:`argosy.plugins.import_signs` tells of imports that are slow or leave threads behind.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argosy.plugins.discovery import Plugin
    from argosy.plugins.guarded_call import call
    from argosy.plugins.offering import offer
    from argosy.plugins.offers import Offered
    from argosy.plugins.registry import Installed, installed
    from argosy.plugins.settings import configured, options

__all__ = ["Installed", "Offered", "Plugin", "call", "configured", "installed", "offer", "options"]

_LATE = {
    "Installed": "registry",
    "Offered": "offers",
    "Plugin": "discovery",
    "call": "guarded_call",
    "configured": "settings",
    "installed": "registry",
    "offer": "offering",
    "options": "settings",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # The command line prints by a module of this package, and loads no plugin to say its version.
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
