"""Gates before a promotion: each is reported by its name, with what had to be reached."""

import json
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.data import clustered
from argosy.errors import BadInput, UnknownName
from argosy.jobs import chunking
from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy.types import Gate
from argosy_cli.main import run as cli
from argosy_gate.naive import naive
from argosy_gate.rules import passing
from argosy_scoring.predictions import Predictions

ROLES = ("holdout", "oddity:missing_income", "oddity:young", "recent")


@dataclass
class Plan:
    """What the score of a model is worth, by role; 1 is good, 0 is chance."""

    worth: dict
    default: float = 1.0


def logged(folder, plans, rows=600, seed=5, drop=()):
    """Binary models that log their scores, in one file per role."""
    generator = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    fleet.register({"model": list(plans), "version": ["1"] * len(plans)})
    for role in ROLES:
        parts = []
        for name, plan in plans.items():
            if (name, role) in drop:
                continue
            truth = (generator.random(rows) < 0.25).astype(np.int64)
            worth = plan.worth.get(role, plan.default)
            logit = worth * 1.5 * (2 * truth - 1) + generator.normal(size=rows) - 0.8
            parts.append(pl.DataFrame({"client": name, "row": np.arange(rows), "label": truth,
                                       "score": 1 / (1 + np.exp(-logit))}))  # fmt: skip
        path = folder / f"{role.replace(':', '-')}.parquet"
        pl.concat(parts).write_parquet(path)
        fleet.bind([{"role": role, "url": str(path), "key": "client", "id": "row",
                     "truth": "label", "score": "score"}])  # fmt: skip
    return fleet


def shut(run):
    """The gates that each model did not pass."""
    rows = run.results().filter(~pl.col("passed"))
    return {name: set(part["gate"]) for (name,), part in rows.group_by("model")}


def reason(run, model, gate):
    return run.results().filter(model=model, gate=gate)["reason"].item()


def test_each_gate_is_reported_by_its_name(tmp_path):
    plans = {
        "sound": Plan({}),
        "useless": Plan({}, default=0.0),
        "leaky": Plan({}, default=20.0),
        "odd": Plan({"oddity:missing_income": 0.0}),
        "stale": Plan({"recent": 0.1}),
    }
    run = logged(tmp_path, plans).gate()
    found = run.results()

    assert set(found["gate"]) == {
        "base case", "baseline:naive", "suspiciously perfect", "oddity:missing_income",
        "oddity:young", "recent",
    }  # fmt: skip
    assert found.height == 5 * 6
    closed = shut(run)
    assert closed.pop("useless") <= {"baseline:naive", "oddity:missing_income", "oddity:young",
                                     "recent"}  # fmt: skip
    assert closed == {
        "leaky": {"suspiciously perfect"},
        "odd": {"oddity:missing_income"},
        "stale": {"recent"},
    }
    assert set(passing(found)["model"]) - {"useless"} == {"sound"}
    told = reason(run, "odd", "oddity:missing_income")
    assert told.startswith("on oddity:missing_income its auc is 0.")
    assert "and on holdout 0.9" in told


def test_a_model_that_is_no_better_than_the_majority_does_not_pass(tmp_path):
    """Its accuracy looks fine: three of four rows are of the majority class."""
    fleet = logged(tmp_path, {"m": Plan({}, default=0.15)})
    run = fleet.gate(metrics=["accuracy"])
    told = run.results().filter(gate="baseline:naive").row(0, named=True)

    assert told["value"] > 0.65
    assert not told["passed"]
    assert "not surely better than 0.7" in told["reason"]


def test_the_margin_is_in_units_of_the_metric(tmp_path):
    fleet = logged(tmp_path, {"m": Plan({}, default=0.3)})
    plain = fleet.gate().results().filter(gate="baseline:naive").row(0, named=True)
    spare = plain["value"] - plain["bound"]
    passed = [
        fleet.gate(margin=margin).results().filter(gate="baseline:naive")["passed"].item()
        for margin in (spare - 1e-6, spare + 1e-6)
    ]

    assert passed == [True, False]


