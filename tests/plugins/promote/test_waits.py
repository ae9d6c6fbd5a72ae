"""Waves wait: for their time, for what was asked, and for something new to look at."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, UnknownName
from argosy_cli.main import run as argosy_command
from argosy_promote import holds, promotion

from .waves import champions, counted, none_ill

NAMES = [f"m{number:02d}" for number in range(17)]


def written(folder, errors):
    """Write logged predictions of two versions of every model."""
    parts = []
    for place, name in enumerate(NAMES):
        for version, error in errors.items():
            drawn = np.random.default_rng([place, int(version)]).normal(size=60)
            truth = np.arange(60.0)
            parts.append(
                pl.DataFrame(
                    {"id": range(60), "y": truth, "p": truth + error * drawn}
                ).with_columns(client=pl.lit(name), version=pl.lit(version))
            )
    pl.concat(parts).write_parquet(folder / "log.parquet")
    return str(folder / "log.parquet")


@pytest.fixture
def bare(tmp_path):
    """Seventeen champions, and challengers of which nothing was measured."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
    log = {"url": written(tmp_path, {"1": 1.0, "2": 0.3}), "key": "client", "version": "version"}
    fleet.bind([{"role": "holdout", "truth": "y", "prediction": "p", "id": "id", **log}])
    for version, alias in {"1": "champion", "2": "challenger"}.items():
        fleet.register({"model": NAMES, "version": [version] * 17})
        fleet.set_alias({"model": NAMES, "version": [version] * 17}, alias)
    return fleet


@pytest.fixture
def compared(bare):
    bare.compare(metrics=["mae"])
    return bare


def in_use(fleet):
    return list(champions(fleet).values()).count("2")


def test_s1_6_a_promotion_takes_the_verdict_of_the_comparison_by_default(compared):
    outcomes = compared.promote("true", of="challenger", steps=(1,))

    assert {"promoted": 17} == counted(outcomes)
    assert ["comparison"] == compared.promotions().collect()["checks"][0].to_list()


def test_s1_6_what_was_never_compared_does_not_move(bare):
    """Seventeen of seventeen were promoted where nothing was known."""
    before = bare.seq

    outcomes = bare.promote("true", of="challenger")

    assert {"blocked": 17} == counted(outcomes)
    assert (
        "version 2 was never compared with version 1, which it replaces; run `argosy compare`"
        == outcomes["reason"][0]
    )
    assert before == bare.seq


def test_a_worse_version_does_not_move_and_is_named(bare):
    """The fleet is promoted the other way round, so the comparison is turned."""
    bare.compare(metrics=["mae"])
    bare.promote("true", steps=(1,))

    outcomes = bare.promote({"model": NAMES, "version": ["1"] * 17})

    assert {"blocked": 17} == counted(outcomes)
    assert outcomes["reason"].str.starts_with("its mae is worse: ").all()


def test_a_tolerated_share_is_left_where_it_is(bare):
    bare.compare("model != 'm03'", metrics=["mae"])

    outcomes = bare.promote("true", of="challenger", steps=(1,), tolerated=0.1)

    assert {"blocked": 1, "promoted": 16} == counted(outcomes)
    assert "1" == champions(bare)["m03"]


def test_s1_6_a_check_that_sees_nothing_new_holds_the_wave(compared):
    outcomes = compared.promote("true", of="challenger", name="week")

    assert {"promoted": 1, "waiting": 16} == counted(outcomes)
    [why] = outcomes.filter(outcome="waiting")["reason"].unique()
    assert why.startswith("nothing was measured of m")
    assert why.endswith("run `argosy evaluate`, then `argosy promote --resume week`")
    standing = compared.promotions().collect().row(0, named=True)
    assert ("waiting", 1, why) == (standing["state"], standing["step"], standing["why"])
    seq = compared.seq
    assert {"promoted": 1, "waiting": 16} == counted(compared.promote(resume="week"))
    assert seq == compared.seq, "what holds it up is written once"


