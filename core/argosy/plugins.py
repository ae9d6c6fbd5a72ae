"""Find, load and list plugins, one by one, so that a broken one is named and skipped.

Plugins register in the entry-point group `argosy`. `ARGOSY_BLOCK_PLUGINS` names those to leave
out, separated by commas.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, cast

import pluggy

from argosy import hookspecs
from argosy.errors import PluginError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from argosy.types import Case, Command, Detector, Executor, Loader, Metric, Source

_BLOCK = "ARGOSY_BLOCK_PLUGINS"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point and what became of it."""

    name: str
    distribution: str
    version: str
    state: str
    """`loaded`, `failed` or `blocked`."""
    reason: str | None
    """Why it failed or was blocked."""
    hooks: tuple[str, ...]
    load_ms: float

    @property
    def origin(self) -> str:
        """Say where it comes from."""
        return f"plugin {self.name!r} of {self.distribution} {self.version}"


class Installed:
    """The plugins of this process and what they offer, by name."""

    def __init__(self, found: Iterable[EntryPoint], blocked: frozenset[str] = frozenset()) -> None:
        self._manager = pluggy.PluginManager("argosy")
        self._manager.add_hookspecs(hookspecs)
        self.plugins = tuple(
            self._load(entry, entry.name in blocked)
            for entry in sorted(found, key=lambda entry: entry.name)
        )

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Storage formats of tables."""
        return self._offered("source", "argosy_sources", "format")

    @cached_property
    def loaders(self) -> Mapping[str, Loader]:
        """Model formats."""
        return self._offered("loader", "argosy_loaders", "format")

    @cached_property
    def executors(self) -> Mapping[str, Executor]:
        """Places where chunks run."""
        return self._offered("executor", "argosy_executors")

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """Metrics."""
        return self._offered("metric", "argosy_metrics")

    @cached_property
    def detectors(self) -> Mapping[str, Detector]:
        """Drift detectors."""
        return self._offered("detector", "argosy_detectors")

    @cached_property
    def commands(self) -> Mapping[str, Command]:
        """Subcommands beyond the core's."""
        return self._offered("command", "argosy_commands")

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """Case studies."""
        return self._offered("case", "argosy_cases")

    def executor(self, name: str) -> Executor:
        """Return one executor by name, or say which there are."""
        return cast("Executor", self._named("executor", name, self.executors))

    def source(self, name: str) -> Source:
        """Return one storage format by name, or say which there are."""
        return cast("Source", self._named("data format", name, self.sources))

    def loader(self, name: str) -> Loader:
        """Return one model format by name, or say which there are."""
        return cast("Loader", self._named("model format", name, self.loaders))

    def metric(self, name: str) -> Metric:
        """Return one metric by name, or say which there are."""
        return cast("Metric", self._named("metric", name, self.metrics))

    def detector(self, name: str) -> Detector:
        """Return one detector by name, or say which there are."""
        return cast("Detector", self._named("detector", name, self.detectors))

    def command(self, name: str) -> Command:
        """Return one plugin command by name, or say which there are."""
        return cast("Command", self._named("command", name, self.commands))

    def case(self, name: str) -> Case:
        """Return one case study by name, or say which there are."""
        return cast("Case", self._named("case", name, self.cases))

    def _named(self, what: str, name: str, offered: Mapping[str, object]) -> object:
        if name in offered:
            return offered[name]
        missing = [plugin for plugin in self.plugins if plugin.state != "loaded"]
        hint = "; ".join(f"{plugin.origin} {plugin.state}: {plugin.reason}" for plugin in missing)
        raise UnknownName.among(what, name, offered, hint)

    def _offered(self, what: str, hook: str, key: str = "name") -> Mapping[str, Any]:
        values: dict[str, Any] = {}
        givers: dict[str, str] = {}
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            giver = implementation.plugin_name
            try:
                offered = list(implementation.function())
            except Exception as error:
                raise PluginError(
                    f"plugin {giver!r} failed in its hook {hook}: {type(error).__name__}: {error};"
                    f" fix it, or leave it out with {_BLOCK}={giver}"
                ) from error
            for value in offered:
                name = getattr(value, key)
                if name in givers:
                    raise PluginError(
                        f"two plugins offer the {what} {name!r}: {givers[name]!r} and {giver!r};"
                        f" leave one out, for example {_BLOCK}={giver}"
                    )
                values[name], givers[name] = value, giver
        return dict(sorted(values.items()))

    def _load(self, entry: EntryPoint, blocked: bool) -> Plugin:
        distribution = entry.dist.name if entry.dist else "an unknown distribution"
        version = entry.dist.version if entry.dist else ""
        state, reason = "loaded", None
        hooks: tuple[str, ...] = ()
        started = time.perf_counter()
        if blocked:
            state, reason = "blocked", f"named in {_BLOCK}"
        else:
            try:
                module = entry.load()
                self._manager.register(module, name=entry.name)
                callers = self._manager.get_hookcallers(module) or ()
                hooks = tuple(sorted(caller.name for caller in callers))
            except Exception as error:  # a stranger's import may raise anything
                state, reason = "failed", f"{type(error).__name__}: {error}"
        spent = (time.perf_counter() - started) * 1000
        return Plugin(entry.name, distribution, version, state, reason, hooks, spent)


@cache
def installed() -> Installed:
    """Return the plugins of this process, loaded on first use."""
    blocked = os.environ.get(_BLOCK, "")
    return Installed(
        entry_points(group="argosy"),
        frozenset(name.strip() for name in blocked.split(",") if name.strip()),
    )
