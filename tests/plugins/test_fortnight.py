"""A night shift may act on what it is told: nothing that is broken is called healthy.

Fourteen nights of thirty models; what breaks and for whom is drawn. `make test` plays fixed seeds,
`make test-all` ten others (`--seed`).
"""

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from argosy_cli.main import run
from argosy_report.health import health, last_drift, last_scores

from .fortnight import FAULTS, Fortnight

DRIFT_FOUND, SOME_UNKNOWN = 3, 4

pytestmark = pytest.mark.filterwarnings("ignore::argosy.errors.ArgosyWarning")  # told on stderr


@dataclass
class Tally:
    """What a fortnight was told."""

    healthy: int = 0
    clear: int = 0
    called_healthy: list = field(default_factory=list)
    quiet_alarms: list = field(default_factory=list)
    codes: list = field(default_factory=list)
    alerts: Counter = field(default_factory=Counter)
    """By night and team."""


def states(fleet):
    found = health(fleet, last_drift(fleet).collect(), last_scores(fleet).collect())
    return dict(found.select("model", "state").iter_rows())


def play(folder, seed, capsys, nights=14):
    fortnight, tally = Fortnight(folder, seed, nights), Tally()
    fleet = fortnight.fleet
    before: set[str] = set()
    for number, fault in enumerate(fortnight.plan):
        with ExitStack() as plugins:
            hurt = fortnight.play(number, plugins)
            run(["--fleet", fleet.url, "evaluate", "--metric", "auc"])
            code = run(["--fleet", fleet.url, "drift", "--fail-on-drift", "--json"])
            told = capsys.readouterr().out
        name = fault.__name__ if fault else "nothing"
        assert json.loads(told[told.rindex('{\n  "run_id"') :])["run_id"], name
        seen, listed = states(fleet), fleet.triage()
        verdicts = dict(fleet.verdicts().select("model", "verdict").iter_rows())
        wrong = [model for model in hurt if seen[model] == "healthy"]
        unlisted = set(hurt) - set(listed["model"])
        if wrong or unlisted:
            tally.called_healthy.append((number, name, wrong, sorted(unlisted)))
        unhurt = [model for model in fortnight.names if model not in hurt]
        tally.healthy += len(unhurt)
        tally.clear += sum(verdicts[model] == "clear" for model in unhurt)
        tally.codes.append((name, code))
        alarmed = set(listed["model"]) - before
        if fault is None and alarmed - set(hurt):
            rows = listed.filter(listed["model"].is_in(sorted(alarmed)))
            tally.quiet_alarms += [(number, *row) for row in rows.select("model", "reason").rows()]
        for model in listed["model"]:
            tally.alerts[number, model.partition("-")[0]] += 1
        before = set(listed["model"])
    return fortnight, tally


def check(fortnight, tally):
    assert tally.called_healthy == []
    assert tally.clear >= 0.95 * tally.healthy, (tally.clear, tally.healthy)
    for name, code in tally.codes:
        if name in {"late_labels", "unreadable_scores", "new_version", "nothing"}:
            continue
        assert code in {DRIFT_FOUND, SOME_UNKNOWN}, (name, code)
    worst = max(tally.alerts.values(), default=0)
    assert worst <= 10, tally.alerts


def test_there_are_twenty_faults():
    assert len(FAULTS) == len({fault.__name__ for fault in FAULTS}) == 20


@pytest.mark.parametrize("seed", [1])
def test_in_a_fortnight_nothing_broken_is_healthy_and_quiet_nights_are_quiet(
    tmp_path, capsys, seed
):
    fortnight, tally = play(tmp_path, seed, capsys)

    check(fortnight, tally)
    assert tally.quiet_alarms == []


@pytest.mark.simulation
def test_in_ten_fortnights_nothing_broken_is_healthy(tmp_path, capsys, seeds):
    """At a level of 5 % a quiet night in twenty may alarm; more would be no chance."""
    quiet = alarms = 0
    for seed in seeds(2, 3, 4, 5, 6, 7, 8, 9, 10, 11):
        fortnight, tally = play(tmp_path / str(seed), seed, capsys)
        check(fortnight, tally)
        quiet += fortnight.plan.count(None)
        alarms += len({night for night, *_ in tally.quiet_alarms})

    assert alarms <= 0.05 * quiet + 3, (alarms, quiet)