def test_the_bars_are_where_they_are_said_to_be(tmp_path):
    fleet = logged(tmp_path, {"m": Plan({}), "n": Plan({"oddity:young": 0.75})}, rows=4000)
    found = fleet.gate().results()
    auc = dict(found.filter(gate="base case").select("model", "value").rows())
    young = found.filter(model="n", gate="oddity:young").row(0, named=True)
    perfect = found.filter(model="m", gate="suspiciously perfect").row(0, named=True)

    assert young["bound"] == pytest.approx(auc["n"] - 0.1 * 0.5)
    assert perfect["bound"] == pytest.approx(0.995)
    skill = 2 * auc["m"] - 1
    for perfect, passes in ((skill + 1e-6, True), (skill - 1e-6, False)):
        again = fleet.gate("model = 'm'", perfect=perfect).results()
        assert again.filter(gate="suspiciously perfect")["passed"].to_list() == [passes]
    lost = (auc["n"] - young["value"]) / 0.5
    for tolerance, passes in ((lost + 1e-6, True), (lost / 4, False)):
        again = fleet.gate("model = 'n'", tolerance=tolerance).results()
        assert again.filter(gate="oddity:young")["passed"].to_list() == [passes]


def test_what_cannot_be_judged_has_not_passed(tmp_path):
    fleet = logged(tmp_path, {"m": Plan({}), "n": Plan({}), "o": Plan({})},
                   drop={("m", "holdout"), ("n", "recent")})  # fmt: skip
    path = tmp_path / "oddity-young.parquet"
    one = pl.when(client="o").then(1).otherwise("label")
    pl.read_parquet(path).with_columns(label=one).write_parquet(path)
    run = fleet.gate()

    assert shut(run)["n"] == {"recent"}
    assert "there is no row of the model" in reason(run, "n", "recent")
    assert "base case" in shut(run)["m"]
    assert run.summary["failed"] == 1
    assert run.failures()["model"].to_list() == ["m"]
    assert "baseline:naive" in shut(run)["m"]
    assert {"oddity:young"} == shut(run)["o"]


def test_a_case_that_a_model_has_not_is_no_gate_of_it(tmp_path):
    fleet = logged(tmp_path, {"m": Plan({}), "n": Plan({})})
    url = str(tmp_path / "oddity-young.parquet")
    row = {"url": url, "key": "client", "id": "row", "truth": "label", "score": "score"}
    fleet.bind([{"role": "oddity:own", "model": "n", **row}])
    found = fleet.gate().results()

    assert found.filter(gate="oddity:own")["model"].to_list() == ["n"]


