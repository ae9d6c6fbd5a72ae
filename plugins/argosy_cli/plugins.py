"""Commands about plugins."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
import polars as pl

from argosy.errors import ArgosyError
from argosy.plugins import Plugin, installed
from argosy.plugins.choice import address
from argosy.plugins.settings import CORE, PLUGINS, declared
from argosy_cli.option_help import described
from argosy_cli.session import Session

_WITH_DEFAULTS = ("metrics", "comparisons", "estimators", "detectors")


@click.group(invoke_without_command=True)
@click.pass_context
def plugins(ctx: click.Context) -> None:
    """List plugins: name, distribution, version, state, hooks."""
    if ctx.invoked_subcommand is not None:
        return
    session = ctx.ensure_object(Session)
    rows = [asdict(plugin) | {"hooks": ", ".join(plugin.hooks)} for plugin in installed().plugins]
    columns = ["name", "distribution", "version", "state", "hooks", "load_ms", "reason"]
    session.emit(pl.DataFrame(rows, infer_schema_length=None).select(columns))


@plugins.command("show")
@click.argument("name")
@click.pass_obj
def show_plugin(session: Session, name: str) -> None:
    """Show one plugin, what it offers, and its options with what they are set to.

    NAME is that of a plugin, or `core` for the options of argosy itself, or `plugins` for what can
    be chosen among plugins.
    """
    models = declared()
    about: dict[str, Any] = {"name": name} if name in (CORE, PLUGINS) else _about(name)
    settable = described(models[name], name) if name in models else pl.DataFrame()
    if session.json:
        session.emit(about | {"options": settable.to_dicts()})
        return
    session.emit(about)
    if settable.height:
        session.emit(
            settable,
            title=f"Set in the section {name} of argosy.toml, or with --set {name}.KEY=VALUE",
        )


def _about(name: str) -> dict[str, Any]:
    found = installed()
    plugin = found.plugin(name)
    offers = {
        kind: ", ".join(own)
        for kind in found.kinds()
        if (own := [one for one, giver in getattr(found, kind).givers.items() if giver == plugin])
    }
    usual = [address(kind, one) for kind in _WITH_DEFAULTS for one in _usual(kind, plugin)]
    told = [fault for kind in found.kinds() for fault in found.offered(kind).faults]
    told += found.options[1].values()
    faults = [fault for fault in told if f"{name!r}" in fault]
    beside = {"takes_part": ", ".join(usual), "faults": "; ".join(faults)}
    kept = {key: value for key, value in beside.items() if value}
    return asdict(plugin) | {"hooks": ", ".join(plugin.hooks)} | offers | kept


def _usual(kind: str, plugin: Plugin) -> list[str]:
    """Return what a plugin offers of a kind that takes part where nobody names any."""
    offered = installed().offered(kind)
    try:
        return [name for name in installed().usual(kind) if offered.givers[name] == plugin]
    except ArgosyError:  # of another plugin: whoever needs one hears of it
        return []
