"""Promotions in waves: a bad one stops and reverts itself, a killed one is carried on."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import argosy
from argosy.cli.main import run as argosy_command
from argosy.errors import BadInput, PolicyRefused, ReadOnly, RowsRefused, UnknownName
from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy.tables import FINDINGS, NOTICES
from argosy.types import Check, Listener
from argosy_promote import promotion
from argosy_promote.steps import placed, said, shares

MODELS = 40
STEPS = (0.1, 0.5, 1.0)


def fleet_of(folder, models):
    """Return a fleet whose champions are the first of two versions; the last model has none."""
    fleet = argosy.open(str(folder / "waves"), create=True, actor="tests")
    names = [f"m{number:04d}" for number in range(models)]
    for version in ("1", "2"):
        fleet.register({"model": names, "version": [version] * models})
    fleet.set_alias({"model": names[:-1], "version": ["1"] * (models - 1)}, "champion")
    return fleet


@pytest.fixture
def fleet(tmp_path):
    return fleet_of(tmp_path, MODELS)


@pytest.fixture
def everything(fleet):
    return fleet.where("true")


def champions(fleet):
    return dict(
        fleet.aliases().filter(alias="champion").select("model", "version").collect().rows()
    )


def counted(outcomes):
    return dict(outcomes["outcome"].value_counts().rows())


def none_ill(fleet, moved):
    return FINDINGS.empty_table()


def ill(step, many=1):
    """Return a check that finds models of a step."""

    def look(fleet, moved):
        found = pl.DataFrame(moved).filter(step=step).sort("model").head(many)
        return found.select("model", reason=pl.lit("it smells")).to_arrow()

    return look


def asking():
    """Return a check that finds nothing, and remembers what it was asked."""

    def look(fleet, moved):
        look.asked.append(moved.num_rows)
        return FINDINGS.empty_table()

    look.asked = []
    return look


@pytest.fixture
def die_before(monkeypatch):
    """Let the driver go down, once, when models are to be looked after the n-th time."""

    def put(times):
        usual, asked = promotion.examined, []

        def dying(*args):
            asked.append(args)
            if len(asked) == times:
                monkeypatch.setattr(promotion, "examined", usual)
                raise KeyboardInterrupt
            return usual(*args)

        monkeypatch.setattr(promotion, "examined", dying)

    return put


# Steps


@given(
    many=st.integers(1, 300),
    steps=st.lists(st.floats(0.001, 1.0), min_size=1, max_size=5, unique=True).map(sorted),
    seed=st.integers(-(2**70), 2**70),
)
def test_steps_are_cumulative_shares_of_a_stable_order(many, steps, seed):
    """Every step has its share, the first one a model at least, in whatever order rows lie."""
    models = pl.DataFrame({"model": [f"m{number}" for number in range(many)]})

    found = placed(models, steps, seed)

    sizes = [found.filter(pl.col("step") <= number + 1).height for number in range(len(steps))]
    assert sizes == [min(many, int(np.ceil(share * many - 1e-9))) for share in steps]
    again = placed(models.reverse(), steps, seed)
    assert found.equals(again.reverse())


def test_another_seed_tries_other_models_first():
    models = pl.DataFrame({"model": [f"m{number}" for number in range(1000)]})

    first = [set(placed(models, (0.1, 1), seed).filter(step=1)["model"]) for seed in (0, 1)]

    assert len(first[0] & first[1]) < 30


@pytest.mark.parametrize("steps", [(), (0,), (1.5,), (0.5, 0.1), (0.5, 0.5), (float("nan"),)])
def test_steps_that_do_not_ascend_to_one_are_refused(steps):
    with pytest.raises(BadInput, match="share|ascend"):
        shares(steps)


def test_a_step_is_said_in_words():
    assert "step 1 of 2 (0.5 %)" == said(1, (0.005, 1))


# A promotion that goes well


def test_each_step_is_a_change_that_names_the_promotion(fleet, everything):
    before = fleet.seq
    seen = []

    def look(reading, moved):
        seen.append(moved.num_rows)
        assert not hasattr(reading, "set_alias"), "a check reads"
        return FINDINGS.empty_table()

    outcomes = fleet.promote(everything, steps=STEPS, checks=[look], reason="night 7", name="n7")

    assert [4, 20, 40] == seen
    assert {"promoted": MODELS} == counted(outcomes)
    assert {"2"} == set(champions(fleet).values())
    assert ["1"] * (MODELS - 1) + [None] == outcomes.sort("model")["previous"].to_list()
    told = fleet.events().filter(pl.col("seq") > before, kind="promotion").collect()
    assert [
        "promotion n7, step 1 of 3 (10 %): night 7",
        "promotion n7, step 2 of 3 (50 %): night 7",
        "promotion n7, step 3 of 3 (100 %): night 7",
        "promotion n7, finished: night 7",
    ] == told["reason"].to_list()
    assert ["set_alias"] * 3 + ["promote"] == told["op"].to_list()


def test_the_table_of_promotions_says_how_each_ended(fleet, everything):
    fleet.promote(everything, steps=STEPS, name="good")
    fleet.register({"model": ["m0000"], "version": ["3"]})
    fleet.promote("model = 'm0000'", checks=[ill(1)], name="bad")

    found = fleet.sql("SELECT promotion, step, state, why FROM promotions").rows()

    why = "stopped at step 1 of 3 (1 %): 1 of 1 moved models are not well; m0000: it smells (look)"
    assert [("bad", 1, "reverted", why), ("good", 3, "finished", None)] == found


def test_a_table_names_versions_itself(fleet):
    table = pl.DataFrame({"model": ["m0001", "m0003"], "version": ["2", "1"]})

    outcomes = fleet.promote(table, "challenger")

    assert [("m0001", "2"), ("m0003", "1")] == outcomes.select("model", "version").rows()
    with pytest.raises(BadInput, match="a table names the versions itself"):
        fleet.promote(table, of="challenger")


def test_the_versions_of_another_alias_are_promoted(fleet):
    fleet.set_alias({"model": ["m0001", "m0002"], "version": ["2", "1"]}, "challenger")

    outcomes = fleet.promote("true", of="challenger")

    assert [("m0001", "2", "promoted"), ("m0002", "1", "unchanged")] == outcomes.sort(
        "model"
    ).select("model", "version", "outcome").rows()


def test_listeners_hear_of_each_step_and_of_the_end(fleet, everything, monkeypatch):
    heard = []

    def hear(event):
        heard.append((event.verb, event.models.num_rows))
        return NOTICES.empty_table()

    verbs = frozenset({"set_alias", "promote", "rollback"})
    monkeypatch.setitem(installed().listeners, "heard", Listener("heard", verbs, hear))

    fleet.promote(everything, steps=STEPS)
    fleet.promote("true", "other", STEPS, [ill(1)])

    steps = [("set_alias", 4), ("set_alias", 16), ("set_alias", 20)]
    assert [*steps, ("promote", 40), ("set_alias", 4), ("rollback", 4)] == heard


def test_a_share_below_all_leaves_the_rest_where_it_is(fleet, everything):
    outcomes = fleet.promote(everything, steps=(0.25,))

    assert {"promoted": 10, "not moved": 30} == counted(outcomes)
    assert 10 == list(champions(fleet).values()).count("2")


def test_what_stands_there_already_is_unchanged_and_nothing_is_written(fleet, everything):
    fleet.promote(everything, steps=STEPS)
    before = fleet.seq

    outcomes = fleet.promote(everything, steps=STEPS, checks=[ill(1)])

    assert {"unchanged": MODELS} == counted(outcomes)
    assert before == fleet.seq


def test_a_dry_run_says_who_would_move_when(fleet, everything):
    before = fleet.seq

    planned = fleet.promote(everything, steps=STEPS, dry_run=True)

    assert before == fleet.seq
    done = fleet.promote(everything, steps=STEPS)
    assert planned.select("model", "step", "previous").equals(
        done.select("model", "step", "previous")
    )
    assert {"planned": MODELS} == counted(planned)


def test_four_thousand_models_move_in_four_changes(tmp_path):
    fleet = fleet_of(tmp_path, 4000)
    before = fleet.seq

    outcomes = fleet.promote(fleet.where("true"), checks=[none_ill])

    assert 4000 == counted(outcomes)["promoted"]
    assert before + 4 == fleet.seq
    assert [40, 360, 3600] == outcomes["step"].value_counts().sort("step")["count"].to_list()


# Feature 11


def test_feature_11_a_bad_wave_stops_and_reverts_itself(fleet, everything):
    before = champions(fleet)

    outcomes = fleet.promote(everything, steps=STEPS, checks=[ill(2, many=3)], name="night")

    assert before == champions(fleet)
    assert {"reverted": 20, "not moved": 20} == counted(outcomes)
    smelling = outcomes.filter(pl.col("reason") == "it smells")
    assert 3 == smelling.height
    why = "stopped at step 2 of 3 (50 %): 3 of 20 moved models are not well; "
    rest = outcomes.filter(pl.col("reason") != "it smells")["reason"]
    assert rest.str.starts_with(why).all()
    last = fleet.events().filter(seq=fleet.seq).collect()
    assert {"rollback"} == set(last["op"])
    assert last["reason"][0].startswith(f"promotion night, {why}")
    assert last["reason"][0].endswith("; reverted")
    assert 21 == last.height, "all of it in one change"


def test_feature_11_a_rehearsal_restores_the_prior_lists(tmp_path):
    """A whole release and its rollback, newest change first: every list is what it was."""
    sio = pytest.importorskip("skops.io")
    from sklearn.linear_model import LinearRegression

    rows = pl.DataFrame({"client": ["a", "b"] * 5, "id": range(10), "x": np.arange(10.0)})
    rows.write_parquet(tmp_path / "rows.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
    fleet.bind([{"role": "current", "url": str(tmp_path / "rows.parquet"), "key": "client",
                 "id": "id"}])  # fmt: skip
    for version, slope in {"1": 1.0, "2": -1.0}.items():
        x = np.arange(10.0)[:, None]
        file = tmp_path / f"{version}.skops"
        file.write_bytes(sio.dumps(LinearRegression().fit(x, slope * x[:, 0])))
        fleet.register(
            {"model": ["a", "b"], "version": [version] * 2, "format": ["skops"] * 2,
             "artifact": [str(file)] * 2}
        )  # fmt: skip
    fleet.promote({"model": ["a", "b"], "version": ["1", "1"]})
    fleet.predict(alias="champion", role="lists")
    before = {pair: fleet.lookup("lists").get(*pair) for pair in zip("abab", range(4), strict=True)}
    start = fleet.seq

    fleet.promote("true", steps=(0.5, 1.0))
    fleet.predict(alias="champion", role="lists")
    assert "2" == fleet.lookup("lists").get("a", 2)["version"]
    for change in range(fleet.seq, start, -1):
        fleet.rollback(change)

    assert before == {pair: fleet.lookup("lists").get(*pair) for pair in before}
    assert {"a": "1", "b": "1"} == champions(fleet)


def test_a_night_of_promotions_is_rolled_back_by_its_group(fleet):
    """One that ended well, and one that was stopped; a later night can be promoted again."""
    before = champions(fleet)
    night = fleet.in_group("night 7")
    night.promote("model < 'm0020'", steps=STEPS, checks=[none_ill])
    night.promote("model >= 'm0020'", steps=STEPS, checks=[ill(2)])
    assert {"night 7"} == set(fleet.events().tail(5).collect()["group"])
    assert 20 == list(champions(fleet).values()).count("2")

    fleet.rollback(group="night 7")

    assert before == champions(fleet)
    assert fleet.promotions().collect().is_empty()
    assert {"promoted"} == set(fleet.promote("model < 'm0020'", steps=STEPS)["outcome"])


def test_models_that_had_no_alias_lose_it_again(fleet):
    fleet.promote("model = 'm0039'", steps=(1,), checks=[ill(1)])

    assert "m0039" not in champions(fleet)


def test_what_somebody_moved_since_is_not_taken_back(fleet, everything):
    """The check hears of it first, so that it must be told apart by the change, not the version."""

    def meanwhile(reading, moved):
        fleet.set_alias({"model": ["m0000"], "version": ["1"]}, "champion")
        fleet.set_alias({"model": ["m0000"], "version": ["2"]}, "champion")
        return pa.table({"model": ["m0001"], "reason": ["it smells"]})

    fleet.promote(everything, steps=(1,), checks=[meanwhile])

    assert {"m0000": "2"} == {
        model: version for model, version in champions(fleet).items() if version == "2"
    }


def test_a_tolerated_share_lets_it_go_on(fleet, everything):
    outcomes = fleet.promote(everything, steps=(1,), checks=[ill(1, many=4)], tolerated=0.1)

    assert {"promoted": MODELS} == counted(outcomes)
    assert 4 == outcomes["reason"].drop_nulls().len()
    outcomes = fleet.promote("true", "other", (1,), [ill(1, many=5)], tolerated=0.1)
    assert {"reverted": MODELS} == counted(outcomes)
    with pytest.raises(BadInput, match="tolerated share"):
        fleet.promote(everything, tolerated=1)


@pytest.mark.parametrize(
    ("look", "told"),
    [
        (lambda fleet, moved: 1 / 0, "failed: ZeroDivisionError: division by zero"),
        (lambda fleet, moved: None, "answered with a NoneType, not with a Table"),
        (lambda fleet, moved: pa.table({"model": ["m"]}), "answered without the column 'reason'"),
    ],
)
def test_a_check_that_cannot_look_speaks_against_going_on(fleet, everything, look, told):
    before = champions(fleet)
    check = Check("odd", "It cannot look.", look)

    outcomes = fleet.promote(everything, checks=[check])

    assert before == champions(fleet)
    assert told in outcomes.filter(outcome="reverted")["reason"][0]


def test_a_check_that_hangs_is_given_up(fleet, everything):
    check = Check("slow", "It sleeps.", lambda fleet, moved: time.sleep(5))

    with using({"core": {"time_limit": 0.2}}):
        outcomes = fleet.promote(everything, checks=[check])

    assert "was given up after 0.2 s" in outcomes.filter(outcome="reverted")["reason"][0]


def test_findings_of_other_models_do_not_count(fleet):
    """Those of a check that looks at the whole fleet, for one."""
    table = pa.table({"model": ["m0001"], "reason": ["it smells"]})

    outcomes = fleet.promote("model = 'm0000'", checks=[lambda fleet, moved: table])

    assert {"promoted": 1} == counted(outcomes)


# Killed, and called again


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_promotion_that_was_killed_goes_on_from_what_the_ledger_shows(
    fleet, everything, die_before, after
):
    die_before(after)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote(everything, steps=STEPS)
    reached = (4, 20, 40)[after - 1]
    assert reached == list(champions(fleet).values()).count("2")
    again, changes = asking(), fleet.seq

    outcomes = argosy.open(fleet.url).promote("true", steps=STEPS, checks=[again])

    assert [4, 20, 40][after - 1 :] == again.asked
    assert {"promoted": MODELS} == counted(outcomes)
    assert ["1"] * (MODELS - 1) + [None] == outcomes.sort("model")["previous"].to_list()
    assert changes + 4 - after == fleet.seq, "no step is made twice"


def test_a_process_that_is_killed_between_steps_leaves_no_half_step(fleet):
    """With a signal that no one can catch."""
    script = """
