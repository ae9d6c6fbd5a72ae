"""What was found stays found until the same question is answered otherwise, or a person closes it.

The tests that begin with a letter and a number play a fault that was met in an earlier release.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import BadInput
from argosy.views.verdicts import open_findings

START = datetime(2026, 1, 1, tzinfo=UTC)


def rows(shift, seed, many=400, models=("a",), every=timedelta(hours=6)):
    draws = np.random.default_rng(seed)
    return pl.concat(
        pl.DataFrame(
            {
                "m": [model] * many,
                "ts": [START + every * place for place in range(many)],
                "x": draws.normal(shift, 1, many),
                "z": draws.normal(size=many),
            }
        )
        for model in models
    )


@pytest.fixture
def store(tmp_path):
    """Make a fleet whose current rows moved by three; `write` replaces them."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)

    def write(frame, role="current"):
        frame.write_parquet(tmp_path / f"{role}.parquet")

    def make(models=("a",)):
        write(rows(0, 1, models=models), "reference")
        write(rows(3, 2, models=models))
        fleet.register({"model": list(models), "version": ["1"] * len(models)})
        fleet.bind(
            [
                {
                    "role": role,
                    "url": str(tmp_path / f"{role}.parquet"),
                    "key": "m",
                    "timestamp": "ts",
                }
                for role in ("reference", "current")
            ]
        )
        return fleet, write

    return make


def verdicts(fleet):
    return fleet.verdicts().select("model", "verdict", "drifted").rows()


def chosen(fleet, expression):
    return fleet.where(expression).frame()["model"].to_list()


def test_s1_2_too_few_rows_never_overwrite_a_finding(store):
    fleet, _ = store()
    fleet.check_drift()
    run = fleet.check_drift(window="1d")

    assert run.summary["drifted"] == 0
    assert run.summary["unknown"] == 1
    assert verdicts(fleet) == [("a", "drifted", True)]
    assert chosen(fleet, "NOT drifted") == []
    assert fleet.triage()["cause"].to_list() == ["drift"]
    assert set(fleet.incidents().collect()["state"]) == {"opened"}


def test_too_few_rows_alone_are_unknown(store):
    fleet, _ = store()
    fleet.check_drift(window="1d")

    assert verdicts(fleet) == [("a", "unknown", None)]
    assert chosen(fleet, "NOT drifted") == chosen(fleet, "drifted") == []
    assert fleet.triage()["cause"].to_list() == ["drift unknown"]


def test_s1_3_a_narrower_look_clears_nothing(store):
    fleet, _ = store()
    fleet.check_drift()
    fleet.check_drift(detectors=["nulls"])

    assert verdicts(fleet) == [("a", "drifted", True)]
    assert fleet.triage()["model"].to_list() == ["a"]


def test_a_narrower_look_leaves_unknown_what_a_wider_one_could_not_judge(store):
    fleet, _ = store()
    fleet.check_drift(window="1d")
    fleet.check_drift(detectors=["nulls"])

    assert verdicts(fleet) == [("a", "unknown", None)]
    assert "did not ask as much" in fleet.verdicts()["reason"].item()


def test_a_look_that_asks_the_same_clears(store):
    fleet, write = store()
    fleet.check_drift()
    write(rows(0, 3, many=4000, every=timedelta(minutes=5)))
    fleet.check_drift()

    assert verdicts(fleet) == [("a", "clear", False)]
    assert chosen(fleet, "NOT drifted") == ["a"]
    assert set(fleet.incidents().collect()["state"]) == {"resolved"}


@pytest.mark.parametrize(
    "asked",
    [
        {"rules": [{"floors": {"ks": 9.0, "wasserstein": 99.0, "psi": 99.0}}]},
        {"rules": [{"level": 1e-300}]},
        {"window": "1000 rows"},
    ],
    ids=["laxer floors", "a laxer level", "windows of another kind"],
)
def test_a_laxer_look_clears_nothing(store, asked):
    fleet, write = store()
    fleet.check_drift()
    write(rows(0, 3, many=4000, every=timedelta(minutes=5)))
    fleet.check_drift(**asked)

    assert verdicts(fleet) == [("a", "drifted", True)]


