"""Claim: what is decided online costs about a millisecond per model of 1,000 rows, or less.

Test groups, bandits, off-policy estimates, looks at A/B tests, blended lists and credited
purchases, for 4,000 models of 1,000 rows each, in turns with the same done by a loop over models
with NumPy, scaled from 40 of them.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from _family import peak
from _measure import alternating, asked, options, ratio

from argosy_experiments.ab_tests import rates
from argosy_experiments.bandits import replay, thompson
from argosy_experiments.blending import blended
from argosy_experiments.exposures.credit import credited
from argosy_experiments.groups import group
from argosy_experiments.offpolicy.estimates import estimates
from argosy_experiments.offpolicy.expected_rewards import foretold

SEED, ROWS, FEW = 7, 1000, 40
KPIS = ("click", "buy", "revenue")
TIME = pl.Datetime("us", "UTC")


def loop_groups(names: list[list[str]]) -> None:
    for customers in names:
        [hashlib.blake2b(name.encode(), digest_size=8).digest()[0] < 128 for name in customers]


def loop_chosen(rng: np.random.Generator, models: int) -> None:
    for _ in range(models):
        rng.beta(np.ones(3), np.ones(3), (ROWS, 3)).argmax(1)


def loop_estimates(parts: list[pl.DataFrame]) -> None:
    """Estimate thrice, with errors, as one writes it for one log."""
    for part in parts:
        names = ("reward", "propensity", "target", "expected", "expected_target")
        reward, logging, target, own, chosen = (part[name].to_numpy() for name in names)
        weight = target / logging
        snips = (weight * reward).sum() / weight.sum()
        for each in (
            weight * reward,
            weight * (reward - snips) / weight.mean(),
            chosen + weight * (reward - own),
        ):
            each.mean(), each.std(ddof=1), (each - reward).std(ddof=1)
        weight.sum() ** 2 / (weight**2).sum()


def loop_replay(rng: np.random.Generator, arms: list[np.ndarray], wins: list[np.ndarray]) -> None:
    for arm, win in zip(arms, wins, strict=True):
        won, lost = np.ones(10), np.ones(10)
        for place in range(len(arm)):
            if rng.beta(won, lost).argmax() == arm[place]:
                won[arm[place]] += win[place]
                lost[arm[place]] += 1 - win[place]


def loop_blended(parts: list[pl.DataFrame]) -> None:
    for part in parts:
        scores = part.select(KPIS).to_numpy().reshape(-1, 20, 3)
        low = scores.min(1, keepdims=True)
        scaled = (scores - low) / (scores.max(1, keepdims=True) - low)
        np.argsort(-(scaled * [1, 2, 3]).sum(2), axis=1, kind="stable")


def main() -> None:
    given = asked(options(__doc__, models=(4_000, 40)))
    models = given.models
    print(f"{models:,} models of {ROWS:,} rows; seed {SEED}; the loop scaled from {FEW} models\n")
    rng = np.random.default_rng(SEED)
    n = models * ROWS
    names = np.array([f"shop{place:05}" for place in range(models)])
    owner = np.repeat(names, ROWS)
    few = [slice(place * ROWS, (place + 1) * ROWS) for place in range(min(FEW, models))]

    def told(what: str, work: Callable[[], Any], loop: Callable[[], Any] | None) -> None:
        works = {"argosy": work} if loop is None else {"argosy": work, "loop": loop}
        found = alternating(works, given.rounds)
        took = found["argosy"].median
        line = f"{what:34s} {took:7.2f} s  {1e3 * took / models:7.3f} ms per model"
        if loop is not None:
            peer = found["loop"] / len(few) * models
            line += f"  loop {peer.median:7.1f} s, {ratio(found['argosy'], peer)} as long"
        print(line, flush=True)

    customers = pl.DataFrame(
        {"model": owner, "customer": np.tile([f"c{place}" for place in range(ROWS)], models)}
    )
    some = [customers["customer"][part].to_list() for part in few]
    told("groups", lambda: customers.with_columns(group("lists")), lambda: loop_groups(some))

    state = thompson.begun(pl.DataFrame({"model": np.repeat(names, 3), "arm": [*"abc"] * models}))
    told(
        "bandit, an arm per customer",
        lambda: thompson.chosen(state, customers, SEED),
        lambda: loop_chosen(rng, len(few)),
    )

    log = pl.DataFrame(
        {
            "model": owner,
            "context": rng.integers(0, 3, n).astype(str),
            "action": rng.integers(0, 10, n).astype(str),
            "reward": (rng.random(n) < 0.1).astype(float),
            "propensity": 0.1,
        }
    )
    contexts = pl.DataFrame({"context": ["0", "1", "2"]})
    actions = pl.DataFrame(
        {"action": [str(place) for place in range(10)], "probability": np.arange(10) / 45}
    )
    policy = pl.DataFrame({"model": names}).join(contexts.join(actions, how="cross"), how="cross")
    told("rewards foretold", lambda: foretold(log, policy), None)
    rows = foretold(log, policy)
    parts = [rows[part] for part in few]
    told("off-policy estimates", lambda: estimates(rows), lambda: loop_estimates(parts))

    counts = pl.concat(
        pl.DataFrame(
            {"model": names, "group": side, "n": 500, "successes": rng.binomial(500, 0.1, models)}
        )
        for side in ("control", "treatment")
    )
    begun = rates.looked(rates.begun(pl.DataFrame({"model": names})), counts)
    told("a look at every A/B test", lambda: rates.looked(begun, counts), None)

    arm, win = rng.integers(0, 10, n), (rng.random(n) < 0.1).astype(float)
    events = pl.DataFrame({"model": owner, "arm": arm.astype(str), "win": win})
    told(
        "replay of ten arms",
        lambda: replay.replayed(events, SEED),
        lambda: loop_replay(rng, [arm[part] for part in few], [win[part] for part in few]),
    )

    scores = pl.DataFrame(
        {
            "model": owner,
            "customer": np.tile(
                np.repeat([f"c{place}" for place in range(ROWS // 20)], 20), models
            ),
            "item": np.tile([f"i{place}" for place in range(20)], n // 20),
            **{kpi: rng.random(n) for kpi in KPIS},
        }
    )
    rules = pl.DataFrame(
        {
            "model": np.repeat(names, 3),
            "rule": "weighted",
            "kpi": [*KPIS] * models,
            "weight": [1.0, 2.0, 3.0] * models,
        }
    )
    lists = [scores[part] for part in few]
    told("lists of three KPIs blended", lambda: blended(scores, rules), lambda: loop_blended(lists))

    shown = scores.group_by("model", "customer", maintain_order=True).agg(items="item")
    shown = shown.with_columns(version=pl.lit("1"), at=pl.lit(0).cast(TIME))
    bought = scores.sample(n // 20, seed=SEED).select(
        "model", "customer", "item", at=pl.lit(3_600_000_000).cast(TIME), amount="buy"
    )
    told("purchases credited to lists", lambda: credited(shown, bought), None)
    print(f"\npeak memory {peak():.1f} GiB")


if __name__ == "__main__":
    main()
