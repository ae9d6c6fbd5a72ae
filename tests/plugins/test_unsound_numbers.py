"""Faults 1 and 9 of plugins: numbers that cannot be believed fail, and nothing else changes."""

import math
from dataclasses import replace

import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from argosy.errors import ArgosyWarning
from argosy.kernels import ANSWER
from argosy.plugins import installed
from argosy.plugins.guarded_call import origin
from argosy.tables import JUDGED
from argosy.testing.fleets import logged_fleet
from argosy.types import Comparison, Detector, Estimator, Gate, Metric, TriageCause
from argosy_cli.exit_codes import FOUND
from argosy_cli.main import run as cli

from .compare.test_comparison import logged as two_versions

MODELS = 6
DRIFTING = {"m2", "m4"}
VICTIMS = {"one": {"m2"}, "all": {f"m{number}" for number in range(MODELS)}}
HEARD = pytest.mark.filterwarnings("always::argosy.errors.ArgosyWarning")
"""A command prints warnings, which in tests are errors."""
PLACES = pytest.mark.parametrize("place", VICTIMS)
NAN, INF = math.nan, math.inf


@pytest.fixture
def offer(monkeypatch):
    """Offer something beside what is installed, as the plugin `metrics` would."""

    def put(kind, value):
        offered = getattr(installed(), kind)
        monkeypatch.setitem(offered, value.name, value)
        monkeypatch.setitem(offered.givers, value.name, installed().plugin("metrics"))
        if getattr(value, "default", False):
            monkeypatch.setattr(offered, "usual", {*offered.usual, value.name})
        return f"{origin(kind, value.name)} answered "

    return put


def chosen(table, place):
    return [model in VICTIMS[place] for model in table["model"].to_pylist()]


def structs(names, kind, sane, odd, spoilt):
    rows = [{**sane, **odd} if bad else sane for bad in spoilt]
    return pa.table({name: pa.array(rows, kind) for name in names})


# detectors

DETECTED = {"statistic": 0.0, "effect": 0.0, "p_value": 0.5, "p_method": "x", "reason": None}
DETECTIONS = {
    "nan p": {"p_value": NAN},
    "inf p": {"p_value": INF},
    "p of -1": {"p_value": -1.0},
    "p of 2": {"p_value": 2.0},
    "nan effect": {"effect": NAN, "p_value": 0.0},
    "inf effect": {"effect": INF, "p_value": 0.0},
    "effect of -1": {"effect": -1.0, "p_value": 0.0},
    "nan statistic": {"statistic": NAN},
    "neither": {"effect": None, "p_value": None},
    "both": {"reason": "no idea"},
}
DETECTION = pa.schema(
    [*((name, pa.float64()) for name in ("statistic", "effect", "p_value")),
     ("p_method", pa.string()), ("reason", pa.string())]
)  # fmt: skip


def detector(misdeed, place):
    def measure(table):
        bad = chosen(table, place)
        rows = [{**DETECTED, **DETECTIONS[misdeed]} if one else DETECTED for one in bad]
        return pa.Table.from_pylist(rows, DETECTION)

    return Detector("bad", frozenset({"numeric"}), measure, 0.1, "badness")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """What a drift check and an evaluation find without any such plugin."""
    fleet = logged_fleet(tmp_path_factory.mktemp("clean"), models=MODELS, drifting=DRIFTING)
    return fleet.check_drift().results(), fleet.evaluate().results()


@PLACES
@pytest.mark.parametrize("misdeed", DETECTIONS)
def test_fault_1_a_detectors_number_fails_alone(tmp_path, offer, clean, misdeed, place):
    fleet = logged_fleet(tmp_path, models=MODELS, drifting=DRIFTING)
    fleet.check_drift()
    before = fleet.incidents().collect().filter(state="opened").height
    told = offer("detectors", detector(misdeed, place))
    with pytest.warns(ArgosyWarning, match=r"results of the detector 'bad' failed: the detector"):
        run = fleet.check_drift()
    rows = run.results()
    bad = rows.filter(detector="bad", status="failed")

    assert set(bad["model"]) == VICTIMS[place]
    assert bad["reason"].str.starts_with(told).all()
    assert bad.select("statistic", "effect", "p_value").null_count().row(0) == (bad.height,) * 3
    # the others' own answers are the same to the last bit, and so are the alarms
    own = ["model", "column", "detector", "statistic", "effect", "p_value", "reason"]
    others = rows.filter(pl.col("detector") != "bad").select(own)
    assert_frame_equal(others, clean[0].select(own), check_exact=True, check_row_order=False)
    verdicts = dict(fleet.verdicts().select("model", "verdict").rows())
    assert {model for model, verdict in verdicts.items() if verdict == "drifted"} == DRIFTING
    unknown = {model for model, verdict in verdicts.items() if verdict == "unknown"}
    assert unknown == VICTIMS[place] - DRIFTING
    assert before > 0
    assert not fleet.incidents().collect().filter(run_id=run.id, state="resolved").height