def test_another_reference_clears_nothing(store, tmp_path):
    fleet, write = store()
    fleet.check_drift()
    write(rows(3, 4), "reference2")
    fleet.bind([{"role": "reference", "url": str(tmp_path / "reference2.parquet"), "key": "m"}])
    fleet.check_drift()

    assert verdicts(fleet) == [("a", "drifted", True)]


def test_older_rows_clear_nothing(store):
    fleet, write = store()
    hour = timedelta(minutes=10)
    moved = rows(0, 5, many=144 * 6, every=hour).with_columns(
        x=pl.when(pl.col("ts") >= START + timedelta(days=5)).then(pl.col("x") + 4).otherwise("x")
    )
    write(moved)
    fleet.check_drift(window="1d")
    assert verdicts(fleet) == [("a", "drifted", True)]
    write(moved.filter(pl.col("ts") < START + timedelta(days=3)))
    fleet.check_drift(window="1d")

    assert verdicts(fleet) == [("a", "drifted", True)]


def test_s1_27_a_new_version_inherits_no_verdict_and_no_metric(store):
    fleet, write = store()
    write(rows(0, 3))
    fleet.check_drift()
    assert chosen(fleet, "NOT drifted") == ["a"]
    fleet.register({"model": ["a"], "version": ["2"]})

    assert verdicts(fleet) == [("a", "unknown", None)]
    assert chosen(fleet, "NOT drifted") == []
    assert fleet.triage()["cause"].to_list() == ["never checked"]
    assert fleet.sql("SELECT drifted FROM fleet")["drifted"].to_list() == [None]


def test_a_finding_of_an_older_version_is_not_the_new_ones(store):
    fleet, _ = store()
    fleet.check_drift()
    fleet.register({"model": ["a"], "version": ["2"]})

    assert verdicts(fleet) == [("a", "unknown", None)]


def test_r3_a_window_of_one_row_decides_nothing(store):
    fleet, write = store()
    minutes = timedelta(minutes=1)
    write(rows(5, 6, many=3 * 1440 + 1, every=minutes))
    write(rows(0, 7, many=3 * 1440, every=minutes), "reference")
    fleet.check_drift(window="1d", fresh_reference=True)

    assert verdicts(fleet) == [("a", "drifted", True)]
    assert fleet.verdicts()["window"].item() == "2026-01-03"


def test_a_model_that_stops_while_its_file_goes_on_is_told(store):
    fleet, write = store(models=("a", "b"))
    frame = rows(0, 8, many=144 * 6, models=("a", "b"), every=timedelta(minutes=10))
    write(frame.filter((pl.col("m") == "a") | (pl.col("ts") < START + timedelta(days=3))))
    write(rows(0, 9, many=144 * 6, models=("a", "b")), "reference")
    fleet.check_drift(window="1d", fresh_reference=True)
    told = dict(fleet.verdicts().select("model", "newer").rows())

    assert told["a"] is None
    assert told["b"] == "no rows since the window 2026-01-03"


def test_what_a_person_closes_is_clear_until_it_is_found_again(store):
    fleet, _ = store()
    fleet.check_drift()
    run = fleet.run("close", "model = 'a'", why="a campaign that we know of")

    assert run.summary["ok"] == 1
    assert verdicts(fleet) == [("a", "clear", False)]
    assert set(fleet.incidents().collect()["state"]) == {"resolved"}
    closed = fleet.table("findings").filter(state="closed").collect()
    assert set(closed["reason"]) == {"a campaign that we know of"}
    fleet.check_drift()
    assert verdicts(fleet) == [("a", "drifted", True)]


def test_closing_needs_a_reason_and_a_finding(store):
    fleet, write = store()
    write(rows(0, 3))
    fleet.check_drift()

    with pytest.raises(BadInput, match="no selected model has an open finding"):
        fleet.run("close", why="because")
    with pytest.raises(BadInput, match="say why"):
        fleet.run("close", why=" ")


def test_a_finding_keeps_when_it_was_opened(store):
    fleet, _ = store()
    first = fleet.check_drift().id
    fleet.check_drift()
    held = open_findings(fleet.table("findings"), fleet.state, fleet.url)

    assert set(held["opened_run"]) == {first}
    assert fleet.as_of(fleet.seq).verdicts().equals(fleet.verdicts())
