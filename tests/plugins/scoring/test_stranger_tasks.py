"""Tasks of strangers, that of the guide among them: registered, bound, evaluated."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, RowsRefused
from argosy.kernels import aggregation
from argosy.plugins import installed
from argosy.testing.tasks import Drawn, TaskSuite
from argosy.types import Loader, Metric, Readout, TaskColumn, TaskKind

GUIDE = (Path(__file__).parents[3] / "plugins/README.md").read_text()
(SOURCE,) = re.findall(r"```python\n(# src/argosy_survival/task.py\n.*?)```", GUIDE, re.DOTALL)
WRITTEN = {}
exec(compile(SOURCE, "plugins/README.md", "exec"), WRITTEN)  # noqa: S102
SURVIVAL, ENDED = WRITTEN["TASK"], WRITTEN["METRIC"]
NO_REASON = pl.lit(None, pl.String)


def foreseen(handed, said):
    """A point and quantiles, made at an origin."""
    few = pl.when(pl.col("quantiles").list.len() != 3).then(pl.lit("there are three quantiles"))
    rows = handed.rows.select(truth=handed.binding["truth"], origin="origin").hstack(said)
    return Readout(rows.with_columns(reason=few))


FORECAST = TaskKind(
    "forecast",
    "A number and its quantiles, as seen from an origin.",
    lambda handed: foreseen(
        handed,
        handed.rows.select(prediction=handed.binding["prediction"], quantiles="quantiles"),
    ),
    lambda handed, answers: foreseen(handed, pl.concat([one.rows for one in answers])),
    (
        TaskColumn("quantiles", "prediction", "list"),
        TaskColumn("origin", "truth", "time"),
    ),
    reads=("quantiles", "origin"),
    answers=("prediction", "quantiles"),
)
INSIDE = Metric(
    "inside",
    frozenset({"forecast"}),
    aggregation(
        pl.col("truth")
        .is_between(pl.col("quantiles").list.first(), pl.col("quantiles").list.last())
        .filter(pl.col("origin") > datetime(2025, 1, 1, tzinfo=UTC))
        .mean(),
        NO_REASON,
    ),
    higher_is_better=True,
    bounds=(0, 1),
)


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    """Offer both as installed plugins would."""
    for kind in (SURVIVAL, FORECAST):
        monkeypatch.setitem(installed().tasks, kind.name, kind)
    for metric in (ENDED, INSIDE):
        monkeypatch.setitem(installed().metrics, metric.name, metric)


class TestSurvival(TaskSuite):
    name = "survival"
    metric = "risk_of_ended"
    binding = {"truth": "months", "prediction": "risk"}

    def drawn(self, rows, seed):
        generator = np.random.default_rng(seed)
        log = pl.DataFrame(
            {
                "months": generator.gamma(2.0, size=rows),
                "event": generator.uniform(size=rows) < 0.7,
                "risk": generator.normal(size=rows),
            }
        )
        return Drawn(log, log.select(prediction="risk"))

    def unreadable(self, log):
        here = pl.int_range(pl.len()) < 2
        negative = pl.when(here).then(-1.0).otherwise("months").alias("months")
        unknown = pl.when(~here).then("event").alias("event")
        yield log.with_columns(negative), "2 of 20 rows cannot be read: the months are negative"
        yield log.with_columns(unknown), "2 of 20 rows cannot be read: nobody says"
        yield log.with_columns(risk=pl.lit(None, pl.Float64)), "20 of 20 rows cannot be read: they"
        yield log.drop("event"), "event"


class TestForecast(TaskSuite):
    name = "forecast"
    metric = "inside"
    binding = {"truth": "sales", "prediction": "said"}

    def drawn(self, rows, seed):
        generator = np.random.default_rng(seed)
        said = generator.normal(size=rows)
        begin = datetime(2025, 6, 1, tzinfo=UTC)
        log = pl.DataFrame(
            {
                "sales": said + generator.normal(size=rows),
                "said": said,
                "quantiles": (said[:, None] + np.array([-1.0, 0.0, 1.0])).tolist(),
                "origin": [begin + timedelta(days=day % 7) for day in range(rows)],
            }
        )
        return Drawn(log, log.select("quantiles", prediction="said"))

    def unreadable(self, log):
        first = pl.int_range(pl.len()) == 0
        short = pl.when(first).then(pl.lit([1.0])).otherwise("quantiles").alias("quantiles")
        yield log.with_columns(short), "1 of 20 rows cannot be read: there are three quantiles"


class Risky:
    """A model of the task that predicts here."""

    task, classes = "survival", ()

    def predict(self, rows):
        assert rows.columns == ["age"], "what the task reads is no feature"
        return pl.DataFrame({"prediction": rows["age"] / 100})


def fleet_of(folder, rows, **registered):
    """A fleet of one model that is bound to rows in the role `holdout`."""
    rows.write_parquet(folder / "rows.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    fleet.register({"model": ["m"], "version": ["1"], **registered})
    bound = {"role": "holdout", "url": str(folder / "rows.parquet"), "truth": "months"}
    fleet.bind([{**bound, **({} if "artifact" in registered else {"prediction": "risk"})}])
    return fleet


def results(fleet, **asked):
    return pl.DataFrame(fleet.evaluate(data="holdout", **asked).results())


ROWS = pl.DataFrame({"months": [1.0, 2.0, 3.0], "event": [1, 0, 1], "risk": [0.5, 0.9, 0.1]})


def test_a_model_of_a_strangers_task_that_predicts_here_is_evaluated(tmp_path, monkeypatch):
    """In this process, where the stranger's loader is offered."""
    from argosy_scoring.gather import gather

    monkeypatch.setitem(installed().loaders, "risky", Loader("risky", lambda _: Risky()))
    (tmp_path / "m").write_bytes(b"x")
    rows = ROWS.drop("risk").with_columns(age=pl.Series([30, 40, 50]))
    where = {"format": ["risky"], "artifact": [str(tmp_path / "m")]}
    fleet = fleet_of(tmp_path, rows, task=["survival"], **where)
    from argosy_scoring.bound import with_labels

    model = fleet.versions().with_columns(template=pl.lit(None, pl.String)).collect()
    ready = with_labels(fleet.state, model, "holdout", None)
    gathered = gather(ready, fleet.location)

    assert gathered.trouble.is_empty()
    [part] = gathered.predictions
    assert part.rows["prediction"].to_list() == [0.3, 0.4, 0.5]
    assert part.rows["event"].to_list() == [1.0, 0.0, 1.0]