@HEARD
def test_fault_1_drift_is_found_by_its_exit_code(tmp_path, offer, capsys):
    fleet = logged_fleet(tmp_path, models=MODELS, drifting=DRIFTING)
    offer("detectors", detector("nan p", "all"))

    assert cli(["--fleet", fleet.url, "drift", "--fail-on-drift"]) == FOUND
    shown = capsys.readouterr()
    assert "results of the detector 'bad' failed" in shown.err
    assert "answered a p-value of nan" in shown.out


@HEARD
def test_fault_1_alone_it_leaves_every_model_unknown(tmp_path, offer, capsys):
    fleet = logged_fleet(tmp_path, models=MODELS)
    offer("detectors", detector("nan p", "all"))

    assert cli(["--fleet", fleet.url, "drift", "--detector", "bad"]) != 0
    assert set(fleet.verdicts()["verdict"]) == {"unknown"}
    assert "answered a p-value of nan" in capsys.readouterr().out


@pytest.mark.parametrize("effect", [NAN, INF, -1.0])
def test_fault_1_parts_of_the_reference_count_too(tmp_path, offer, effect):
    """A detector without p-values is asked again about parts, and judged by what it says of them.

    What it is first asked about has 200 current rows; of a part there are fewer.
    """

    def measure(table):
        part = [n < 100 for n in table["n_cur"].to_pylist()]
        rows = [{**DETECTED, "p_value": None, "effect": effect if one else 0.2} for one in part]
        return pa.Table.from_pylist(rows, DETECTION)

    fleet = logged_fleet(tmp_path, models=2)
    told = offer("detectors", Detector("bad", frozenset({"numeric"}), measure, 0.1, "badness"))
    with pytest.warns(ArgosyWarning, match="results of the detector 'bad' failed"):
        rows = fleet.check_drift(detectors=["bad", "nulls"]).results().filter(detector="bad")

    assert set(rows["status"]) == {"failed"}
    assert rows["reason"].str.starts_with(f"{told}an effect of").all()


def test_fault_7_the_only_detector_is_named_where_it_raises(tmp_path, offer):
    def measure(table):
        raise RuntimeError("boom")

    fleet = logged_fleet(tmp_path, models=2)
    offer("detectors", Detector("bad", frozenset({"numeric"}), measure, 0.1, "badness"))
    rows = fleet.check_drift(detectors=["bad"]).results()

    assert rows["reason"].str.contains(r"the detector 'bad' \(plugin.*RuntimeError: boom").all()


# metrics

VALUE = {"value": 0.5, "error": 0.1, "lower": 0.3, "upper": 0.7, "reason": None}
VALUES = {
    "nan": {"value": NAN},
    "inf": {"value": INF},
    "-1": {"value": -1.0},
    "2": {"value": 2.0, "upper": 3.0},
    "nan error": {"error": NAN},
    "error of -1": {"error": -1.0},
    "lower above upper": {"lower": 0.7, "upper": 0.3},
    "beside its interval": {"lower": 0.6},
    "neither": {"value": None, "error": None, "lower": None, "upper": None},
    "both": {"reason": "no idea"},
}


def metric(misdeed, place):
    def measure(table, names):
        return structs(names, ANSWER, VALUE, VALUES[misdeed], chosen(table, place))

    return Metric("badm", frozenset({"binary"}), measure, True, (0.0, 1.0))


