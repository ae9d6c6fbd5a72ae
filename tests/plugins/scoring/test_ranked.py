"""Models that rank: what counts as relevant, which lists are sound, and whether one is better."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import BadInput
from argosy.jobs.selected import selected
from argosy.plugins import installed
from argosy.types import Chunk
from argosy_evaluate.work import Order, perform
from argosy_scoring.bound import with_labels
from argosy_scoring.gather import Asked

ROWS = {
    "row": [1, 2, 3],
    "list": [["a", "b"], ["c"], []],
    "bought": [["b", "z"], ["c", "c", None], ["a"]],
}


def logged(folder, rows, fleet=None, task=None, models=("m",), versions=("1",), **binding):
    """A fleet whose models' lists lie in one file."""
    path = folder / "lists.parquet"
    pl.DataFrame(rows).write_parquet(path)
    fleet = fleet or argosy.open(str(folder / "fleet"), create=True, actor="tests")
    names = [name for name in models for _ in versions]
    fleet.register(
        {"model": names, "version": [*versions] * len(models), "task": [task] * len(names)}
    )
    columns = {"truth": "bought", "prediction": "list", "id": "row", **binding}
    fleet.bind([{"role": "holdout", "url": str(path), **columns}])
    return fleet


def values(run, model="m"):
    return dict(run.results().filter(model=model).select("metric", "value").rows())


def reason(run):
    return run.failures()["reason"].item()


def test_lists_in_a_log_are_a_ranking_where_the_truth_is_a_list(tmp_path):
    run = logged(tmp_path, ROWS).evaluate(metrics=["recall_at_10", "mrr_at_10", "coverage_at_10"])

    assert values(run) == pytest.approx(
        {"recall_at_10": 0.5, "mrr_at_10": 0.5, "coverage_at_10": 3 / 4}
    )


def test_a_row_without_relevant_items_is_not_measured(tmp_path):
    """Nothing could be found, so finding nothing says nothing."""
    rows = {**ROWS, "bought": [["b"], [], [None]]}
    run = logged(tmp_path, rows).evaluate(metrics=["recall_at_10"])
    found = run.results().row(0, named=True)

    assert (1, 1.0) == (found["n"], found["value"])
    assert 1 / 3 == pytest.approx(found["label_coverage"])


def test_a_model_of_which_nothing_is_relevant_says_so(tmp_path):
    rows = {**ROWS, "bought": pl.Series([[], None, []], dtype=pl.List(pl.String))}

    assert "no row at" in reason(logged(tmp_path, rows).evaluate(metrics=["recall_at_10"]))


def test_a_repeated_item_is_a_hit_once_and_keeps_its_ranks(tmp_path):
    """Else a list of one relevant item, ten times, would be perfect."""
    rows = {"row": [1], "list": [["a", "a", "b"]], "bought": [["a", "b"]]}
    run = logged(tmp_path, rows).evaluate(metrics=["recall_at_10", "ndcg_at_10"])
    best = 1 + 1 / np.log2(3)

    assert values(run) == pytest.approx({"recall_at_10": 1.0, "ndcg_at_10": (1 + 0.5) / best})


def test_an_empty_list_counts_as_a_list_that_finds_nothing(tmp_path):
    rows = {"row": [1, 2], "list": [["a"], []], "bought": [["a"], ["a"]]}

    assert {"recall_at_10": 0.5} == values(
        logged(tmp_path, rows).evaluate(metrics=["recall_at_10"])
    )


@pytest.mark.parametrize("lists", [[["a"], None], [["a"], ["b", None]]])
def test_a_list_that_is_null_or_holds_a_null_fails_its_model_alone(tmp_path, lists):
    rows = {
        "row": [1, 2, 1], "model": ["bad", "bad", "good"],
        "list": [*lists, ["a"]], "bought": [["a"]] * 3,
    }  # fmt: skip
    run = logged(tmp_path, rows, models=("bad", "good"), key="model").evaluate(
        metrics=["recall_at_10", "coverage_at_10"]
    )

    assert "1 of 2 lists are null or hold a null" == reason(run)
    assert {"recall_at_10": 1.0, "coverage_at_10": 1.0} == values(run, "good")


def test_items_are_compared_as_text(tmp_path):
    """One system writes 85123, another "85123"."""
    rows = {"row": [1], "list": [["85123"]], "bought": [[85123]]}

    assert {"recall_at_10": 1.0} == values(
        logged(tmp_path, rows).evaluate(metrics=["recall_at_10"])
    )


def test_a_truth_that_is_no_list_is_refused_with_the_column(tmp_path):
    rows = {"row": [1], "list": [["a"]], "bought": ["a"]}
    run = logged(tmp_path, rows, task="ranking").evaluate(metrics=["recall_at_10"])

    assert "a ranking's truth is a list of items, and the column 'bought' holds String" in reason(
        run
    )


