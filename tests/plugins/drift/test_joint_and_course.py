"""Detectors that see columns jointly, or through windows: what they are handed, what is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.data.datasets import MODEL, Dataset
from argosy.errors import BadInput
from argosy.types import Detector
from argosy_cli.main import run as command
from argosy_drift.joint import APART, beside, handed
from argosy_drift.row_samples import MOST, ROWS, merged, picks, sampled
from argosy_drift.sides import Side, side
from argosy_drift.time_course import courses
from argosy_rows.windows import WindowSpec

START = datetime(2026, 3, 2, tzinfo=UTC)
JOINT = ["domain_classifier", "mmd"]
COURSE = ["adwin", "page_hinkley"]
KEYS = ["model", "window", "segment_value", "column", "detector"]


def logged(model, rows, seed, correlation=0.0, days=10, moved=0.0, since=99):
    """Two normal columns with a correlation, a third, a category; x may move with a day."""
    generator = np.random.default_rng(seed)
    pair = generator.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], rows)
    day = np.arange(rows) * days // rows
    return pl.DataFrame(
        {
            "client": [model] * rows,
            "at": [START + timedelta(days=int(each)) for each in day],
            "x": pair[:, 0] + moved * (day >= since),
            "y": pair[:, 1],
            "z": np.where(generator.random(rows) < 0.1, np.nan, generator.normal(size=rows)),
            "colour": generator.choice(["red", "green", "blue"], rows, p=[0.5, 0.3, 0.2]),
        }
    ).with_columns(pl.col("z").fill_nan(None))


@pytest.fixture
def store(tmp_path):
    """Make a fleet whose reference has no correlation; what is current is given per model."""

    def make(current, rows=1500):
        models = list(current)
        before = pl.concat(logged(model, rows, place) for place, model in enumerate(models))
        before.write_parquet(tmp_path / "reference.parquet")
        pl.concat(current.values(), how="diagonal").write_parquet(tmp_path / "current.parquet")
        fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
        fleet.register(pl.DataFrame({"model": models, "version": ["1"] * len(models)}))
        fleet.bind(
            [
                {
                    "role": role,
                    "url": str(tmp_path / f"{role}.parquet"),
                    "key": "client",
                    "timestamp": "at",
                }
                for role in ("reference", "current")
            ]
        )
        return fleet

    return make


@pytest.fixture
def tied(store):
    """Six models; the columns of `m2` have become correlated, and none has changed by itself."""
    return store({f"m{n}": logged(f"m{n}", 1200, 50 + n, 0.7 * (n == 2)) for n in range(6)})


@pytest.fixture
def moving(store):
    """Six models; the column x of `m2` moved with the seventh day."""
    now = {f"m{n}": logged(f"m{n}", 2000, 80 + n, moved=0.6 * (n == 2), since=6) for n in range(6)}
    return store(now)


def answers(run):
    return run.results().drop("run_id", "at").sort(KEYS, nulls_last=True)


def test_a_change_of_what_goes_with_what_is_found_by_none_of_the_usual_detectors(tied):
    assert tied.check_drift().summary["drifted"] == 0


def test_a_change_of_what_goes_with_what_is_found_jointly_and_told_in_words(tied):
    run = tied.check_drift(detectors=["domain_classifier", "ks"])
    told = tied.verdicts().filter("drifted").row(0, named=True)

    assert run.summary["drifted"] == 1
    assert (told["model"], told["worst_column"]) == ("m2", "*")
    assert told["reason"].startswith("drift in all columns together: accuracy above chance 0.1")
    assert "; told apart by '" in told["reason"]
    assert not set("xy") - set(told["reason"].rpartition("told apart by")[2])


def test_an_incident_of_all_columns_is_told_in_words(tied):
    tied.check_drift(detectors=["domain_classifier"])
    incident = tied.incidents().collect().row(0, named=True)

    assert incident["kind"] == "model"
    assert incident["reason"].startswith("model 'm2': all columns together in 1 model")


def test_several_models_that_alert_jointly_have_no_feature_in_common(store):
    """That all columns of one model moved says nothing of a column of another."""
    fleet = store({f"m{n}": logged(f"m{n}", 1200, n, 0.8 * (n < 3)) for n in range(5)})
    fleet.check_drift(detectors=["domain_classifier"])

    assert set(fleet.incidents().collect()["kind"]) == {"model"}


def test_the_command_line_says_which_rows_are_of_all_columns(tied, tmp_path, capsys):
    fleet = str(tmp_path / "fleet")
    command(["--fleet", fleet, "drift", "--detector", "domain_classifier"])
    capsys.readouterr()

    for arguments in (["show", "m2"], ["show", "m2", "--drift"]):
        assert command(["--fleet", fleet, *arguments]) == 0
        assert "all columns together" in capsys.readouterr().out
    command(["--fleet", fleet, "--json", "show", "m2", "--drift"])
    assert json.loads(capsys.readouterr().out)["course"][0]["column"] == "*"


def test_rows_of_the_reference_are_kept_and_not_read_again(tied, tmp_path):
    first = answers(tied.check_drift(detectors=JOINT))
    contents = tied.profiles().collect()["content"]
    (tmp_path / "reference.parquet").unlink()
    again = answers(tied.check_drift(detectors=JOINT))

    assert {"columns", "rows"} == set(contents)
    assert first.equals(again)


def test_rows_are_not_kept_where_no_detector_asks_for_them(tied, tmp_path):
    tied.check_drift(detectors=["ks"])
    assert len(list((tmp_path / "fleet" / "profiled").iterdir())) == 1

    tied.check_drift(detectors=["mmd"])
    assert len(list((tmp_path / "fleet" / "profiled").iterdir())) == 2


def test_a_model_has_the_same_answer_whoever_is_checked_with_it(tied):
    """The draw depends on the model's name alone."""
    together = answers(tied.check_drift(detectors=JOINT)).filter(model="m2")
    alone = answers(tied.check_drift("model = 'm2'", detectors=JOINT, fresh_reference=True))
    same = ["column", "detector", "statistic", "effect", "p_value", "detail"]

    assert together.select(same).equals(alone.select(same))


