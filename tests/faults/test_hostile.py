"""Nobody gets in: what strangers leave in folders, settings, texts, artifacts and tables.

Each attack is asserted twice. The attacker gets nothing: no code of theirs runs, nothing is sent,
no private file is touched, no secret is printed or kept. And the user is told by name what was
refused and how to go on, while the rows of everybody else's models stand.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from argosy.errors import ArgosyError
from argosy_cli.main import run

from .hostile.artifacts import ARTIFACTS, FEATURES, SOUND
from .hostile.conditions import CONDITIONS, QUERIES
from .hostile.configs import CONFIGS
from .hostile.folders import FOLDERS
from .hostile.ground import CANARY, GOOD, Ground, Host, stand
from .hostile.tables import MANY, TABLES, binding

SECONDS = 60.0
"""No attack holds a machine up for longer; on an idle one none takes a tenth of that."""


@pytest.fixture(scope="module")
def host():
    host = Host()
    yield host
    host.close()


@pytest.fixture(scope="module")
def make(host, tmp_path_factory):
    """Make grounds, each with a fleet of its own."""
    return lambda name: Ground(tmp_path_factory.mktemp(name), host)


@pytest.fixture(scope="module")
def ground(make):
    """The ground of attacks that leave nothing behind."""
    return make("ground")


@pytest.fixture(scope="module")
def undisturbed(ground):
    """What good models get where nobody attacks."""
    rows = stand(ground.fleet.evaluate())
    assert [row[0] for row in rows] == [*GOOD]
    return rows


@pytest.fixture
def note(record_property):
    """Count an attack of a kind, for the lines at the end."""
    return lambda kind: record_property("attack", kind)


def filled(text, ground):
    """Return a text with the reader's folder and the attacker's host in it."""
    if len(text) > 10_000:
        return text
    return text.format(private=ground.private, url=ground.url)


def refusal(work):
    """Return what somebody is told who does something, or None where they are not."""
    began = time.monotonic()
    try:
        work()
    except ArgosyError as error:
        return str(error)
    finally:
        assert time.monotonic() - began < SECONDS
    return None


def assert_told(attack, said):
    if attack.told is None:
        return
    assert said is not None, "nobody is told"
    assert re.search(attack.told, said), said[:1000]
    assert len(said) < 10_000, "what is told is no message"


# Conditions


@pytest.fixture(scope="module")
def cut(make):
    """A fleet that keeps every hostile condition as the `where` of a model, checked by nobody."""
    ground = make("cut")
    fleet, names = ground.fleet, {str(one): f"c{n}" for n, one in enumerate(CONDITIONS)}
    fleet.register({"model": [*names.values()], "version": ["1"] * len(names)})
    url = str(ground.shared / "holdout.parquet")
    kept = [one for one in CONDITIONS if len(one.does) < 1_000_000]
    rows = [
        {"model": names[str(one)], "role": "holdout", "url": url, "truth": "label",
         "score": "score", "where": filled(one.does, ground).replace("\0", "").encode(
             errors="ignore").decode()}
        for one in kept
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("argosy.registry.bindings.unreadable", lambda *_: None)
        fleet.bind(rows, check=False)
    done = fleet.evaluate()
    return ground, done, {str(one): names[str(one)] for one in kept}


@pytest.mark.parametrize("attack", CONDITIONS, ids=str)
def test_a_hostile_condition_is_refused(attack, ground, note):
    note("conditions")
    text, fleet = filled(attack.does, ground), ground.fleet
    said = refusal(lambda: fleet.where(text.replace("client", "model")).frame())

    assert_told(attack, said or refusal(lambda: fleet.evaluate(slices=[text])))
    assert ground.gained(said or "") == []


@pytest.mark.parametrize("attack", CONDITIONS, ids=str)
def test_a_hostile_condition_that_a_fleet_keeps_fails_its_model_alone(
    attack, cut, undisturbed, note
):
    note("stored conditions")
    ground, done, names = cut
    if str(attack) not in names:
        return  # it is too long to be kept
    mine = done.results().filter(model=names[str(attack)])

    assert stand(done) == undisturbed
    assert mine.height
    if attack.told and attack.name not in {"a NUL", "half a letter"}:
        assert set(mine["status"]) == {"failed"}
        assert all("where" in reason for reason in mine["reason"]), mine["reason"].to_list()
    assert ground.gained(str(mine["reason"].to_list())) == []


@pytest.mark.parametrize("attack", QUERIES, ids=str)
def test_a_hostile_query_is_refused(attack, ground, note, monkeypatch):
    note("queries")
    monkeypatch.setenv("ARGOSY_CORE__QUERY_SECONDS", "5")
    fleet = ground.fleet
    said = refusal(lambda: fleet.sql(filled(attack.does, ground)))

    assert_told(attack, said)
    assert ground.gained(said or "") == []
    assert 3 == fleet.models().select(pl.len()).collect().item()


# Tables


@pytest.fixture(scope="module")
def read(make):
    """A run over hostile tables, a model each, and what was said where one was not bound."""
    ground = make("read")
    return played(ground, TABLES)


def played(ground, attacks):
    """Plant tables, bind each to a model of its own, and evaluate all that could be bound."""
    fleet, refused, bound = ground.fleet, {}, {}
    names = {str(one): f"t{n}" for n, one in enumerate(attacks)}
    fleet.register({"model": [*names.values()], "version": ["1"] * len(names)})
    for attack in attacks:
        mine = {**binding(attack.does(ground)), "model": names[str(attack)]}
        if said := refusal(lambda mine=mine: fleet.bind([mine])):
            refused[str(attack)] = said
        if not refusal(lambda mine=mine: fleet.bind([mine], check=False)):
            bound[str(attack)] = mine["model"]
    return ground, fleet.evaluate(), refused, bound


@pytest.mark.parametrize("attack", TABLES, ids=str)
def test_a_hostile_table_gives_nothing(attack, read, undisturbed, note):
    note("tables")
    ground, done, refused, bound = read
    assert_nothing_read(attack, ground, done, refused, bound)
    assert stand(done) == undisturbed


@pytest.mark.slow
def test_a_table_that_is_larger_than_memory_costs_its_model_alone(make, undisturbed, note):
    """A file of some kilobytes may say that it has any number of rows."""
    note("tables")
    ground = make("large")
    fleet = ground.fleet
    fleet.register({"model": ["t0"], "version": ["1"]})
    fleet.bind([{**binding(MANY.does(ground)), "model": "t0"}], check=False)
    command = Path(sys.executable).with_name("argosy")
    line = f"ulimit -v {6 * 2**20}; exec {command} --fleet {fleet.url} evaluate"
    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, timeout=900, check=False
    )
    rows = fleet.evaluations().collect()
    said = " ".join(rows.filter(model="t0")["reason"].drop_nulls())

    assert done.returncode == 4, done.stderr[-2000:]
    assert_told(MANY, said)
    kept = rows.filter(pl.col("model").is_in(GOOD), status="ok", metric="auc").sort("model")
    assert kept.select("model", "value", "n").rows() == undisturbed


def assert_nothing_read(attack, ground, done, refused, bound):
    said = refused.get(str(attack), "")
    if str(attack) in bound:
        mine = done.results().filter(model=bound[str(attack)])
        assert set(mine["status"]) == {"failed"}, mine
        said += " ".join(mine["reason"])
    assert_told(attack, said or None)
    assert ground.gained(said) == []


# Artifacts


@pytest.fixture(scope="module")
def opened(make):
    """A run over hostile artifacts, a model each, beside one that is sound."""
    ground = make("opened")
    fleet, refused = ground.fleet, {}
    rows = pl.DataFrame({"a": [0.1, -0.2] * 20, "b": [1.0, 2.0] * 20, "y": [1, 0] * 20})
    rows.write_parquet(ground.shared / "rows.parquet")
    (ground.shared / "sound.skops").write_bytes(SOUND)
    planted = {"a sound one": ground.shared / "sound.skops"}
    planted |= {str(one): one.does(ground) for one in ARTIFACTS}
    names = {name: f"a{number}" for number, name in enumerate(planted)}

    def registered(name, **more):
        path = planted[name]
        told = {"model": names[name], "version": "1", "artifact": str(path), "task": "binary"}
        form = {".pkl": "pickle", ".onnx": "onnx", ".json": "xgboost"}.get(path.suffix, "skops")
        fleet.register([{**told, "format": form, "features": FEATURES, **more}])
        url = str(ground.shared / "rows.parquet")
        fleet.bind([{"model": names[name], "role": "holdout", "url": url, "truth": "y"}])

    for name in planted:
        said = refusal(lambda name=name: registered(name))
        if said:
            refused[name] = said
    return ground, fleet.evaluate(), refused, names


@pytest.mark.system
def test_a_sound_artifact_is_read_beside_hostile_ones(opened):
    _, done, _, names = opened
    assert 1 == len(stand(done, [names["a sound one"]]))


@pytest.mark.system
@pytest.mark.parametrize("attack", ARTIFACTS, ids=str)
def test_a_hostile_artifact_runs_nothing(attack, opened, undisturbed, note):
    note("artifacts")
    name = attack.name
    ground, done, refused, names = opened
    said = refused.get(name, "")
    mine = done.results().filter(model=names[name])
    if attack.told and mine.height:
        assert set(mine["status"]) == {"failed"}, mine
        said += " ".join(mine["reason"])
    assert_told(attack, said or None)
    assert ground.gained(said) == []
    assert stand(done) == undisturbed


# Settings


@pytest.mark.parametrize("attack", CONFIGS, ids=str)
def test_hostile_settings_are_refused(
    attack, ground, undisturbed, note, tmp_path, monkeypatch, capsys
):
    note("settings")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("THE_CANARY", CANARY)
    attack.does(ground, tmp_path)
    before = ground.fleet.seq
    code = run(["--fleet", ground.fleet.url, "retire", "--where", "model = 'm2'"])
    said = "".join(capsys.readouterr())
    assert ground.gained(said) == []
    if attack.told:
        assert code == 2, said
        assert before == ground.fleet.seq
        assert_told(attack, said)
    monkeypatch.chdir(ground.folder)
    assert stand(ground.fleet.evaluate("model != 'm2'")) == undisturbed


# Folders


@pytest.mark.system
@pytest.mark.parametrize("attack", FOLDERS, ids=str)
def test_a_hostile_folder_runs_nothing(attack, ground, undisturbed, note, tmp_path):
    note("folders")
    attack.does(ground, tmp_path)
    command = [str(Path(sys.executable).with_name("argosy")), "--fleet", ground.fleet.url]
    surroundings = {**os.environ, "THE_CANARY": CANARY, "XDG_CONFIG_HOME": str(ground.folder)}
    surroundings.pop("PYTHONSAFEPATH", None)
    done = subprocess.run(
        [*command, "evaluate", "--json"],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = done.stdout + done.stderr
    assert ground.gained(said) == []
    assert done.returncode == (2 if attack.told else 0), said
    assert_told(attack, said)
    assert stand(ground.fleet.evaluate()) == undisturbed
