"""The command line promotes, and says why a promotion was taken back."""

import json

from argosy.plugins import installed
from argosy.types import Check
from argosy_cli.main import run as argosy_command

from .waves import ill


def test_the_command_line_promotes(fleet, capsys):
    told = ["--fleet", fleet.url, "--json", "promote", "--where", "true", "--check", "none"]

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
    assert "promoted, but" in capsys.readouterr().out


def test_the_command_line_refuses_what_is_no_share(fleet, capsys):
    told = ["--fleet", fleet.url, "promote", "--where", "true", "--check", "none", "--steps"]

    assert 2 == argosy_command([*told, "a tenth"])
    assert "'a tenth' is no share; write 10% or 0.1" in capsys.readouterr().err
    assert 2 == argosy_command([*told, "50%,10%"])
    assert "must ascend" in capsys.readouterr().err


def test_a_dry_run_on_the_command_line_moves_nothing(fleet, capsys):
    before = fleet.seq

    assert 0 == argosy_command(
        ["--fleet", fleet.url, "promote", "--where", "true", "--check", "none", "--dry-run"]
    )
    assert "planned" in capsys.readouterr().out
    assert before == fleet.seq