def test_ray_has_the_same_answers(tied):
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    from argosy_ray.executor import connected

    local = answers(tied.check_drift(detectors=[*JOINT, *COURSE], window="1d"))
    with connected():
        ray = answers(tied.check_drift(detectors=[*JOINT, *COURSE], window="1d", executor="ray"))

    assert local.height > 6 * 10 * 2
    assert local.equals(ray)


def test_clean_models_stay_silent(store):
    fleet = store({f"m{n}": logged(f"m{n}", 600, 200 + n) for n in range(40)}, rows=600)
    run = fleet.check_drift(detectors=[*JOINT, *COURSE], window="by colour")

    assert run.summary["drifted"] == 0
    assert run.failures().is_empty()


def test_a_column_that_is_gone_is_left_out_of_the_rows(store):
    fleet = store({"m0": logged("m0", 400, 1), "m1": logged("m1", 400, 2)})
    path = fleet.bindings().filter(role="current").collect()["url"][0]
    pl.read_parquet(path).drop("z").write_parquet(path)
    run = fleet.check_drift(detectors=["domain_classifier"])
    rows = run.results().filter(model="m0")

    assert set(rows["status"]) == {"ok", "failed"}
    assert rows.filter(column="*")["status"].item() == "ok"


def test_sides_without_a_column_in_common_have_a_reason(store):
    fleet = store({"m0": logged("m0", 400, 1), "m1": logged("m1", 400, 2)})
    path = fleet.bindings().filter(role="current").collect()["url"][0]
    other = pl.read_parquet(path).select("client", "at", other="y")
    other.write_parquet(path)
    rows = fleet.check_drift(detectors=["mmd"]).results()

    assert rows.filter(column="*").is_empty()  # nothing of the current side is compared at all
    assert set(rows["status"]) == {"failed"}
    pairs = beside(drawn({"x": [1.0, 2.0]}), drawn({"y": [1.0]}), VERSIONS, windowed=False)
    assert [part["columns"].to_list() for part in handed(pairs)] == [[[]]]
    assert "on both sides" in APART


@pytest.mark.parametrize(
    ("rows", "reason"),
    [(1, "only 1500 reference and 1 current rows; 20 are needed"), (19, "19 current rows")],
)
def test_few_rows_have_a_reason(store, rows, reason):
    fleet = store({"m0": logged("m0", rows, 1)})
    found = fleet.check_drift(detectors=JOINT).results()

    assert set(found["status"]) == {"insufficient"}
    assert all(reason in told for told in found["reason"])


def test_constants_and_columns_without_values_are_compared_jointly(store):
    now = logged("m0", 400, 1).with_columns(
        x=pl.lit(1.0), y=pl.lit(None, pl.Float64), z=pl.lit(None, pl.Float64), colour=pl.lit("red")
    )
    rows = store({"m0": now}).check_drift(detectors=JOINT).results().filter(column="*")

    assert set(rows["status"]) == {"drift"}


