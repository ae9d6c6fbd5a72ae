"""The demo finds what it planted, and little else."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

import argosy
from argosy.errors import ArgosyError, BadInput
from argosy_cli.main import run
from argosy_demo import scenario
from argosy_demo.datasets import ROLES, load
from argosy_demo.planting import corrupt, plant
from argosy_demo.roster import FEATURES, roster
from argosy_demo.training import train
from argosy_demo.windows import deal, save

SEED = 7


@contextmanager
def quiet(title):
    yield lambda done, total: None


@pytest.fixture(scope="module")
def crew():
    return roster(load(), 200, SEED)


@pytest.fixture(scope="module")
def dealt(crew):
    return deal(load(), crew, SEED)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "fleet"
    return folder, scenario.play(folder, 30, SEED, "local", quiet)


def test_every_template_has_a_category_made_of_its_own_columns():
    """A categorical feature that nobody measured would make the data synthetic."""
    kinds = {t.name: sorted(t.rows[t.category].unique()) for t in load()}

    assert kinds["breast-cancer"] == ["large", "medium", "small"]
    assert kinds["wine"] == ["deep", "medium", "pale"]
    assert kinds["diabetes"] == ["1", "2"]
    assert kinds["digits"] == ["lower_left", "lower_right", "upper_left", "upper_right"]


def test_every_model_is_somebodys(crew):
    """A fleet is asked who answers for what."""
    assert crew["model"].n_unique() == 200
    assert {"cellar", "risk", "screening", "vision"} == set(crew["team"])
    assert {1, 2, 3, 4} == set(crew["tier"])
    assert crew.select(pl.all().null_count()).sum_horizontal().item() == 0


def test_models_use_eight_to_sixteen_features(crew):
    """Fewer hide little, more would slow the demo."""
    sizes = crew["features"].list.len()

    assert FEATURES[0] + 1 <= sizes.min()
    assert sizes.max() <= FEATURES[1] + 1


def test_no_row_stands_in_two_windows_of_a_model(dealt):
    """Windows that share or repeat rows would not be exchangeable, and clean models drift."""
    for tables in dealt.values():
        rows = pl.concat(table.select("model", "row") for table in tables.values())

        assert not rows.is_duplicated().any()


def test_windows_have_the_sizes_of_their_template(dealt):
    """Training, judging and comparing need rows each."""
    for template in load():
        for role in ROLES:
            sizes = dealt[template.name][role].group_by("model").len()["len"]

            assert {template.windows[role]} == set(sizes)


def test_a_feature_that_a_model_does_not_use_has_no_values_in_its_windows(dealt, crew):
    """The trainer leaves out what a site does not measure: that is how models differ."""
    for dataset, models in crew.partition_by("dataset", as_dict=True).items():
        used = {m: {f["name"] for f in fs} for m, fs in models.select("model", "features").rows()}
        for table in dealt[dataset[0]].values():
            filled = table.drop("row", "target").group_by("model").agg(pl.all().count() > 0)
            for row in filled.to_dicts():
                model = row.pop("model")
                assert used[model] == {name for name, some in row.items() if some}


def test_three_in_a_hundred_models_drift_in_a_feature_they_use(dealt, crew):
    """Drift in a column that a model does not read is none of its business."""
    _, planted = plant(dealt, crew, SEED)
    used = {m: {f["name"] for f in fs} for m, fs in crew.select("model", "features").rows()}

    assert 6 == planted["model"].n_unique() == planted.height
    assert all(column in used[model] for model, column in planted.select("model", "column").rows())


def test_only_what_is_documented_changes(dealt, crew):
    """Or else an alert could be right and be counted as false."""
    changed, planted = plant(dealt, crew, SEED)
    documented = set(planted.select("model", "column").rows())
    found = set()
    for name, tables in dealt.items():
        for role, before in tables.items():
            after = changed[name][role]
            for column in before.columns:
                differs = before[column].ne_missing(after[column])
                found |= {(model, column, role) for model in before["model"].filter(differs)}

    assert {(model, column, "current") for model, column in documented} == found


def test_every_kind_of_drift_is_planted(dealt, crew, monkeypatch):
    """A kind that is never planted is never shown to be found."""
    monkeypatch.setattr("argosy_demo.planting.SHARE", 0.2)

    _, planted = plant(dealt, crew, SEED)

    assert {
        "mean_shift", "scale", "category_swap", "category_collapse", "nulls",
    } == set(planted["kind"])  # fmt: skip


def test_the_seed_decides_everything(dealt, crew):
    """A demo that differs from one telling to the next convinces nobody."""
    again = roster(load(), 200, SEED)
    other = roster(load(), 200, SEED + 1)

    assert crew.equals(again)
    assert not crew.equals(other)
    assert dealt["wine"]["current"].equals(deal(load(), again, SEED)["wine"]["current"])
    assert plant(dealt, crew, SEED)[1].equals(plant(dealt, again, SEED)[1])


def test_damage_spares_the_models_that_drift(tmp_path):
    """Each trouble stands alone, so that one cannot hide another."""
    models = [f"m{number}" for number in range(30)]
    for model in models:
        (tmp_path / model).write_bytes(b"content")
    artifacts = pl.DataFrame(
        {"model": models, "artifact": [str(tmp_path / model) for model in models]}
    )

    damaged = corrupt(artifacts, pl.Series(models[:27]), SEED)
    whole = {p.name for p in tmp_path.iterdir() if p.read_bytes() == b"content"}

    assert set(models[27:]) == set(damaged["model"])
    assert set(models[:27]) == whole


def test_training_that_fails_says_where(crew, tmp_path):
    """A fleet with holes nobody planted would tell another story."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    pair = crew.head(2)
    fleet.bind(save(deal(load()[:1], pair.head(1), SEED), pair, tmp_path))
    with pytest.raises(ArgosyError, match="training stopped at breast-cancer-0002: .* no row"):
        train(fleet, load(), pair, "local", lambda done, total: None)


