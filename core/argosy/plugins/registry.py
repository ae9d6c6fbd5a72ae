"""Gather what plugins offer, by kind and name."""

from __future__ import annotations

from functools import cached_property, lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import pluggy

from argosy import hookspecs
from argosy.errors import PluginError, UnknownName
from argosy.plugins.aside import aside
from argosy.plugins.choice import OWN, Choice
from argosy.plugins.discovery import BLOCK, Plugin, load
from argosy.plugins.field_types import misfit, unfit_name
from argosy.plugins.import_probe import hazards
from argosy.plugins.import_signs import tell, watched
from argosy.plugins.lending import lent
from argosy.plugins.namesakes import apart
from argosy.plugins.offers import Offered
from argosy.plugins.task_columns import clashes, own_fault
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
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pydantic

T = TypeVar("T")
_NOTHING = Choice()


class _Kind(Generic[T]):
    """A kind of value, gathered from its hook when it is first asked for."""

    def __init__(self, offers: type[T], what: str, hook: str, key: str = "name") -> None:
        self.offers, self.what, self.hook, self.key = offers, what, hook, key

    def __set_name__(self, owner: type[Installed], name: str) -> None:
        self.attribute = name

    @overload
    def __get__(self, holder: None, owner: type[Installed]) -> _Kind[T]: ...

    @overload
    def __get__(self, holder: Installed, owner: type[Installed]) -> Offered[T]: ...

    def __get__(self, holder: Installed | None, owner: type[Installed]) -> _Kind[T] | Offered[T]:
        if holder is None:
            return self
        gathered = holder.gather(self)
        holder.__dict__[self.attribute] = gathered
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
        choice: Choice = _NOTHING,
        barred: Mapping[EntryPoint, str] = MappingProxyType({}),
    ) -> None:
        self.choice = choice
        self._manager = pluggy.PluginManager("argosy")
        self._manager.add_hookspecs(hookspecs)
        entries, refused = apart(found, choice)
        loaded = [
            load(entry, self._manager, entry.name in choice.disabled, barred.get(entry))
            for entry in entries
        ]
        self.plugins = tuple(sorted([*loaded, *refused], key=lambda plugin: plugin.name))

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
        """Say of each plugin that could not be loaded why, and what was chosen of none here."""
        named = {plugin.name: plugin for plugin in self.plugins}
        return self.choice.strangers(named) + [
            f"{plugin.origin} could not be loaded, so what it offers takes part in nothing:"
            f" {plugin.reason}; mend or remove it, or leave it out with {BLOCK}={plugin.name}"
            for plugin in self.plugins
            if plugin.state == "failed"
        ]

    @cached_property
    def options(self) -> tuple[dict[str, type[pydantic.BaseModel]], dict[str, str]]:
        """The options that each plugin declares, and why others' cannot be known, by plugin."""
        from pydantic import BaseModel

        hook, models, faults = "argosy_options", {}, {}
        for giver, ask in self._answers(hook):
            try:
                model = _asked(giver, hook, ask)
            except PluginError as error:
                faults[giver] = str(error)
                continue
            if isinstance(model, type) and issubclass(model, BaseModel):
                models[giver] = model
            else:
                faults[giver] = (
                    f"plugin {giver!r} answers its hook {hook} with {model!r}, which is no class"
                    f" that inherits pydantic.BaseModel; fix it, or leave it out with"
                    f" {BLOCK}={giver}"
                )
        return models, faults

    def gather(self, kind: _Kind[T]) -> Offered[T]:
        """Ask every plugin for one kind of value; what is unfit is left out and told in `faults`.

        A name that several offer is nobody's until the user chooses; others of the kind go on.
        """
        offered = Offered[T](kind.what, [one for one in self.plugins if one.state != "loaded"])
        found: dict[str, list[tuple[Plugin, T]]] = {}
        for giver, ask in self._answers(kind.hook):
            for name, value in self._fit(kind, giver, ask, offered):
                found.setdefault(name, []).append((self.plugin(giver), value))
        for name in self.choice.left_out(kind.attribute) - found.keys():
            error = UnknownName.among(kind.what, name, found)
            offered.faults.append(f"plugins.disable leaves out what nobody offers here: {error}")
        for name, several in sorted(found.items()):
            if name in self.choice.left_out(kind.attribute):
                offered.disabled.add(name)
            else:
                offered.settle(kind.attribute, name, several, self.choice)
        for name, why in clashes(offered).items() if kind.offers is TaskKind else ():
            offered.withdraw(name, why)
        tell()
        return offered

    def given(self, kind: str, giver: str) -> dict[str, Any]:
        """Return what one plugin offers of a kind by name, whoever else offers it: to wrap it.

        Args:
            kind: as the attribute here is called, such as `metrics`.
            giver: the plugin's name.

        Raises:
            UnknownName: if there is no such plugin.
            PluginError: if its hook fails.
        """
        self.plugin(giver)
        of = vars(type(self))[kind]
        answers = dict(self._answers(of.hook))
        values = _yielded(giver, of, answers[giver]) if giver in answers else []
        return {getattr(value, of.key): value for value in values}

    def usual(self, kind: str) -> tuple[str, ...]:
        """Return the names of a kind that take part where nobody names any.

        Unless the option `plugins.defaults` says which, these are those of argosy's own
        distribution that are made for it (`default`): what somebody installs besides does not
        change what was done last night. What is for strangers' tasks alone takes part too, because
        only models of these tasks are asked about it.

        Raises:
            UnknownName: if the option names what nobody offers.
        """
        offered = self.offered(kind)
        exactly, added = self.choice.exactly(kind), self.choice.added(kind)
        for name in (*exactly, *added):
            try:
                offered[name]
            except UnknownName as error:
                raise UnknownName(f"plugins.defaults: {error}") from error
        own = [name for name in offered if name in offered.usual or self._for_others(offered[name])]
        return tuple(dict.fromkeys([*(exactly or own), *added]))

    def _for_others(self, value: Any) -> bool:  # noqa: ANN401
        """Whether something that is made to take part is for strangers' tasks alone."""
        tasks = getattr(value, "tasks", None) or frozenset()
        return (
            bool(tasks) and getattr(value, "default", False) and not any(map(self.tasks.own, tasks))
        )

    def _fit(
        self, kind: _Kind[T], giver: str, ask: Callable[[], Any], offered: Offered[T]
    ) -> Iterator[tuple[str, T]]:
        """Yield what a plugin offers that can be used, by name; the rest is told."""
        try:
            given = _yielded(giver, kind, ask)
        except PluginError as error:
            offered.faults.append(str(error))
            return
        for value in given:
            name = getattr(value, kind.key)
            why = unfit_name(name, kind.hook) or misfit(value)
            if why is None and isinstance(value, TaskKind):
                why = own_fault(value)
            if why is None:
                yield name, value
                continue
            told = f"the {kind.what} {name!r} of {self.plugin(giver).origin} takes part in nothing"
            offered.faults.append(f"{told}: {why}; mend it, or leave it out with {BLOCK}={giver}")

    def _answers(self, hook: str) -> list[tuple[str, Callable[[], Any]]]:
        """Return who answers a hook, in the order of the plugins' names."""
        found = getattr(self._manager.hook, hook).get_hookimpls()
        answers = [(str(one.plugin_name), one.function) for one in found]
        answers.sort(key=lambda answer: answer[0])
        return [(giver, _watched(self.plugin(giver), hook, ask)) for giver, ask in answers]


