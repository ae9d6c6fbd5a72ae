"""F6: a bit is flipped or a file is cut short; it is noticed, and never believed."""

import json
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from deltalake import DeltaTable

from argosy.testing.fleets import logged_fleet

from .sizes import variants

TABLES = ("evaluations", "drift", "verdicts", "distributions", "profiles", "incidents")
KINDS = {
    "marker": "argosy.json",
    "ledger": "ledger/*.parquet",
    "ledger's entries": "ledger/_delta_log/*.json",
    "ledger's checkpoints": "ledger/_delta_log/*checkpoint*",
    "state": "state/*.parquet",
    "state's entries": "state/_delta_log/*.json",
    "results": "*/*.parquet",
    "results' entries": "*/_delta_log/*.json",
    "profiles": "profiled/*",
}
OF_RESULTS = ("results", "results' entries")
NOTICED = ("marker", "ledger", "results")
"""Kinds that cannot be damaged without anybody's noticing; others are conveniences, or may be what
nobody reads any more."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A fleet of some changes, runs, a saved state, checkpoints and gathered files."""
    folder = tmp_path_factory.mktemp("whole")
    fleet = logged_fleet(folder, models=3, rows=50, drifting={"m1"})
    fleet.add_root(str(folder), reason="copies of the fleet read the same data")
    for number in range(24):
        pair = [f"{number}a", f"{number}b"]
        fleet.register({"model": pair, "version": ["1", "1"]}, reason=f"turn {number}")
        if number == 11:
            fleet.maintain()
    fleet.set_alias({"model": ["3a"], "version": ["1"]}, "champion")
    fleet.evaluate("team IN ('web', 'risk')", metrics=["auc", "log_loss"])
    fleet.check_drift("team IN ('web', 'risk')", detectors=["ks", "chi_squared"])
    fleet.tag({"model": ["4a"]}, {"region": "eu"})
    return Path(fleet.url)


def files(fleet, kind):
    """Return the files of a kind; of data those that are listed, for nobody reads the others."""
    found = sorted(fleet.glob(KINDS[kind]))
    if KINDS[kind].endswith(".parquet"):
        tables = {path.parent for path in found}
        listed = {name for table in tables for name in DeltaTable(table).file_uris()}
        names = {Path(name).name for name in listed}
        found = [path for path in found if path.name in names]
    if kind in OF_RESULTS:
        found = [path for path in found if path.relative_to(fleet).parts[0] in TABLES]
    return found


@pytest.mark.fault("F6 bit flip and truncation", "files")
@pytest.mark.parametrize("kind", variants(KINDS, short={*NOTICED, "profiles"}))
def test_damage_is_named_or_harmless(whole, nursery, fault, seed, size, tmp_path, kind):
    """Whoever verifies first is never told anything else afterwards, nor finds other drift.

    Harmless is, for example, a bit of an entry that a checkpoint covers. A damaged length can make
    the engine ask for all the memory there is and abort, which nobody takes for an answer.
    """
    fleet = Path(shutil.copytree(whole, tmp_path / "fleet"))
    chance = random.Random(f"{seed} {kind}")
    right, head = nursery.ask("known", url=str(fleet))
    there = files(fleet, kind)
    waiting = [_mutation(chance, fleet, chance.choice(there)) for _ in range(size(6, 200))]
    found, aborted = Counter(), 0
    while waiting:
        player = nursery.start("damaged", url=str(fleet), mutations=waiting, right=right, head=head)
        answer = player.outcome(600)
        if answer and "answer" in answer:
            told, waiting = answer["answer"], []
        else:
            assert answer is None, answer
            at, _ = json.loads((tmp_path / "at").read_text())
            shutil.rmtree(fleet)
            shutil.copytree(whole, fleet)
            told, waiting, aborted = [], waiting[at + 1 :], aborted + 1
        found.update(outcome.split(":")[0] for outcome in told)
        wrong = [one for one in told if one not in {"refused", "reported", "harmless"}]
        fault.altered += sum(one.startswith("believed") for one in wrong)
        fault.wrong += [f"{kind}: {one}" for one in wrong]
        fault.played += len(told)
    fault.played += aborted
    fault.acknowledged += fault.played

    fault.holds()
    assert aborted <= fault.played / 10
    if kind in NOTICED:
        assert found["harmless"] < fault.played


def _mutation(chance, fleet, path):
    length = path.stat().st_size
    kind = chance.choice(("flip", "flip", "cut"))
    return [
        str(path.relative_to(fleet)),
        kind,
        chance.randrange(max(1, length)),
        chance.randrange(8),
    ]
