"""Models that are loaded and predict: reference figures, and whatever may be wrong with one."""

import threading
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import argosy
from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy.types import Chunk
from argosy_evaluate.work import Order, perform
from argosy_scoring import model_cache as loading
from argosy_scoring.gather import Asked

sio = pytest.importorskip("skops.io")


def bound(folder, fleet, cases, **binding):
    """Register a skops file per model and bind its rows, which have the truth `y`."""
    fleet.register(
        {
            "model": list(cases),
            "version": ["1"] * len(cases),
            "format": ["skops"] * len(cases),
            "artifact": [str(folder / f"{name}.skops") for name in cases],
        }
    )
    fleet.bind(
        [
            {"role": "holdout", "model": name, "url": str(folder / f"{name}.parquet"),
             "truth": "y", **binding}
            for name in cases
        ]
    )  # fmt: skip


def saved(folder, name, model, rows):
    (folder / f"{name}.skops").write_bytes(sio.dumps(model))
    rows.write_parquet(folder / f"{name}.parquet")


# Reference figures


@pytest.mark.simulation
def test_the_credit_figures_are_reproduced(data, tmp_path):
    """Five-fold AUC of three kinds of model: 0.723, 0.769 and 0.782, as the data's notes say."""
    frame = pl.read_parquet(data / "credit_taiwan.parquet")
    target = frame["default_next_month"].to_numpy()
    features = frame.drop("id", "default_next_month").cast(pl.Float64)
    status = [name for name in features.columns if name.startswith("pay_") and "amt" not in name]
    rest = [name for name in features.columns if name not in status]
    kinds = {
        "linear": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        "onehot": lambda: make_pipeline(
            make_column_transformer(
                (OneHotEncoder(handle_unknown="ignore"), status), (StandardScaler(), rest)
            ),
            LogisticRegression(max_iter=1000),
        ),
        "boosted": lambda: HistGradientBoostingClassifier(random_state=0),
    }
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    cases = []
    for fold, (train, test) in enumerate(folds.split(features, target)):
        for kind, made in kinds.items():
            # a column transformer finds columns by name in pandas and by place in polars
            model = made()
            columns = features.columns
            if kind == "onehot":
                model.steps[0][1].transformers = [
                    (name, step, [columns.index(each) for each in own])
                    for name, step, own in model.steps[0][1].transformers
                ]
            model.fit(features.to_numpy()[train], target[train])
            name = f"{kind}-{fold}"
            rows = features[test].with_columns(y=pl.Series(target[test]))
            saved(tmp_path, name, model, rows)
            cases.append(name)
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    bound(tmp_path, fleet, cases)
    run = fleet.evaluate(metrics=["auc"])

    assert run.failures().is_empty(), run.failures()["reason"].to_list()
    found = (
        run.results()
        .group_by(pl.col("model").str.split("-").list.first())
        .agg(pl.col("value").mean())
    )
    figures = dict(found.rows())
    assert figures["linear"] == pytest.approx(0.723, abs=0.01)
    assert figures["onehot"] == pytest.approx(0.769, abs=0.01)
    assert figures["boosted"] == pytest.approx(0.782, abs=0.01)


# Isolation


@dataclass
class Odd:
    """A model that answers as it is told to."""

    answer: object
    task: str = "binary"
    classes: tuple = (0, 1)

    def predict(self, rows):
        return self.answer(rows)


def plain(rows):
    p = rows["x"].to_list()
    return pl.DataFrame(
        {"prediction": [int(each > 0.5) for each in p], "probabilities": [[1 - e, e] for e in p]}
    )


def raises(rows):
    raise RuntimeError("no such luck\nat line 7")


def short(rows):
    return plain(rows.head(1))


def nan(rows):
    return pl.DataFrame({"prediction": [float("nan")] * rows.height})


def stranger(rows):
    return pl.DataFrame({"prediction": ["blue"] * rows.height})


def improbable(rows):
    return plain(rows).with_columns(probabilities=pl.lit([-0.5, 1.5]))


def lopsided(rows):
    return plain(rows).with_columns(probabilities=pl.lit([0.2, 0.3, 0.5]))


def nothing(rows):
    return pl.DataFrame({"y_hat": [0] * rows.height})


def no_numbers(rows):
    return plain(rows).with_columns(probabilities=pl.lit([None, None], pl.List(pl.Float64)))


LET_GO = threading.Event()


