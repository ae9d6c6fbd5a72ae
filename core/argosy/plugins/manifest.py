"""Say what software a process runs, so that two of them can be told apart before they work."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    Manifest = Mapping[str, str]
    """The version of everything that can change a result, by name."""

_LIBRARIES = ("argosy", "numpy", "polars", "pyarrow", "deltalake")
_MARK = 12


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
        told[f"plugin {entry.name}"] = f"{of} ({_content(entry.module)})"
    return told


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