def test_without_windows_a_course_has_nothing_to_follow(tied, tmp_path, capsys):
    with pytest.raises(BadInput, match="'adwin' follows a column through windows"):
        tied.check_drift(detectors=["adwin"])
    assert command(["--fleet", str(tmp_path / "fleet"), "drift", "--detector", "adwin"]) != 0
    assert "--window" in capsys.readouterr().err
    assert tied.runs().collect().is_empty()


@pytest.mark.parametrize("detector", COURSE)
def test_the_verdict_names_the_window_with_which_a_change_began(moving, detector):
    run = moving.check_drift(detectors=[detector], window="1d")
    told = moving.verdicts().filter("drifted").row(0, named=True)

    assert run.summary["drifted"] == 1
    assert (told["model"], told["worst_column"], told["window"]) == ("m2", "x", "2026-03-11")
    assert told["reason"].endswith("; its mean changed with '2026-03-08'")


def test_a_course_is_one_row_per_column_named_after_its_newest_window(moving):
    rows = moving.check_drift(detectors=["adwin"], window="1d").results().filter(model="m2")

    assert sorted(rows["column"]) == ["colour", "x", "y", "z"]
    assert set(rows["window"]) == {"2026-03-11"}
    assert set(rows["n_ref"]) == {1500}
    assert set(rows["n_cur"]) == {2000}


@pytest.mark.parametrize("against", ["rolling 2", "seasonal 3d"])
def test_where_windows_are_compared_with_earlier_ones_the_first_begins_the_course(moving, against):
    run = moving.check_drift(detectors=["adwin", "mmd"], window="1d", against=against)
    rows = run.results().filter(model="m2")

    assert rows.filter(detector="adwin")["n_ref"].unique().to_list() == [200]
    assert rows.filter(detector="adwin", column="x")["status"].item() == "drift"
    assert rows.filter(detector="mmd")["n_ref"].max() == (400 if against == "rolling 2" else 200)


def test_rows_say_what_kind_and_role_a_column_has_and_what_it_is_compared_with(fleet):
    rows = fleet.check_drift(detectors=["ks", "chi_squared", "mmd"]).results().filter(model="m0")
    said = {
        row["column"]: (row["kind"], row["role"], row["unseen_share"]) for row in rows.to_dicts()
    }

    assert said == {
        "size": ("numeric", "feature", None),
        "age": ("numeric", "feature", None),
        "score": ("numeric", "score", None),
        "colour": ("categorical", "feature", 0.0),
        "*": ("joint", None, None),
    }
    assert rows["reference_id"].n_unique() == 1


def test_a_run_keeps_the_versions_of_its_detectors(fleet):
    fleet.check_drift(detectors=["ks", "mmd"])
    options = json.loads(fleet.runs().collect()["options"][0])

    assert options["versions"] == dict.fromkeys(["ks", "mmd"], version("argosy"))


def test_the_share_of_unseen_values_is_told_whoever_measures(fleet, tmp_path):
    path = tmp_path / "current.parquet"
    table = pl.read_parquet(path)
    fresh = pl.when(pl.int_range(pl.len()).over("client") < 50).then(pl.lit("mauve"))
    table.with_columns(colour=fresh.otherwise("colour")).write_parquet(path)
    rows = fleet.check_drift(detectors=["psi"]).results().filter(column="colour")

    assert rows["unseen_share"].unique().to_list() == [0.25]


VERSIONS = pl.DataFrame({"model": ["m"], "version": ["1"]})


def drawn(columns, kinds=None, most=None):
    """Draw from a dataset of one model."""
    rows = pl.DataFrame(columns)
    kinds = kinds or ["numeric"] * rows.width
    wanted = pl.DataFrame(
        {
            "model": ["m"] * rows.width,
            "column": rows.columns,
            "kind": kinds,
            "measure": ["numbers" if kind == "numeric" else None for kind in kinds],
            "base": [None] * rows.width,
        },
        schema_overrides={"measure": pl.String, "base": pl.Float64},
    )
    binding = {"url": "there", "timestamp": None}
    models = pl.DataFrame({"model": ["m"]})
    dataset = Dataset(models, binding, rows.with_columns(pl.lit("m").alias(MODEL)))
    return sampled([dataset], wanted, "reference", WindowSpec())


