"""Find, load and list plugins, call what they offer, and read their options.

For plugin authors: `options` returns the options of a plugin, validated, and `configured`
what was set at all; `installed` is what the plugins of this process offer, by kind and name.

For maintainers: :mod:`argosy.plugins.discovery` loads entry points one by one,
:mod:`argosy.plugins.offered` gathers what hooks yield, :mod:`argosy.plugins.calling` calls a
stranger's function with a time limit and an attribution, :mod:`argosy.plugins.fragments` judges
the HTML of panels, :mod:`argosy.plugins.settings` reads `argosy.toml`, the environment and the
command line.
"""

from argosy.plugins.calling import call
from argosy.plugins.discovery import Plugin
from argosy.plugins.offered import Installed, Offered, installed
from argosy.plugins.settings import configured, options

__all__ = ["Installed", "Offered", "Plugin", "call", "configured", "installed", "options"]
