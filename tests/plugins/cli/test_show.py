"""What is shown of one model: what the core knows, and the aspects of plugins."""

import json
import time

import polars as pl
import pytest

from argosy.errors import StoreError
from argosy.plugins import Offered, Plugin, installed
from argosy.types import Aspect, Section
from argosy_cli.main import run

CALLS = pl.DataFrame({"day": ["Monday", "Friday"], "complaints": [3, 1], "desk": ["north", None]})


def read(fleet, model, version):
    return CALLS.with_columns(of=pl.lit(f"{model} {version}")) if model == "m1" else CALLS.clear()


def show(printer, fleet, model, version):
    printer.say(f"who rang up about {model}:")
    printer.emit(read(fleet, model, version), ["day", "complaints"], title="calls")


def section(read=read, title="calls", place=15, **more):
    return Section(title, place, read, ("complaints", "day", "gone"), **more)


@pytest.fixture
def on(fleet, capsys):
    def command(*arguments):
        code = run(["--fleet", fleet.url, *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


@pytest.fixture
def offer(monkeypatch):
    """Have a stranger's plugin offer one aspect."""

    def offer(name="calls", show=show, section=None):
        real = installed().aspects
        given = Offered("aspect", ())
        given.update({**real, name: Aspect(name, "Only who rang up.", show, section)})
        stranger = Plugin("phone", "argosy-phone", "2.1", "loaded", None, (), 1.0)
        given.givers = {**real.givers, name: stranger}
        monkeypatch.setitem(installed().__dict__, "aspects", given)

    return offer


def test_an_aspect_has_a_flag_with_its_summary(on, offer):
    offer()
    page = on("show", "--help")[1]

    assert "--calls " in page
    assert "Only who rang up." in page
    assert "--json " in page


def test_an_aspect_is_shown_alone(on, offer):
    offer()
    code, out, _ = on("show", "m1", "--calls")

    assert code == 0
    assert out.startswith("who rang up about m1:\ncalls")
    assert "Monday" in out
    assert "north" not in out


def test_an_aspect_alone_is_one_json_document(on, offer):
    offer()
    rows = json.loads(on("show", "m1", "--calls", "--json")[1])

    assert [(row["complaints"], row["of"]) for row in rows] == [(3, "m1 1"), (1, "m1 1")]


def test_the_version_is_that_of_the_alias(on, offer, fleet):
    offer()
    on("alias", "champion", "--where", "model = 'm1'")
    fleet.register({"model": ["m1"], "version": ["2"]})

    assert json.loads(on("show", "m1", "--calls", "--json")[1])[0]["of"] == "m1 2"
    assert json.loads(on("show", "m1@champion", "--calls", "--json")[1])[0]["of"] == "m1 1"


def test_a_section_stands_at_its_place_with_its_columns(on, offer):
    offer(section=section())
    on("evaluate")
    on("drift")
    out = on("show", "m1")[1]
    lines = [" ".join(line.split()) for line in out.splitlines() if line.strip()]

    shown = ["versions", "evaluations", "calls", "drift"]
    assert [line for line in lines if line in shown] == shown
    assert lines[lines.index("calls") + 1] == "complaints day"


def test_a_section_without_rows_is_left_out_for_a_person(on, offer):
    offer(section=section())

    assert "calls" not in on("show", "m2")[1]
    assert json.loads(on("show", "m2", "--json")[1])["calls"] == []


def test_rows_are_worded_for_a_person_alone(on, offer):
    worded = pl.col("day").replace("Monday", "the first day")
    offer(section=section(worded=lambda rows: rows.with_columns(worded)))

    assert "the first day" in on("show", "m1")[1]
    told = json.loads(on("show", "m1", "--json")[1])
    assert [row["day"] for row in told["calls"]] == ["Monday", "Friday"]
    assert [row["desk"] for row in told["calls"]] == ["north", None]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (lambda *_: 1 / 0, "failed: ZeroDivisionError: division by zero"),
        (lambda *_: [{"day": "Monday"}], "answered with a list, not with a DataFrame"),
        (lambda *_: time.sleep(60), "was given up after 0.2 s"),
    ],
)
def test_a_section_that_fails_is_named_and_the_rest_is_shown(read, reason, on, offer, monkeypatch):
    on("evaluate")
    monkeypatch.setenv("ARGOSY_CORE__TIME_LIMIT", "0.2" if "given up" in reason else "60")
    offer(section=section(read))
    code, out, err = on("show", "m1")

    assert code == 0
    assert "evaluations" in out
    assert "what is told of 'm1' is incomplete" in err
    assert f"the aspect 'calls' (plugin 'phone' of argosy-phone 2.1) {reason}" in err


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("title", ["drift", "owner"])
def test_a_title_that_is_taken_is_refused(title, on, offer):
    offer(section=section(title=title, place=40))
    code, out, err = on("show", "m1", "--json")

    assert code == 0
    assert "complaints" not in out
    assert f"has a section '{title}', and so has another" in err


def test_an_aspect_that_fails_is_named(on, offer):
    offer(show=lambda *_: 1 / 0)
    code, _, err = on("show", "m1", "--calls")

    assert code == 1
    assert "the aspect 'calls' (plugin 'phone' of argosy-phone 2.1) failed: ZeroDivision" in err


@pytest.mark.parametrize("words", [[], ["--calls"]])
def test_damage_to_the_fleet_is_not_blamed_on_the_plugin(words, on, offer):
    def read(*_):
        raise StoreError("a file is missing; run `argosy verify`")

    offer(show=read, section=section(read))
    code, _, err = on("show", "m1", *words)

    assert code == 1
    assert err == "error: a file is missing; run `argosy verify`\n"


@pytest.mark.parametrize("name", ["json", "as-of", "help", "model"])
def test_an_aspect_cannot_take_an_option_that_is_there(name, on, offer):
    offer(name)
    code, _, err = on("show", "m1")

    assert code == 1
    assert f"the aspect '{name}' (plugin 'phone' of argosy-phone 2.1) would take" in err
    assert "ARGOSY_BLOCK_PLUGINS=phone" in err


def test_a_model_without_a_version_is_shown(empty, capsys):
    empty.define({"template": ["t"], "trainer": ["sklearn"], "params": [{"estimator": "Ridge"}]})
    empty.instantiate("t", {"model": ["a"]})
    capsys.readouterr()

    for flags in ([], ["--drift"], ["--metrics"]):
        assert run(["--fleet", empty.url, "show", "a", *flags]) == 0
    assert "never checked" in capsys.readouterr().out
