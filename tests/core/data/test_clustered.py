"""A table that keeps the rows of a model apart is copied once, and read like any other."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import argosy
from argosy.data import clustered
from argosy.plugins import installed
from argosy.store.facts import STAGED_FOLDER

MODELS, ROWS = 60, 40


@pytest.fixture
def small_chunks(monkeypatch):
    """Let a chunk be of five models, so that a small table is worth the copy."""
    monkeypatch.setattr(clustered, "_TOGETHER", 5)
    monkeypatch.setattr(clustered, "_SPAN", 100)
    made = []
    copy = clustered._copy

    def noted(members, binding, location, folder, also):
        made.append((binding["role"], binding["url"]))
        copy(members, binding, location, folder, also)

    monkeypatch.setattr(clustered, "_copy", noted)
    return made


def named(number):
    return f"m{number:02}"


def table(key, seed=3):
    generator = np.random.default_rng(seed)
    many = MODELS * ROWS
    names = [key(number) for number in range(MODELS)]
    return pl.DataFrame(
        {
            "name": names * ROWS,  # model after model, over and over
            "size": generator.normal(size=many),
            "colour": generator.choice(["red", "blue"], many),
            "place": np.arange(many),
        }
    )


WRITERS = {
    "parquet": lambda frame, path: frame.write_parquet(path, row_group_size=200),
    "csv": lambda frame, path: frame.write_csv(path),
    "jsonl": lambda frame, path: frame.write_ndjson(path),
    "arrow": lambda frame, path: frame.write_ipc(path),
    "delta": lambda frame, path: frame.write_delta(path),
}


def fleet_of(tmp_path, frame, form, key=named):
    names = [key(number) for number in range(MODELS)]
    suffix = "" if form == "delta" else f".{form}"
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register(pl.DataFrame({"model": names, "version": ["1"] * MODELS}))
    for role in ("reference", "current"):
        path = tmp_path / f"{role}{suffix}"
        WRITERS[form](frame, str(path))
        fleet.bind({"role": [role], "url": [str(path)], "format": [form], "key": ["name"]})
    return fleet


def results(fleet):
    run = fleet.check_drift()
    assert run.failures().is_empty()
    return run.results().drop("run_id", "at", "reference_id").sort(pl.all())


@pytest.mark.parametrize("form", list(WRITERS))
def test_the_copy_gives_the_same_results_as_the_table(tmp_path, small_chunks, form):
    mixed = table(named)
    found = results(fleet_of(tmp_path / "mixed", mixed, form))
    copied = list(small_chunks)
    plain = results(fleet_of(tmp_path / "sorted", mixed.sort("name", maintain_order=True), form))

    assert_frame_equal(found, plain)
    assert [role for role, _ in copied] == ["current", "reference"]


def test_a_table_that_is_ordered_by_its_key_is_not_copied(tmp_path, small_chunks):
    ordered = table(named).sort("name")
    results(fleet_of(tmp_path, ordered, "parquet"))

    assert small_chunks == []


def test_a_reference_that_is_profiled_is_not_copied_again(tmp_path, small_chunks):
    fleet = fleet_of(tmp_path, table(named), "parquet")
    results(fleet)
    small_chunks.clear()
    results(fleet)

    assert [role for role, _ in small_chunks] == ["current"]
    assert list((tmp_path / "fleet" / STAGED_FOLDER).iterdir()) == []


def test_keys_may_be_numbers(tmp_path, small_chunks):
    """Numbers are compared as numbers: 10 is not between 1 and 2."""
    frame = table(str).with_columns(pl.col("name").cast(pl.Int64))
    found = results(fleet_of(tmp_path / "mixed", frame, "parquet", str))
    plain = results(fleet_of(tmp_path / "sorted", frame.sort("name"), "parquet", str))

    assert_frame_equal(found, plain)
    assert len(found["model"].unique()) == MODELS


def test_the_rows_of_a_model_keep_their_order(tmp_path, small_chunks):
    """Windows by count depend on it."""
    fleet = fleet_of(tmp_path, table(named), "parquet")
    run = fleet.check_drift("model = 'm07' OR model > 'm10'", window="20 rows")
    moved = run.results().filter(model="m20", column="place", detector="ks")
    expected = {"rows 000000001 to 000000020": 0.5, "rows 000000021 to 000000040": 0.5}

    assert dict(moved.select("window", "statistic").rows()) == expected


def test_formats_say_which_rows_lie_together(tmp_path):
    frame = table(named).sort("name")
    sources = installed().sources
    for form in ("parquet", "delta"):
        path = str(tmp_path / form)
        WRITERS[form](frame, path)
        spans = sources[form].spans(path, {}, "name")

        assert spans["rows"].sum() == frame.height
        assert (spans["low"].min(), spans["high"].max()) == ("m00", "m59")
    assert sources["parquet"].spans("s3://bucket/table.parquet", {}, "name") is None