def test_a_log_of_a_strangers_task_has_the_metrics_of_the_task(tmp_path):
    fleet = fleet_of(tmp_path, ROWS, task=["survival"])

    found = results(fleet)
    assert found["metric"].to_list() == ["risk_of_ended"]
    assert found["value"].to_list() == [pytest.approx(0.3)]
    assert found["task"].to_list() == ["survival"]


def test_all_of_the_truth_is_in_the_digest_and_nothing_of_the_prediction(tmp_path):
    """Only then are versions compared on equal rows."""
    digests = []
    for number, rows in enumerate(
        (
            ROWS,
            ROWS.with_columns(risk=pl.col("risk") + 1),
            ROWS.with_columns(event=pl.Series([1, 1, 1])),
        )
    ):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        digests += results(fleet_of(folder, rows, task=["survival"]))["dataset_digest"].to_list()

    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_intervals_by_drawing_rows_anew_know_the_columns_of_the_task(tmp_path):
    rows = pl.concat([ROWS] * 30)
    fleet = fleet_of(tmp_path, rows, task=["survival"])

    [row] = results(fleet, bootstrap=50).to_dicts()
    assert row["value"] == pytest.approx(0.3)
    assert 0.01 < row["error"] < 0.1


def test_a_task_that_nobody_offers_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(RowsRefused, match="no task is called 'poetry'; known: binary, "):
        fleet_of(tmp_path, ROWS, task=["poetry"])


