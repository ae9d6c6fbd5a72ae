"""F14: a store that another argosy wrote is refused by name before anything is written."""

import json
from pathlib import Path

import pytest

from argosy.store.location import FORMAT
from argosy_cli.main import run

COMMANDS = [
    ["models"],
    ["register", "models.csv"],
    ["bind", "bindings.csv"],
    ["alias", "champion", "--where", "true"],
    ["tag", "a=b", "--where", "true"],
    ["evaluate"],
    ["drift"],
    ["rollback", "1"],
    ["maintain"],
    ["verify"],
    ["init"],
]


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.fault("F14 a store of another format", "commands")
@pytest.mark.parametrize("format_", [*range(FORMAT), FORMAT + 1, 99])
def test_another_format_is_refused_and_nothing_is_written(
    made, fault, monkeypatch, capsys, tmp_path, format_
):
    fleet = made()
    marker = json.loads((fleet / "argosy.json").read_text())
    (fleet / "argosy.json").write_text(json.dumps({**marker, "format": format_}))
    (tmp_path / "models.csv").write_text("model,version\nx,1\n")
    (tmp_path / "bindings.csv").write_text("model,role,url\nm0,current,x.parquet\n")
    monkeypatch.chdir(tmp_path)
    before = contents(fleet)
    for command in COMMANDS:
        code = run(["--fleet", str(fleet), *command])
        told = " ".join(capsys.readouterr().err.split())
        fault.played += 1
        if code != 1 or f"store format {format_}" not in told or str(fleet) not in told:
            fault.wrong.append(f"{command}: exit code {code}, {told[-300:]}")

    fault.wrong += [] if contents(fleet) == before else ["the store was changed"]
    fault.holds()


@pytest.mark.fault("F14 a table of a later protocol", "commands")
@pytest.mark.parametrize("table", ["ledger", "evaluations"])
def test_a_table_of_a_later_protocol_is_refused(made, fault, tmp_path, capsys, table):
    """Another engine upgraded a table: what it may hold now is unknown here."""
    fleet = made()
    run(["--fleet", str(fleet), "evaluate"])
    log = fleet / table / "_delta_log"
    number = 1 + max(int(path.stem) for path in log.glob("*.json"))
    features = {"readerFeatures": ["strange"], "writerFeatures": ["strange"]}
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, **features}
    told = {"timestamp": 0, "operation": "UPGRADE PROTOCOL"}
    entry = f"{json.dumps({'protocol': protocol})}\n{json.dumps({'commitInfo': told})}\n"
    (log / f"{number:020}.json").write_text(entry)
    before = contents(fleet)
    capsys.readouterr()
    code = run(["--fleet", str(fleet), "evaluate"])
    told = capsys.readouterr().err
    fault.played += 1

    assert code == 1
    assert str(Path(fleet, table)) in "".join(told.split("\n"))
    after = contents(fleet)
    assert {
        path for path in after if before.get(path) != after[path] and "_delta_log" in path.parts
    } == set()
