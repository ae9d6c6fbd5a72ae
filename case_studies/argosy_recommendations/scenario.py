"""The story: nights of a fleet of recommenders, and what holds on each of them."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import polars as pl

import argosy
from argosy.errors import ArgosyWarning, BadInput
from argosy.plugins import installed
from argosy.store import durable
from argosy.store.location import Location, absolute
from argosy_recommendations.figures import beside, expected, expected_of_real, simulated
from argosy_recommendations.generator.feeds import Night
from argosy_recommendations.generator.market import Market
from argosy_recommendations.night.audit import audit
from argosy_recommendations.night.cycle import NightlyCycle
from argosy_recommendations.night.feedback import serve
from argosy_recommendations.night.opening import open_fleet
from argosy_recommendations.night.shop import open_shop
from argosy_recommendations.pictures import draw
from argosy_recommendations.real import bandit, retail

if TYPE_CHECKING:
    from pathlib import Path

    from argosy import Fleet
    from argosy.types import Stage
    from argosy_recommendations.options import Options

_MARKET = "market.json"
FREEZE, OFF = range(0, 10_000, 25), range(10, 10_000, 50)
"""The clients that switch themselves to freeze, and off, after the first night."""


def play(stage: Stage) -> pl.DataFrame:
    """Play the nights in the fleet of a stage, or real data where there is some: the figures.

    Run again in the same fleet, it goes on where it stopped.
    """
    if stage.data is not None:
        return play_real(stage, stage.data)
    options: Options = stage.options
    installed().executors[options.executor]  # an unknown one is refused before anything is made
    market = Market(options.clients, options.seed)
    _refuse_another(stage.fleet, {"clients": options.clients, "seed": options.seed})
    fleet = argosy.open(stage.fleet, create=True, actor="recommendations")
    with warnings.catch_warnings(record=True, action="always", category=ArgosyWarning) as heard:
        open_fleet(fleet, market)
    for warning in heard:
        stage.say(f"warning: {warning.message}")
    nights = [Night(market, number) for number in range(options.nights)]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "cadence warning", ArgosyWarning)  # it was said once
        return _nights(stage, fleet, nights)


def _nights(stage: Stage, fleet: Fleet, nights: list[Night]) -> pl.DataFrame:
    options: Options = stage.options
    market = nights[0].market
    steps, audits = [], []
    for night in nights:
        open_shop(fleet, market, night.day)
        steps.append(NightlyCycle(fleet, night, stage.progress, options.executor).play())
        for line in summary(steps[-1]):
            stage.say(line)
        with stage.progress(f"{night.group} audit"):
            audits.append(audit(fleet, night, options.executor))
        if night.number == 0:
            switch(fleet, market)
        open_shop(fleet, market, night.day + 1)  # what retired since is not offered in the morning
        with stage.progress(f"{night.date} calls"):
            serve(fleet, night)
    for path in draw(fleet, nights):
        stage.say(f"picture: {path}")
    told = simulated(fleet, nights, pl.concat(steps), pl.concat(audits, how="diagonal_relaxed"))
    return beside(told, expected(options))


def play_real(stage: Stage, data: Path) -> pl.DataFrame:
    """Play Online Retail, one pipeline per country, and ask the Open Bandit log."""
    options: Options = stage.options
    _refuse_another(stage.fleet, {"data": "real"})
    fleet = argosy.open(stage.fleet, create=True, actor="recommendations")
    measured, countries = retail.play(fleet, data, options.executor)
    for model, many, chosen, why in countries.rows():
        stage.say(f"{model}: {many:,} purchases, {chosen} ({why})")
    asked, answers = bandit.play(fleet, data)
    for name, value, verdict, reason in answers.select(
        "estimator", "value", "verdict", "reason"
    ).rows():
        stage.say(f"the random policy by {name}: {value:.4f} clicks, {verdict}: {reason}")
    return beside(measured | asked, expected_of_real())


def switch(fleet: Fleet, market: Market) -> None:
    """Let some clients freeze what they have, and some switch theirs off."""
    names = {state: [market.names[n] for n in each if n < market.clients]
             for state, each in (("freeze", FREEZE), ("off", OFF))}  # fmt: skip
    kind = pl.Map(pl.String, pl.String)
    rows = [{"model": name, "tags": {"serving": state}} for state in names for name in names[state]]
    table = pl.DataFrame(rows, schema={"model": pl.String, "tags": kind})
    state = pl.col("tags").map.get("serving")
    now = fleet.models().select("model", now=state).collect()
    changed = table.join(now, on="model").filter(state != pl.col("now")).drop("now")
    if changed.height:
        fleet.tag(changed, reason="clients switch themselves")


def summary(steps: pl.DataFrame) -> list[str]:
    """Tell in a line what a night did, and in one per step who failed and why."""
    parts = [
        f"{row['step']} {row['ok']:,}" + (f" ({row['failed']:,} failed)" if row["failed"] else "")
        for row in steps.iter_rows(named=True)
    ]
    whole = f"{steps['group'][0]}: {', '.join(parts)} in {steps['seconds'].sum():.0f} s"
    failed = steps.filter(pl.col("failed") > 0).select("step", "note").rows()
    return [whole, *(f"  {step}: {note}" for step, note in failed)]


def _refuse_another(url: str, drawn: dict[str, Any]) -> None:
    """Refuse a folder in which other clients were drawn, and note which are drawn here."""
    location = Location(absolute(url))
    filesystem, root = location.filesystem()
    note = location.child(_MARKET)
    _, path = location.filesystem(note)
    if filesystem.isfile(path):
        held = json.loads(filesystem.cat_file(path))
        if held != drawn:
            raise BadInput(
                f"the fleet in {location.url} was drawn with {held}, not with {drawn};"
                " name another folder with --fleet"
            )
        return
    if filesystem.isfile(root) or (filesystem.isdir(root) and not _fresh(location)):
        raise BadInput(
            f"{location.url} holds something else, so it stays as it is; name another with --fleet"
        )
    durable.write(location, note, json.dumps(drawn).encode())


def _fresh(location: Location) -> bool:
    """Whether a folder is empty, or holds a fleet in which nothing was done yet."""
    filesystem, root = location.filesystem()
    if location.marker() is None:
        return not filesystem.ls(root)
    return argosy.open(location.url).models().collect().is_empty()