def test_where_the_tasks_plugin_is_not_installed_its_models_fail_and_the_fleet_is_read(
    tmp_path, monkeypatch
):
    fleet = fleet_of(tmp_path, ROWS, task=["survival"])
    fleet.register({"model": ["n"], "version": ["1"], "task": ["regression"]})
    monkeypatch.delitem(installed().tasks, "survival")

    found = results(fleet, metrics=["mae"]).sort("model")
    assert found["status"].to_list() == ["failed", "ok"]
    assert "no plugin that is installed here offers its task 'survival'" in found["reason"][0]
    assert "installed: binary, forecast, multiclass" in found["reason"][0]
    assert fleet.versions().collect()["task"].to_list() == ["survival", "regression"]


def test_a_log_that_two_tasks_recognise_is_read_by_neither(tmp_path, monkeypatch):
    greedy = replace(SURVIVAL, recognises=lambda binding, schema: "event" in schema)
    monkeypatch.setitem(installed().tasks, "survival", greedy)

    [row] = results(fleet_of(tmp_path, ROWS), metrics=["mae"]).to_dicts()
    assert row["status"] == "failed"
    assert "its log may be of binary, regression, survival" in row["reason"]


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lambda handed: 1 / 0, "the task 'survival' failed: ZeroDivisionError"),
        (lambda handed: None, "answered with a NoneType, not with a Readout"),
        (lambda handed: Readout(handed.rows.head(1)), "read 1 rows of 3"),
        (lambda handed: Readout(handed.rows.select(truth="months")), "read no column 'prediction'"),
        (
            lambda handed: Readout(handed.rows.select("risk", truth="months", prediction="risk")),
            "read a column 'risk', which it does not declare",
        ),
        (
            lambda handed: replace(SURVIVAL.from_log(handed), tasks=["binary"]),
            "read models of the task 'binary', which it does not share",
        ),
        (lambda handed: handed.rows.select("nothing"), "cannot work on"),
    ],
)
def test_a_faulty_task_is_named_and_fails_its_models_alone(tmp_path, monkeypatch, read, words):
    monkeypatch.setitem(installed().tasks, "survival", replace(SURVIVAL, from_log=read))
    fleet = fleet_of(tmp_path, ROWS, task=["survival"])
    fleet.register({"model": ["n"], "version": ["1"], "task": ["regression"]})

    found = results(fleet, metrics=["mae", "risk_of_ended"]).sort("model")
    assert words in found["reason"][0]
    assert found["status"][1] == "ok"


def test_a_reason_of_a_task_is_that_of_all_models_that_it_was_handed(tmp_path, monkeypatch):
    def refuse(handed):
        raise BadInput("the column 'event' is missing; ask the clinic")

    monkeypatch.setitem(installed().tasks, "survival", replace(SURVIVAL, from_log=refuse))

    [row] = results(fleet_of(tmp_path, ROWS, task=["survival"])).to_dicts()
    assert row["reason"] == "the column 'event' is missing; ask the clinic"


def gates(fleet):
    found = pl.DataFrame(fleet.gate(data="holdout", metrics=["risk_of_ended"]).results())
    return {row["gate"]: row for row in found.to_dicts()}


def test_a_gate_measures_the_constant_of_the_task_and_passes_nobody_without_one(
    tmp_path, monkeypatch
):
    fleet = fleet_of(tmp_path, ROWS, task=["survival"])
    without = gates(fleet)["baseline:naive"]
    constant = replace(
        SURVIVAL, naive=lambda rows, lengths: rows.with_columns(prediction=pl.lit(0.2))
    )
    monkeypatch.setitem(installed().tasks, "survival", constant)
    with_one = gates(fleet)["baseline:naive"]

    assert not without["passed"]
    assert "the baseline naive cannot be measured" in without["reason"]
    assert with_one["bound"] == pytest.approx(0.2)