def hangs(rows):
    LET_GO.wait(60)


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Evaluate a sound model and an odd one in one chunk, in this process."""

    def evaluate(answer, task="binary", classes=(0, 1), truth=(0, 1, 1, 0)):
        rows = pl.DataFrame({"x": [0.1, 0.9, 0.8, 0.6], "y": list(truth)})
        rows.write_parquet(tmp_path / "rows.parquet")
        fleet = argosy.open(str(tmp_path / "fleet"), create=True)
        for name in ("odd", "sound"):
            (tmp_path / f"{name}.bin").write_bytes(name.encode())
        fleet.register(
            {
                "model": ["odd", "sound"], "version": ["1", "1"], "format": ["skops"] * 2,
                "artifact": [str(tmp_path / "odd.bin"), str(tmp_path / "sound.bin")],
            }
        )  # fmt: skip
        fleet.bind([{"role": "holdout", "url": str(tmp_path / "rows.parquet"), "truth": "y"}])
        known = {b"odd": Odd(plain), b"sound": Odd(plain)}
        loader = replace(installed().loaders["skops"], load=lambda content: known[content])
        monkeypatch.setitem(installed().loaders, "skops", loader)
        from argosy.jobs.selected import selected
        from argosy_scoring.bound import with_labels

        state = fleet.ledger.state()
        units = selected(fleet, None)
        models = with_labels(state, units, "holdout", None)
        models = models.with_columns(seen=pl.lit([], pl.List(pl.String)))
        order = Order(("accuracy",), Asked())
        location = fleet.location
        chunk = Chunk("0", models.to_arrow(), {"order": order, "location": location})
        perform(chunk)  # metrics are compiled once, which the limit does not allow for
        known[b"odd"] = Odd(answer, task, classes)
        with using({"core": {"time_limit": 0.5}}):
            return pl.DataFrame(perform(chunk)["evaluations"])

    LET_GO.clear()
    yield evaluate
    LET_GO.set()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (raises, "failed: RuntimeError: no such luck"),
        (short, "of argosy 0.1.0), predicted 1 rows for 4"),
        (nan, "4 of 4 values of the prediction are neither a finite number nor a known class"),
        (stranger, "4 of 4 values of the prediction are neither"),
        (improbable, "8 of 8 probabilities do not lie between 0 and 1"),
        (lopsided, "the model gave 3 probabilities for 2 classes in 4 of 4 rows"),
        (no_numbers, "8 of 8 probabilities do not lie between 0 and 1"),
        (nothing, "of argosy 0.1.0), answered without the column 'prediction'"),
        (lambda rows: "fine", "answered with a str, not with a DataFrame"),
        (hangs, "was given up after 0.5 s"),
    ],
)
def test_one_bad_model_is_a_row_with_its_reason_and_its_neighbour_is_measured(beside, answer, told):
    found = beside(answer)
    odd = found.filter(model="odd").row(0, named=True)
    sound = found.filter(model="sound").row(0, named=True)

    assert (odd["status"], odd["metric"]) == ("failed", None)
    assert told in odd["reason"]
    assert "\n" not in odd["reason"]
    assert (sound["status"], sound["value"], sound["n"]) == ("ok", 0.75, 4)


def test_a_regression_that_predicts_infinity_is_a_row_with_its_reason(beside):
    answer = lambda rows: pl.DataFrame({"prediction": [1.0, float("inf"), 0.0, 0.0]})  # noqa: E731
    odd = beside(answer, "regression", ()).filter(model="odd").row(0, named=True)

    assert odd["status"] == "failed"
    assert "1 of 4 values of the prediction" in odd["reason"]


def test_a_truth_that_the_model_does_not_know_is_a_class_that_it_never_hits(beside):
    found = beside(plain, truth=(0, 1, 2, 0))

    assert found.filter(model="odd")["value"].item() == 0.5


def test_a_process_that_dies_is_one_row_and_the_others_are_measured(tmp_path):
    """A tree whose indices are damaged passes every check of its format and kills its process."""
    generator = np.random.default_rng(0)
    rows = pl.DataFrame({"x": generator.random(50), "z": generator.random(50)})
    target = (rows["x"] > 0.5).cast(pl.Int64)
    table = rows.with_columns(y=target)
    cases = [f"m{number}" for number in range(5)]
    for name in cases:
        saved(
            tmp_path, name, DecisionTreeClassifier(max_depth=2).fit(rows.to_numpy(), target), table
        )
    killer = DecisionTreeClassifier(max_depth=2).fit(rows.to_numpy(), target)
    state = killer.tree_.__getstate__()
    for side in ("left_child", "right_child"):
        state["nodes"][side][0] = 2**40
    killer.tree_.__setstate__(state)
    saved(tmp_path, "m2", killer, table)
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    bound(tmp_path, fleet, cases)
    run = fleet.evaluate(metrics=["accuracy"])

    [(model, version, reason)] = run.failures().rows()
    assert (model, version) == ("m2", "1")
    assert reason.startswith("the process that ran it died in the model format 'skops' (plugin")
    assert "SIGSEGV in" in reason
    measured = run.results().filter(status="ok")
    assert measured["model"].to_list() == ["m0", "m1", "m3", "m4"]
    assert set(measured["value"]) == {1.0}


# The same as a loop


def test_models_predict_batch_by_batch(beside, monkeypatch):
    sizes = []

    def answer(rows):
        sizes.append(rows.height)
        return plain(rows)

    monkeypatch.setattr(loading, "_BATCH", 3)
    found = beside(answer)

    assert sizes == [3, 1]
    assert found.filter(model="odd")["value"].item() == 0.75


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Models of all tasks in one table by key, with windows, and a log beside them."""
    from sklearn.linear_model import Ridge

    folder = tmp_path_factory.mktemp("mixed")
    generator = np.random.default_rng(4)
    frames, cases = [], {"two": ["no", "yes"], "three": ["a", "b", "c"], "number": None}
    truths = {}
    for name, labels in cases.items():
        x = generator.normal(size=(300, 3))
        code = np.digitize(x[:, 0] + 0.5 * generator.normal(size=300), [0.0, 0.8])
        y = (
            code.astype(float)
            if labels is None
            else np.array(labels)[np.minimum(code, len(labels) - 1)]
        )
        model = (Ridge() if labels is None else LogisticRegression()).fit(x[:150], y[:150])
        (folder / f"{name}.skops").write_bytes(sio.dumps(model))
        frame = pl.DataFrame(x[150:], schema=["p", "q", "r"]).with_columns(
            owner=pl.lit(name), y=pl.Series(y[150:]).cast(pl.String), batch=pl.int_range(150) % 2
        )
        frames.append(frame)
        truths[name] = (model, x[150:], y[150:])
    pl.concat(frames).write_parquet(folder / "rows.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register(
        {
            "model": list(cases), "version": ["1"] * 3, "format": ["skops"] * 3,
            "artifact": [str(folder / f"{name}.skops") for name in cases],
            "features": [["p", "q", "r"]] * 3,
        }
    )  # fmt: skip
    fleet.bind(
        [{"role": "holdout", "url": str(folder / "rows.parquet"), "key": "owner", "truth": "y"}]
    )
    return fleet, truths


