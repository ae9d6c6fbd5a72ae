"""A wave that does harm stops and reverts itself."""

import time

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import argosy
from argosy.errors import BadInput
from argosy.plugins.settings import using
from argosy.types import Check

from .waves import MODELS, STEPS, champions, counted, ill, none_ill


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
    fleet.promote({"model": ["a", "b"], "version": ["1", "1"]}, checks="none")
    fleet.predict(alias="champion", role="lists")
    before = {pair: fleet.lookup("lists").get(*pair) for pair in zip("abab", range(4), strict=True)}
    start = fleet.seq

    fleet.promote("true", steps=(0.5, 1.0), checks="none")
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
    assert {"promoted"} == set(
        fleet.promote("model < 'm0020'", steps=STEPS, checks="none")["outcome"]
    )


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
