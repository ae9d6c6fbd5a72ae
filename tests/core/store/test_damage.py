"""Damage is told in one clean line that names the file and the way out, and the rest goes on."""

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable

from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run as command

KINDS = {
    "marker": "argosy.json",
    "rows of the ledger": "ledger/part-*.parquet",
    "first entry of the ledger": "ledger/_delta_log/00000000000000000000.json",
    "entry of the ledger": "ledger/_delta_log/00000000000000000003.json",
    "last entry of the ledger": "ledger/_delta_log/*.json",
    "saved state": "state/part-*.parquet",
    "log of the saved state": "state/_delta_log/*.json",
    **{
        f"rows of {name}": f"{name}/part-*.parquet"
        for name in (
            *("evaluations", "drift", "verdicts", "distributions", "incidents", "estimates"),
            *("profiles", "fits", "gates"),
        )
    },
    "log of verdicts": "verdicts/_delta_log/00000000000000000001.json",
    "first entry of evaluations": "evaluations/_delta_log/00000000000000000000.json",
    "profile": "profiled/*.arrow",
    "fit": "fitted/*.arrow",
    "plan": "staged/*/plan.arrow",
    "data of a plan": "staged/*/data.arrow",
    "staged list": "staged/*/chunk-*.arrow",
    "staged rows": "staged/*/[0-9a-f]*.arrow",
}
READERS = [
    ["history"],
    ["runs"],
    ["models"],
    ["show", "m1"],
    ["leaderboard"],
    ["triage"],
    ["incidents"],
    [
        "sql",
        "SELECT d.model, v.n FROM drift d, (SELECT count(*) AS n FROM distributions) v LIMIT 2",
    ],
    ["sql", "SELECT count(*) FROM realised"],
    ["sql", "SELECT count(*) FROM gates"],
    ["resume"],
]
WRITERS = [["evaluate"], ["drift"], ["estimate"], ["maintain"], ["tag", "--where", "true", "a=b"]]
ALONE = {
    "rows of",
    "log of",
    "first entry of evaluations",
    "profile",
    "fit",
    "plan",
    "data",
    "staged",
}
WAYS_OUT = ("backup", "--repair", " init", "remove", "anew", "verify", "argosy resume")


def _truncated(content):
    return content[: len(content) // 2]


def _flipped(place):
    def flipped(content):
        changed = bytearray(content)
        changed[min(len(changed) - 1, place(len(changed)))] ^= 16
        return bytes(changed)

    return flipped


HARMS = {
    "truncated": _truncated,
    "flipped early": _flipped(lambda size: 50),
    "flipped in the middle": _flipped(lambda size: size // 2),
    "flipped late": _flipped(lambda size: size - 20),
    "emptied": lambda content: b"",
    "of another format": lambda content: b'{"a": 1}\nnot what it was\n' * 20,
    "missing": None,
}


def harm(path, how):
    changed = HARMS[how]
    if changed is None:
        path.unlink()
    else:
        path.write_bytes(changed(path.read_bytes()))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A fleet with facts of most jobs, and a run that was stopped in the middle."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        fleet = logged_fleet(folder, models=4, rows=100, drifting={"m1"})
        fleet.add_root(str(folder), reason="copies of the fleet read the same data")
        fleet.evaluate()
        fleet.check_drift()
        fleet.estimate()
        fleet.gate()
        fleet.maintain()
        fleet.evaluate(metrics=["auc"])
        usual = installed().executors["local"]

        def stopped(chunks, perform):
            for finished in usual.run(chunks, perform):
                yield finished
                if finished:
                    raise KeyboardInterrupt

        patch.setitem(installed().executors, "local", replace(usual, run=stopped))
        with pytest.raises(KeyboardInterrupt):
            fleet.evaluate(metrics=["auc"])
    return Path(fleet.url)


@pytest.fixture
def fleet(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "fleet"))


@pytest.fixture
def say(capfd):
    """Run a command as the command line does; return its exit code and all that it printed."""

    def say(folder, *arguments):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            code = command(["--fleet", str(folder), *arguments])
        out, err = capfd.readouterr()
        return code, out + err

    return say


def chosen(fleet, kind):
    """Return a file of a kind: of the rows of a table one that its log names."""
    found = sorted(fleet.glob(KINDS[kind]))
    if not kind.startswith(("rows of", "saved state")):
        return found[-1]
    return fleet / found[0].parent.name / DeltaTable(found[0].parent).file_uris()[-1].split("/")[-1]


def assert_clean(code, told, path):
    """A log's last entry is not missed by its name: what it said is, and the table is named."""
    assert code in {0, 1} or (path.name == "plan.arrow" and not path.exists()), told
    assert not any(word in told for word in ("Traceback", "panicked", "stack backtrace")), told
    lines = [line for line in told.splitlines() if line.startswith("error: ")]
    assert len(lines) == min(code, 1), told
    if code == 1:
        table = path.parent.parent.name if path.parent.name == "_delta_log" else None
        assert path.name in told or (table and f"/{table}" in told), told
        assert any(way in told for way in WAYS_OUT), told


def cases():
    for place, kind in enumerate(KINDS):
        for turn, how in enumerate(HARMS):
            short = place % 2 == 0 and turn == place // 2 % len(HARMS)
            marks = () if short else pytest.mark.slow
            yield pytest.param(kind, how, marks=marks, id=f"{kind} {how}")


@pytest.mark.parametrize(("kind", "how"), list(cases()))
def test_damage_of_any_kind_of_file_is_told_in_one_clean_line(fleet, say, kind, how):
    """Each command answers or says which file; whatever does not need the file answers."""
    path = chosen(fleet, kind)
    harm(path, how)
    for arguments in READERS:
        code, told = say(fleet, *arguments)
        assert_clean(code, told, path)
        if arguments[0] in {"history", "runs"} and kind.startswith(tuple(ALONE)):
            assert code == 0 or "ledger" in kind
    found, _ = say(fleet, "verify", "--json")
    stopped = next((fleet / "staged").iterdir()).name
    for arguments in [["resume", stopped], *WRITERS]:
        assert_clean(*say(fleet, *arguments), path)

    assert found == 1 or not kind.startswith(("rows", "profile", "fit"))
