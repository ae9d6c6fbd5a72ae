"""The jobs `bandit` and `bandit_replay`: what every job must do, and what these two learn."""

import json

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from argosy.errors import UnknownName
from argosy.testing.fleets import logged_fleet
from argosy.testing.jobs import JobSuite
from argosy_cli.main import run as cli
from argosy_experiments.bandits import thompson
from argosy_experiments.bandits.replay import replayed

from .fleets import bind, fleet_with


def earned(models, plays=100, rates=(0.1, 0.3, 0.2)):
    """What three arms of each model have earned since they began."""
    rows = [
        {"model": f"m{number}", "arm": arm, "plays": plays, "wins": round(plays * rate)}
        for number in range(models)
        for arm, rate in zip("abc", rates, strict=True)
    ]
    return pl.DataFrame(rows)


def random_log(models, rows=600, seed=9):
    """Decisions among two arms, made by a fair coin, of which the second is better."""
    rng = np.random.default_rng(seed)
    second = rng.random(models * rows) < 0.5
    return pl.DataFrame(
        {
            "model": np.repeat([f"m{number}" for number in range(models)], rows),
            "arm": np.where(second, "b", "a"),
            "win": (rng.random(models * rows) < np.where(second, 0.6, 0.1)).astype(float),
            "propensity": 0.5,
        }
    )


class TestBandit(JobSuite):
    name = "bandit"
    request = {"experiment": "offers", "memory": 500.0}
    refused = {"experiment": ""}
    ray = False  # the chunks only read, as those of `ab_test` do there

    def fleet(self, folder):
        return fleet_with(folder, "arms", earned(self.models), self.models)


class TestBanditReplay(JobSuite):
    name = "bandit_replay"
    request = {"seed": 3}

    def fleet(self, folder):
        return fleet_with(folder, "log", random_log(self.models), self.models)

    @pytest.mark.slow  # `offpolicy` reads logs there in a shorter time
    def test_the_rows_are_the_same_on_ray(self, tmp_path):
        super().test_the_rows_are_the_same_on_ray(tmp_path)


# Bandits


def states(rows):
    return rows.select("model", "arm", wins="remembered_wins", losses="remembered_losses")


@pytest.mark.parametrize("memory", [None, 150.0])
def test_runs_follow_each_other_as_those_of_the_function_do(tmp_path, memory):
    fleet = fleet_with(tmp_path, "arms", earned(2, 100), 2)
    state = thompson.begun(earned(2))
    before = earned(2, 0)
    for plays in (100, 250, 250):
        told = earned(2, plays)
        bind(fleet, "arms", told, tmp_path / "bound")
        found = fleet.experiments.bandits(memory=memory).results().sort("model", "arm")
        new = told.with_columns(pl.col(name) - before[name] for name in ("plays", "wins"))
        state, before = thompson.learnt(state, new, memory), told
        expected = thompson.propensities(state)
        assert_frame_equal(states(found), state.select(states(found).columns))
        assert found["propensity"].to_list() == expected["propensity"].to_list()

    assert found["plays"].to_list() == [250] * 6
    assert fleet.table("bandit_arms").collect().height == 18


def test_an_arm_that_is_no_longer_there_is_no_longer_chosen_and_a_new_one_may_be(tmp_path):
    fleet = fleet_with(tmp_path, "arms", earned(1), 1)
    fleet.run("bandit")
    fresh = pl.DataFrame({"model": "m0", "arm": ["d"], "plays": [0], "wins": [0]})
    bind(fleet, "arms", pl.concat([earned(1).filter(pl.col("arm") != "b"), fresh]), tmp_path / "x")
    fleet.run("bandit")
    chosen = fleet.experiments.chosen(pl.DataFrame({"model": ["m0"] * 500}), seed=1)

    assert {*chosen["arm"]} >= {"c", "d"}
    assert "b" not in {*chosen["arm"]}


def test_what_is_chosen_is_what_the_function_chooses_and_has_its_probability(tmp_path):
    fleet = fleet_with(tmp_path, "arms", earned(2), 2)
    rows = fleet.run("bandit").results()
    requests = pl.DataFrame({"model": ["m1", "m0", "m1"] * 20, "customer": range(60)})
    state = states(rows).join(rows.select("model", "arm", "plays"), on=["model", "arm"])
    chosen = fleet.experiments.chosen(requests, seed=4)

    assert_frame_equal(
        chosen.drop("propensity"), thompson.chosen(state, requests, seed=4), check_row_order=True
    )
    known = dict(zip(rows.select("model", "arm").rows(), rows["propensity"], strict=True))
    assert chosen["propensity"].to_list() == [
        known[pair] for pair in chosen.select("model", "arm").rows()
    ]


