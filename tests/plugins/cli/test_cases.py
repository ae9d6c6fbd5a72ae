"""A case may have options, which are read and refused before it plays."""

import json
from types import SimpleNamespace
from typing import Annotated

import polars as pl
import pydantic
import pytest

from argosy.errors import UnknownName
from argosy.plugins.registry import Offered
from argosy.types import Case
from argosy_cli import cases as cases_module
from argosy_cli.main import run

FIGURES = pl.DataFrame(
    {"figure": ["all"], "expected": [1.0], "measured": [1.0], "tolerance": [0.0], "holds": [True]}
)


class Options(pydantic.BaseModel):
    clients: Annotated[int, pydantic.Field(ge=1, description="How many clients.")] = 40
    first_night: str = "2026-11-26"


@pytest.fixture
def played(monkeypatch, tmp_path):
    """Two cases: one with options, one that is handed a folder as ever."""
    monkeypatch.chdir(tmp_path)  # where the fleet is made that reads the folder
    seen = []

    def many(stage):
        seen.append(stage)
        stage.say("a line")
        with stage.progress("Step") as done:
            done(1, 1)
        return FIGURES

    def plain(fleet, data):
        seen.append((fleet, data))
        return FIGURES

    offered = Offered("case", ())
    offered["many"] = Case("many", "Many.", many, options=Options, needs_data=False)
    offered["plain"] = Case("plain", "Plain.", plain)
    monkeypatch.setattr(cases_module, "installed", lambda: SimpleNamespace(cases=offered))
    return seen


@pytest.mark.parametrize(
    "words",
    [
        ["many", "--clients", "7", "--fleet", "f"],
        ["--clients", "7", "many", "--fleet", "f"],
        ["--fleet", "f", "--clients=7", "many"],
    ],
)
def test_options_stand_where_people_write_them(played, words):
    """The name of the case decides which options there are, and may come after them."""
    assert run(["case", "run", *words]) == 0
    assert (played[0].options, played[0].fleet) == (Options(clients=7), "f")
    assert played[0].data is None


def test_defaults_are_the_cases_own(played):
    assert run(["case", "run", "many"]) == 0
    assert played[0].options == Options()


def test_the_data_folder_is_handed_over_where_it_is_named(played, tmp_path):
    assert run(["case", "run", "many", "--data", str(tmp_path)]) == 0
    assert played[0].data == tmp_path


def test_help_lists_the_options_with_what_they_take(played, capsys):
    assert run(["case", "run", "many", "--help"]) == 0

    text = " ".join(capsys.readouterr().out.split())
    assert "--clients CLIENTS How many clients. [int >= 1; default: 40]" in text
    assert "--first-night FIRST_NIGHT" in text


@pytest.mark.parametrize("value", ["0", "many", "", "1.5"])
def test_a_bad_value_is_refused_before_anything_is_played(played, capsys, value):
    """Work on a mistake would be work undone."""
    assert run(["case", "run", "many", "--clients", value]) == 2
    assert f"--clients of the case many cannot be {value!r}" in capsys.readouterr().err
    assert played == []


def test_a_case_without_options_takes_none(played, capsys, tmp_path):
    assert run(["case", "run", "plain", "--clients", "3", "--data", str(tmp_path)]) == 2
    assert "--clients" in capsys.readouterr().err
    assert run(["case", "run", "plain", "--data", str(tmp_path), "--fleet", "f"]) == 0
    assert played == [("f", tmp_path)]


def test_json_is_one_document(played, capsys):
    assert run(["--json", "case", "run", "many"]) == 0
    assert json.loads(capsys.readouterr().out) == FIGURES.to_dicts()


def test_an_unknown_case_names_those_there_are(played):
    with pytest.raises(UnknownName, match="many, plain"):
        cases_module.installed().cases["none"]
    assert run(["case", "run", "none"]) == 2