def _watched(plugin: Plugin, hook: str, ask: Callable[[], Any]) -> Callable[[], Any]:
    """Return a hook that is watched while it answers, as it may import what is slow."""
    if plugin.distribution == OWN:
        return ask

    def asked() -> Any:  # noqa: ANN401
        with watched(plugin.origin, f"its hook {hook}"):
            answer = ask()
            return [*answer] if hasattr(answer, "__next__") else answer

    return asked


def _yielded(giver: str, kind: _Kind[T], ask: Callable[[], Any]) -> list[T]:
    given = _asked(giver, kind.hook, lambda: list(ask()))
    for value in given:
        if not isinstance(value, kind.offers):
            raise PluginError(
                f"plugin {giver!r} yields a {type(value).__name__} from its hook {kind.hook},"
                f" which is for argosy.types.{kind.offers.__name__}; fix it, or leave it out with"
                f" {BLOCK}={giver}"
            )
    return given  # type: ignore[no-any-return]


def _asked(giver: str, hook: str, ask: Callable[[], Any]) -> Any:  # noqa: ANN401
    try:
        with aside():
            return ask()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stranger's hook may raise anything, SystemExit too
        raise PluginError(
            f"plugin {giver!r} failed in its hook {hook}: {type(error).__name__}: {error};"
            f" fix it, or leave it out with {BLOCK}={giver}"
        ) from error


def installed() -> Installed:
    """Return the plugins of this process as the user chose them, loaded on first use."""
    from argosy.plugins.settings import choice  # the settings ask plugins what options they have

    return lent(_installed(choice()))


@lru_cache(maxsize=8)
def _installed(choice: Choice) -> Installed:
    found = entry_points(group="argosy")
    barred = hazards([entry for entry in found if entry.name not in choice.disabled])
    plugins = Installed(found, choice, barred)
    tell(plugins.unloaded())
    return plugins
