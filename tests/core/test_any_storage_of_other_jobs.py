"""Estimates, predictions and experiments say the same of one table, however it is stored.

As `test_any_storage` does for evaluation and drift: one logical table in every format and type,
each way a model of one fleet, among files that are no tables.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import argosy

from .stored_columns import Way
from .ways_to_store import ODD

pytestmark = pytest.mark.filterwarnings("ignore::argosy.errors.ArgosyWarning")

START = datetime(2024, 3, 29, tzinfo=UTC)
ROWS = 150


@dataclass
class World:
    """What a job reads of each model, and what its columns mean."""

    tables: dict
    """By role."""
    kinds: dict
    bound: dict = field(default_factory=dict)
    asked: dict = field(default_factory=dict)
    of_models: tuple = ()
    """Columns of the results that depend on the model's name or on who is asked for with it."""


def times(rows):
    return [START + timedelta(minutes=53 * place) for place in range(rows)]


def scored(draws):
    def table():
        score = draws.integers(0, 65, ROWS) / 64
        truth = (draws.uniform(size=ROWS) < score).astype(int)
        said = (score > 0.5).astype(int)
        return pl.DataFrame({"t": truth, "p": said, "s": score, "at": times(ROWS)})

    return World(
        {"holdout": table(), "current": table()},
        {"t": "bit", "p": "bit", "s": "fraction", "at": "time"},
        {"truth": "t", "prediction": "p", "score": "s", "timestamp": "at"},
        {"window": [None, "1d"][draws.integers(2)]},
    )


def measured(draws):
    def table():
        truth = draws.integers(-80, 80, ROWS) / 8 + 0.125
        said = truth + draws.integers(-9, 9, ROWS) / 16
        return pl.DataFrame({"t": truth, "p": said, "at": times(ROWS)})

    return World(
        {"holdout": table(), "current": table()},
        {"t": "fraction", "p": "fraction", "at": "time"},
        {"truth": "t", "prediction": "p", "timestamp": "at"},
        {"window": [None, "1d"][draws.integers(2)]},
    )


def customers(draws):
    many = 2 * ROWS
    table = pl.DataFrame(
        {
            "customer": range(1, many + 1),
            "group": ["treatment", "control"] * ROWS,
            "success": (draws.uniform(size=many) < 0.4).astype(int),
            "revenue": draws.integers(0, 200, many) / 64,
            "home": draws.integers(1, 60, many),
        }
    )
    kinds = dict(
        zip(table.columns, ("identity", "word", "flag", "fraction", "identity"), strict=True)
    )
    bound = {"cluster": "home"} if draws.integers(2) else {}
    return World({"outcomes": table}, kinds, bound, {"experiment": "e"}, ("ratio_q_value",))


def arms(draws):
    table = {"arm": [3, 7, 12, 90], "plays": draws.integers(50, 90, 4), "wins": [1, 9, 30, 50]}
    kinds = {"arm": "identity", "plays": "whole", "wins": "whole"}
    return World({"arms": pl.DataFrame(table)}, kinds)


def choices(draws):
    table = pl.DataFrame(
        {
            "arm": draws.integers(1, 4, 2 * ROWS),
            "win": draws.integers(0, 2, 2 * ROWS),
            "at": times(2 * ROWS),
        }
    )
    drawn = ("matched", "wins", "rate", "late_rate")
    kinds = {"arm": "identity", "win": "flag", "at": "time"}
    return World({"log": table}, kinds, {"timestamp": "at"}, {}, drawn)


def decisions(draws):
    shares = [0.25, 0.5, 0.75]
    log = pl.DataFrame(
        {
            "context": draws.integers(1, 6, 2 * ROWS),
            "action": draws.integers(1, 3, 2 * ROWS),
            "reward": draws.integers(0, 2, 2 * ROWS),
            "propensity": draws.choice(shares, 2 * ROWS),
            "at": times(2 * ROWS),
        }
    )
    pairs = [(context, action) for context in range(1, 6) for action in (1, 2)]
    wish = pl.DataFrame(pairs, schema=["context", "action"], orient="row")
    kinds = {
        "context": "identity",
        "action": "identity",
        "reward": "flag",
        "propensity": "fraction",
        "probability": "fraction",
        "at": "time",
    }
    asked = {"policy": "wish", "least_ess": 10}
    tables = {"log": log, "wish": wish.with_columns(probability=pl.Series(shares[::2] * 5))}
    return World(tables, kinds, {"timestamp": "at"}, asked, ("q_value",))


JOBS = {
    "estimate of classes": ("estimate", scored),
    "estimate of numbers": ("estimate", measured),
    "ab_test": ("ab_test", customers),
    "ab_revenue": ("ab_revenue", customers),
    "bandit": ("bandit", arms),
    "bandit_replay": ("bandit_replay", choices),
    "offpolicy": ("offpolicy", decisions),
}