def test_the_champion_is_a_baseline_on_the_same_rows(tmp_path):
    rows = []
    generator = np.random.default_rng(2)
    truth = (generator.random(500) < 0.4).astype(np.int64)
    for version, worth in (("1", 1.0), ("2", 0.4)):
        logit = worth * (2 * truth - 1) + generator.normal(size=500)
        rows.append(pl.DataFrame({"row": np.arange(500), "by": version, "label": truth,
                                  "score": 1 / (1 + np.exp(-logit))}))  # fmt: skip
    pl.concat(rows).write_parquet(tmp_path / "log.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["m", "m"], "version": ["1", "2"]})
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "log.parquet"), "id": "row",
                 "version": "by", "truth": "label", "score": "score"}])  # fmt: skip
    for version, alias in (("1", "champion"), ("2", "challenger")):
        fleet.set_alias({"model": ["m"], "version": [version]}, alias)
    run = fleet.gate(alias="challenger", baselines=["naive", "champion"])

    assert shut(run) == {"m": {"baseline:champion"}}
    assert "is worse than" in reason(run, "m", "baseline:champion")
    worse = fleet.gate(alias="champion", baselines=["challenger"])
    assert worse.results().filter(gate="baseline:challenger")["passed"].to_list() == [True]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Models of real data: a sound one, one with a leaked target, one of two columns."""
    sio = pytest.importorskip("skops.io")
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folder = tmp_path_factory.mktemp("trained")
    data = load_breast_cancer()
    generator = np.random.default_rng(0)
    columns = [f"c{number}" for number in range(30)]
    table = pl.DataFrame(data.data, schema=columns).with_columns(
        target=pl.Series(data.target),
        leak=pl.Series(data.target + 0.01 * generator.normal(size=len(data.target))),
        patient=pl.int_range(pl.len()),
    )
    fleet = argosy.open(str(folder / "fleet"), create=True)
    used = {"sound": columns[8:12], "leaky": [*columns[8:12], "leak"], "small": columns[:1]}
    rows = []
    for name, names in used.items():
        model = make_pipeline(StandardScaler(), LogisticRegression(C=100.0))
        model.fit(table[::2].select(names).to_numpy(), table[::2]["target"].to_numpy())
        path = folder / f"{name}.skops"
        path.write_bytes(sio.dumps(model))
        features = [{"name": column, "type": "float", "role": None} for column in names]
        rows.append({"model": name, "version": "1", "format": "skops", "artifact": str(path),
                     "features": features})  # fmt: skip
    table[1::2].write_parquet(folder / "holdout.parquet")
    fleet.register(rows)
    fleet.bind([{"role": "holdout", "url": str(folder / "holdout.parquet"), "truth": "target",
                 "id": "patient"}])  # fmt: skip
    return fleet


def test_a_planted_leak_of_the_target_is_suspiciously_perfect(trained):
    run = trained.gate()

    assert shut(run) == {"leaky": {"suspiciously perfect"}}
    assert "look for a feature that tells the truth" in reason(run, "leaky", "suspiciously perfect")


def test_another_model_is_a_baseline_on_the_rows_of_each(trained):
    """Its artifact predicts their rows, so that both are measured on the same ones."""
    run = trained.gate(baselines=["small"])
    auc = dict(run.results().filter(gate="base case").select("model", "value").rows())
    passed = dict(run.results().filter(gate="baseline:small").select("model", "passed").rows())

    assert passed == {name: auc[name] >= auc["small"] for name in auc}
    assert passed["small"], "nobody is worse than itself"


def test_the_best_constant_is_the_majority_the_rates_or_the_mean():
    rows = pl.DataFrame(
        {
            "truth": [0.0, 0.0, 1.0, 2.0, 2.0, 1.0],
            "prediction": [9.0] * 6,
            "weight": [1.0, 1.0, 1.0, 1.0, 3.0, 0.0],
        }
    )
    lengths = np.array([3, 3])

    def told(task):
        groups = pl.DataFrame({"model": ["a", "b"], "task": [task] * 2})
        return naive(Predictions(rows, groups, lengths)).rows

    several, number = told("multiclass"), told("regression")
    assert several["prediction"].to_list() == [0.0] * 3 + [2.0] * 3
    assert several["truth_score"].to_list() == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1, 1, 0])
    assert number["prediction"].to_list() == pytest.approx([1 / 3] * 3 + [2.0] * 3)
    first = pl.DataFrame({"model": ["a"], "task": ["binary"]})
    binary = naive(Predictions(rows[:3], first, lengths[:1])).rows
    assert binary["score"].to_list() == pytest.approx([1 / 3] * 3)


def test_regressions_are_held_against_the_mean(tmp_path):
    generator = np.random.default_rng(3)
    truth = generator.normal(10, 2, 300)
    frame = pl.DataFrame(
        {
            "client": ["good"] * 300 + ["poor"] * 300 + ["exact"] * 300,
            "y": np.tile(truth, 3),
            "guess": np.concatenate([truth + generator.normal(0, 1, 300),
                                     truth + generator.normal(0, 3, 300), truth + 1e-4]),
        }
    )  # fmt: skip
    frame.write_parquet(tmp_path / "rows.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["good", "poor", "exact"], "version": ["1"] * 3})
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "rows.parquet"), "key": "client",
                 "truth": "y", "prediction": "guess"}])  # fmt: skip
    run = fleet.gate()

    assert shut(run) == {"poor": {"baseline:naive"}, "exact": {"suspiciously perfect"}}
    bar = run.results().filter(model="good", gate="baseline:naive")["bound"].item()
    assert bar == pytest.approx(truth.std(), rel=0.2)
    assert bar <= truth.std() + 1e-9


def test_one_chunk_and_many_give_the_same(tmp_path, monkeypatch):
    fleet = logged(tmp_path, {f"m{number}": Plan({}) for number in range(5)}, rows=100)
    whole = fleet.gate().results().drop("run_id", "at")
    monkeypatch.setattr(chunking, "_size", lambda *_: 2)

    assert whole.equals(fleet.gate().results().drop("run_id", "at"))


def test_what_cannot_be_meant_is_refused_before_any_work(tmp_path):
    fleet = logged(tmp_path, {"m": Plan({})}, rows=50)
    fleet.set_alias({"model": ["m"], "version": ["1"]}, "champion")
    for change, match in (
        ({"alias": "champ"}, "no alias is called 'champ'"),
        ({"data": "later"}, "no role is called 'later'"),
        ({"baselines": ["nobody"]}, "no baseline is called 'nobody'"),
        ({"metrics": ["acu"]}, "no metric is called 'acu'"),
    ):
        with pytest.raises(UnknownName, match=match):
            fleet.gate(**change)
    for change, match in (
        ({"margin": -1.0}, "margin of gate cannot be -1.0: .* greater than or equal to 0;"),
        ({"perfect": 1.5}, "perfect of gate cannot be 1.5: .* less than or equal to 1;"),
        ({"perfect": 0.0}, "perfect of gate cannot be 0.0: .* greater than 0;"),
        ({"tolerance": -0.1}, "tolerance of gate cannot be -0.1: .* greater than or equal to 0;"),
        ({"baselines": ["m"]}, "is scored elsewhere"),
    ):
        with pytest.raises(BadInput, match=match):
            fleet.gate(**change)

    assert fleet.runs().collect().is_empty()


def test_the_command_names_what_is_not_passed(tmp_path, capsys):
    fleet = logged(tmp_path, {"m": Plan({}), "odd": Plan({"oddity:young": 0.0})})
    where = ["--fleet", fleet.url, "gate"]
    assert cli(where) == 0
    told = capsys.readouterr().out
    assert cli([*where, "--fail-on-gate"]) == 3
    capsys.readouterr()
    assert cli([*where, "--fail-on-gate", "--where", "model = 'm'", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert cli([*where, "--models", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)

    assert "1 of 2 models pass every gate" in told
    assert "on oddity:young its auc is" in " ".join(told.split())
    assert (document["passed"], document["shut"]) == (1, [])
    assert {row["gate"] for row in rows if not row["passed"]} == {"oddity:young"}


def test_gates_can_be_asked_by_sql(tmp_path):
    fleet = logged(tmp_path, {"odd": Plan({"recent": 0.0})})
    fleet.gate()

    assert fleet.sql("SELECT gate FROM gates WHERE NOT passed")["gate"].to_list() == ["recent"]


def test_a_copy_of_a_table_in_another_order_gives_the_same(tmp_path, monkeypatch):
    fleet = logged(tmp_path, {f"m{number}": Plan({}) for number in range(6)}, rows=60)
    path = tmp_path / "holdout.parquet"
    pl.read_parquet(path).sort("row").write_parquet(path)
    plain = fleet.gate().results().drop("run_id", "at")
    copied = []
    monkeypatch.setattr(clustered, "_TOGETHER", 1)
    monkeypatch.setattr(clustered, "_WORTH", 1.0)
    own = clustered._copy
    monkeypatch.setattr(clustered, "_copy", lambda *given: copied.append(own(*given)))

    assert plain.equals(fleet.gate().results().drop("run_id", "at"))
    assert copied


class TestGatesOfPlugins:
    """Whatever is offered is asked, and only a plain yes is one."""

    @pytest.fixture
    def offer(self, monkeypatch):
        def offered(judge):
            gate = Gate("own", "A test.", judge)
            monkeypatch.setitem(installed().gates, "own", gate)

        return offered

    def answered(self, fleet):
        return fleet.gate().results().filter(gate="own").sort("model")

    def test_a_gate_of_a_plugin_is_asked_about_the_base_case(self, tmp_path, offer):
        def judge(rows, measured, request):
            base = pl.DataFrame(rows).filter(dataset=request.data)
            assert {"version", "naive"} <= set(pl.DataFrame(measured)["who"])
            passed = pl.col("model") != "m1"
            return base.with_columns(
                gate=pl.lit("own"),
                bound=pl.lit(0.5),
                passed=passed,
                reason=pl.when(~passed).then(pl.lit("not that one")),
            ).to_arrow()

        offer(judge)
        found = self.answered(logged_fleet(tmp_path, models=3))

        assert found["passed"].to_list() == [True, False, True]
        assert found["reason"].to_list() == [None, "not that one", None]

    def test_what_a_gate_leaves_open_is_not_passed(self, tmp_path, offer):
        def judge(rows, measured, request):
            base = pl.DataFrame(rows).filter(dataset=request.data)
            unsure = pl.lit(None, pl.Boolean)
            return base.with_columns(
                gate=pl.lit("own"), bound=pl.lit(None, pl.Float64), passed=unsure
            ).to_arrow()

        offer(judge)
        found = self.answered(logged_fleet(tmp_path, models=2))

        assert found["passed"].to_list() == [False, False]
        assert found["reason"].str.contains("neither that it is passed").all()

    def test_a_gate_that_fails_is_passed_by_nobody(self, tmp_path, offer):
        def judge(rows, measured, request):
            raise RuntimeError("no such luck")

        offer(judge)
        found = self.answered(logged_fleet(tmp_path, models=2))

        assert found["passed"].to_list() == [False, False]
        assert found["reason"].str.contains("the gate 'own' failed.*no such luck").all()