@PLACES
@pytest.mark.parametrize("misdeed", VALUES)
def test_fault_1_a_metrics_number_fails_alone(tmp_path, offer, clean, misdeed, place):
    fleet = logged_fleet(tmp_path, models=MODELS, drifting=DRIFTING)
    told = offer("metrics", metric(misdeed, place))
    with pytest.warns(ArgosyWarning, match=r"results? of the metric 'badm' failed: the metric"):
        run = fleet.evaluate()
    rows = run.results()
    bad = rows.filter(metric="badm", status="failed")

    assert set(bad["model"]) == VICTIMS[place]
    assert bad["reason"].str.starts_with(told).all()
    assert bad.select("value", "error", "lower", "upper").null_count().row(0) == (bad.height,) * 4
    others = rows.filter(pl.col("metric") != "badm").drop("run_id", "at")
    assert_frame_equal(others, clean[1].drop("run_id", "at"), check_exact=True)
    assert run.summary["failed"] == 0
    if place == "one":
        board = fleet.leaderboard("badm", "holdout")
        assert set(board["model"]) == VICTIMS["all"] - VICTIMS["one"]
    gated = fleet.gate(metrics=["badm"]).results().filter("passed")
    assert not set(gated["model"]) & VICTIMS[place]


def test_fault_1_rows_drawn_anew_are_judged_alike(tmp_path, offer):
    fleet = logged_fleet(tmp_path, models=MODELS)
    told = offer("metrics", metric("nan", "one"))
    with pytest.warns(ArgosyWarning, match="1 result of the metric 'badm' failed"):
        rows = fleet.evaluate(metrics=["badm", "accuracy"], bootstrap=20).results()
    bad = rows.filter(status="failed")

    assert bad.select("model", "metric").rows() == [("m2", "badm")]
    assert bad["reason"].item().startswith(f"{told}a value of nan")


@HEARD
@pytest.mark.parametrize("way", ["raises", "nan"])
def test_fault_9_nothing_measured_is_no_success(tmp_path, offer, capsys, way):
    def raises(table, names):
        raise RuntimeError("boom")

    fleet = logged_fleet(tmp_path, models=MODELS)
    bad = metric("nan", "all")
    offer("metrics", replace(bad, measure=raises) if way == "raises" else bad)

    assert cli(["--fleet", fleet.url, "evaluate", "--metric", "badm"]) != 0
    shown = capsys.readouterr().out
    assert f"{MODELS} failed" in shown
    assert "the metric 'badm' (plugin 'metrics'" in shown


# comparisons

TESTED = {"champion": 0.5, "challenger": 0.6, "effect": 0.1, "lower": 0.0, "upper": 0.2,
          "p_value": 0.5, "reason": None}  # fmt: skip
TESTS = {
    "nan p": {"p_value": NAN},
    "p of -1": {"p_value": -1.0},
    "p of 2": {"p_value": 2.0},
    "inf effect": {"effect": INF, "upper": INF},
    "lower above upper": {"lower": 0.3, "upper": 0.0},
    "champion of 2": {"champion": 2.0},
    "nan challenger": {"challenger": NAN},
    "neither": {"effect": None, "lower": None, "upper": None, "p_value": None},
    "both": {"reason": "no idea"},
}
TEST = pa.struct([(name, pa.string() if name == "reason" else pa.float64()) for name in TESTED])


@pytest.mark.parametrize("misdeed", TESTS)
def test_fault_1_a_comparisons_number_fails_alone(tmp_path, offer, misdeed):
    """`m2` is spoilt; `m1` is surely better, whatever becomes of `m2`."""

    def answers(odd):
        def measure(table, names):
            models = table["model"].to_pylist()
            rows = [
                {
                    **TESTED,
                    "p_value": 1e-9 if model == "m1" else 0.5,
                    **(odd if model == "m2" else {}),
                }
                for model in models
            ]
            return pa.table({name: pa.array(rows, TEST) for name in names})

        return Comparison("bad", frozenset({"binary"}), ("auc",), measure, batched=True)

    fleet = two_versions(tmp_path, models=4)
    told = offer("comparisons", answers(TESTS[misdeed]))
    with pytest.warns(ArgosyWarning, match="1 result of the comparison 'bad' failed"):
        rows = fleet.compare(comparisons=["bad"], metrics=["auc"]).results()
    offer("comparisons", answers({"p_value": None, "lower": None, "upper": None, "reason": "no"}))
    without = fleet.compare(comparisons=["bad"], metrics=["auc"]).results()

    bad = rows.filter(model="m2").row(0, named=True)
    assert (bad["status"], bad["verdict"]) == ("failed", "undecidable")
    assert bad["reason"].startswith(told)
    assert bad["p_value"] is None
    left = [frame.filter(pl.col("model") != "m2").drop("run_id", "at") for frame in (rows, without)]
    assert_frame_equal(*left, check_exact=True)
    assert dict(left[0].select("model", "verdict").rows())["m1"] == "better"


