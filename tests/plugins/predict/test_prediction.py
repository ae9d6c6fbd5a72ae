"""Batch predictions: each model's own rows, in files of its own row groups, bound in one change."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, LogisticRegression

import argosy
from argosy.artifacts import digest_of
from argosy.data.datasets import SHAPE
from argosy.errors import BadInput, UnknownName
from argosy.jobs import chunking
from argosy.jobs.staged import Staged
from argosy.jobs.worker import SETTINGS, STAGE, WORK
from argosy.jobs.worker import perform as performing
from argosy.plugins import installed
from argosy.store.location import Location
from argosy.types import Chunk, Loader
from argosy_cli.main import run as argosy_command
from argosy_predict.files import ROWS, Files
from argosy_predict.work import perform

sio = pytest.importorskip("skops.io")
FACT = ("model", "version", "task", "n", "status", "reason")


@pytest.fixture
def folder(tmp_path):
    """Rows of four models, `m3` without any, and the artifacts of a rising and a falling line."""
    places = np.arange(60.0)
    rows = pl.DataFrame(
        {
            "client": [f"m{number % 3}" for number in range(60)],
            "customer": [f"c{59 - number:02d}" for number in range(60)],
            "x": places,
        }
    )
    rows.write_parquet(tmp_path / "current.parquet")
    for name, slope in {"up": 1.0, "down": -1.0}.items():
        line = LinearRegression().fit(places[:, None], slope * places)
        (tmp_path / f"{name}.skops").write_bytes(sio.dumps(line))
    return tmp_path


@pytest.fixture
def fleet(folder):
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    register(fleet, folder, ["m0", "m1", "m2"], "1", "up")
    fleet.bind(
        [{"role": "current", "url": str(folder / "current.parquet"), "key": "client",
          "id": "customer"}]
    )  # fmt: skip
    return fleet


def register(fleet, folder, models, version, artifact):
    fleet.register(
        {
            "model": models,
            "version": [version] * len(models),
            "format": ["skops"] * len(models),
            "artifact": [str(folder / f"{artifact}.skops")] * len(models),
        }
    )


def lists(fleet, role="lists"):
    """Return all rows that are bound to a role, read with nothing but polars."""
    bound = fleet.bindings().filter(role=role).collect()
    parts = [
        pl.read_parquet(url).filter(pl.col("model") == model)
        for model, url in bound.select("model", "url").rows()
    ]
    return pl.concat(parts).sort("model", "customer")


# What is predicted


def test_each_model_predicts_its_own_rows_and_the_files_say_so(fleet, folder):
    run = fleet.predict(role="lists")

    rows = pl.read_parquet(folder / "current.parquet").sort("client", "customer")
    found = lists(fleet)
    assert {"models": 3, "ok": 3, "failed": 0}.items() <= run.summary.items()
    assert found.columns == ["model", "version", "customer", "prediction"]
    assert rows["client"].to_list() == found["model"].to_list()
    assert rows["customer"].to_list() == found["customer"].to_list()
    assert found["prediction"].to_numpy() == pytest.approx(rows["x"].to_numpy())


def test_the_table_of_predictions_names_file_rows_and_role(fleet):
    run = fleet.predict(role="lists")

    found = run.results()
    assert [("m0", "1", "regression", 20, "ok", None)] == found.select(FACT).rows()[:1]
    assert {"current"} == set(found["dataset"])
    assert {"lists"} == set(found["role"])
    assert 3 == fleet.sql("SELECT COUNT(*) AS n FROM predictions WHERE status = 'ok'")["n"].item()


def test_a_classifier_gives_its_probabilities_too(fleet, folder):
    x = np.arange(60.0)[:, None]
    (folder / "classes.skops").write_bytes(
        sio.dumps(LogisticRegression().fit(x, np.where(x[:, 0] > 30, "yes", "no")))
    )
    register(fleet, folder, ["m1"], "2", "classes")

    fleet.predict("model = 'm1'", role="lists")

    found = lists(fleet)
    assert {"no", "yes"} == set(found["prediction"])
    assert found["probabilities"].list.sum().to_numpy() == pytest.approx(np.ones(20))


def test_models_that_answer_with_other_types_have_files_of_their_own(fleet, folder, monkeypatch):
    """A file has one schema, and models of a chunk share it."""
    monkeypatch.setattr(chunking, "_UNKNOWN_LEAST", {True: 100, False: 100})
    x = np.arange(60.0)[:, None]
    (folder / "classes.skops").write_bytes(sio.dumps(LogisticRegression().fit(x, x[:, 0] > 30)))
    register(fleet, folder, ["m1"], "2", "classes")

    run = fleet.predict(role="lists")

    files = dict(run.results().select("model", "file").rows())
    assert files["m0"] == files["m2"] != files["m1"]


def test_the_version_of_an_alias_predicts_for_models_that_have_it(fleet, folder):
    register(fleet, folder, ["m0", "m1"], "2", "down")
    fleet.set_alias({"model": ["m0"], "version": ["1"]}, "champion")

    run = fleet.predict(alias="champion", role="lists")

    assert [("m0", "1")] == lists(fleet).select("model", "version").unique().rows()
    assert 1 == run.summary["models"]
    with pytest.raises(UnknownName, match="champoin"):
        fleet.predict(alias="champoin")


def test_without_a_role_nothing_is_bound(fleet):
    run = fleet.predict()

    assert 3 == run.summary["ok"]
    assert ["current"] == fleet.bindings().collect()["role"].to_list()


def test_rows_without_an_id_are_kept_in_their_order(fleet, folder):
    fleet.bind([{"role": "plain", "url": str(folder / "current.parquet"), "key": "client"}])
    fleet.register(
        {"model": ["m9"], "version": ["1"], "format": ["skops"],
         "artifact": [str(folder / "up.skops")], "features": [[{"name": "x"}]]}
    )  # fmt: skip
    rows = pl.read_parquet(folder / "current.parquet").with_columns(client=pl.lit("m9"))
    rows.write_parquet(folder / "nine.parquet")
    fleet.bind([{"role": "plain", "model": "m9", "url": str(folder / "nine.parquet")}])

    run = fleet.predict("model = 'm9'", "plain", role="lists")

    [url] = fleet.bindings().filter(role="lists").collect()["url"]
    assert 60 == run.results()["n"].item()
    assert pl.read_parquet(url)["prediction"].to_list() == pytest.approx(rows["x"].to_list())


# Models that fail


def test_one_failing_model_is_a_row_and_keeps_its_older_lists(fleet, folder):
    fleet.predict(role="lists")
    before = lists(fleet)
    (folder / "broken.skops").write_bytes(b"no model")
    register(fleet, folder, ["m1"], "2", "broken")
    register(fleet, folder, ["m0", "m2"], "2", "down")

    run = fleet.predict(role="lists")

    after, failures = lists(fleet), run.failures()
    assert {"models": 3, "ok": 2, "failed": 1}.items() <= run.summary.items()
    assert ["m1"] == failures["model"].to_list()
    assert "it is no skops file" in failures["reason"].item()
    assert before.filter(model="m1").equals(after.filter(model="m1"))
    assert {"2"} == set(after.filter(pl.col("model") != "m1")["version"])


def test_a_digest_is_verified_before_the_artifact_is_parsed(fleet, folder):
    """A file that was swapped for a sound model of another kind is refused all the same."""
    fleet.predict(role="lists")
    (folder / "up.skops").write_bytes((folder / "down.skops").read_bytes())

    run = fleet.predict(role="lists")

    assert 3 == run.summary["failed"]
    assert all("changed: registered" in reason for reason in run.failures()["reason"])


def test_a_model_without_rows_without_data_or_scored_elsewhere_says_which(fleet, folder):
    register(fleet, folder, ["m3"], "1", "up")
    fleet.register({"model": ["other"], "version": ["1"], "format": ["external"]})

    run = fleet.predict()

    reasons = dict(run.failures().select("model", "reason").rows())
    assert "there is no row of the model" in reasons["m3"]
    assert "scored elsewhere" in reasons["other"]


def test_a_column_that_would_be_taken_for_another_is_refused(fleet, folder):
    rows = pl.read_parquet(folder / "current.parquet").rename({"customer": "prediction"})
    rows.write_parquet(folder / "odd.parquet")
    fleet.bind(
        [{"role": "odd", "url": str(folder / "odd.parquet"), "key": "client", "id": "prediction"}]
    )

    run = fleet.predict(data="odd", role="lists")

    assert {"its rows are named by the column 'prediction'; call that otherwise"} == set(
        run.failures()["reason"]
    )
    assert fleet.bindings().filter(role="lists").collect().is_empty()


def test_predictions_are_not_bound_to_the_rows_they_are_made_of(fleet):
    with pytest.raises(BadInput, match="whose rows are predicted"):
        fleet.predict(role="current")
    with pytest.raises(BadInput, match="role 'a/b'"):
        fleet.predict(role="a/b")
    assert fleet.runs().collect().is_empty()


def test_a_model_that_is_deleted_meanwhile_is_not_bound(fleet, folder, monkeypatch):
    """Bindings are decided on the fleet as it is when the run is committed."""
    usual = installed().executors["local"]

    def deleting(chunks, work):
        yield from usual.run(chunks, work)
        argosy.open(fleet.url).delete({"model": ["m1"]})

    monkeypatch.setitem(installed().executors, "local", replace(usual, run=deleting))
    run = fleet.predict(role="lists")

    assert 3 == run.summary["ok"]
    assert {"m0", "m2"} == set(fleet.bindings().filter(role="lists").collect()["model"])


# Runs


def test_a_rollback_brings_back_what_all_had(fleet, folder):
    fleet.predict(role="lists")
    before = lists(fleet)
    register(fleet, folder, ["m0", "m1", "m2"], "2", "down")
    fleet.predict(role="lists")
    assert not before.equals(lists(fleet))

    fleet.rollback(fleet.seq)

    assert before.equals(lists(fleet))


def test_upkeep_keeps_the_files_that_a_run_names(fleet, folder):
    fleet.predict(role="lists")
    stray = next((folder / "fleet/predicted").iterdir()) / "stray.parquet"
    stray.write_bytes(b"of a driver that was killed")
    before = lists(fleet)

    fleet.maintain(keep_hours=0, nobody_writes=True)

    assert not stray.exists()
    assert before.equals(lists(fleet))


def test_it_is_explained_and_resumed_like_any_run(fleet, folder, monkeypatch):
    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: 1, False: 1})
    assert 3 == fleet.explain("predict", role="lists").height
    usual, seen = installed().executors["local"], []

    def dying(chunks, work):
        for finished in usual.run(chunks, work):
            seen.append(finished)
            yield finished
            if len([one for one in seen if one]) == 2:
                raise KeyboardInterrupt

    monkeypatch.setitem(installed().executors, "local", replace(usual, run=dying))
    with pytest.raises(KeyboardInterrupt):
        fleet.predict(role="lists")
    monkeypatch.setitem(installed().executors, "local", usual)
    assert "lists" not in fleet.bindings().collect()["role"]

    [run_id] = fleet.unfinished()["run_id"]
    run = fleet.resume(run_id)

    assert 3 == run.summary["ok"]
    resumed = lists(fleet)
    fleet.predict(role="lists")
    assert resumed.equals(lists(fleet))


def test_local_and_ray_predict_the_same(fleet, folder):
    pytest.importorskip("ray")
    fleet.predict(role="here")
    run = fleet.predict(role="there", executor="ray")

    assert 3 == run.summary["ok"]
    assert lists(fleet, "here").equals(lists(fleet, "there"))


def test_the_command_line_predicts_and_looks_up(fleet, capsys):
    told = ["--fleet", fleet.url, "--json"]
    assert 0 == argosy_command([*told, "predict", "--where", "model = 'm1'", "--role", "lists"])
    assert {"kind": "predict", "models": 1, "ok": 1}.items() <= json.loads(
        capsys.readouterr().out
    ).items()
    assert 0 == argosy_command([*told, "lookup", "lists", "m1", "c58"])
    row = json.loads(capsys.readouterr().out)
    assert ("m1", "c58", pytest.approx(1.0)) == (row["model"], row["customer"], row["prediction"])
    assert 1 == argosy_command([*told, "lookup", "lists", "m1", "nobody"])
    assert {} == json.loads(capsys.readouterr().out)
    assert 2 == argosy_command([*told, "predict", "--data", "nowhere"])
    assert "no role is called 'nowhere'" in capsys.readouterr().err


# No row crosses models


class Listing:
    task, classes = "ranking", ("a",)

    def __init__(self, tag):
        self._tag = tag

    def predict(self, rows):
        text = pl.format("{}|{}", pl.lit(self._tag), "x")
        return rows.select(prediction=pl.concat_list(text))


@pytest.fixture
def listing(monkeypatch):
    """A format whose content is the name that its model puts before all that it says."""
    loader = Loader("listing", lambda content: Listing(content.decode()))
    monkeypatch.setitem(installed().loaders, "listing", loader)


def units(folder, models, url):
    artifacts = folder / "artifacts"
    artifacts.mkdir(exist_ok=True)
    for name in models:
        (artifacts / name).write_bytes(name.encode())
    binding = {"url": str(url), "format": "parquet", "key": "client", "id": "customer"}
    lists = {"segments": pl.List(pl.String), "nulls": pl.List(pl.String)}
    rest = dict.fromkeys(sorted({*SHAPE, "key_value"} - set(binding)))
    kind = pl.Struct({**dict.fromkeys((*binding, *rest), pl.String), **lists})
    feature = pl.List(pl.Struct({"name": pl.String, "type": pl.String, "role": pl.String}))
    return pl.DataFrame(
        {
            "model": models,
            "version": ["1"] * len(models),
            "format": ["listing"] * len(models),
            "artifact": [str(artifacts / name) for name in models],
            "digest": [digest_of(name.encode()) for name in models],
            "features": [None] * len(models),
            "binding": [{**binding, **rest}] * len(models),
        },
        schema_overrides={"binding": kind, "features": feature},
    )


def performed(folder, models, url):
    location = Location(str(folder))
    options = {"location": location, STAGE: "run", SETTINGS: {}, WORK: perform}
    chunk = Chunk("0", units(folder, models, url).to_arrow(), options)
    staged = Staged(location, "run")
    staged.add("0", performing(chunk))
    found = staged["predictions"]
    staged.clear()
    return found


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    owners=st.lists(st.integers(0, 7), min_size=1, max_size=200),
    known=st.sets(st.integers(0, 7), min_size=1),
)
def test_no_row_crosses_models(tmp_path_factory, listing, owners, known):
    """Whatever the order of the rows, and whoever of their owners is asked for."""
    folder = tmp_path_factory.mktemp("rows")
    rows = pl.DataFrame(
        {
            "client": [f"m{owner}" for owner in owners],
            "customer": np.random.default_rng(len(owners)).permutation(len(owners)),
            "x": [f"{owner}/{place}" for place, owner in enumerate(owners)],
        }
    )
    rows.write_parquet(folder / "rows.parquet")
    models = sorted(f"m{number}" for number in known)

    told = performed(folder, models, folder / "rows.parquet")

    wanted = rows.filter(pl.col("client").is_in(models)).select(
        "client", "customer", said=pl.format("{}|{}", "client", "x")
    )
    files = [folder / "predicted/run" / name for name in set(told["file"].drop_nulls())]
    found = [pl.read_parquet(file) for file in files]
    parts = [
        part.select(client="model", customer="customer", said=pl.col("prediction").list.first())
        for part in found
    ]
    both = pl.concat([wanted.clear(), *parts]).sort("customer")
    assert wanted.sort("customer").equals(both)
    assert set(told.filter(status="failed")["model"]) == set(models) - set(rows["client"])
    for file in files:
        for owner, ids in groups_of(file):
            assert 1 == len(owner)
            assert ids == sorted(ids)


def groups_of(file):
    """Yield the models and the ids of each row group of a file."""
    table = pq.ParquetFile(file)
    for number in range(table.num_row_groups):
        rows = table.read_row_group(number)
        yield set(rows["model"].to_pylist()), rows["customer"].to_pylist()


@pytest.mark.slow
def test_four_thousand_models_share_few_files(tmp_path, listing):
    models = [f"m{number:04d}" for number in range(4000)]
    rows = pl.DataFrame({"client": models * 3, "x": [str(n) for n in range(12_000)]})
    rows.with_row_index("customer").write_parquet(tmp_path / "rows.parquet")

    told = performed(tmp_path, models, tmp_path / "rows.parquet")

    [file] = set(told["file"])
    found = pl.read_parquet(tmp_path / "predicted/run" / file)
    assert {3} == set(told["n"])
    assert found["prediction"].list.first().str.starts_with(found["model"] + "|").all()
    assert 4000 == pq.ParquetFile(tmp_path / "predicted/run" / file).num_row_groups


def test_a_model_of_many_rows_has_several_row_groups(tmp_path):
    """So a look-up decodes a part of it."""
    rows = pl.DataFrame({"model": ["m"] * (ROWS + 1), "customer": range(ROWS + 1)})
    with Files(Location(str(tmp_path)), "predicted") as files:
        name = files.add(rows.to_arrow(), ["model", "customer"])

    footer = pq.ParquetFile(tmp_path / "predicted" / name).metadata
    sizes = [footer.row_group(number).num_rows for number in range(footer.num_row_groups)]
    assert [ROWS, 1] == sizes


def test_a_model_that_says_nothing_of_a_row_fails(tmp_path, monkeypatch):
    class Silent(Listing):
        def predict(self, rows):
            return rows.select(prediction=pl.lit(None, pl.List(pl.String)))

    loader = Loader("listing", lambda content: Silent(content.decode()))
    monkeypatch.setitem(installed().loaders, "listing", loader)
    rows = pl.DataFrame({"client": ["a", "b"], "customer": [1, 2], "x": ["p", "q"]})
    rows.write_parquet(tmp_path / "rows.parquet")

    told = performed(tmp_path, ["a", "b"], tmp_path / "rows.parquet")

    assert ["it predicted no value in 1 of 1 rows"] * 2 == told["reason"].to_list()
