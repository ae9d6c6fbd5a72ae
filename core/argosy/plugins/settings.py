"""Options of plugins: from `argosy.toml`, the environment and the command line, validated.

Later ones win: the section `[detectors]` of `argosy.toml` in the current folder (or the file that
`--config` or `ARGOSY_CONFIG` names), the variable `ARGOSY_DETECTORS__BANDWIDTH`, and
`argosy --set detectors.bandwidth=2`. The core's own options are in the section `core`.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

from argosy.during import during
from argosy.errors import BadInput, PluginError, UnknownName, refusal
from argosy.plugins.choice import Choice
from argosy.plugins.discovery import BLOCK
from argosy.plugins.registry import Installed, installed
from argosy.plugins.secret_fields import holds_secret, in_section, refused_value
from argosy.plugins.secrets import looked_up, shown, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    import pydantic

    from argosy.plugins.trust import SettingsFile

    Settings = Mapping[str, Mapping[str, Any]]
    """Values by section and key, not validated yet."""

CORE, PLUGINS = "core", "plugins"
"""The sections of argosy itself: how it works, and what the user chose among plugins."""
CONFIG = "ARGOSY_CONFIG"
_CHOICES = ("disable", "prefer", "defaults")
_FILE = "argosy.toml"
_PREFIX = "ARGOSY_"
_LARGEST = 2**20
_LISTS = {list, tuple, set, frozenset}

_given: ContextVar[Settings | None] = ContextVar("settings", default=None)
_named: ContextVar[str | None] = ContextVar("settings_file", default=None)


def options(plugin: str) -> Any:  # noqa: ANN401
    """Return the options of a plugin (or of the `core`), an instance of what it declares.

    Raises:
        UnknownName: if there is no such plugin, or it declares no options.
        BadInput: naming the key, the value and what is allowed.
    """
    told = configured()
    if isinstance(told, _Told):
        told.refuse_unanswered(plugin)
    return _validated(plugin, told.get(plugin, {}))


def configured() -> Settings:
    """Return what is set for this process, or by `using`."""
    given = _given.get()
    return _merged(_from_file(), _from_environment()) if given is None else given


def using(given: Settings) -> AbstractContextManager[None]:
    """Take these settings as they are: a worker has neither the file nor the environment."""
    return during(_given, given)


def naming(path: str) -> AbstractContextManager[None]:
    """Read settings from a file that the user names, as `ARGOSY_CONFIG` does."""
    return during(_named, path)


def settings_file() -> SettingsFile | None:
    """Return the file that settings are read from: the one that is named, else `argosy.toml`.

    Raises:
        BadInput: if a file is named and is not there, or the file cannot be read.
    """
    named = _named.get() or os.environ.get(CONFIG)
    path = Path(named or _FILE)
    if not path.is_file():
        if named:
            whose = "--config" if _named.get() else CONFIG
            raise BadInput(f"{whose} names {named}, and there is no such file")
        return None
    from argosy.plugins.trust import SettingsFile  # only where there is a file

    try:
        return SettingsFile.read(path, bool(named))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error}") from error


def with_arguments(arguments: Sequence[str]) -> Settings:
    """Return the settings with `section.key=value` arguments over them.

    Raises:
        BadInput: for an argument of another form.

    >>> with_arguments(["core.sinks=jsonl,webhook"])["core"]["sinks"]
    'jsonl,webhook'
    """
    told: dict[str, dict[str, Any]] = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        section, dot, key = name.partition(".")
        if not (equals and dot and section and key):
            raise BadInput(f"{name!r} sets nothing; write PLUGIN.KEY=VALUE")  # no value: a secret
        told.setdefault(section, {})[key] = value
    return _merged(configured(), told)


def declared() -> dict[str, type[pydantic.BaseModel]]:
    """Return the options that the core and each plugin declare, by section."""
    from argosy.plugins.core_options import CoreOptions, PluginOptions

    return {**installed().options[0], CORE: CoreOptions, PLUGINS: PluginOptions}


def choice() -> Choice:
    """Return what the user chose among plugins, before any of them is loaded.

    Raises:
        UnknownName, BadInput: if the section `plugins` names what cannot be.
    """
    given = _given.get()
    if given is None:  # asked often, so the rest of the environment is left alone
        variables = {key: os.environ.get(f"{_PREFIX}{PLUGINS}__{key}".upper()) for key in _CHOICES}
        told = {key: value for key, value in variables.items() if value is not None}
        given = _merged(_from_file(), {PLUGINS: told} if told else {})
    blocked = [name.strip() for name in os.environ.get(BLOCK, "").split(",") if name.strip()]
    chosen = given.get(PLUGINS, {})
    if not chosen and not blocked:
        return Choice()
    from argosy.plugins.core_options import PluginOptions  # pydantic takes a while to import

    if isinstance(given, _Told):
        chosen = given.answered(PLUGINS, PluginOptions)  # `check` refuses the rest by name
    held = _fitted(PluginOptions, PLUGINS, chosen)
    disable = [*held.disable, *blocked]
    return Choice.read(disable, held.prefer, held.defaults, Installed.kinds())


def masked(section: str) -> dict[str, Any]:
    """Return what is set in a section as it may be seen and kept: without secrets."""
    return in_section(section, declared().get(section), configured().get(section, {}), shown)


def carried() -> Settings:
    """Return what is set with every secret looked up, for workers who may not have where it lies.

    Raises:
        BadInput: naming what a secret refers to and is not there, or what a file sets that nobody
            answers for.
    """
    told = configured()
    if isinstance(told, _Told):
        for section in told:
            told.refuse_unanswered(section)
    known = declared() if told else {}
    return {
        section: in_section(section, known.get(section), values, wrapped)
        for section, values in told.items()
    }


def check() -> None:
    """Validate everything that is set, so that a mistake is told before any work.

    The section of a plugin that is here and not loaded may stay where it is.

    Raises:
        UnknownName: for a section that no plugin declares, or a sink that none offers.
        BadInput: for a key or a value that a plugin does not take.
    """
    resting = {plugin.name for plugin in installed().plugins if plugin.state != "loaded"}
    for section in configured():
        if section not in resting:
            options(section)
    refuse_unknown_sinks()


def refuse_unknown_sinks() -> None:
    """Raise if a sink is chosen that nobody offers: what it should have told would be lost.

    Raises:
        UnknownName: naming it, and what it may mean.
    """
    if configured().get(CORE, {}).get("sinks"):
        for name in options(CORE).sinks:
            installed().sinks[name]


class _Told(dict[str, "Mapping[str, Any]"]):
    """Settings, with the file that some of them are from."""

    file: SettingsFile | None = None
    said: frozenset[tuple[str, str]] = frozenset()
    """The sections and keys that are from the file."""

    def refuse_unanswered(self, section: str) -> None:
        """Refuse what the file sets beyond what it may."""
        keys = sorted(key for one, key in self.said if one == section)
        if self.file is not None and keys:
            from argosy.plugins.trust import refuse_unanswered

            known = _models(section)
            if section in known:
                refuse_unanswered(self.file, section, known[section], keys)

    def answered(self, section: str, model: type[pydantic.BaseModel]) -> Mapping[str, Any]:
        """Return what is set in a section, without what the file may not set."""
        held = self.get(section, {})
        if self.file is None:
            return held
        from argosy.plugins.trust import reach

        doubtful = {key for one, key in self.said if one == section and reach(model, key)}
        if not doubtful or self.file.objection() is None:
            return held
        return {key: value for key, value in held.items() if key not in doubtful}


def _from_file() -> Settings:
    file = settings_file()
    if file is None:
        return {}
    try:
        if len(file.content) > _LARGEST:
            raise BadInput(f"{file.path} has more than {_LARGEST:,} bytes; it holds options alone")
        held = parsed(file.content)
    except ValueError as error:
        raise BadInput(f"cannot read {file.path}: {error}") from error
    loose = [name for name, section in held.items() if not isinstance(section, dict)]
    if loose:
        raise BadInput(f"{loose[0]!r} in {file.path} stands in no section; put it under [core]")
    told = _Told(held)
    told.file = file
    told.said = frozenset((name, key) for name, section in held.items() for key in section)
    return told


@lru_cache(maxsize=4)
def parsed(content: bytes) -> dict[str, Any]:
    """Parse a file once, until it is changed.

    Raises:
        ValueError: if it is no TOML, or no text.
    """
    import tomllib  # only where there is a file

    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:
        raise ValueError("its brackets stand too deep inside each other") from error


def _from_environment() -> Settings:
    told: dict[str, dict[str, Any]] = {}
    for name, value in os.environ.items():
        section, double, key = name.removeprefix(_PREFIX).partition("__")
        if name.startswith(_PREFIX) and double and section and key:
            told.setdefault(section.lower(), {})[key.lower()] = value
    return told


def _merged(below: Settings, above: Settings) -> Settings:
    both = _Told(
        {name: {**below.get(name, {}), **above.get(name, {})} for name in {**below, **above}}
    )
    if isinstance(below, _Told):
        both.file = below.file
        both.said = below.said - {(name, key) for name in above for key in above[name]}
    return both


def _models(section: str) -> Mapping[str, type[pydantic.BaseModel]]:
    """Return the options of a section among others; those of the core without any plugin."""
    from argosy.plugins.core_options import CoreOptions, PluginOptions

    own: dict[str, type[pydantic.BaseModel]] = {CORE: CoreOptions, PLUGINS: PluginOptions}
    return own if section in own else declared()


def _validated(section: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    known = _models(section)
    if section not in known and section in installed().options[1]:
        raise PluginError(installed().options[1][section])
    if section not in known:
        raise UnknownName.among("plugin with options", section, known)
    return _fitted(known[section], section, values)


def _fitted(model: type[pydantic.BaseModel], section: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    from pydantic import ValidationError

    unknown = [key for key in values if key not in model.model_fields]
    if unknown:
        raise UnknownName.among(f"option of {section}", unknown[0], model.model_fields)
    given = in_section(section, model, values, looked_up)
    try:
        return model.model_validate({key: _split(model, key, given[key]) for key in given})
    except ValidationError as error:
        told = error.errors()[0]
        key = ".".join(map(str, (section, *told["loc"])))
        raise BadInput(
            f"the option {key} cannot be {refused_value(model, told)}: {refusal(told)};"
            f" `argosy plugins show {section}` lists what is allowed"
        ) from (None if holds_secret(model) else error)


def _split(model: type[pydantic.BaseModel], key: str, value: Any) -> Any:  # noqa: ANN401
    """Take a list as the environment and the command line write it: with commas, or as JSON."""
    if isinstance(value, str) and get_origin(model.model_fields[key].annotation) in _LISTS:
        if value.lstrip().startswith("["):
            with suppress(ValueError):
                return json.loads(value)
        return [part.strip() for part in value.split(",") if part.strip()]
    return value