def played(folder, world, ways, odd, **registered):
    """Return a fleet in which each way to store the tables of a world is a model."""
    fleet = argosy.open(str(folder / "fleet"), create=True)
    names = [*ways, *odd]
    every = {name: [value] * len(names) for name, value in registered.items()}
    fleet.register({"model": names, "version": ["1"] * len(names), **every})
    rows = []
    for name, way in ways.items():
        (folder / name).mkdir()
        for role, table in world.tables.items():
            url = way.write(folder / name, role, table)
            rows.append({"role": role, "model": name, "url": url, **world.bound})
    for name in odd:
        (folder / name).write_bytes(ODD[name])
        rows += [
            {"role": role, "model": name, "url": str(folder / name), **world.bound}
            for role in world.tables
        ]
    fleet.bind(rows, check=False)
    return fleet


def ways_of(draws, kinds):
    return {"plain": Way.plain(kinds)} | {f"way{n}": Way.drawn(draws, kinds) for n in range(12)}


def often(times):
    return settings(
        max_examples=times,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        phases=[Phase.generate],
    )


def refuse_differences(found, ways):
    """Hold every way to what the plain one says, rows in another order but for rounding."""
    expected = found["plain"]
    assert expected
    for name, way in ways.items():
        room = {"rel": 1e-9, "abs": 1e-12} if way.stirred else {"rel": 0, "abs": 0}
        for one, other in zip(found[name], expected, strict=True):
            for value, wanted in zip(one, other, strict=True):
                alike = value == wanted or (
                    isinstance(value, float) and value == pytest.approx(wanted, **room)
                )
                assert alike, (way, one, other)


@pytest.mark.parametrize("job", JOBS)
@often(2)
@given(seed=st.integers(0, 2**31))
def test_a_job_says_the_same_of_a_table_however_it_is_stored(job, seed, tmp_path_factory):
    kind, drawn = JOBS[job]
    draws = np.random.default_rng(seed)
    world = drawn(draws)
    ways, odd = ways_of(draws, world.kinds), draws.choice(sorted(ODD), 3, replace=False).tolist()
    fleet = played(tmp_path_factory.mktemp("stored"), world, ways, odd)
    rows = fleet.run(kind, **world.asked).results().drop("run_id", "at", *world.of_models)
    found = {name: rows.filter(model=name).drop("model").sort(pl.all()).rows() for name in ways}

    assert set(rows.filter(model="plain")["status"]) <= {"ok", "undefined"}
    refuse_differences(found, ways)
    assert set(rows.filter(pl.col("model").is_in(odd))["status"]) <= {"failed", "undefined"}


@often(1)
@given(seed=st.integers(0, 2**31))
def test_models_predict_the_same_and_are_looked_up_however_rows_are_stored(seed, tmp_path_factory):
    sio = pytest.importorskip("skops.io")
    linear_model = pytest.importorskip("sklearn.linear_model")
    folder, draws = tmp_path_factory.mktemp("stored"), np.random.default_rng(seed)
    table = pl.DataFrame(
        {
            "x": draws.integers(-40, 40, ROWS) / 16,
            "n": draws.integers(0, 90, ROWS),
            "i": range(1, ROWS + 1),
        }
    )
    given = table.select("x", "n").to_numpy()
    line = linear_model.LinearRegression().fit(given, given @ [2, -1])
    (folder / "line.skops").write_bytes(sio.dumps(line))
    features = [{"name": name, "type": "float", "role": "feature"} for name in ("x", "n")]
    world = World({"current": table}, {"x": "fraction", "n": "whole", "i": "identity"}, {"id": "i"})
    ways = ways_of(draws, world.kinds)
    stored = {"format": "skops", "artifact": str(folder / "line.skops"), "features": features}
    fleet = played(folder, world, ways, ["broken.parquet", "empty.csv"], **stored)
    run = fleet.predict(role="lists")
    lists = fleet.lookup("lists")

    assert set(run.failures()["model"]) == {"broken.parquet", "empty.csv"}
    expected = dict(zip(table["i"], (given @ [2, -1]).tolist(), strict=True))
    for name, way in ways.items():
        for one in (1, "7", ROWS):
            row = lists.get(name, one)
            assert row is not None, way
            assert row["prediction"] == pytest.approx(expected[int(one)]), way


def test_an_id_beyond_the_integers_of_parquet_is_found(tmp_path):
    """Integers of 128 bits are none of Parquet's types."""
    sio = pytest.importorskip("skops.io")
    linear_model = pytest.importorskip("sklearn.linear_model")
    line = linear_model.LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    (tmp_path / "line.skops").write_bytes(sio.dumps(line))
    rows = pl.DataFrame({"i": pl.Series([10**30, 7], dtype=pl.Int128), "x": [1.0, 0.0]})
    rows.write_ipc(tmp_path / "rows.arrow")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    artifact = str(tmp_path / "line.skops")
    fleet.register([{"model": "m", "version": "1", "format": "skops", "artifact": artifact}])
    fleet.bind([{"role": "current", "url": str(tmp_path / "rows.arrow"), "id": "i"}])
    fleet.predict(role="lists")

    assert fleet.lookup("lists").get("m", 10**30)["prediction"] == pytest.approx(1)
