"""One file per model: read together where they agree, one by one where they do not."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import argosy
from argosy.testing.fleets import logged_fleet
from argosy_rows import together

WRITERS = {
    "parquet": pl.DataFrame.write_parquet,
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
    "arrow": pl.DataFrame.write_ipc,
}
NUMBERS = ["model", "column", "detector", "statistic", "effect", "p_value", "status", "reason"]


def of_files(tmp_path, suffix="parquet", models=12):
    """Put each model's rows of a shared table in a file of its own; give both fleets."""
    shared = logged_fleet(tmp_path, models=models, drifting={"m3"})
    fleet = argosy.open(str(tmp_path / "own"), create=True)
    names = [f"m{number}" for number in range(models)]
    fleet.register(pl.DataFrame({"model": names, "version": ["1"] * models}))
    bindings = []
    for role in ("reference", "current"):
        rows = pl.read_parquet(tmp_path / f"{role}.parquet")
        for (name,), part in rows.partition_by("client", as_dict=True).items():
            path = tmp_path / f"{role} {name}.{suffix}"
            WRITERS[suffix](part.drop("client"), path)
            bindings.append(
                {"role": role, "model": name, "url": str(path), "score": "score", "truth": "label"}
            )
    fleet.bind(bindings, check=False)
    return shared, fleet


def found(fleet):
    return fleet.check_drift().results().select(NUMBERS).sort("model", "column", "detector")


@pytest.mark.parametrize("suffix", WRITERS)
def test_own_files_give_what_a_shared_table_gives(suffix, tmp_path):
    shared, fleet = of_files(tmp_path, suffix)

    assert_frame_equal(found(shared), found(fleet), abs_tol=1e-12)


@pytest.mark.parametrize("suffix", WRITERS)
def test_files_of_one_shape_are_one_dataset(suffix, tmp_path, monkeypatch):
    _, fleet = of_files(tmp_path, suffix)
    seen = []
    read = together._together
    monkeypatch.setattr(together, "_together", lambda *given: seen.append(read(*given)) or seen[-1])
    fleet.check_drift()

    assert [[dataset.models.height for dataset in found] for found in seen] == [[12], [12]]


def test_a_file_that_is_missing_or_damaged_fails_its_model_only(tmp_path):
    _, fleet = of_files(tmp_path)
    (tmp_path / "current m1.parquet").unlink()
    (tmp_path / "current m2.parquet").write_bytes(b"PAR1 no more")
    run = fleet.check_drift()

    assert run.failures()["model"].to_list() == ["m1", "m2"]
    assert run.summary["ok"] == 10
    assert run.summary["drifted"] == 1


def test_files_of_other_shapes_are_read_by_themselves(tmp_path):
    _, fleet = of_files(tmp_path)
    path = tmp_path / "current m1.parquet"
    pl.read_parquet(path).drop("age").write_parquet(path)
    run = fleet.check_drift()

    assert run.failures().is_empty()
    rows = run.results().filter(pl.col("reason").str.contains("has no column 'age'"))
    assert rows["model"].unique().to_list() == ["m1"]


def test_models_may_share_a_file_without_a_key(tmp_path):
    """Clones that are scored on the same rows."""
    _, fleet = of_files(tmp_path)
    url = str(tmp_path / "current m3.parquet")
    fleet.bind(
        [{"role": "current", "model": name, "url": url} for name in ("m0", "m5")], check=False
    )
    rows = fleet.check_drift().results().filter(column="size", detector="ks")

    assert rows.filter(pl.col("model").is_in(["m0", "m5"]))["n_cur"].to_list() == [200, 200]


def test_an_empty_file_is_a_row_with_its_own_name(tmp_path):
    _, fleet = of_files(tmp_path)
    path = tmp_path / "current m4.parquet"
    pl.read_parquet(path).clear().write_parquet(path)
    failures = fleet.check_drift().failures()

    assert failures["reason"].to_list() == [f"there is no current row of the model at {path}"]
