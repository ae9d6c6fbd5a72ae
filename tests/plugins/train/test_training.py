"""Training a whole fleet: from a template and a table to new versions, in one change."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import argosy
from argosy.artifacts import digest_of
from argosy.errors import ArgosyWarning, BadInput, PolicyRefused, UnknownName
from argosy.jobs import chunking
from argosy.plugins import installed
from argosy.tables import FINDINGS
from argosy.types import Policy
from argosy_train.assignments import seeds

from .clients import NAMES, echo, here, put, shop, table

OF_A_RUN = ("run_id", "at", "seconds")


def learnt(fleet):
    """What each version says that it learnt from, read from its artifact."""
    found = {}
    for model, version, url, digest in (
        fleet.versions().select("model", "version", "artifact", "digest").collect().iter_rows()
    ):
        content = Path(url).read_bytes()
        assert digest == digest_of(content)
        found[model, version] = json.loads(content)
    return found


def whole(fleet):
    """All that a training leaves behind, but for what differs from run to run."""
    names = ("versions", "aliases", "trainings")
    change = ("registered", "since", *OF_A_RUN)
    tables = [getattr(fleet, name)().drop(change, strict=False).collect() for name in names]
    return [
        each.drop("artifact", strict=False).sort("model", "version").to_dicts() for each in tables
    ]


def test_feature_25_each_model_is_trained_on_exactly_its_rows(fleet):
    run = fleet.train()
    found = learnt(fleet)

    assert (run.summary["ok"], run.summary["failed"]) == (4, 1)
    assert set(found) == {(name, "1") for name in NAMES[:4]}
    for place, name in enumerate(NAMES[:4]):
        told = found[name, "1"]
        assert told["rows"] == list(np.arange(place, 40.0, 4))
        assert told["owners"] == [name]
        assert (told["truth"], told["features"]) == ("y", ["x"])
    assert run.failures()["model"].to_list() == ["c4"]
    assert "there is no row of the model" in run.failures()["reason"].item()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    owners=st.lists(st.sampled_from(["a", "b", "ä", "b b", "nobody"]), min_size=1, max_size=60),
    apart=st.booleans(),
    size=st.integers(1, 3),
)
def test_no_row_crosses_models(tmp_path_factory, monkeypatch, owners, apart, size):
    """Whatever the order of the rows, the chunks, and whether models share a table or a trainer."""
    folder = tmp_path_factory.mktemp("fleet")
    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: size, False: size})
    put(monkeypatch, echo, "other")
    rows = pl.DataFrame({"client": owners, "x": np.arange(len(owners), dtype=float)})
    names = sorted(set(owners) - {"nobody"})
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.define([*shop(), *shop(template="twin", trainer="other")])
    if not names:
        return
    for place, name in enumerate(names):
        fleet.instantiate(("shop", "twin")[place % 2], {"model": [name]})
    if apart:
        for place, name in enumerate(names):
            rows.filter(client=name).drop("client").write_parquet(folder / f"{place}.parquet")
        told = [
            {"role": "training", "model": name, "url": str(folder / f"{place}.parquet")}
            for place, name in enumerate(names)
        ]
        fleet.bind(told)
    else:
        rows.write_parquet(folder / "rows.parquet")
        fleet.bind([{"role": "training", "url": str(folder / "rows.parquet"), "key": "client"}])
    fleet.train()

    for (name, _), told in learnt(fleet).items():
        assert told["rows"] == rows.filter(client=name)["x"].to_list()
        assert told["owners"] == [name]
    assert {name for name, _ in learnt(fleet)} == set(names)


def test_versions_the_alias_and_the_run_are_one_change(fleet):
    before = fleet.seq
    run = fleet.train()

    assert fleet.seq == before + 1
    assert dict(fleet.aliases().select("model", "version").collect().rows()) == dict.fromkeys(
        NAMES[:4], "1"
    )
    assert set(fleet.events().filter(seq=fleet.seq).collect()["kind"]) == {
        *("run", "version", "alias")
    }
    version = fleet.versions().collect().row(0, named=True)
    results = run.results().row(0, named=True)
    assert version["training_data_digest"] == results["dataset_digest"]
    assert version["seed"] == results["seed"]
    assert (version["task"], version["format"]) == ("regression", "skops")
    assert dict(version["metrics"])["mean"] == 18.0
    fleet.rollback(fleet.seq)
    assert fleet.versions().collect().is_empty()
    assert fleet.trainings().collect().is_empty()


def test_training_twice_makes_versions_1_and_2(fleet):
    fleet.train()
    first = fleet.sql("SELECT model, training_data_digest AS d FROM versions").rows()
    fleet.train()
    versions = fleet.versions().collect()

    assert set(versions.filter(model="c0")["version"]) == {"1", "2"}
    assert versions.filter(version="2").select("model", "training_data_digest").rows() == first
    assert versions.filter(model="c0")["seed"].n_unique() == 2
    assert set(fleet.aliases().collect()["version"]) == {"2"}


def test_the_number_of_a_version_that_was_undone_is_not_used_again(fleet):
    fleet.in_group("night").train()
    fleet.rollback(group="night")
    fleet.train()

    assert set(fleet.versions().collect()["version"]) == {"2"}


def test_versions_may_be_named_and_the_alias_left_alone(fleet):
    fleet.train("model IN ('c0', 'c1')", version="2026-11-26", alias=None)
    assert set(fleet.versions().collect()["version"]) == {"2026-11-26"}
    assert fleet.aliases().collect().is_empty()

    again = fleet.train("model IN ('c0', 'c2')", version="2026-11-26")
    assert again.summary["ok"] == 1
    assert "its version '2026-11-26' is there already" in again.failures()["reason"].item()
    fleet.train("model = 'c0'")
    assert fleet.get("c0")["version"] == "1"


@pytest.mark.parametrize("what", [{"version": "a/b"}, {"alias": " x"}, {"version": ""}])
def test_bad_names_are_refused_before_any_work(fleet, what):
    with pytest.raises(BadInput, match=next(iter(what))):
        fleet.train(**what)

    assert fleet.unfinished().is_empty()


def test_an_empty_alias_stands_for_none(fleet):
    run = fleet.run("train", "model = 'c0'", alias="")

    assert run.summary["ok"] == 1
    assert json.loads(fleet.runs().collect()["options"].item())["alias"] is None
    assert fleet.aliases().collect().is_empty()


def test_a_model_that_fails_is_a_row_and_keeps_what_it_had(fleet):
    fleet.train()
    fleet.define(shop(params={"poison": "c1"}))
    run = fleet.train()

    failed = dict(run.failures().select("model", "reason").rows())
    assert failed["c1"] == "it is poison"
    assert run.summary["ok"] == 3
    assert dict(fleet.aliases().select("model", "version").collect().rows()) == {
        **dict.fromkeys(("c0", "c2", "c3"), "2"),
        "c1": "1",
    }
    assert set(run.results()["revision"]) == {2}


def test_a_trainer_that_raises_for_one_model_is_called_again_for_the_others(fleet, monkeypatch):
    sizes = []

    def fussy(lessons, rows):
        sizes.append(lessons.num_rows)
        if "c2" in lessons["model"].to_pylist():
            raise ValueError("no taste")
        return echo(lessons, rows)

    put(monkeypatch, fussy)
    monkeypatch.setattr(chunking, "_UNKNOWN_LEAST", {True: 100, False: 100})
    run = fleet.train()

    assert sizes == [4, 2, 2, 1, 1]
    failed = dict(run.failures().select("model", "reason").rows())
    assert "the trainer 'echo' failed: ValueError: no taste" in failed["c2"]
    assert {name for name, _ in learnt(fleet)} == {"c0", "c1", "c3"}
    assert learnt(fleet)["c3", "1"]["rows"] == list(np.arange(3, 40.0, 4))


def _without(name):
    return lambda lessons, rows: echo(lessons, rows).drop_columns(name)


def _with(name, value):
    def train(lessons, rows):
        answer = echo(lessons, rows)
        place = answer.schema.get_field_index(name)
        told = pa.array([value] * answer.num_rows, answer.schema.field(name).type)
        return answer.set_column(place, answer.schema.field(name), told)

    return train


@pytest.mark.parametrize(
    ("train", "reason"),
    [
        (lambda lessons, rows: echo(lessons, rows).slice(1), "answered 0 rows for 1"),
        (_without("content"), "answered without the column 'content'"),
        (_with("content", None), "answered without an artifact"),
        (_with("content", b""), "answered without an artifact"),
        (_with("format", "pickle"), "of the format 'pickle', which no loader here reads"),
        (_with("format", None), "of the format 'null', which no loader here reads"),
        (_with("task", "poetry"), "answered the task 'poetry'"),
        (lambda lessons, rows: "done", "answered with a str"),
        (lambda lessons, rows: lessons["no"], "failed: KeyError"),
    ],
)
def test_a_trainer_that_answers_wrongly_is_blamed_by_name(fleet, monkeypatch, train, reason):
    put(monkeypatch, train)
    run = fleet.train()

    assert run.summary["ok"] == 0
    told = run.failures().filter(pl.col("model") != "c4")["reason"]
    assert told.str.contains("the trainer 'echo'", literal=True).all()
    assert told.str.contains(reason, literal=True).all(), told.to_list()
    assert fleet.versions().collect().is_empty()


def test_models_without_a_template_are_left_out_unless_they_are_named(fleet):
    fleet.register({"model": ["plain", "odd"], "version": ["1", "1"], "template": [None, "none"]})
    assert fleet.train().summary["models"] == 5
    run = fleet.train("model IN ('plain', 'odd', 'c0')")

    assert dict(run.failures().select("model", "reason").rows()) == {
        "plain": "it has no template, so nobody knows how to train it",
        "odd": "its template 'none' is not defined",
    }
    with pytest.raises(BadInput, match="none of the models is of a template"):
        fleet.train("model = 'plain'")


def test_a_retired_model_is_not_trained(fleet):
    fleet.retire(fleet.where("model = 'c0'"))
    assert fleet.train().summary["models"] == 4


def test_data_may_be_named_and_a_model_without_any_is_a_row(fleet, tmp_path):
    rows = pl.DataFrame({"x": [7.0], "y": [1.0]})
    rows.write_parquet(tmp_path / "other.parquet")
    fleet.bind([{"role": "fresh", "url": str(tmp_path / "other.parquet"), "model": "c1"}])
    run = fleet.train(data="fresh")

    assert learnt(fleet)["c1", "1"]["rows"] == [7.0]
    assert set(run.failures()["reason"]) == {"no data is bound to its role 'fresh'"}
    with pytest.raises(UnknownName, match="no role is called 'none'"):
        fleet.train(data="none")


def test_features_that_a_template_declares_are_those_that_are_read(fleet):
    fleet.define(shop(features=["x"]))
    fleet.train()

    assert learnt(fleet)["c1", "1"]["features"] == ["x"]
    assert fleet.get("c1")["features"] == [{"name": "x", "type": None, "role": None}]


def test_what_somebody_else_registered_meanwhile_is_theirs(fleet, monkeypatch):
    def slow(lessons, rows):
        if fleet.seq < 4:
            fleet.register({"model": ["c1"], "version": ["1"]})
            fleet.delete({"model": ["c2"]})
        return echo(lessons, rows)

    put(monkeypatch, slow)
    run = fleet.train()

    failed = dict(run.failures().select("model", "reason").rows())
    assert "somebody else registered its version 1" in failed["c1"]
    assert "deleted while it was trained" in failed["c2"]
    assert fleet.get("c1")["format"] == "external"
    assert "c1" not in fleet.aliases().collect()["model"]


def test_policies_may_refuse_each_verb(fleet, monkeypatch):
    def check(about, _):
        names = about.after["template"]["template"].to_pylist() or about.models["model"].to_pylist()
        found = [{"model": name, "reason": f"no {about.verb}"} for name in names]
        return pa.Table.from_pylist(found, FINDINGS)

    verbs = frozenset({"define", "instantiate", "train"})
    installed().policies  # noqa: B018  (gathered before it is added to)
    monkeypatch.setitem(installed().policies, "never", Policy("never", "Never.", verbs, check))
    fleet.require({"policy": ["never"]})
    seq = fleet.seq
    for verb in (
        lambda: fleet.define(shop(schedule="daily")),
        lambda: fleet.instantiate("shop", {"model": ["n"]}),
        fleet.train,
    ):
        with pytest.raises(PolicyRefused, match=r"no (define|instantiate|train)"):
            verb()
    assert fleet.seq == seq


def test_a_training_that_is_resumed_leaves_what_an_uninterrupted_one_leaves(
    fleet, tmp_path, monkeypatch
):
    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: 1, False: 1})
    usual = installed().executors["local"]
    calls = []

    def count(lessons, rows):
        calls.extend(lessons["model"].to_pylist())
        return echo(lessons, rows)

    def dying(chunks, perform):
        for done, finished in enumerate(here(chunks, perform)):
            if done == 2:
                raise KeyboardInterrupt
            yield finished

    put(monkeypatch, count)
    monkeypatch.setitem(installed().executors, "local", replace(usual, run=dying))
    with pytest.raises(KeyboardInterrupt, match="argosy resume"):
        fleet.in_group("night").train()
    monkeypatch.setitem(installed().executors, "local", usual)
    waiting = fleet.unfinished()
    assert waiting.select("kind", "group").row(0) == ("train", "night")
    fleet.define(shop(params={"poison": "c3"}))  # it goes on with the template as it was
    run = fleet.resume(waiting["run_id"].item())

    assert run.summary["ok"] == 4
    assert sorted(calls) == NAMES[:4]
    assert set(fleet.events().filter(seq=fleet.seq).collect()["group"]) == {"night"}
    resumed = whole(fleet)
    fleet.rollback(group="night")
    again = argosy.open(str(tmp_path / "again"), create=True, actor="tests")
    again.define(shop())
    again.instantiate("shop", {"model": NAMES})
    again.bind(fleet.bindings().drop("bound", "bound_by").collect())
    again.train()
    assert whole(again) == resumed


def test_artifacts_that_no_version_ever_named_go_and_the_others_stay(fleet, tmp_path):
    fleet.train()
    named = set(fleet.versions().collect()["artifact"])
    stray = tmp_path / "fleet/artifacts/trained/gone/x.skops"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    fleet.maintain(keep_hours=0, nobody_writes=True)

    assert not stray.exists()
    assert {str(path) for path in (tmp_path / "fleet/artifacts").rglob("*.skops")} == named


def test_seeds_differ_and_stay():
    pairs = pl.DataFrame({"model": ["a", "b", "a"], "version": ["1", "1", "2"]})
    assert seeds(pairs).n_unique() == 3
    assert seeds(pairs)[:1].to_list() == seeds(pairs.head(1)).to_list()
    assert seeds(pairs).max() < 2**31


@pytest.mark.parametrize(
    ("name", "number"), [("mean", math.nan), ("mean", math.inf), ("auc", 2.0), ("rmse", -1.0)]
)
def test_fault_1_a_number_that_is_none_makes_no_version(fleet, monkeypatch, name, number):
    """Of what a trainer measured itself; the other models are trained as ever."""

    def spoilt(lessons, rows):
        answers = pl.DataFrame(echo(lessons, rows)).to_dicts()
        for place, model in enumerate(lessons["model"].to_pylist()):
            if model == "c1":
                answers[place]["metrics"] = {name: number}
            answers[place]["metrics"] = [*answers[place]["metrics"].items()]
        return table(answers)

    put(monkeypatch, spoilt)
    with pytest.warns(ArgosyWarning, match="1 result of the trainer 'echo' failed"):
        run = fleet.train()

    reasons = dict(run.failures().select("model", "reason").rows())
    assert set(reasons) == {"c1", "c4"}
    assert reasons["c1"] == f"the trainer 'echo' answered a metric of {number} as its '{name}'"
    assert set(learnt(fleet)) == {(model, "1") for model in ("c0", "c2", "c3")}
