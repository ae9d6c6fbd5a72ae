"""Texts that are meant to mislead, through every way out: none of them does anything there."""

import csv
import io
import json
import random
import sys
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

import polars as pl
import pytest

from argosy import inert
from argosy.governance.notices import send
from argosy.governance.outbox import Outbox
from argosy.governance.promises import Promise
from argosy.plugins.settings import using
from argosy.testing.commands import said
from argosy.testing.fleets import ROLES, logged_fleet
from argosy_cli.stderr import inert_line
from argosy_cli.terminal import show_traceback

NASTY = (
    *(
        "\x00",
        "\x07",
        "\t",
        "\n",
        "\r",
        "\x1b[2J",
        "\x1b]8;;http://x\x07",
        "\x7f",
        "\x85",
        "\x9b2J",
    ),
    *("\xa0", "\xad", "\u061c", "\u200b", "\u200d", "\u200f", "\u2028", "\u2029", "\u202e"),
    *("\u2066", "\u3164", "\ufe0f", "\ufeff", "\ue000", "\ufdd0", "\U000e0001", "\U0010ffff"),
    *("<script>alert(1)</script>", "<a href='javascript:alert(1)'>x</a>", "' onclick='x()", "]]>"),
    *("=HYPERLINK(1)", "+1+1", "@SUM(1)", "-1+1", "[red]x[/red]", "[link=http://x]x[/link]"),
)


class Texts:
    """Draws texts that hold a few of these, and remembers them."""

    def __init__(self, seed):
        self._draws = random.Random(seed)

    def __call__(self, lead=""):
        parts = [self._draws.choice([*NASTY, "a", "é", "漢"]) for _ in range(6)]
        return lead + "".join(parts)


def unseen(text):
    """What stands in a text and nobody sees, but for the ends of lines."""
    found = pl.Series([text.replace("\n", "")]).str.extract_all(inert.HIDDEN).item()
    return [ascii(letter) for letter in found]


@pytest.fixture(scope="module", params=[1, 2])
def nasty(request, tmp_path_factory):
    """A fleet all of whose texts are nasty, as far as they may be, and what it was given."""
    folder, text = tmp_path_factory.mktemp("nasty"), Texts(request.param)
    fleet = logged_fleet(folder, models=3, rows=80, drifting={"m2"})
    column, colour = text("size"), text("colour")
    for role in ROLES:
        path = folder / f"{role}.parquet"
        rows = pl.read_parquet(path).rename({"size": column, "colour": colour})
        values = {name: text(name) for name in ("red", "green", "blue")}
        rows.with_columns(pl.col(colour).replace(values)).write_parquet(path)
    given = {name: text() for name in ("purpose", "tag", "param", "reason", "note", "environment")}
    row = {"model": "m0", "version": "2", "purpose": given["purpose"], "tags": {"k": given["tag"]}}
    row |= {"params": {"p": given["param"]}, "environment": given["environment"]}
    fleet.register([row], reason=given["reason"])
    for name, lead in {"eq": "=1+", "plus": "+1+", "minus": "-1+", "at": "@SUM"}.items():
        formula = [{"model": name, "version": "1", "purpose": text(lead)}]
        fleet.register(formula)
    fleet.put("note", {"model": ["m0"], "topic": ["t"], "text": [given["note"]]})
    fleet.set_alias([{"model": "m0", "version": "2"}], "champion", reason=text())
    return fleet, given, text


COMMANDS = {
    "models": ["models"],
    "show": ["show", "m0"],
    "history": ["history", "m0"],
    "drift": ["drift"],
    "drift, models": ["drift", "--models"],
    "evaluate": ["evaluate", "--metric", "auc"],
    "runs": ["runs"],
    "triage": ["triage"],
    "tables": ["sql", "SELECT * FROM versions"],
    "notes": ["sql", "SELECT * FROM notes"],
    "drift as a table": ["sql", "SELECT * FROM drift"],
    "events": ["sql", "SELECT * FROM events"],
    "fleet": ["sql", "SELECT model, purpose, tags FROM fleet"],
}


@pytest.mark.parametrize("answer", ["person", "json"])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_prints_is_inert(nasty, command, answer):
    fleet, _, _ = nasty
    _, out, err = said(["--fleet", fleet.url, *COMMANDS[command], *["--json"] * (answer == "json")])

    assert [] == unseen(out)
    assert [] == unseen(err)
    if answer == "json":
        json.loads(out)


def test_json_gives_the_same_texts_back(nasty):
    fleet, given, _ = nasty
    told = [
        json.loads(said(["--fleet", fleet.url, *COMMANDS[name], "--json"])[1])
        for name in ("models", "tables", "notes", "events")
    ]
    held = set(strings(told))

    assert set(given.values()) <= held


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