def test_a_wave_goes_on_once_something_was_measured_since(compared):
    compared.promote("true", of="challenger", name="week")
    compared.evaluate()
    assert {"promoted": 2, "waiting": 15} == counted(compared.promote(resume="week"))
    compared.evaluate("model = 'm00'")  # perhaps neither of those that were moved
    compared.evaluate()

    outcomes = argosy.open(compared.url).promote(resume="week")

    assert {"promoted": 17} == counted(outcomes)
    assert "finished" == compared.promotions().collect()["state"].item()
    assert ["1"] * 17 == outcomes["previous"].to_list()


def test_a_run_that_was_begun_before_the_step_is_nothing_new(compared, monkeypatch):
    from argosy_promote.news import measured_since

    compared.evaluate()
    later = pl.lit(compared.moment)
    moved = pl.DataFrame({"model": NAMES, "version": ["2"] * 17}).with_columns(since=later)

    assert measured_since(compared, ("evaluations", "comparisons"), moved).is_empty()
    compared.set_alias({"model": NAMES, "version": ["2"] * 17}, "champion")
    compared.compare(metrics=["mae"])  # of a version with itself
    assert measured_since(compared, ("comparisons",), moved).is_empty()
    compared.evaluate("model < 'm05'")
    assert 5 == measured_since(compared, ("comparisons", "evaluations"), moved).height


def test_a_version_that_fails_after_the_step_is_taken_back(compared, tmp_path):
    compared.promote("true", of="challenger", name="week")
    log = pl.read_parquet(tmp_path / "log.parquet").filter(version="1")
    log.write_parquet(tmp_path / "log.parquet")
    compared.evaluate()

    outcomes = compared.promote(resume="week")

    assert {"reverted": 1, "not moved": 16} == counted(outcomes)
    assert "its evaluation failed" in outcomes.filter(outcome="reverted")["reason"].item()
    assert 0 == in_use(compared)


@pytest.fixture
def clock(monkeypatch):
    """Let time pass."""

    class Clock(holds.datetime):
        ahead = timedelta(0)

        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + cls.ahead

    monkeypatch.setattr(holds, "datetime", Clock)
    return Clock


def test_s1_6_the_next_step_waits_for_its_time(bare, clock):
    first = bare.promote("true", of="challenger", checks="none", wait="6h", name="week")

    assert {"promoted": 1, "waiting": 16} == counted(first)
    [why] = first.filter(outcome="waiting")["reason"].unique()
    assert why.startswith("step 2 of 3 (10 %) is due at 20")
    with pytest.raises(BadInput, match=r"'week' is due at .*, 6h after step 1 of 3 \(1 %\)"):
        bare.promote(resume="week")
    with pytest.raises(BadInput, match="due"):
        bare.promote("true", of="challenger", checks="none", wait="6h", name="week")
    assert 1 == in_use(bare)
    clock.ahead = timedelta(hours=7)
    assert {"promoted": 2, "waiting": 15} == counted(bare.promote(resume="week", until=0.1))


def test_now_makes_one_step_before_it_is_due(bare):
    bare.promote("true", of="challenger", checks="none", wait="6h", name="week")

    assert {"promoted": 2, "waiting": 15} == counted(bare.promote(resume="week", now=True))
    assert {"promoted": 17} == counted(bare.promote(resume="week", now=True))
    assert "waiting" == bare.promotions().collect()["state"].item(), "its last step is looked after"
    bare.promote(resume="week", now=True)
    assert "finished" == bare.promotions().collect()["state"].item()


