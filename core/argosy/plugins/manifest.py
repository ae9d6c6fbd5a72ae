"""Say what software a process runs, so that two of them can be told apart before they work."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from argosy.plugins.registry import installed

if TYPE_CHECKING:
    from collections.abc import Mapping

    Manifest = Mapping[str, str]
    """The version of everything that can change a result, by name."""

_LIBRARIES = ("argosy", "numpy", "polars", "pyarrow", "deltalake")
_MARK = 12
_PLUGIN = "plugin "
_BROKEN = "broken"


@cache
def manifest() -> dict[str, str]:
    """Return the versions of Python, the libraries and each plugin, plugins with their content.

    Two builds of one version are told apart by a hash of the plugin's source files.

    >>> sorted(set(manifest()) & {"python", "polars", "plugin local"})
    ['plugin local', 'polars', 'python']
    """
    told = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            told[name] = version(name)
        except PackageNotFoundError:
            told[name] = "unknown"
    told["argosy"] += f" ({_content('argosy')})"
    for entry in entry_points(group="argosy"):
        of = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown"
        told[f"{_PLUGIN}{entry.name}"] = f"{of} ({_content(entry.module)})"
    return told


_CALLED = frozenset(
    f"argosy_{kind}"
    for kind in (
        *("sources", "tasks", "loaders", "trainers", "jobs"),
        *("metrics", "comparisons", "estimators", "detectors"),
    )
)
"""The hooks whose values workers call; all else is the driver's own."""


def called_by_workers() -> dict[str, str]:
    """Return what two processes must share to work on one run: plugins that workers call alone.

    A plugin that is blocked, or has but sinks, commands, policies and the like, is left out. One
    that has no hooks is a library that others stand on. One that does not load may be what the
    other process calls, so it is there with the reason.

    >>> {"plugin detectors", "plugin rows", "polars"} <= called_by_workers().keys()
    True
    >>> {"plugin report", "plugin notices"} & called_by_workers().keys()
    set()
    """
    told = {name: each for name, each in manifest().items() if not name.startswith(_PLUGIN)}
    for plugin in installed().plugins:
        key = f"{_PLUGIN}{plugin.name}"
        if plugin.state == "failed":
            told[key] = f"{_BROKEN} ({plugin.reason})"
        elif plugin.state == "loaded" and (_CALLED.intersection(plugin.hooks) or not plugin.hooks):
            told[key] = manifest().get(key, "unknown")
    return told


def unlike(here: Manifest, there: Manifest, place: str) -> list[str]:
    """Name what workers cannot share, a line each; what loads on neither side does not matter.

    >>> broken = {"plugin x": "broken (ImportError)"}
    >>> unlike(broken, {}, "there"), unlike({}, broken, "there"), unlike(broken, broken, "there")
    ([], [], [])
    >>> unlike({"plugin x": "x 1"}, broken, "there")
    ['plugin x is broken (ImportError) there, x 1 here']
    """
    used = {
        name
        for side in (here, there)
        for name, told in side.items()
        if not told.startswith(_BROKEN)
    }
    own, other = ({name: side[name] for name in used & side.keys()} for side in (here, there))
    return differences(own, other, place)


def differences(here: Manifest, there: Manifest, place: str) -> list[str]:
    """Name what is not the same in two manifests, a line each.

    >>> differences({"polars": "2.1.0"}, {"polars": "2.0.0"}, "on the node a")
    ['polars is 2.0.0 on the node a, 2.1.0 here']
    >>> differences({"plugin x": "x 1"}, {}, "on the node a")
    ['plugin x is missing on the node a, x 1 here']
    """
    return [
        f"{name} is {there.get(name, 'missing')} {place}, {here.get(name, 'missing')} here"
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]


def _content(module: str) -> str:
    """Hash the source files of a module or a package, without importing it."""
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return "missing"
    if spec is None or spec.origin is None:
        return "missing"
    origin = Path(spec.origin)
    files = [origin]
    if spec.submodule_search_locations:
        files = sorted(origin.parent.rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(origin.parent).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:_MARK]