def test_bandits_of_other_names_know_nothing_of_each_other(tmp_path):
    fleet = fleet_with(tmp_path, "arms", earned(1), 1)
    for name in ("one", "other"):
        fleet.run("bandit", experiment=name)

    assert set(fleet.table("bandit_arms").collect()["remembered_wins"]) == {10, 20, 30}
    with pytest.raises(UnknownName):
        fleet.experiments.chosen(pl.DataFrame({"model": ["m0"]}), 1, "third")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"arm": pl.lit(None, pl.String)}, "an arm has no name"),
        ({"arm": pl.lit("a")}, "an arm has two rows"),
        ({"wins": pl.lit(101)}, "no more wins than plays"),
        ({"plays": pl.lit(None, pl.Int64)}, "not whole numbers"),
    ],
)
def test_arms_that_cannot_be_fail_alone(tmp_path, change, reason):
    good, bad = (earned(2).filter(model=name) for name in ("m0", "m1"))
    kinds = {"plays": pl.Int64, "wins": pl.Int64}
    rows = pl.concat([good.cast(kinds), bad.with_columns(**change).cast(kinds)])
    run = fleet_with(tmp_path, "arms", rows, 2).run("bandit")

    assert run.failures()["model"].to_list() == ["m1"]
    assert reason in run.failures()["reason"].item()
    assert run.results().filter(model="m0")["status"].to_list() == ["ok"] * 3


def test_plays_that_are_gone_are_refused_and_what_was_learnt_stays(tmp_path):
    fleet = fleet_with(tmp_path, "arms", earned(2), 2)
    fleet.run("bandit")
    fewer = pl.when(model="m1").then(pl.col("plays") - 20).otherwise("plays")
    bind(fleet, "arms", earned(2).with_columns(plays=fewer), tmp_path / "bound")
    run = fleet.run("bandit")

    assert run.failures().select("model", "version").rows() == [("m1", "1")]
    assert "fewer plays or wins" in run.failures()["reason"].item()
    chosen = fleet.experiments.chosen(pl.DataFrame({"model": ["m1"] * 9}), seed=1)
    assert chosen["arm"].null_count() == 0


def test_arms_without_plays_say_which_column_is_missing(tmp_path):
    run = fleet_with(tmp_path, "arms", earned(2).drop("plays"), 2).run("bandit")

    assert run.summary["failed"] == 2
    assert "no column 'plays'" in run.failures()["reason"][0]


# Replays


def test_a_replay_tells_what_the_function_tells(tmp_path):
    fleet = fleet_with(tmp_path, "log", random_log(3), 3)
    found = fleet.experiments.replay(seed=5, memory=100.0).results().sort("model")
    expected, _ = replayed(random_log(3), 5, 100.0)

    assert_frame_equal(
        found.select(expected.columns), expected, check_dtypes=False, check_exact=True
    )
    assert (found["late_rate"] > found["logged"]).all()
    assert fleet.sql("SELECT COUNT(*) AS n FROM bandit_replays")["n"].item() == 3


def test_a_log_is_replayed_in_the_order_of_its_times(tmp_path):
    rows = random_log(1).with_columns(when=pl.int_range(600).cast(pl.Datetime("us")))
    fleet = logged_fleet(tmp_path, 1)
    path = str(tmp_path / "log.parquet")
    rows.sample(fraction=1.0, shuffle=True, seed=1).write_parquet(path)
    fleet.bind([{"role": "log", "url": path, "key": "model", "timestamp": "when"}])
    found = fleet.run("bandit_replay").results()

    assert found["matched"].item() == replayed(rows, 0)[0]["matched"].item()


def test_a_log_that_preferred_an_arm_fails_alone(tmp_path):
    preferred = pl.when(model="m1").then(0.9).otherwise("propensity")
    rows = random_log(4).with_columns(propensity=preferred).filter(pl.col("model") != "m3")
    run = fleet_with(tmp_path, "log", rows, 4).run("bandit_replay")
    why = dict(run.failures().select("model", "reason").rows())

    assert "with a probability of 0.9, not one in 2" in why["m1"]
    assert "no row of the model" in why["m3"]
    assert {*run.results().filter(status="ok")["model"]} == {"m0", "m2"}


# Commands


def test_bandits_learn_and_choose_by_commands_alone(tmp_path, capsys):
    fleet = fleet_with(tmp_path, "arms", earned(2), 2)
    words = ["--fleet", fleet.url, "experiment"]
    assert cli([*words, "bandits", "--experiment", "offers", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sum(row["propensity"] for row in told["arms"]) == pytest.approx(2)

    asked, path = tmp_path / "asked.parquet", tmp_path / "chosen.parquet"
    pl.DataFrame({"model": ["m0", "m1"] * 50}).write_parquet(asked)
    named = ["--experiment", "offers", "--seed", "7", "--to", str(path)]
    assert cli([*words, "choose", str(asked), *named, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert sum(row["requests"] for row in told["arms"]) == 100
    assert pl.read_parquet(path).columns == ["model", "arm", "propensity"]
    assert cli([*words, "choose", str(asked), "--to", str(path)]) == 2
    assert "--seed" in capsys.readouterr().err


def test_replays_are_printed_and_kept(tmp_path, capsys):
    fleet = fleet_with(tmp_path, "log", random_log(2), 2)
    words = ["--fleet", fleet.url, "experiment", "replay", "--seed", "3"]
    assert cli(words) == 0
    assert "2 of 2 models replayed" in capsys.readouterr().out
    assert cli([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert {row["model"] for row in told["replays"]} == {"m0", "m1"}
    assert fleet.table("bandit_replays").collect().height == 4