def test_a_sample_is_a_thousand_rows_spread_evenly_whole_and_in_order():
    found = drawn({"x": np.arange(5000.0), "y": -np.arange(5000.0)})
    rows = np.array(found["rows"][0]).reshape(-1, 2)

    assert found["n"].item() == 5000
    assert len(rows) == MOST
    assert (rows[:, 0] == -rows[:, 1]).all()
    assert (rows[:, 0] // 5 == np.arange(MOST)).all()
    assert len(set(rows[:, 0] % 5)) == 5


def test_every_row_is_as_likely_to_be_drawn():
    keys = np.random.default_rng(1).integers(0, 2**63, 20_000).astype(np.uint64)
    starts, lengths = np.zeros(20_000, np.int64), np.full(20_000, 7)
    found, taken = picks(starts, lengths, keys, most=3)
    share = np.bincount(found, minlength=7) / 20_000

    assert set(taken) == {3}
    # parts of two, two and three rows
    assert share == pytest.approx([1 / 2, 1 / 2, 1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3], abs=0.02)


def test_categories_are_numbered_by_how_common_they_are_in_the_reference():
    before = drawn({"c": ["b", "a", "a", None, "a", "b"]}, ["categorical"])
    after = drawn({"c": ["new", "b", "a", None]}, ["categorical"])
    (part,) = handed(beside(before, after, VERSIONS, windowed=False))

    assert str(part["reference"][0].to_list()) == "[1.0, 0.0, 0.0, nan, 0.0, 1.0]"
    assert str(part["current"][0].to_list()) == "[2.0, 1.0, 0.0, nan]"


def test_columns_that_only_one_side_has_are_not_handed_over():
    before = drawn({"a": [1.0, 2.0], "b": [3.0, 4.0], "c": [5.0, 6.0]})
    after = drawn({"c": [7.0], "d": [8.0], "a": [9.0]})
    (part,) = handed(beside(before, after, VERSIONS, windowed=False))

    assert part["columns"].to_list() == [["a", "c"]]
    assert part["reference"].to_list() == [[1.0, 5.0, 2.0, 6.0]]
    assert part["current"].to_list() == [[9.0, 7.0]]


def test_samples_that_were_drawn_a_few_columns_at_a_time_are_put_together():
    columns = {name: np.random.default_rng(1).normal(size=3000) for name in "abc"}
    whole = drawn(columns)
    parts = [drawn({name: columns[name]}) for name in "cab"]

    assert merged(parts).equals(whole)
    assert merged([]).schema == pl.Schema(ROWS)


def test_a_course_has_what_its_windows_have():
    """Counted again from the rows themselves."""
    rows = logged("m", 300, 3, days=3).with_columns(
        pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise("colour").alias("colour")
    )
    wanted = pl.DataFrame(
        {
            "model": ["m"] * 2,
            "column": ["z", "colour"],
            "kind": ["numeric", "categorical"],
            "measure": ["numbers", None],
            "base": [None, None],
        }
    )
    binding = {"url": "there", "timestamp": "at"}
    models = pl.DataFrame({"model": ["m"], "binding": [binding]})
    dataset = Dataset(models, binding, rows.with_columns(pl.lit("m").alias(MODEL)))
    before: Side = side([dataset], wanted, "reference")
    after = side([dataset], wanted, "current", WindowSpec("1d"))
    found = courses(before, after, VERSIONS)
    z, colour = (found.filter(column=name).row(0, named=True) for name in ("z", "colour"))
    days = rows.partition_by("at", maintain_order=True)

    assert z["windows"] == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert z["n"] == [day.height for day in days]
    assert z["nulls"] == [day["z"].null_count() for day in days]
    assert z["mean"] == pytest.approx([day["z"].mean() for day in days], abs=1e-12)
    assert z["sd"] == pytest.approx([day["z"].std(ddof=0) for day in days], abs=1e-12)
    assert z["least"] == [day["z"].min() for day in days]
    assert z["greatest_ref"] == rows["z"].max()
    assert (z["n_cur"], z["n_ref"], z["null_ref"]) == (300, 300, rows["z"].null_count())
    names = colour["categories"]
    counts = [rows.filter(colour=name).height for name in names]
    assert set(names) == {"red", "green", "blue"}
    assert colour["ref_counts"] == counts == sorted(counts, reverse=True)
    assert colour["counts"] == [day.filter(colour=name).height for day in days for name in names]
    assert colour["nulls"] == [day["colour"].null_count() for day in days]


def test_a_joint_detector_that_fails_is_told_by_its_name(tied, monkeypatch):
    def broken(_):
        raise RuntimeError("no luck")

    from argosy.plugins import installed

    detector = Detector("broken", frozenset({"joint"}), broken, 0.1, "nothing")
    monkeypatch.setitem(installed().detectors, "broken", detector)
    run = tied.check_drift(detectors=["broken", "ks"])

    failed = run.results().filter(detector="broken")
    assert set(failed["status"]) == {"failed"}
    assert "RuntimeError: no luck" in failed["reason"][0]
    assert (run.summary["ok"], run.summary["unknown"]) == (6, 6)
