"""Whatever rows are read, each is used or told among those that were left out, and once only."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import argosy
from argosy.jobs import chunking
from argosy_cli.main import run as cli
from argosy_evaluate.summary import labels

START, AT = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC)
MODELS = [f"m{number}" for number in range(5)]
unshrunk = settings(
    deadline=None,
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
some_days = st.integers(0, 15)
predicted = st.fixed_dictionaries(
    {
        "client": st.sampled_from([*MODELS[:4], *MODELS[:4], "stranger", None]),
        "day": st.one_of(some_days, some_days, some_days, st.none()),
        "id": st.one_of(st.integers(0, 60), st.none()),
        "version": st.sampled_from(["1", "1", "1", "0", None]),
        "region": st.sampled_from(["eu", "us", None]),
        "batch": st.sampled_from(["a", "b", "b", None]),
        "label": st.sampled_from([0, 1, 1, 0, None]),
    }
)
known = st.fixed_dictionaries(
    {
        "id": st.one_of(st.integers(0, 60), st.none()),
        "day": st.one_of(some_days, st.none()),
        "label": st.sampled_from([0, 1, 1, 0, None]),
    }
)


def table(rows, path):
    """Write rows, with a time, a score and a weight, as Parquet."""
    kinds = {"id": pl.Int64, "day": pl.Int64, "label": pl.Int64}
    kinds |= dict.fromkeys(set(rows[0]) - set(kinds), pl.String)
    frame = pl.DataFrame(rows, schema=kinds, orient="row")
    time = pl.lit(START) + pl.duration(days="day")
    score = (pl.int_range(pl.len()) % 10 + 0.5) / 10
    frame.with_columns(ts=time, score=score, weight=1.0).write_parquet(path)


def fleet_of(folder, rows, truths=None, **binding):
    """Bind rows that five models share, and labels where they lie apart."""
    folder.mkdir()
    table(rows, folder / "loads.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    every = {"version": "1", "task": "binary", "format": "external"}
    fleet.register([{"model": name, **every} for name in MODELS])
    own = {"url": str(folder / "loads.parquet"), "key": "client", "score": "score", **binding}
    bound = [{"role": role, **own} for role in ("holdout", "current", "reference")]
    if truths is None:
        bound = [{**one, "truth": "label"} for one in bound]
    else:
        table(truths, folder / "labels.parquet")
        apart = {"url": str(folder / "labels.parquet"), "truth": "label", "timestamp": "ts"}
        bound.append({"role": "truth", "id": "id", **apart})
    fleet.bind(bound)
    return fleet


def cut_by(monkeypatch, size):
    for name in ("_UNKNOWN_MOST", "_UNKNOWN_LEAST"):
        monkeypatch.setattr(chunking, name, {True: size, False: size})


def told(run, of_labels=False):
    return {
        name: (count["rows"], count["models"], count["files"])
        for name, count in run.summary["left_out"].items()
        if name.startswith("label_") == of_labels
    }


def total(counts):
    return sum(rows for rows, _, _ in counts.values())


@unshrunk
@given(
    window=st.sampled_from([None, "1w", "by batch", "10 rows"]),
    rows=st.lists(predicted, min_size=30, max_size=90),
    filtered=st.booleans(),
    versioned=st.booleans(),
    delay=st.sampled_from([None, "2d"]),
    at=st.sampled_from([None, AT]),
)
def test_rows_that_are_read_are_measured_or_told(
    window, rows, filtered, versioned, delay, at, tmp_path_factory, monkeypatch
):
    folder = tmp_path_factory.mktemp("rows") / "own"
    given = {"id": "id", "timestamp": "ts", "label_delay": delay}
    given["where"] = "region <> 'us'" if filtered else None
    given["version"] = "version" if versioned else None
    fleet = fleet_of(folder, rows, **given)
    found = []
    for size in (1, 3):
        cut_by(monkeypatch, size)
        run = fleet.evaluate(metrics=["accuracy"], window=window, at=at, fresh=True)
        used = labels(fleet.evaluations().filter(run_id=run.id))["n"]
        found.append(told(run))
        assert used + total(told(run)) == len(rows)
        assert fleet.past_run(run.id).summary == run.summary

    strange = [row["client"] not in MODELS for row in rows]
    gone = [filtered and row["region"] != "eu" for row in rows]
    unowned = sum(one and not other for one, other in zip(strange, gone, strict=True))
    assert found[0] == found[1]
    assert found[0].get("filtered", (0,))[0] == sum(gone)
    assert found[0].get("unowned", (0,))[0] == unowned


@unshrunk
@given(
    key=st.sampled_from([None, "client"]),
    rows=st.lists(predicted, min_size=20, max_size=40),
    truths=st.lists(known, min_size=10, max_size=60),
    at=st.sampled_from([None, AT]),
)
def test_labels_that_are_read_are_joined_or_told(
    key, rows, truths, at, tmp_path_factory, monkeypatch
):
    folder = tmp_path_factory.mktemp("labels") / "own"
    truths = [{**row, "client": MODELS[place % 4]} for place, row in enumerate(truths)]
    fleet = fleet_of(folder, rows, truths, id="id", timestamp="ts")
    if key:
        bound = fleet.bindings().filter(role="truth").collect().to_dicts()[0]
        names = ("role", "url", "truth", "timestamp", "id")
        fleet.bind([{**{name: bound[name] for name in names}, "key": key}])
    late = [
        at is not None and row["day"] is not None and START + timedelta(days=row["day"]) > at
        for row in truths
    ]
    joined = {
        (row["client"] if key else None, row["id"])
        for row, gone in zip(truths, late, strict=True)
        if not gone and row["id"] is not None and row["label"] is not None
    }
    found = []
    for size in (1, 3):
        cut_by(monkeypatch, size)
        run = fleet.evaluate(metrics=["accuracy"], at=at)
        found.append(told(run, of_labels=True))
        assert len(joined) + total(found[-1]) == len(truths)

    assert found[0] == found[1]


def odd_rows():
    """Forty rows of each of four models, and some of nobody."""
    return [
        {
            "client": MODELS[place % 4] if place % 20 else ("stranger" if place % 40 else None),
            "day": None if place % 7 == 3 else place % 14,
            "id": place,
            "version": "1",
            "region": None if place % 9 == 0 else "eu",
            "batch": "a" if place % 3 else None,
            "label": None if place % 8 == 1 else place % 5 % 2,
        }
        for place in range(320)
    ]


def lacking(field, rows):
    """What should be told of the rows of models that lack a field."""
    mine = [row["client"] for row in rows if row["client"] in MODELS and row[field] is None]
    return len(mine), len(set(mine)), 0


@pytest.mark.parametrize(
    ("window", "cause", "field"), [("1w", "untimed", "day"), ("by batch", "unnamed", "batch")]
)
def test_every_job_that_cuts_windows_tells_what_is_in_none(
    window, cause, field, tmp_path, monkeypatch
):
    rows = odd_rows()
    fleet = fleet_of(tmp_path / "own", rows, timestamp="ts", id="id")
    cut_by(monkeypatch, 2)
    nobody = (sum(row["client"] not in MODELS for row in rows), 0, 1)
    runs = [
        fleet.evaluate(metrics=["accuracy"], window=window),
        fleet.estimate(window=window),
        fleet.check_drift(window=window, segments=["region"]),
    ]

    for run in runs:
        assert told(run)[cause] == lacking(field, rows)
        assert told(run)["unowned"] == nobody


def test_a_row_without_a_window_is_not_taken_for_one_of_all_rows(tmp_path):
    fleet = fleet_of(tmp_path / "own", odd_rows())
    run = fleet.evaluate(metrics=["accuracy"], window="by batch")
    windows = run.results().filter(status="ok")["window"]

    assert windows.unique().to_list() == ["a"]


def test_rows_of_models_that_are_not_selected_are_no_news(tmp_path):
    rows = [row for row in odd_rows() if row["client"] in MODELS]
    fleet = fleet_of(tmp_path / "own", rows)

    assert "unowned" not in told(fleet.evaluate("model = 'm1'", metrics=["accuracy"]))


def test_rows_of_a_model_that_another_role_binds_are_no_news(tmp_path):
    rows = odd_rows()
    fleet = fleet_of(tmp_path / "own", rows)
    stray = {"url": str(tmp_path / "own" / "loads.parquet"), "key": "client"}
    fleet.bind([{"role": "other", "model": "m4", "key_value": "stranger", **stray}])
    run = fleet.evaluate(metrics=["accuracy"])

    assert told(run)["unowned"] == (sum(row["client"] is None for row in rows), 0, 1)


def test_a_command_tells_it_in_one_line_and_in_json(tmp_path, capsys):
    fleet = fleet_of(tmp_path / "own", odd_rows(), timestamp="ts")
    asked = ["--fleet", fleet.url, "drift", "--window", "1w"]
    cli(asked)
    lines = capsys.readouterr().out.splitlines()
    cli([*asked, "--json"])
    summary = json.loads(capsys.readouterr().out)

    (line,) = [line for line in lines if line.startswith("left out: ")]
    assert "rows of 4 models have no time and are in no window" in line
    assert "16 rows of loads.parquet belong to no model" in line
    assert [count["told"] for count in summary["left_out"].values()] == line.removeprefix(
        "left out: "
    ).split("; ")


def test_a_json_document_that_is_no_summary_has_it_beside_it(tmp_path, capsys):
    """A list of verdicts stays a list; what was left out stands on the other stream."""
    fleet = fleet_of(tmp_path / "own", odd_rows(), timestamp="ts")
    cli(["--fleet", fleet.url, "drift", "--window", "1w", "--models", "--json"])
    told = capsys.readouterr()

    assert {"m1", "m2"} <= {row["model"] for row in json.loads(told.out)}
    assert "left out: 44 rows of 4 models have no time" in told.err


def test_files_of_ones_own_tell_what_their_filter_leaves_out(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    names = [f"m{number}" for number in range(6)]
    every = {"version": "1", "task": "binary", "format": "external"}
    fleet.register([{"model": name, **every} for name in names])
    bound = []
    for number, name in enumerate(names):
        url = tmp_path / f"{name}.parquet"
        frame = pl.DataFrame({"x": range(20 + number), "label": [0, 1] * 10 + [0] * number})
        frame.with_columns(score=pl.col("x") / 30).write_parquet(url)
        own = {"url": str(url), "truth": "label", "score": "score", "where": "x < 20"}
        bound.append({"role": "holdout", "model": name, **own})
    fleet.bind(bound)

    assert told(fleet.evaluate(metrics=["auc"])) == {"filtered": (15, 0, 5)}
    assert told(fleet.evaluate("model = 'm3'", metrics=["auc"])) == {"filtered": (3, 0, 1)}


def test_rows_without_weight_are_told_once_however_many_versions_are_compared(
    tmp_path, monkeypatch
):
    rows = odd_rows()
    fleet = fleet_of(tmp_path / "own", rows, id="id", timestamp="ts", weight="weight")
    path = tmp_path / "own" / "loads.parquet"
    weight = pl.when(pl.col("id") % 10 == 2).then(0.0).otherwise(1.0)
    pl.read_parquet(path).with_columns(weight=weight).write_parquet(path)
    every = {"version": "2", "task": "binary", "format": "external"}
    fleet.register([{"model": name, **every} for name in MODELS])
    for alias, version in (("champion", "1"), ("challenger", "2")):
        fleet.set_alias({"model": MODELS, "version": [version] * len(MODELS)}, alias)
    cut_by(monkeypatch, 2)
    mine = [row["client"] for row in rows if row["id"] % 10 == 2 and row["label"] is not None]
    mine = [name for name in mine if name in MODELS]

    found = told(fleet.compare())
    assert found["weightless"] == (len(mine), len(set(mine)), 0)
    assert found["unlabelled"] == lacking("label", rows)


def test_a_training_tells_the_rows_that_it_cannot_learn_from(tmp_path):
    rows = odd_rows()
    fleet = fleet_of(tmp_path / "own", rows)
    features = [{"name": "score", "type": "float", "role": None}]
    given = {"trainer": "sklearn", "params": {"estimator": "LogisticRegression"}}
    fleet.define([{"template": "t", "features": features, **given}])
    fleet.instantiate("t", {"model": [f"t-{name}" for name in MODELS[:2]]})
    url = str(tmp_path / "own" / "loads.parquet")
    own = {"role": "training", "url": url, "key": "client", "truth": "label"}
    fleet.bind([{**own, "model": f"t-{name}", "key_value": name} for name in MODELS[:2]])
    mine = [row for row in rows if row["client"] in MODELS[:2]]

    assert told(fleet.train("template = 't'"))["untaught"] == lacking("label", mine)


def test_rows_of_a_version_that_the_run_measures_are_left_out_by_neither(tmp_path):
    """Each side of a comparison leaves out the rows of the other."""
    versions = ["1", "2", "0", None]
    rows = [{**row, "version": versions[place % 5 % 4]} for place, row in enumerate(odd_rows())]
    fleet = fleet_of(tmp_path / "own", rows, version="version")
    every = {"version": "2", "task": "binary", "format": "external"}
    fleet.register([{"model": name, **every} for name in MODELS])
    for alias, version in (("champion", "1"), ("challenger", "2")):
        fleet.set_alias({"model": MODELS, "version": [version] * len(MODELS)}, alias)
    strange = [row for row in rows if row["client"] in MODELS and row["version"] in ("0", None)]

    assert told(fleet.compare())["other_version"][0] == len(strange)