def test_the_small_demo_holds(played):
    """End to end: trained, registered, evaluated, checked, and found."""
    _, outcome = played

    assert outcome.shortfall() is None
    assert (outcome.models, outcome.ok, outcome.failures.height) == (30, 27, 3)
    assert 1 == outcome.found == outcome.planted.height


def test_models_are_trained_by_template_on_the_features_that_they_use(played, crew):
    """As anybody's are: by `fleet.train`, with the trainer `sklearn`."""
    fleet = argosy.open(str(played[0]))
    people = roster(load(), 30, SEED)
    names = pl.col("features").list.eval(pl.element().struct.field("name"))
    read = dict(fleet.versions().select("model", names).collect().rows())

    assert read == dict(people.select("model", names).rows())
    assert {*fleet.templates().collect()["trainer"]} == {"sklearn"}
    assert {*fleet.templates().collect()["template"]} == {*people["template"]}
    assert fleet.trainings().filter(status="ok").collect().height == 30


def test_failures_say_why(played):
    """A failure without its reason sends its owner searching."""
    _, outcome = played

    reasons = outcome.failures["reason"].str.len_chars()
    assert 3 == (reasons > 0).sum()


def test_what_was_planted_is_written_down(played):
    """The reader checks the findings against the table, not against our word."""
    folder, outcome = played
    written = pl.read_parquet(folder / "planted.parquet")

    assert written.equals(outcome.planted.drop("found"))


def test_models_predict_better_than_guessing(played):
    """Models that learned nothing would not be real ones."""
    folder, _ = played
    values = argosy.open(str(folder)).evaluations().filter(slice="all", status="ok").collect()
    accuracy = values.filter(metric="accuracy")["value"]
    r2 = values.filter(metric="r2")["value"]

    assert accuracy.min() > 0.3
    assert r2.min() > 0.05
    assert r2.mean() > 0.3


def test_an_earlier_demo_is_replaced(tmp_path):
    """Trying twice is the first thing a visitor does."""
    scenario.clear(tmp_path / "fleet")
    (tmp_path / "fleet" / "old").touch()

    scenario.clear(tmp_path / "fleet")

    assert [path.name for path in (tmp_path / "fleet").iterdir()] == [scenario.MARKER]


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path):
    """Nothing is deleted that the demo did not make."""
    (tmp_path / "precious").touch()

    with pytest.raises(BadInput, match="another folder"):
        scenario.clear(tmp_path)

    assert (tmp_path / "precious").exists()


def test_the_command_prints_one_document(tmp_path, capsys):
    """A script reads the outcome without parsing prose."""
    code = run(["--json", "--fleet", str(tmp_path / "fleet"), "demo", "--models", "12"])
    told = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (told["models"], told["ok"], told["failed"]) == (12, 11, 1)
    assert (told["planted"], told["found"], told["false_alarms"]) == (1, 1, 0)
    assert told["fleet"] == str(tmp_path / "fleet")
    assert Path(told["report"]).is_file()


def test_the_command_tells_the_story(tmp_path, capsys, monkeypatch):
    """A person learns what was found, why some failed, and what to try next."""
    monkeypatch.chdir(tmp_path)

    code = run(["demo", "--models", "12"])
    told = capsys.readouterr().out

    assert code == 0
    assert "found in 1 of 1 models; false alarms: 0" in told
    assert "1 could not be evaluated" in told
    assert "argosy --fleet demo-fleet triage" in told
    assert (tmp_path / "demo-fleet" / "report.html").is_file()


def test_a_demo_that_missed_its_drift_fails(tmp_path, capsys, monkeypatch):
    """A demo that always passes would prove nothing."""
    monkeypatch.setattr("argosy_demo.scenario.plant", unplanted)

    code = run(["demo", "--models", "12", "--fleet", str(tmp_path / "fleet")])

    assert code == 1
    assert "did not hold: 1 of 1 planted drifts were missed" in capsys.readouterr().out


def test_a_bucket_is_refused(capsys):
    """The demo writes artifacts with plain file calls."""
    code = run(["--fleet", "s3://bucket/fleet", "demo"])

    assert code == 2
    assert "s3://bucket/fleet" in capsys.readouterr().err


def unplanted(windows, crew, seed):
    """Document drift, but do not plant it."""
    return windows, plant(windows, crew, seed)[1]
