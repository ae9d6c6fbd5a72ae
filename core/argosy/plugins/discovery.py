"""Load plugins one by one, so that a broken one is named and skipped."""

from __future__ import annotations

import re
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from inspect import isfunction, signature
from pathlib import Path
from typing import TYPE_CHECKING

from argosy import hookspecs
from argosy.breadcrumbs import IMPORTS, Breadcrumb, Step
from argosy.errors import PluginError, UnknownName
from argosy.plugins.aside import aside
from argosy.plugins.choice import OWN
from argosy.plugins.import_signs import watched
from argosy.version import API

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint
    from types import ModuleType

    import pluggy

BLOCK = "ARGOSY_BLOCK_PLUGINS"
"""The environment variable that names plugins to leave out, separated by commas."""

_RANGE = "argosy_api"
_PREFIX = "argosy_"
"""What the names of hooks begin with."""
_SPELT = re.compile(rf"^def ({_PREFIX}\w+)", re.MULTILINE)
_ALIKE = 0.9
"""How alike a name must be to one of a hook to be meant for it."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point and what became of it."""

    name: str
    distribution: str
    version: str
    state: str
    """`loaded`, `failed` or `blocked`."""
    reason: str | None
    """Why it failed, with the place, or why it was blocked."""
    hooks: tuple[str, ...]
    """Those that it answers; of one that failed, those that its source names, as far as it can be
    read."""
    load_ms: float

    @property
    def origin(self) -> str:
        """Say where it comes from."""
        return f"plugin {self.name!r} of {self.distribution} {self.version}"


def load(
    entry: EntryPoint, manager: pluggy.PluginManager, blocked: bool, hazard: str | None = None
) -> Plugin:
    """Load one entry point into the manager, or say why not.

    Args:
        entry: of the plugin.
        manager: that asks its hooks.
        blocked: whether the user leaves it out.
        hazard: why it must not even be imported, as `argosy.plugins.import_probe` found.
    """
    whose, version = distribution(entry.dist)
    state, reason = "loaded", None
    hooks: tuple[str, ...] = ()
    started = time.perf_counter()
    if blocked:
        state, reason = "blocked", f"named in {BLOCK} or plugins.disable"
    elif hazard is not None:
        state, reason, hooks = "failed", hazard, spelt_hooks(entry)
    else:
        try:
            module = _imported(entry, whose, version)
            _refuse_other_api(module)
            _refuse_ignored(module)
            manager.register(module, name=entry.name)
            callers = manager.get_hookcallers(module) or ()
            hooks = tuple(sorted(caller.name for caller in callers))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a stranger's import may raise anything, SystemExit too
            state, reason = "failed", f"{type(error).__name__}: {error}{_place(error)}"
            hooks = spelt_hooks(entry)
    spent = (time.perf_counter() - started) * 1000
    return Plugin(entry.name, whose, version, state, reason, hooks, spent)


def _imported(entry: EntryPoint, whose: str, version: str) -> ModuleType:
    if whose == OWN:
        return entry.load()  # type: ignore[no-any-return]
    who = f"plugin {entry.name!r} of {whose} {version}"
    with Breadcrumb(Step(IMPORTS, entry.name), who), watched(who, "its import"), aside():
        return entry.load()  # type: ignore[no-any-return]


@cache
def distribution(held: Distribution | None) -> tuple[str, str]:
    """Return the name and the version of a distribution."""
    if held is None:
        return "an unknown distribution", ""
    told = held.metadata  # each access parses the file anew
    return told["Name"], told["Version"]


def spelt_hooks(entry: EntryPoint) -> tuple[str, ...]:
    """Return the hooks whose names stand in the source of a plugin that cannot be imported."""
    top, *below = entry.module.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return ()
    places = [*(spec.submodule_search_locations or ())] if spec else []
    files = [Path(place, *below) for place in places]
    doorways = [file / "__init__.py" for file in files]
    doorways += [file.with_suffix(".py") for file in files if below]
    doorways += [Path(spec.origin)] if spec and spec.origin and not below else []
    for doorway in doorways:
        with suppress(OSError, UnicodeDecodeError):
            text = doorway.read_text(encoding="utf-8")
            return tuple(sorted({*_SPELT.findall(text)} & vars(hookspecs).keys()))
    return ()


def _refuse_other_api(module: ModuleType) -> None:
    """Raise if the plugin says that it was not written for hooks such as these.

    Raises:
        PluginError: naming both versions, or the range that cannot be read.
    """
    wanted = getattr(module, _RANGE, None)
    if wanted is None:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        if not isinstance(wanted, str) or not wanted.strip():
            raise InvalidSpecifier
        fits = SpecifierSet(wanted).contains(API)
    except (InvalidSpecifier, TypeError):
        raise PluginError(
            f"its {_RANGE} {wanted!r} is no range of versions; write for example '>=1.0,<2'"
        ) from None
    if not fits:
        raise PluginError(
            f"it works with {_RANGE} {wanted}, and this argosy has {API}; install a version of"
            " the plugin, or of argosy, that fits the other"
        )


def _refuse_ignored(module: ModuleType) -> None:
    """Raise if a hook of a plugin would never be called, or not as it asks for.

    Raises:
        PluginError: naming the hook and what to change.
    """
    known = [name for name in vars(hookspecs) if name.startswith(_PREFIX)]
    for name, value in vars(module).items():
        mark = getattr(value, f"{_PREFIX}impl", None)
        if mark is None:
            own = isfunction(value) and value.__module__ == module.__name__
            if own and name in known:
                raise PluginError(f"its {name} is no hook yet: mark it with @argosy.hookimpl")
            if own and name.startswith(_PREFIX) and get_close_matches(name, known, 1, _ALIKE):
                raise PluginError(f"{UnknownName.among('hook', name, known)}; nor is it marked")
            continue
        if name not in known:
            raise PluginError(str(UnknownName.among("hook", name, known)))
        needed = [one for one in signature(value).parameters.values() if one.default is one.empty]
        if needed:
            raise PluginError(f"its hook {name} takes {needed[0].name!r}; hooks take no arguments")
        for option in ("wrapper", "hookwrapper", "tryfirst", "trylast", "specname"):
            if mark[option]:
                raise PluginError(
                    f"its hook {name} asks for {option}, which would be ignored: every plugin is"
                    " asked for itself, in the order of their names; leave it out"
                )


def _place(error: BaseException) -> str:
    """Return where it went wrong: the last line that is not the import system's."""
    here = Path(__file__).name
    frames = [
        frame
        for frame in traceback.extract_tb(sys.exc_info()[2] or error.__traceback__)
        if not frame.filename.startswith("<frozen") and Path(frame.filename).name != here
    ]
    own = [frame for frame in frames if "importlib" not in frame.filename]
    return f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
