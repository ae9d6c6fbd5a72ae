"""The night: each step one change or one run, all of one group, so that one command undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_cycles.cycle import Did, Step, carry_out, run_once
from argosy_recommendations.generator.feeds import feed_file, write_feeds
from argosy_recommendations.night.baseline import popularity
from argosy_recommendations.night.naming import version_of
from argosy_recommendations.night.opening import MARGIN, METRIC, TEMPLATE
from argosy_recommendations.night.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from argosy import Fleet
    from argosy_recommendations.generator.feeds import Night

    Progress = Callable[[int, int], None]
    Begin = Callable[[str], AbstractContextManager[Progress]]

COMPARISON = "paired_ranking"
LEVEL = 0.01
"""The share of false promotions among the promotions of a night that is tolerated on average."""
ALL_AT_ONCE, CHECKS = (1.0,), ("comparison",)
"""Nothing more is measured of a version before it ranks, so waves would wait for nothing."""
CHALLENGER, CHAMPION = "challenger", "champion"
SERVED = f"template = '{TEMPLATE}' AND tags.serving = 'on'"
RANKED = "predict"
"""The last job of a night."""
_NAMED = 3
"""Clients that failed and are named in a line; the run tells of all."""
STEPS = ("refresh", "train", "evaluate", "compare", "promote", "rank")


@dataclass
class NightlyCycle:
    """A night at work on a fleet."""

    fleet: Fleet
    night: Night
    begin: Begin
    executor: str = "local"

    def __post_init__(self) -> None:
        self.fleet = self.fleet.in_group(self.night.group)
        self.version = version_of(self.fleet, self.night)
        self.feeds = self.fleet.folder(f"feeds/{self.night.date}")
        self.tonight = f"aliases.{CHALLENGER} = '{self.version}'"

    def play(self) -> pl.DataFrame:
        """Play the night from where it stands to its end, and return what each step did.

        Begun again, it goes on: bindings are seen by where they point, jobs by the runs of the
        night's group, and a promotion by the aliases that it has moved. A night that has come to
        its end is left alone: its champions may have been replaced since.
        """
        steps = [Step(name, getattr(self, f"_{name}")) for name in STEPS]
        return carry_out(self.fleet, self.version, steps, RANKED, self.begin)

    def _refresh(self, done: Progress) -> Did:
        wanted = {name: self.feeds.file(feed_file(name)) for name in COLUMNS}
        bound = self.fleet.bindings().filter(template=TEMPLATE).collect()
        if not {*wanted.values()} <= {*bound["url"]}:
            write_feeds(self.night, self.feeds, done)
            rows = [{"role": role, "url": wanted[role], **COLUMNS[role]} for role in COLUMNS]
            table = pl.DataFrame(rows, infer_schema_length=None)
            self.fleet.bind(table.with_columns(template=pl.lit(TEMPLATE), key=pl.lit("client")))
        many = self.night.market.clients
        return Did(many, many)

    def _train(self, done: Progress) -> Did:
        if not len(self.fleet.where(SERVED)):
            return Did(0, note="no client is switched on")
        return self._run_once(
            "train",
            done,
            SERVED,
            version=self.version,
            alias=CHALLENGER,
        )

    def _evaluate(self, done: Progress) -> Did:
        if self._made().is_empty():
            return Did(0, note="no version was made")
        return self._run_once(
            "evaluate",
            done,
            self.tonight,
        )

    def _compare(self, done: Progress) -> Did:
        # a champion that this very night made, before it was killed, replaced none
        rivals = f"{self.tonight} AND aliases.{CHAMPION} != '{self.version}'"
        champions = self._champions().filter(pl.col("version") != self.version)
        if champions.join(self._made(), on="model", how="semi").is_empty():
            return Did(0, note="no client has a champion yet")
        return self._run_once(
            "compare",
            done,
            rivals,
            comparisons=[COMPARISON],
            metrics=[METRIC],
            level=LEVEL,
        )

    def _promote(self, done: Progress) -> Did:
        decided = self.decided()
        chosen = decided.filter("promoted").select("model", "version")
        done(0, chosen.height)
        if chosen.is_empty():
            return Did(decided.height, 0, 0, "nobody is better")
        told = self.fleet.promote(
            chosen,
            alias=CHAMPION,
            steps=ALL_AT_ONCE,
            checks=CHECKS,
            reason=f"{self.night.group}: promote",
        )
        done(chosen.height, chosen.height)
        moved = self._champions().join(chosen, on=["model", "version"]).height
        left = told.filter(pl.col("reason").is_not_null(), pl.col("outcome") != "promoted")
        why = left.head(_NAMED).select("model", "reason")
        return Did(decided.height, moved, chosen.height - moved, _named(why))

    def _rank(self, done: Progress) -> Did:
        if self._champions().join(self._made(), on="model", how="semi").is_empty():
            return Did(0, note="no client has a champion yet")
        return self._run_once(
            RANKED,
            done,
            f"{self.tonight} AND aliases.{CHAMPION} IS NOT NULL",
            data="customers",
            alias=CHAMPION,
            role="lists",
        )

    def decided(self) -> pl.DataFrame:
        """Decide from what the night has measured: `model`, `version`, `promoted`, `reason`.

        The same before a promotion and after it, since only facts of the night are asked.
        """
        compared = self._facts("comparisons", "compare").filter(metric=METRIC)
        measured = self._facts("evaluations", "evaluate").filter(slice="all")
        value = measured.filter(metric=METRIC).select("model", "version", "value", "upper")
        failed = measured.filter(pl.col("metric").is_null()).select("model", "version", "reason")
        pairs = self._facts("comparisons", "compare").select(
            "model", version="challenger_version", champion="champion_version"
        )
        key = ["model", "version"]
        made = measured.select(key).unique().sort("model")
        candidates = (
            made.join(value, on=key, how="left", maintain_order="left")
            .join(failed.rename({"reason": "failed"}).unique(key), on=key, how="left")
            .join(pairs.drop_nulls("champion").unique(key), on=key, how="left")
            .sort("model")
        )
        new = candidates.filter(pl.col("champion").is_null())["model"]
        found = candidates.join(self._baseline(new), on="model", how="left", maintain_order="left")
        return verdict(found, compared, MARGIN)

    def _baseline(self, clients: pl.Series) -> pl.DataFrame:
        """Return what the popularity list of each of these clients has on the holdout."""
        training, holdout, catalogue = (
            self.feeds.scan(feed_file(name))
            .filter(pl.col("client").is_in(clients.implode()))
            .collect()
            for name in ("training", "holdout", "catalogue")
        )
        return popularity(training, holdout, catalogue).rename({"client": "model"})

    def _made(self) -> pl.DataFrame:
        """Return the clients that have a version of this night: `model`."""
        made = self.fleet.aliases().filter(alias=CHALLENGER, version=self.version)
        return made.select("model").collect()

    def _champions(self) -> pl.DataFrame:
        """Return the champions: `model`, `version`."""
        return self.fleet.aliases().filter(alias=CHAMPION).select("model", "version").collect()

    def _facts(self, table: str, kind: str) -> pl.DataFrame:
        """Return what the night's run of a kind has found."""
        runs = self.fleet.runs().filter(group=self.night.group, kind=kind).select("run_id")
        rows: pl.LazyFrame = getattr(self.fleet, table)()
        return rows.join(runs, on="run_id", how="semi").collect()

    def _run_once(self, kind: str, done: Progress, where: str, **how: Any) -> Did:  # noqa: ANN401
        run = run_once(self.fleet, kind, where, self.executor, progress=done, **how)
        note = _named(run.failures().head(_NAMED).select("model", "reason"))
        told = run.summary
        return Did(told["models"], told["ok"], told["failed"], note)


COLUMNS: Mapping[str, Mapping[str, str]] = {
    "training": {"timestamp": "at"},
    "holdout": {"id": "customer", "truth": "truth"},
    "customers": {"id": "customer"},
}
"""What the columns of each feed are, as bindings say it."""


def _named(rows: pl.DataFrame) -> str:
    return "; ".join(f"{model or 'all'}: {reason}" for model, reason in rows.rows())