def test_a_ranking_is_not_measured_as_a_class(tmp_path):
    with pytest.raises(BadInput, match="'accuracy' applies to no selected model"):
        logged(tmp_path, ROWS).evaluate(metrics=["accuracy"])


def digest(folder, rows):
    folder.mkdir()
    return logged(folder, rows).evaluate(metrics=["recall_at_10"]).results()["dataset_digest"][0]


def test_the_digest_takes_what_is_relevant_as_a_set(tmp_path):
    plain = {"row": [1, 2], "list": [["a"], ["b"]], "bought": [["a", "b"], ["c"]]}
    turned = {**plain, "bought": [["b", "a", "b", None], ["c"]], "list": [["x", "b"], ["y"]]}
    other = {**plain, "bought": [["a"], ["b", "c"]]}
    found = [
        digest(tmp_path / str(place), rows) for place, rows in enumerate((plain, turned, other))
    ]

    assert found[0] == found[1]
    assert found[0] != found[2]


def test_labels_may_come_later_in_a_table_of_their_own(tmp_path):
    rows = {"row": [1, 2], "list": [["a"], ["b"]]}
    fleet = logged(tmp_path, rows, truth=None)
    pl.DataFrame({"row": [1], "bought": [["a", "q"]]}).write_parquet(tmp_path / "truth.parquet")
    fleet.bind(
        [{"role": "truth", "url": str(tmp_path / "truth.parquet"), "id": "row", "truth": "bought"}]
    )
    found = fleet.evaluate(metrics=["recall_at_10"]).results().row(0, named=True)

    assert (1, 0.5, 0.5) == (found["n"], found["value"], found["label_coverage"])


def test_slices_of_rankings_are_measured(tmp_path):
    rows = {
        "row": range(80), "list": [["a"]] * 80, "bought": [["a"]] * 40 + [["b"]] * 40,
        "country": ["fr"] * 40 + ["de"] * 40,
    }  # fmt: skip
    run = logged(tmp_path, rows).evaluate(metrics=["recall_at_10"], slices=["country"])
    found = dict(run.results().select("slice", "value").rows())

    assert {0.0, 0.5, 1.0} == set(found.values())


def test_intervals_can_come_from_rows_drawn_anew(tmp_path):
    rows = {"row": range(200), "list": [["a"]] * 200, "bought": [["a"], ["b"]] * 100}
    fleet = logged(tmp_path, rows)
    own = fleet.evaluate(metrics=["ndcg_at_10"]).results().row(0, named=True)
    drawn = fleet.evaluate(metrics=["ndcg_at_10"], bootstrap=500).results().row(0, named=True)

    assert own["error"] == pytest.approx(np.sqrt(0.25 / 200))
    assert drawn["error"] == pytest.approx(own["error"], rel=0.15)


# Models that are loaded and rank here


@dataclass
class Ranker:
    """A model that answers the same list of every row."""

    items: tuple
    novelty: tuple | None = None
    classes: tuple = ("a", "b", "c", "d")
    task: str = "ranking"

    def predict(self, rows):
        answer = {"prediction": [list(self.items)] * rows.height}
        if self.novelty is not None:
            answer["novelty"] = [list(self.novelty)] * rows.height
        return pl.DataFrame(answer)


@pytest.fixture
def scored(empty, tmp_path, monkeypatch):
    """Evaluate models that are made here in one chunk, in this process."""

    def evaluate(models, metrics, rows=ROWS):
        history = pl.DataFrame(rows).drop("list").with_columns(history=pl.lit(["q"]))
        history.write_parquet(tmp_path / "rows.parquet")
        for name in models:
            (tmp_path / f"{name}.bin").write_bytes(name.encode())
        empty.register(
            {
                "model": list(models), "version": ["1"] * len(models),
                "format": ["skops"] * len(models),
                "artifact": [str(tmp_path / f"{name}.bin") for name in models],
            }
        )  # fmt: skip
        source = {"url": str(tmp_path / "rows.parquet"), "truth": "bought", "id": "row"}
        empty.bind([{"role": "holdout", **source}])
        load = lambda content: models[content.decode()]  # noqa: E731
        monkeypatch.setitem(
            installed().loaders, "skops", replace(installed().loaders["skops"], load=load)
        )
        units = with_labels(empty.ledger.state(), selected(empty, None), "holdout", None)
        units = units.with_columns(seen=pl.lit([], pl.List(pl.String)))
        options = {"order": Order(tuple(metrics), Asked()), "location": empty.location}
        chunk = Chunk("0", units.to_arrow(), options)
        return pl.DataFrame(perform(chunk)["evaluations"])

    return evaluate


