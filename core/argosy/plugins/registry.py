"""Gather what plugins offer, by kind and name."""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import pluggy

from argosy import hookspecs
from argosy.errors import PluginError, UnknownName
from argosy.plugins.discovery import BLOCK, Plugin, load
from argosy.plugins.import_probe import hazards
from argosy.plugins.import_signs import tell, watched
from argosy.plugins.task_columns import clash, own_fault
from argosy.types import (
    Accessor,
    Aspect,
    Case,
    Check,
    Command,
    Comparison,
    Detector,
    EntityKind,
    Estimator,
    Executor,
    Exporter,
    Gate,
    Importer,
    JobKind,
    Listener,
    Loader,
    Metric,
    Panel,
    Policy,
    Sink,
    Source,
    TaskKind,
    Trainer,
    TriageCause,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pydantic

T = TypeVar("T")


class Offered(dict[str, T]):
    """What is offered of one kind, by name; asking for a name that is not says which are."""

    def __init__(self, what: str, missing: Iterable[Plugin]) -> None:
        super().__init__()
        self.what = what
        """The kind, as it is called in messages."""
        self.givers: dict[str, Plugin] = {}
        """Who offers each."""
        self.faults: list[str] = []
        """Why plugins that answer the hook could not be asked."""
        self._missing = tuple(missing)

    def __missing__(self, name: str) -> T:
        missing = [f"{plugin.origin} {plugin.state}: {plugin.reason}" for plugin in self._missing]
        raise UnknownName.among(self.what, name, self, "; ".join([*missing, *self.faults]))


class _Kind(Generic[T]):
    """A kind of value, gathered from its hook when it is first asked for."""

    def __init__(self, offers: type[T], what: str, hook: str, key: str = "name") -> None:
        self.offers, self.what, self.hook, self.key = offers, what, hook, key

    def __set_name__(self, owner: type[Installed], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, holder: None, owner: type[Installed]) -> _Kind[T]: ...

    @overload
    def __get__(self, holder: Installed, owner: type[Installed]) -> Offered[T]: ...

    def __get__(self, holder: Installed | None, owner: type[Installed]) -> _Kind[T] | Offered[T]:
        if holder is None:
            return self
        gathered = holder.gather(self)
        holder.__dict__[self._name] = gathered
        return gathered


class Installed:
    """The plugins of this process and what they offer, by name."""

    importers = _Kind(Importer, "importer", "argosy_importers")
    policies = _Kind(Policy, "policy", "argosy_policies")
    entity_kinds = _Kind(EntityKind, "kind of entity", "argosy_kinds")
    sources = _Kind(Source, "data format", "argosy_sources", "format")
    tasks = _Kind(TaskKind, "task", "argosy_tasks")
    loaders = _Kind(Loader, "model format", "argosy_loaders", "format")
    trainers = _Kind(Trainer, "trainer", "argosy_trainers")
    jobs = _Kind(JobKind, "job", "argosy_jobs")
    executors = _Kind(Executor, "executor", "argosy_executors")
    metrics = _Kind(Metric, "metric", "argosy_metrics")
    comparisons = _Kind(Comparison, "comparison", "argosy_comparisons")
    estimators = _Kind(Estimator, "estimator", "argosy_estimators")
    detectors = _Kind(Detector, "detector", "argosy_detectors")
    gates = _Kind(Gate, "gate", "argosy_gates")
    checks = _Kind(Check, "check", "argosy_checks")
    listeners = _Kind(Listener, "listener", "argosy_listeners")
    causes = _Kind(TriageCause, "cause of triage", "argosy_causes")
    sinks = _Kind(Sink, "sink", "argosy_sinks")
    panels = _Kind(Panel, "panel", "argosy_panels")
    exporters = _Kind(Exporter, "exporter", "argosy_exporters")
    accessors = _Kind(Accessor, "accessor", "argosy_accessors")
    aspects = _Kind(Aspect, "aspect", "argosy_aspects")
    commands = _Kind(Command, "command", "argosy_commands")
    cases = _Kind(Case, "case", "argosy_cases")

    def __init__(
        self,
        found: Iterable[EntryPoint],
        blocked: frozenset[str] = frozenset(),
        barred: Mapping[EntryPoint, str] = MappingProxyType({}),
    ) -> None:
        self._manager = pluggy.PluginManager("argosy")
        self._manager.add_hookspecs(hookspecs)
        self.plugins = tuple(
            load(entry, self._manager, entry.name in blocked, barred.get(entry))
            for entry in sorted(found, key=lambda entry: entry.name)
        )

    @classmethod
    def kinds(cls) -> dict[str, str]:
        """Return the hook of every kind of value, in the order of a run."""
        kinds = {name: kind for name, kind in vars(cls).items() if isinstance(kind, _Kind)}
        return {name: kind.hook for name, kind in kinds.items()}

    def offered(self, kind: str) -> Offered[Any]:
        """Return what is offered of a kind by its name, such as `metrics`."""
        offered: Offered[Any] = getattr(self, kind)
        return offered

    def plugin(self, name: str) -> Plugin:
        """Return one plugin by name, or say which there are."""
        by_name = {plugin.name: plugin for plugin in self.plugins}
        if name not in by_name:
            raise UnknownName.among("plugin", name, by_name)
        return by_name[name]

    def unloaded(self) -> list[str]:
        """Say of each plugin that could not be loaded why; blocked ones are left out."""
        return [
            f"{plugin.origin} could not be loaded, so what it offers takes part in nothing:"
            f" {plugin.reason}; mend or remove it, or leave it out with {BLOCK}={plugin.name}"
            for plugin in self.plugins
            if plugin.state == "failed"
        ]

    def option_models(self) -> dict[str, type[pydantic.BaseModel]]:
        """Return the options that each plugin declares, by the plugin's name.

        Raises:
            PluginError: naming the plugin whose hook fails.
        """
        hook = "argosy_options"
        return {giver: _asked(giver, hook, ask) for giver, ask in self._answers(hook)}

    def gather(self, kind: _Kind[T]) -> Offered[T]:
        """Ask every plugin for one kind of value; who fails is left out and named in `faults`.

        Raises:
            PluginError: naming both plugins that offer one name, or tasks whose columns clash.
        """
        offered = Offered[T](kind.what, [one for one in self.plugins if one.state != "loaded"])
        values: dict[str, T] = {}
        for giver, ask in self._answers(kind.hook):
            try:
                given = _yielded(giver, kind, ask)
            except PluginError as error:
                offered.faults.append(str(error))
                continue
            for value in given:
                name = getattr(value, kind.key)
                if name in values:
                    raise PluginError(
                        f"two plugins offer the {kind.what} {name!r}:"
                        f" {offered.givers[name].name!r} and {giver!r};"
                        f" leave one out, for example {BLOCK}={giver}"
                    )
                if isinstance(value, TaskKind):
                    _refuse_clash(value, giver, values, offered.givers)
                values[name], offered.givers[name] = value, self.plugin(giver)
        offered.update(sorted(values.items()))
        tell()
        return offered

    def _answers(self, hook: str) -> list[tuple[str, Callable[[], Any]]]:
        """Return who answers a hook, in the order of the plugins' names."""
        found = getattr(self._manager.hook, hook).get_hookimpls()
        answers = [(str(one.plugin_name), one.function) for one in found]
        return sorted(answers, key=lambda answer: answer[0])


def _yielded(giver: str, kind: _Kind[T], ask: Callable[[], Any]) -> list[T]:
    given = _asked(giver, kind.hook, lambda: list(ask()))
    for value in given:
        if not isinstance(value, kind.offers):
            raise PluginError(
                f"plugin {giver!r} yields a {type(value).__name__} from its hook {kind.hook},"
                f" which is for argosy.types.{kind.offers.__name__}; fix it, or leave it out with"
                f" {BLOCK}={giver}"
            )
        fault = own_fault(value) if isinstance(value, TaskKind) else None
        if fault is not None:
            raise PluginError(f"plugin {giver!r}: {fault}, or leave it out with {BLOCK}={giver}")
    return given  # type: ignore[no-any-return]


def _refuse_clash(
    task: TaskKind, giver: str, known: Mapping[str, Any], givers: Mapping[str, Plugin]
) -> None:
    """Refuse a task that has a column of another's name which is not the other's."""
    found = clash(task, known.values())
    if found is not None:
        other, said = found
        raise PluginError(
            f"the task {task.name!r} of plugin {giver!r} and the task {other.name!r} of plugin"
            f" {givers[other.name].name!r} have columns of one name: {said}; rename one, or leave"
            f" a plugin out, for example {BLOCK}={giver}"
        )


def _asked(giver: str, hook: str, ask: Callable[[], Any]) -> Any:  # noqa: ANN401
    try:
        with watched(f"plugin {giver!r}", f"its hook {hook}"):
            return ask()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stranger's hook may raise anything, SystemExit too
        raise PluginError(
            f"plugin {giver!r} failed in its hook {hook}: {type(error).__name__}: {error};"
            f" fix it, or leave it out with {BLOCK}={giver}"
        ) from error


@cache
def installed() -> Installed:
    """Return the plugins of this process, loaded on first use."""
    named = os.environ.get(BLOCK, "")
    blocked = frozenset(name.strip() for name in named.split(",") if name.strip())
    found = entry_points(group="argosy")
    barred = hazards([entry for entry in found if entry.name not in blocked])
    plugins = Installed(found, blocked, barred)
    tell(plugins.unloaded())
    return plugins
