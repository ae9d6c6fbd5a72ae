"""Many logs at once are measured as each one is, and as scikit-learn measures it."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

import argosy
from argosy.jobs import chunking
from argosy.testing.fleets import logged_fleet

from .runs import only

ACCURACY = ["accuracy"]


def test_one_chunk_and_many_give_the_same(tmp_path, monkeypatch):
    fleet = logged_fleet(tmp_path, models=7, rows=50)
    whole = fleet.evaluate().results().drop("run_id", "at")
    monkeypatch.setattr(chunking, "_size", lambda *_: 2)

    assert whole.equals(fleet.evaluate().results().drop("run_id", "at"))


def test_large_tables_are_measured_in_blocks_of_models_and_give_the_same(tmp_path, monkeypatch):
    from argosy_evaluate import work
    from argosy_scoring import batches

    fleet = logged_fleet(tmp_path, models=7, rows=50)
    whole = fleet.evaluate().results().drop("run_id", "at")
    monkeypatch.setattr(batches, "_LARGE_FILE", 1)
    monkeypatch.setattr(batches, "_MOST_ROWS", 120)
    sizes = []
    gather = work.gather
    monkeypatch.setattr(
        work, "gather", lambda models, *rest: sizes.append(models.height) or gather(models, *rest)
    )

    assert whole.equals(fleet.evaluate().results().drop("run_id", "at"))
    assert sizes == [2, 2, 2, 1]


def test_models_that_share_a_table_may_read_other_columns_of_it(empty, tmp_path):
    rows = pl.DataFrame({"was": [1, 0], "one": [1, 0], "two": [0, 0]})
    rows.write_parquet(tmp_path / "log.parquet")
    empty.register({"model": ["a", "b"], "version": ["1", "1"]})
    url = str(tmp_path / "log.parquet")
    empty.bind(
        [
            {"role": "holdout", "model": "a", "url": url, "truth": "was", "prediction": "one"},
            {"role": "holdout", "model": "b", "url": url, "truth": "was", "prediction": "two"},
        ]
    )
    run = empty.evaluate()

    assert only(run, model="a")["value"] == 1.0
    assert only(run, model="b")["value"] == 0.5


def test_many_files_of_one_model_each_are_measured_together(empty, tmp_path, monkeypatch):
    from argosy_evaluate import work

    calls = []
    whole = work.measured
    monkeypatch.setattr(work, "measured", lambda *given: calls.append(1) or whole(*given))
    names = [f"m{number}" for number in range(6)]
    for number, name in enumerate(names):
        pl.DataFrame({"was": [1, 0, 1, 0], "said": [1, 0, number % 2, 0]}).write_parquet(
            tmp_path / f"{name}.parquet"
        )
    empty.register({"model": names, "version": ["1"] * 6})
    empty.bind(
        [
            {"role": "holdout", "model": name, "url": str(tmp_path / f"{name}.parquet"),
             "truth": "was", "prediction": "said"}
            for name in names
        ]
    )  # fmt: skip
    run = empty.evaluate(metrics=ACCURACY)

    assert run.results()["value"].to_list() == [0.75, 1.0] * 3
    assert len(calls) == 1


def test_of_many_files_the_one_that_is_at_fault_is_named(empty, tmp_path):
    names = [f"m{number}" for number in range(6)]
    for name in names:
        was = [None, None] if name == "m4" else [1, 0]
        rows = pl.DataFrame(
            {"was": was, "said": [1, 0]}, schema={"was": pl.Int64, "said": pl.Int64}
        )
        rows.head(0 if name == "m2" else 2).write_parquet(tmp_path / f"{name}.parquet")
    empty.register({"model": names, "version": ["1"] * 6})
    empty.bind(
        [
            {"role": "holdout", "model": name, "url": str(tmp_path / f"{name}.parquet"),
             "truth": "was", "prediction": "said"}
            for name in names
        ]
    )  # fmt: skip
    failed = dict(empty.evaluate(metrics=ACCURACY).failures().select("model", "reason").rows())

    assert failed == {
        "m2": f"there is no row of the model at {tmp_path / 'm2.parquet'}",
        "m4": f"no row at {tmp_path / 'm4.parquet'} has a truth",
    }


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_numbers_agree_with_scikit_learn_whatever_the_log(tmp_path_factory, seed):
    """Models mixed up in one log, of any size, with ties and rows that have no truth."""
    generator = np.random.default_rng(seed)
    sizes = generator.integers(2, 40, 4)
    owner = np.repeat(["a", "b", "c", "d"], sizes)
    score = generator.integers(0, 8, len(owner)) / 8
    truth = [None if drop else int(bit) for drop, bit in
             zip(generator.random(len(owner)) < 0.1, generator.random(len(owner)) < score,
                 strict=True)]  # fmt: skip
    frame = pl.DataFrame({"owner": owner, "score": score, "was": truth}).sample(
        fraction=1.0, shuffle=True, seed=seed
    )
    folder = tmp_path_factory.mktemp("logs")
    frame.write_parquet(folder / "log.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": ["a", "b", "c", "d"], "version": ["1"] * 4})
    fleet.bind(
        [{"role": "holdout", "url": str(folder / "log.parquet"), "key": "owner",
          "truth": "was", "score": "score"}]
    )  # fmt: skip
    found = fleet.evaluate(metrics=["auc", "accuracy", "f1"]).results()

    for name in "abcd":
        rows = frame.filter(pl.col("was").is_not_null(), owner=name)
        mine = {row["metric"]: row for row in found.filter(model=name).to_dicts()}
        if rows.is_empty():
            continue
        was, said = rows["was"].to_numpy(), (rows["score"] > 0.5).to_numpy()
        assert mine["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(was, said))
        assert mine["accuracy"]["n"] == rows.height
        if len(set(was)) == 2:
            expected = metrics.roc_auc_score(was, rows["score"].to_numpy())
            assert mine["auc"]["value"] == pytest.approx(expected)
        else:
            assert mine["auc"]["status"] == "undefined"
