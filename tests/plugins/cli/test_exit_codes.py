"""The exit code of a run: the first that applies of 130, 2, 1, 3, 4 and 0."""

import json
from dataclasses import replace

import click
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy_cli import jobs as commands
from argosy_cli.exit_codes import DONE, FAILED, FOUND, PARTLY, Allowance, of_run
from argosy_cli.main import run

COUNTS = st.integers(0, 50)


@given(COUNTS, COUNTS, COUNTS, st.sampled_from([None, FOUND]), COUNTS)
def test_the_first_code_that_applies_is_given(clear, failed, unknown, found, allowed):
    models = clear + failed + unknown
    summary = {"models": models, "ok": models - failed, "failed": failed, "unknown": unknown}
    code = of_run(summary, found, Allowance(count=allowed))
    applies = {
        FAILED: clear + unknown == 0,
        FOUND: found is not None,
        PARTLY: failed + unknown > allowed,
        DONE: True,
    }

    assert code == next(one for one, does in applies.items() if does)


@pytest.mark.parametrize(
    ("text", "missed", "models", "covered"),
    [
        ("0", 0, 10, True),
        ("0", 1, 10, False),
        ("2", 2, 10, True),
        ("2", 3, 10, False),
        ("20%", 2, 10, True),
        ("20%", 3, 10, False),
        ("0.2", 2, 10, True),
        ("0.2", 3, 10, False),
        ("12.5 %", 1, 8, True),
        ("100%", 10, 10, True),
        ("1.0", 10, 10, True),
    ],
)
def test_an_allowance_is_a_count_or_a_share(text, missed, models, covered):
    assert Allowance.read(text).covers(missed, models) == covered


@pytest.mark.parametrize("text", ["", "-1", "1.5", "150%", "many", "5 models", "nan", "1e3"])
def test_any_other_allowance_is_refused(text):
    with pytest.raises(click.BadParameter, match="neither a count of models"):
        Allowance.read(text)


@pytest.fixture
def on(tmp_path, capsys):
    """Five models, two of which have no rows."""
    fleet = logged_fleet(tmp_path, models=3, rows=300, drifting={"m1"})
    fleet.register({"model": ["x1", "x2"], "version": ["1", "1"]})

    def call(*words):
        code = run(["--fleet", fleet.url, *words])
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("verb", ["evaluate", "drift", "estimate", "gate"])
def test_s2_31_a_run_in_which_some_models_fail_exits_with_4_unless_allowed(on, verb):
    code, out, _ = on(verb)

    assert code == PARTLY
    assert "there is no" in out
    assert on(verb, "--allow-failures", "1")[0] == PARTLY
    assert on(verb, "--allow-failures", "2")[0] == DONE
    assert on(verb, "--allow-failures", "40%")[0] == DONE
    assert on("run", verb, "--allow-failures", "0.4")[0] == DONE
    assert on(verb, "--where", "model LIKE 'm%'")[0] == DONE
    assert on(verb, "--where", "model LIKE 'x%'", "--allow-failures", "100%")[0] == FAILED


def test_what_was_asked_for_comes_before_what_failed(on):
    assert on("drift", "--fail-on-drift")[0] == FOUND
    assert on("drift", "--fail-on-drift", "--where", "model <> 'm1'")[0] == PARTLY


def test_s1_8_models_that_could_not_be_judged_count_as_those_that_failed(tmp_path, capsys):
    fleet = logged_fleet(tmp_path, models=3, rows=300)
    current = pl.read_parquet(tmp_path / "current.parquet")
    current.filter((pl.col("client") != "m0") | (pl.col("age") < 20)).write_parquet(
        tmp_path / "current.parquet"
    )
    code = run(["--fleet", fleet.url, "drift", "--json"])
    told = json.loads(capsys.readouterr().out)

    assert (told["failed"], told["unknown"]) == (0, 1)
    assert code == PARTLY
    assert run(["--fleet", fleet.url, "drift", "--allow-failures", "1"]) == DONE


def test_a_resumed_run_exits_as_the_command_does(on, monkeypatch, tmp_path):
    from argosy.testing.interference import stopping

    with stopping(after=0):
        assert on("evaluate")[0] == 130
    [waiting] = json.loads(on("resume", "--json")[1])
    code, out, _ = on("resume", waiting["run_id"])

    assert code == PARTLY
    assert "there is no row of the model" in out
    assert "accuracy" in out


def test_a_job_that_shows_itself_as_it_likes_tells_the_reasons_all_the_same(on, monkeypatch):
    kind = installed().jobs["evaluate"]
    quiet = replace(kind.load(), show=lambda printer, run_, flags: None)
    monkeypatch.setitem(installed().jobs, "evaluate", replace(kind, load=lambda: quiet))
    code, out, _ = on("evaluate")

    assert code == PARTLY
    assert out.count("there is no row of the model") == 2


def test_json_of_a_run_has_its_failures_by_reason(on):
    told = json.loads(on("gate", "--json")[1])

    [group] = told["failures"]
    assert (group["models"], group["such_as"]) == (2, ["x1", "x2"])
    assert "there is no row of the model" in group["reason"]


def test_every_job_takes_an_allowance():
    for name, kind in installed().jobs.items():
        assert "--allow-failures" in {
            word for option in commands.command(kind).params for word in option.opts
        }, name


def test_the_help_says_what_the_codes_mean(capsys):
    run(["--help"])
    told = " ".join(capsys.readouterr().out.split())

    for words in ("0 all is done", "1 the work failed", "2 wrong use", "4 some models failed"):
        assert words in told