def test_models_of_every_task_are_measured_from_one_table(mixed):
    from sklearn import metrics

    fleet, truths = mixed
    run = fleet.evaluate()
    value = {(row["model"], row["metric"]): row["value"] for row in run.results().to_dicts()}

    assert run.failures().is_empty(), run.failures()["reason"].to_list()
    model, x, y = truths["two"]
    p = model.predict_proba(x)
    assert value["two", "auc"] == pytest.approx(metrics.roc_auc_score(y == "yes", p[:, 1]))
    model, x, y = truths["three"]
    assert value["three", "accuracy"] == pytest.approx(model.score(x, y))
    assert value["three", "log_loss"] == pytest.approx(metrics.log_loss(y, model.predict_proba(x)))
    model, x, y = truths["number"]
    assert value["number", "mae"] == pytest.approx(metrics.mean_absolute_error(y, model.predict(x)))


def test_windows_and_slices_of_models_that_predict_here(mixed):
    fleet, truths = mixed
    found = fleet.evaluate(
        "model = 'two'", metrics=["accuracy"], window="by batch", slices=["p > 0"]
    ).results()

    model, x, y = truths["two"]
    odd = np.arange(150) % 2 == 1
    hit = model.predict(x) == y
    whole = found.filter(window="1", slice="all").row(0, named=True)
    part = found.filter(window="1", slice="p > 0=true").row(0, named=True)
    assert whole["value"] == pytest.approx(hit[odd].mean())
    assert part["value"] == pytest.approx(hit[odd & (x[:, 0] > 0)].mean())


def test_a_digest_of_rows_without_id_looks_at_the_features(mixed, tmp_path):
    """Whatever the order of rows and columns, and wherever the row group ends."""
    fleet, _ = mixed
    url = fleet.bindings().collect()["url"].item()
    before = fleet.evaluate(metrics=["accuracy", "mae"]).results().select("model", "dataset_digest")
    rows = pl.read_parquet(url)
    try:
        rows.select(reversed(rows.columns)).sample(
            fraction=1.0, shuffle=True, seed=1
        ).write_parquet(url, row_group_size=17)
        same = fleet.evaluate(metrics=["accuracy", "mae"]).results()
        rows.with_columns(
            q=pl.when(pl.int_range(pl.len()) == 5).then(0.0).otherwise("q")
        ).write_parquet(url)
        other = fleet.evaluate(metrics=["accuracy", "mae"]).results()
    finally:
        rows.write_parquet(url)

    assert same.select("model", "dataset_digest").equals(before)
    changed = other.select("model", "dataset_digest").equals(before)
    assert not changed