import os, signal, sys
import argosy
def look(fleet, moved):
    if moved.num_rows > 4:
        os.kill(os.getpid(), signal.SIGKILL)
    from argosy.tables import FINDINGS
    return FINDINGS.empty_table()
argosy.open(sys.argv[1]).promote("true", steps=(0.1, 0.5, 1.0), checks=[look])
"""
    done = subprocess.run([sys.executable, "-c", script, fleet.url], check=False)
    assert -signal.SIGKILL == done.returncode
    assert 20 == list(champions(fleet).values()).count("2")

    outcomes = fleet.promote("true", steps=STEPS, checks=[ill(2)])

    assert {"reverted": 20, "not moved": 20} == counted(outcomes)
    assert {"1"} == set(champions(fleet).values())


def test_a_killed_promotion_keeps_to_the_models_it_began_with(fleet, die_before):
    """By then its own selection would leave out those that it has moved."""
    chosen = "aliases.champion = '1'"
    die_before(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote(chosen, steps=STEPS)
    before = champions(fleet)

    outcomes = fleet.promote(chosen, steps=STEPS, checks=[ill(1)])

    assert MODELS - 1 == outcomes.height
    assert 20 == list(before.values()).count("2")
    assert {"1"} == set(champions(fleet).values())


def test_a_revert_that_was_killed_is_made_up_for(fleet, everything, monkeypatch):
    usual = type(fleet.ledger).apply

    def torn(ledger, op, *args, **kwargs):
        if op == "rollback":
            raise KeyboardInterrupt
        return usual(ledger, op, *args, **kwargs)

    monkeypatch.setattr(type(fleet.ledger), "apply", torn)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote(everything, steps=STEPS, checks=[ill(1)])
    monkeypatch.undo()
    assert 4 == list(champions(fleet).values()).count("2")

    fleet.promote(everything, steps=STEPS, checks=[ill(1)])

    assert {"1"} == set(champions(fleet).values())


def test_one_that_was_reverted_can_be_tried_again(fleet, everything):
    fleet.promote(everything, steps=STEPS, checks=[ill(3)])

    outcomes = fleet.promote(everything, steps=STEPS, checks=[none_ill])

    assert {"promoted": MODELS} == counted(outcomes)
    assert ["1"] * (MODELS - 1) + [None] == outcomes.sort("model")["previous"].to_list()
    assert ["finished", "reverted"] == fleet.promotions().collect()["state"].to_list()


def test_steps_can_be_rolled_back_one_by_one(fleet, everything):
    """The end of the promotion, and its steps in any order."""
    before, start = champions(fleet), fleet.seq
    fleet.promote(everything, steps=STEPS)

    for change in (start + 1, start + 4, start + 3, start + 2):
        fleet.rollback(change)

    assert before == champions(fleet)
    assert fleet.promotions().collect().is_empty()


def test_a_step_that_was_rolled_back_is_made_again(fleet, everything, die_before):
    die_before(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote(everything, steps=STEPS)
    fleet.rollback(fleet.seq)
    again = asking()

    outcomes = fleet.promote(everything, steps=STEPS, checks=[again])

    assert [4, 20, 40] == again.asked
    assert {"promoted": MODELS} == counted(outcomes)


def test_under_one_name_only_one_promotion_is_under_way(fleet, die_before):
    die_before(1)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote({"model": ["m0000"], "version": ["2"]}, name="night")

    with pytest.raises(BadInput, match="'night' is under way with another alias, other steps"):
        fleet.promote({"model": ["m0001"], "version": ["2"]}, name="night")
    with pytest.raises(BadInput, match="under way"):
        fleet.promote({"model": ["m0000"], "version": ["2"]}, "other", name="night")


def test_two_drivers_of_one_promotion_do_not_both_go_on(fleet, everything):
    def overtaken(reading, moved):
        argosy.open(fleet.url).promote("true", steps=STEPS, checks=[none_ill])
        return FINDINGS.empty_table()

    with pytest.raises(BadInput, match="somebody else carries the promotion"):
        fleet.promote(everything, steps=STEPS, checks=[overtaken])
    assert {"2"} == set(champions(fleet).values())


# What is refused before anything is written


def test_what_cannot_be_promoted_is_refused_before_the_first_step(fleet):
    before = fleet.seq
    table = pl.DataFrame({"model": [f"m{n:04d}" for n in range(MODELS)], "version": "2"})
    lost = table.with_columns(
        version=pl.when(pl.col("model") == "m0007").then(pl.lit("9")).otherwise("version")
    )

    with pytest.raises(RowsRefused, match="no version '9' of the model 'm0007'"):
        fleet.promote(lost)
    with pytest.raises(UnknownName, match="no check is called 'evalution'; did you mean"):
        fleet.promote(table, checks=["evalution"])
    with pytest.raises(BadInput, match="3 is no check"):
        fleet.promote(table, checks=[3])
    with pytest.raises(BadInput, match="name 'a/b'"):
        fleet.promote(table, name="a/b")
    with pytest.raises(UnknownName, match="no alias is called 'chalenger'"):
        fleet.promote("true", of="chalenger")
    with pytest.raises(ReadOnly):
        fleet.as_of(before).promote(table)
    assert before == fleet.seq


def test_a_policy_about_aliases_holds_for_a_promotion_before_its_first_step(fleet):
    fleet.require({"policy": ["owner"]})
    fleet.set_owner(fleet.where("model != 'm0007'"), "bea")
    before = fleet.seq

    with pytest.raises(PolicyRefused, match="m0007: it has no owner"):
        fleet.promote("true", steps=STEPS)
    assert before == fleet.seq


def test_the_checks_that_come_with_argosy_are_found_by_name():
    assert {"evaluation", "drift", "lists"} <= set(installed().checks)


# The command line


def test_the_command_line_promotes(fleet, capsys):
    told = ["--fleet", fleet.url, "--json", "promote", "--where", "true"]

    assert 0 == argosy_command([*told, "--steps", "10%,0.5,100%", "--reason", "night"])

    rows = json.loads(capsys.readouterr().out)
    assert {"model", "version", "previous", "step", "outcome", "reason"} == set(rows[0])
    assert {"promoted"} == {row["outcome"] for row in rows}
    assert [4, 16, 20] == [sum(row["step"] == step for row in rows) for step in (1, 2, 3)]


def test_the_command_line_says_why_a_promotion_was_taken_back(fleet, capsys, monkeypatch):
    monkeypatch.setitem(installed().checks, "smell", Check("smell", "It smells.", ill(2)))
    told = ["--fleet", fleet.url, "promote", "--where", "true", "--check", "smell"]

    assert 1 == argosy_command(["--json", *told])

    out, err = capsys.readouterr()
    assert "reverted" in {row["outcome"] for row in json.loads(out)}
    assert "error: the promotion stopped at step 2 of 3 (10 %): 1 of 4 moved models" in err
    assert "4 models were moved back" in err
    assert 1 == argosy_command(told)
    assert "reverted" in capsys.readouterr().out
    assert 0 == argosy_command([*told, "--tolerated", "25%"])
    assert "tolerated" in capsys.readouterr().out


def test_the_command_line_refuses_what_is_no_share(fleet, capsys):
    told = ["--fleet", fleet.url, "promote", "--where", "true", "--steps"]

    assert 2 == argosy_command([*told, "a tenth"])
    assert "'a tenth' is no share; write 10% or 0.1" in capsys.readouterr().err
    assert 1 == argosy_command([*told, "50%,10%"])
    assert "must ascend" in capsys.readouterr().err


def test_a_dry_run_on_the_command_line_moves_nothing(fleet, capsys):
    before = fleet.seq

    assert 0 == argosy_command(["--fleet", fleet.url, "promote", "--where", "true", "--dry-run"])
    assert "planned" in capsys.readouterr().out
    assert before == fleet.seq
