"""The comparison of the champions of a selection with their challengers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.comparison.layout import PAIR
from argosy.comparison.verdict import decide
from argosy.comparison.work import Asked, failed, perform
from argosy.errors import BadInput, PluginError, UnknownName
from argosy.evaluation.job import with_data
from argosy.jobs.blaming import Suspects
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.registry.quarantine import barred
from argosy.registry.registration import EXTERNAL
from argosy.scoring import trial
from argosy.scoring.model_cache import all_features
from argosy.scoring.trial import SUSPECT
from argosy.views import entities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

_SIDE = ("version", "task", "format", "artifact", "digest", "features")


def compare(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    champion: str,
    challengers: Sequence[str],
    data: str,
    *,
    truth: str | None,
    comparisons: Sequence[str] | None,
    metrics: Sequence[str] | None,
    level: float,
    executor: str,
    progress: Progress | None,
) -> dict[str, Any]:
    """Compare champions with challengers on one role's data, commit, return the summary."""
    asked = Asked(_named(comparisons), _known(metrics))
    if not 0 < level < 1:
        raise BadInput(f"the level is a share between 0 and 1, not {level}")
    found = installed()
    faults = [*found.comparisons.faults, *found.metrics.faults, *found.loaders.faults]
    options = {
        "champion": champion,
        "challengers": list(challengers),
        "data": data,
        "truth": truth,
        "comparisons": list(asked.comparisons),
        "metrics": None if asked.metrics is None else list(asked.metrics),
        "level": level,
    }
    job = Job("compare", executor, options, faults=[*faults, *found.sources.faults])
    sides = _sides(state, units, champion, challengers)
    placed = with_data(state, sides, data, truth)
    held = barred(state)
    pairs = _pairs(placed, champion, data, held)
    placed = placed.with_columns(sides=_free(placed, held))
    able = pairs.filter(pl.col("reason").is_null()).select("model").unique()
    versions = placed.select("model", "sides").explode("sides").unnest("sides")
    ready = (
        placed.join(able, on="model", how="semi", maintain_order="left")
        .sort(pl.col("binding").struct.field("url"), "model")
        .join(all_features(versions), on="model", how="left", maintain_order="left")
        .select(
            *("model", "binding", "labels", "sides", "features"),
            version=pl.col("sides").list.first().struct.field("version"),
        )
    )
    formats = ready["sides"].explode().struct.field("format")
    isolate = bool((formats != EXTERNAL).any())
    besides = {"asked": asked}
    suspects = Suspects(_suspects(ready), trial.perform)
    done, lost = job.carry_out(
        ledger.location, ready, perform, isolate, progress, besides, suspects=suspects
    )
    gone = pairs.filter(pl.col("reason").is_null()).drop("reason").join(lost, on="model")
    unfit = [failed(pairs.drop_nulls("reason")), failed(gone)]
    found_rows = [done["comparisons"]] if "comparisons" in done else []
    rows = decide(pl.concat([*unfit, *found_rows], how="diagonal_relaxed"), level)
    ok = rows.filter(pl.col("status") != "failed")["model"].n_unique()
    counts = {"models": sides.height, "ok": ok, "failed": sides.height - ok}
    told = rows.with_columns(dataset=pl.lit(data))
    return job.commit(ledger, facts, {"comparisons": told}, counts, sides["model"])


def _sides(
    state: State, units: pl.DataFrame, champion: str, challengers: Sequence[str]
) -> pl.DataFrame:
    """Return the models that have a challenger: `sides`, `asked` (all of them) and `crowned`."""
    if champion in challengers:
        raise BadInput(f"{champion!r} cannot be compared with itself; name another challenger")
    known = state["alias"]["alias"].unique().to_list()
    for alias in (champion, *challengers):
        if alias not in known:
            raise UnknownName.among("alias", alias, known, "Set it with `argosy alias`")
    frame = units.select("model", "template")
    for place, alias in enumerate((champion, *challengers)):
        told = pl.struct(pl.lit(alias).alias("alias"), *_SIDE).alias(f"side {place}")
        own = entities.pointed(state, alias).select("model", told)
        frame = frame.join(own, on="model", how="left", maintain_order="left")
    names = [f"side {place}" for place in range(len(challengers) + 1)]
    frame = frame.filter(pl.any_horizontal(pl.col(names[1:]).is_not_null()))
    if frame.is_empty():
        raise BadInput(
            f"no selected model has the alias {' or '.join(map(repr, challengers))};"
            " set it with `argosy alias`"
        )
    every = pl.concat_list(names).list.drop_nulls()
    return frame.select("model", "template", sides=every)


def _free(placed: pl.DataFrame, held: pl.DataFrame) -> pl.Series:
    """Return the sides of each model that are not in quarantine."""
    long = placed.select("model", "sides").explode("sides")
    version = pl.col("sides").struct.field("version")
    kept = long.with_columns(version=version).join(
        held, on=["model", "version"], how="anti", maintain_order="left"
    )
    sides = kept.group_by("model").agg("sides")
    return placed.select("model").join(sides, on="model", how="left", maintain_order="left")[
        "sides"
    ]


def _suspects(ready: pl.DataFrame) -> pl.DataFrame:
    """Return every version that is loaded, to be asked by itself where its model is lost."""
    long = ready.select("model", "binding", "labels", "sides").explode("sides").unnest("sides")
    owned = long.with_columns(owner="model", owner_version="version")
    return owned.select(SUSPECT).unique(["model", "version"], maintain_order=True)


def _pairs(placed: pl.DataFrame, champion: str, data: str, held: pl.DataFrame) -> pl.DataFrame:
    """Return every pair that was asked for, and the `reason` why it cannot be looked at."""
    placed = placed.with_columns(homeless=pl.col("binding").is_null())
    long = placed.select("model", "homeless", "sides").explode("sides").unnest("sides")
    first = long.filter(alias=champion).select("model", champion_version="version")
    pairs = (
        long.filter(pl.col("alias") != champion)
        .select("model", "homeless", challenger="alias", challenger_version="version")
        .join(first, on="model", how="left", maintain_order="left")
    )
    for name in ("champion", "challenger"):
        told = held.select("model", "version", pl.col("reason").alias(f"{name}_held"))
        of = ["model", f"{name}_version"]
        pairs = pairs.join(
            told, left_on=of, right_on=["model", "version"], how="left", maintain_order="left"
        )
    reason = (
        pl.when(pl.col("champion_version").is_null())
        .then(pl.lit(f"no version of it has the alias {champion!r}"))
        .when("homeless")
        .then(pl.lit(f"no data is bound to its role {data!r}"))
        .when(pl.col("champion_version") == pl.col("challenger_version"))
        .then(pl.format("{} and {} are the same version", pl.lit(champion), "challenger"))
        .when(pl.col("champion_held").is_not_null())
        .then(pl.format("the champion: {}", "champion_held"))
        .when(pl.col("challenger_held").is_not_null())
        .then(pl.format("the challenger: {}", "challenger_held"))
    )
    return pairs.select(*PAIR, reason=reason)


def _named(comparisons: Sequence[str] | None) -> tuple[str, ...]:
    offered = installed().comparisons
    if not offered:
        raise PluginError("no comparison is installed; `argosy plugins` says what is")
    usual = [name for name, comparison in offered.items() if comparison.default]
    return tuple(offered[name].name for name in comparisons or usual)


def _known(metrics: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if not metrics else tuple(installed().metrics[name].name for name in metrics)