def test_models_rank_here_and_each_is_held_to_its_own_items(scored):
    models = {"knows": Ranker(("b", "c")), "strays": Ranker(("b", "z")), "sound": Ranker(("a",))}
    found = scored(models, ["recall_at_10", "coverage_at_10"])
    of = lambda name: dict(found.filter(model=name).select("metric", "value").rows())  # noqa: E731

    assert of("knows") == pytest.approx({"recall_at_10": 0.5, "coverage_at_10": 0.5})
    assert of("sound") == pytest.approx({"recall_at_10": 1 / 3, "coverage_at_10": 0.25})
    told = "3 of 3 lists hold an item that the model does not say it knows"
    assert told == found.filter(model="strays")["reason"].item()


def test_novelty_is_measured_where_the_model_gives_it(scored):
    models = {"tells": Ranker(("b", "c"), (1.0, 3.0)), "silent": Ranker(("b",))}
    found = scored(models, ["novelty_at_10"])
    rows = {row["model"]: row for row in found.iter_rows(named=True)}

    assert 2.0 == rows["tells"]["value"]
    assert "undefined" == rows["silent"]["status"]
    assert "no list tells how novel its items are" == rows["silent"]["reason"]


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Ranker(("a", None)), "lists are null or hold a null"),
        (Ranker(("a",), (1.0, 2.0)), "the novelty of more or fewer items"),
    ],
)
def test_one_bad_ranker_is_a_row_with_its_reason(scored, model, told):
    found = scored({"odd": model, "sound": Ranker(("a",))}, ["recall_at_10"])
    rows = {row["model"]: row for row in found.iter_rows(named=True)}

    assert 1 / 3 == pytest.approx(rows["sound"]["value"])
    assert "failed" == rows["odd"]["status"]
    assert told in rows["odd"]["reason"]


def test_a_ranker_that_answers_no_lists_fails_alone(scored):
    class Flat(Ranker):
        def predict(self, rows):
            return pl.DataFrame({"prediction": ["a"] * rows.height})

    found = scored({"odd": Flat(("a",)), "sound": Ranker(("a",))}, ["recall_at_10"])
    rows = {row["model"]: row for row in found.iter_rows(named=True)}

    assert "the model answered String where a ranking has lists" == rows["odd"]["reason"]
    assert 1 / 3 == pytest.approx(rows["sound"]["value"])


# Comparisons


def versions(folder, rows=200, better=0.3, seed=4):
    """A log of two versions that ranked the same rows; the second finds more."""
    generator = np.random.default_rng(seed)
    parts = []
    for version, share in (("1", 0.4), ("2", 0.4 + better)):
        lists = [["a" if generator.random() < share else "b", "c"] for _ in range(rows)]
        parts.append(
            pl.DataFrame(
                {"row": range(rows), "list": lists, "bought": [["a"]] * rows, "by": version}
            )
        )
    fleet = logged(folder, pl.concat(parts), versions=("1", "2"), version="by", task="ranking")
    fleet.set_alias({"model": ["m"], "version": ["1"]}, "champion")
    fleet.set_alias({"model": ["m"], "version": ["2"]}, "challenger")
    return fleet


def test_a_better_ranking_is_found_by_a_paired_test(tmp_path):
    run = versions(tmp_path).compare(metrics=["ndcg_at_10"])
    found = run.results().row(0, named=True)

    assert ("paired_ranking", "better") == (found["comparison"], found["verdict"])
    assert 200 == found["n"]
    assert found["p_value"] < 1e-6


def test_rankings_alike_are_not_told_apart(tmp_path):
    run = versions(tmp_path, better=0.0).compare(metrics=["ndcg_at_10"])

    assert ["better"] != run.results()["verdict"].to_list()
    assert run.results()["p_value"].item() > 0.01


def test_metrics_apply_to_rankings_only():
    """A recall of classes and a recall of lists are two metrics."""
    own = {name: each.tasks for name, each in installed().metrics.items() if "_at_" in name}

    assert own
    assert {frozenset({"ranking"})} == set(own.values())


@pytest.mark.parametrize(
    ("bought", "listed"),
    [(["a", "b"], ["A", "B"]), ([1, 2], ["001", "002"]), (["x"], ["y"])],
)
def test_lists_without_any_item_of_the_truth_are_refused_with_both(tmp_path, bought, listed):
    """All their metrics would be 0, of another spelling as of the worst model."""
    rows = {"row": list(range(9)), "list": [listed] * 9, "bought": [bought] * 9}

    told = reason(logged(tmp_path, rows).evaluate())

    assert told.startswith("no item of its truth is in its lists: ")
    assert all(repr(str(item)) in told for item in (*bought, *listed))


def test_one_item_in_common_makes_them_lists_of_the_same_items(tmp_path):
    rows = {"row": [1, 2], "list": [["a", "b"], ["c"]], "bought": [["z"], ["c"]]}

    found = logged(tmp_path, rows).evaluate(metrics=["recall_at_10"])

    assert 0.5 == values(found)["recall_at_10"]