def test_a_promotion_with_a_wait_that_was_killed_goes_on(bare, monkeypatch):
    def die(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(promotion, "held_up", die)
    with pytest.raises(KeyboardInterrupt):
        bare.promote("true", of="challenger", checks="none", wait="6h", name="week")
    monkeypatch.undo()

    with pytest.raises(BadInput, match="is due at"):
        argosy.open(bare.url).promote(resume="week")
    assert {"promoted": 2, "waiting": 15} == counted(bare.promote(resume="week", now=True))


def test_s1_6_only_the_steps_that_are_asked_for_are_made(bare):
    outcomes = bare.promote("true", of="challenger", checks=[none_ill], until=0.1, name="week")

    assert {"promoted": 2, "waiting": 15} == counted(outcomes)
    [why] = outcomes.filter(outcome="waiting")["reason"].unique()
    assert "step 3 of 3 (100 %) was not asked for; `argosy promote --resume week` goes on" == why
    with pytest.raises(
        BadInput, match="the check 'none_ill' of the promotion 'week' is offered by"
    ):
        bare.promote(resume="week")
    assert {"promoted": 17} == counted(bare.promote(resume="week", checks=[none_ill]))


def test_a_step_that_was_rolled_back_is_not_said_to_wait(bare):
    bare.promote("true", of="challenger", checks="none", wait="6h", name="week")

    bare.rollback(bare.seq - 1)

    assert bare.promotions().collect().is_empty()
    assert 0 == in_use(bare)
    assert {"promoted": 1, "waiting": 16} == counted(
        bare.promote("true", of="challenger", checks="none", wait="6h", name="week")
    )


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"wait": "soon"}, "the wait 'soon' is no period such as 6h or 1d"),
        ({"until": 0}, "until is a share above 0"),
        ({"until": 0.001}, "the first step is 1 % of the models, beyond until 0.1 %"),
        ({"checks": ["none", "drift"]}, "'none' switches checks off, so it cannot stand beside"),
        ({"resume": "week"}, "leave out the models"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_moves(bare, asked, told):
    before = bare.seq

    with pytest.raises(BadInput, match=told):
        bare.promote("true", of="challenger", **{"checks": "none", **asked})
    assert before == bare.seq


def test_only_a_promotion_that_is_under_way_is_carried_on(bare):
    with pytest.raises(UnknownName, match="no promotion is called 'week'"):
        bare.promote(resume="week")
    with pytest.raises(BadInput, match="say which models to promote, or resume=NAME"):
        bare.promote()
    bare.promote("true", of="challenger", checks="none", name="week")
    with pytest.raises(BadInput, match="'week' is over: it was finished"):
        bare.promote(resume="week")


def test_the_command_line_waits_and_goes_on(compared, capsys):
    told = ["--fleet", compared.url, "promote"]
    begun = [*told, "--where", "true", "--of", "challenger", "--name", "week", "--until", "1%"]

    assert 0 == argosy_command([*begun, "--wait", "6h"])
    assert "the promotion waits: step 2 of 3 (10 %) was not asked for" in capsys.readouterr().err
    assert 2 == argosy_command([*told, "--resume", "week"])
    assert "say --now" in capsys.readouterr().err
    assert 4 == argosy_command([*told, "--resume", "week", "--now"])
    assert "the promotion waits: nothing was measured of" in capsys.readouterr().err
    compared.evaluate()
    assert 0 == argosy_command([*told, "--resume", "week", "--now"])
    assert 2 == in_use(compared)


def test_the_command_line_says_what_is_blocked_and_that_nobody_looks(bare, capsys):
    told = ["--fleet", bare.url, "promote", "--where", "true", "--of", "challenger"]

    assert 1 == argosy_command(told)
    assert "the promotion was not begun: m00: version 2 was never" in capsys.readouterr().err
    assert 0 == argosy_command([*told, "--check", "none"])
    assert "warning: no check looks after" in capsys.readouterr().err
    reasons = bare.events().filter(kind="promotion").collect()["reason"].drop_nulls()
    assert reasons.str.contains("without any check").all()
    assert 2 == argosy_command(["--fleet", bare.url, "promote"])
