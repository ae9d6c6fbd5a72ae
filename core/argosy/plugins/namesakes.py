"""Plugins of several distributions that have one name: none is loaded until one is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.plugins.discovery import Plugin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

    from argosy.plugins.choice import Choice


def apart(found: Iterable[EntryPoint], choice: Choice) -> tuple[list[EntryPoint], list[Plugin]]:
    """Return the entry points that can be loaded, and a failed plugin for each name of several.

    >>> from importlib.metadata import EntryPoint
    >>> from argosy.plugins.choice import Choice
    >>> both = [EntryPoint("bad", module, "argosy") for module in ("one", "two")]
    >>> apart([*both, EntryPoint("good", "three", "argosy")], Choice())[0]
    [EntryPoint(name='good', value='three', group='argosy')]
    """
    by_name: dict[str, list[EntryPoint]] = {}
    for entry in found:
        by_name.setdefault(entry.name, []).append(entry)
    single, several = [], []
    for name, entries in sorted(by_name.items()):
        wanted = choice.giver(name)
        fit = [one for one in entries if wanted is None or _distribution(one) == wanted]
        if len(fit) == 1:
            single += fit
        else:
            several.append(_refused(name, entries, wanted))
    return single, several


def _refused(name: str, entries: list[EntryPoint], wanted: str | None) -> Plugin:
    owners = [_distribution(one) for one in entries]
    if wanted is not None:
        told = f"plugins.prefer takes it from {wanted!r}, and it is in {' and '.join(owners)}"
    else:
        told = (
            f"several distributions have a plugin of that name: {' and '.join(owners)}; choose one"
            f' in argosy.toml, in the section [plugins]: prefer = ["{name}={owners[0]}"], or'
            " uninstall one"
        )
    return Plugin(name, " and ".join(owners), "", "failed", told, (), 0.0)


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value