# estimators

BAND = {"value": 0.5, "lower": 0.4, "upper": 0.6, "reason": None}
BANDS = {
    "nan": {"value": NAN},
    "9": {"value": 9.0, "upper": 10.0},
    "-1": {"value": -1.0, "lower": -2.0},
    "inf": {"upper": INF},
    "lower above upper": {"lower": 0.6, "upper": 0.4},
    "neither": {"value": None, "lower": None, "upper": None},
    "no upper": {"upper": None},
    "both": {"reason": "no idea"},
}
BAND_TYPE = pa.struct([(name, pa.string() if name == "reason" else pa.float64()) for name in BAND])


@PLACES
@pytest.mark.parametrize("misdeed", BANDS)
def test_fault_1_an_estimators_number_fails_alone(tmp_path, offer, misdeed, place):
    def fit(table):
        return pa.table({"reason": pa.nulls(table.num_rows, pa.string())})

    def estimate(table):
        return structs(["accuracy"], BAND_TYPE, BAND, BANDS[misdeed], chosen(table, place))

    fleet = logged_fleet(tmp_path, models=MODELS)
    bad = Estimator("bad", frozenset({"binary"}), ("accuracy",), fit, estimate)
    told = offer("estimators", bad)
    with pytest.warns(ArgosyWarning, match="results? of the estimator 'bad' failed"):
        run = fleet.estimate(estimators=["bad"])
    rows = run.results()

    assert set(rows.filter(status="failed")["model"]) == VICTIMS[place]
    assert rows.filter(status="failed")["reason"].str.starts_with(told).all()
    assert rows.filter(status="failed").select("value", "lower", "upper").null_count().row(0) == (
        (len(VICTIMS[place]),) * 3
    )
    assert set(rows.filter(status="ok")["value"]) <= {0.5}
    assert run.summary["failed"] == len(VICTIMS[place])


# gates and causes


@PLACES
@pytest.mark.parametrize("name", ["value", "bound"])
@pytest.mark.parametrize("number", [NAN, INF])
def test_fault_1_a_gate_with_such_a_number_is_not_passed(tmp_path, offer, place, name, number):
    def judge(rows, measured, request):
        base = pl.DataFrame(rows).filter(dataset=request.data)
        odd = pl.col("model").is_in(VICTIMS[place])
        sane = base.with_columns(gate=pl.lit("mine"), bound=pl.lit(0.5), passed=pl.lit(True))
        spoilt = sane.with_columns(pl.when(odd).then(number).otherwise(name).alias(name))
        return spoilt.select(JUDGED.names).to_arrow()

    fleet = logged_fleet(tmp_path, models=MODELS)
    told = offer("gates", Gate("bad", "A test.", judge))
    with pytest.warns(ArgosyWarning, match="results? of the gate 'bad' failed"):
        rows = fleet.gate().results()
    bad = rows.filter(gate="bad")

    assert set(bad["model"]) == VICTIMS[place]
    assert not bad["passed"].any()
    assert set(bad["status"]) == {"failed"}
    assert bad["reason"].str.starts_with(told).all()
    assert bad[name].null_count() == bad.height
    assert rows.filter(gate="mine")["passed"].all()
    assert not set(rows.filter(gate="mine")["model"]) & VICTIMS[place]


@pytest.mark.parametrize("severity", [NAN, INF, -1.0, 101.0, None])
def test_fault_1_a_severity_that_is_none_does_not_lead_the_list(tmp_path, offer, severity):
    def find(fleet):
        rows = {"model": ["m0", "m1"], "severity": [severity, 50.0], "reason": ["ill", "ill"]}
        return pa.table({**rows, "severity": pa.array(rows["severity"], pa.float64())})

    fleet = logged_fleet(tmp_path, models=2)
    told = offer("causes", TriageCause("bad", "A test.", "look", find))
    with pytest.warns(ArgosyWarning, match=r"triage is incomplete: the cause of triage 'bad'"):
        found = fleet.triage().filter(cause="bad")

    assert found.filter(model="m1")["reason"].item() == "ill"
    for row in found.filter(model="m0").to_dicts():
        assert row["severity"] == 0.0
        assert row["reason"].startswith(told)
        assert row["reason"].endswith("it finds: ill")