WRONG = {
    "a model": lambda text: ["show", text],
    "half a character": lambda text: ["show", "\udcff" + text],
    "a query": lambda text: ["sql", "SELECT '?' FROM nowhere".replace("?", text)],
    "a name of a column": lambda text: ["sql", 'SELECT 1 AS "?" FROM models'.replace("?", text)],
    "a condition": lambda text: ["evaluate", "--where", f"team = {text}"],
    "a file": lambda text: ["register", text.replace("\x00", "")],
    "a command": lambda text: [text],
    "an option": lambda text: ["models", f"--{text}"],
    "a setting": lambda text: ["--set", text, "models"],
    "a role": lambda text: ["evaluate", "--role", text],
    "a group": lambda text: ["--group", text, "models"],
    "an actor": lambda text: ["--actor", text, "models"],
    "a plugin": lambda text: ["plugins", "show", text],
    "a case": lambda text: ["case", "run", text],
    "a run": lambda text: ["resume", text],
    "an exporter": lambda text: ["export", text, "x"],
}


@pytest.mark.parametrize("answer", [[], ["--json"]], ids=["person", "json"])
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_told_inertly(nasty, wrong, answer):
    fleet, _, text = nasty
    for _ in range(5):
        _, out, err = said(["--fleet", fleet.url, *answer, *WRONG[wrong](text("x"))])

        assert [] == unseen(out)
        assert [] == unseen(err)


def test_a_report_is_inert(nasty, tmp_path):
    fleet, _, _ = nasty
    said(["--fleet", fleet.url, "drift"])
    said(["--fleet", fleet.url, "report", str(tmp_path / "r.html")])
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    found = Active()
    found.feed(page)

    assert [] == unseen(page)
    assert [] == found.active
    assert "default-src 'none'" in unescape(page)


class Active(HTMLParser):
    """Notes every element and attribute that could do something."""

    def __init__(self):
        super().__init__()
        self.active = []

    def handle_starttag(self, tag, attrs):
        links = [value for name, value in attrs if name in {"href", "src"} and value[:1] != "#"]
        handlers = [name for name, _ in attrs if name.startswith("on")]
        if tag in {"script", "iframe", "object"} or links or handlers:
            self.active.append((tag, attrs))


def test_an_export_is_inert_and_can_be_read_back(nasty, tmp_path):
    fleet, given, _ = nasty
    path = tmp_path / "models.csv"
    code, _, err = said(["--fleet", fleet.url, "export", "inventory", str(path)])
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(path.read_text("utf-8")))}

    assert (0, "") == (code, err)
    assert [] == unseen(path.read_text("utf-8"))
    assert {"'"} == {rows[name]["purpose"][0] for name in ("eq", "plus", "minus", "at")}
    back = inert.from_spreadsheets(pl.DataFrame({"purpose": [rows["m0"]["purpose"]]}))
    assert given["purpose"] == back.item()


def test_lines_of_json_are_inert(nasty, tmp_path):
    fleet, given, text = nasty
    path, noted = tmp_path / "models.jsonl", tmp_path / "notices.jsonl"
    said(["--fleet", fleet.url, "export", "inventory", str(path)])
    notice = {"at": datetime.now(UTC), "fleet": "f", "verb": "tag", "severity": "info"}
    notices = [{**notice, "model": text(), "text": text()} for _ in range(20)]
    with using({"core": {"sinks": ["jsonl"], "severity": "info"}, "notices": {"path": str(noted)}}):
        promise = Promise("tagged", ("jsonl",), "info", datetime.now(UTC))
        send(pl.DataFrame(notices), fleet.seq, Outbox(fleet.location), promise)
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    assert [] == unseen(path.read_text("utf-8"))
    assert given["purpose"] in {row["purpose"] for row in rows}
    assert [] == unseen(noted.read_text("utf-8"))
    for line, one in zip(noted.read_text("utf-8").splitlines(), notices, strict=True):
        assert [] == unseen(json.loads(line)["text"])
        assert one["model"] == json.loads(line)["model"]


def test_a_traceback_is_inert(nasty, capsys):
    _, _, text = nasty
    try:
        raise ZeroDivisionError(text("x"))
    except ZeroDivisionError:
        show_traceback(*sys.exc_info())

    assert [] == unseen(capsys.readouterr().err)


def test_what_an_engine_prints_is_inert(nasty):
    _, _, text = nasty
    line = inert_line(f"\tat {text()}\n".encode())

    assert line.startswith(b"\tat ")
    assert [] == unseen(line.decode().replace("\t", ""))
