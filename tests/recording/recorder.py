"""Observe everything in the folder where this process stands, and write it down."""

import contextlib
import io
import json
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import click
import polars as pl
from recording.commands import CHANGING, FAILING, OF_NONE, PLAYED, READING
from recording.placeholders import Placeholders
from recording.story import verbs
from recording.surface import pages, signatures, tables
from recording.tables import seeded, spoil

import argosy
from argosy.__main__ import main as argosy_command

NEWS = "notices.jsonl"
"""The file that notices go to."""


class Recorder:
    """What was observed so far, by the path of its file in the recording."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.called: set[str] = set()
        checkout = Path(__file__).resolve().parents[2]
        self.placeholders = Placeholders({str(Path.cwd()): "<path>", str(checkout): "<checkout>"})

    def commands(self, folder: str, lines: Sequence[str], more: str = "", model: str = "") -> None:
        """Call command lines one after another, and keep how each ended."""
        for number, line in enumerate(lines, 1):
            words = [word.replace("+", " ").replace("MODEL", model) for word in line.split()]
            self.called.update((words[0], " ".join(words[:2])))
            self.kept[f"{folder}/{number:02} {_name(line)}"] = called([*more.split(), *words])

    def fleet(self, name: str, url: str) -> None:
        """Keep all tables of a fleet, and what commands read there."""
        if not Path(url).is_dir():
            self.kept[f"{name}/absent"] = "there is no such fleet, as where ARGOSY_DATA is not set"
            return
        fleet = argosy.open(url)
        for table in tables():
            self.kept[f"{name}/tables/{table}"] = attempted(getattr(fleet, table))
        for table in (*tables(), "fleet"):
            asked = partial(fleet.sql, f"SELECT * FROM {table}")  # noqa: S608
            self.kept[f"{name}/sql/{table}"] = attempted(asked)
        model = str(fleet.models().collect()["model"].first())
        self.commands(f"{name}/reading", READING, f"--fleet {url} --json", model)
        self.kept[f"{name}/report.html"] = Path("report.html").read_text()
        self.placeholders.learn(fleet)

    def notices(self, path: str) -> None:
        """Keep what was told to whoever listens, from commands in this folder."""
        self.kept[path] = [json.loads(line) for line in Path(NEWS).read_text().splitlines()]

    def write(self, folder: Path) -> None:
        """Write all that was kept, with placeholders."""
        for path, found in self.kept.items():
            for ending, text in self._texts(found):
                file = folder / f"{path}{ending}"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text.rstrip("\n") + "\n")

    def _texts(self, found: Any) -> Iterator[tuple[str, str]]:
        if isinstance(found, str):
            yield ".txt", self.placeholders.text(found)
        elif isinstance(found, pl.DataFrame):
            yield ".columns.txt", self.placeholders.columns(found)
            yield ".rows.txt", self.placeholders.rows(found)
        else:
            told = self.placeholders.plain(found)
            yield ".json", json.dumps(told, indent=1, ensure_ascii=False)


def called(words: Sequence[str]) -> dict[str, Any]:
    """Call a command line in this process: its exit code, its answer and what it complained of."""
    answer = io.StringIO()
    with (
        tempfile.TemporaryFile() as log,
        mock.patch.object(sys, "argv", ["argosy", *words]),
        contextlib.redirect_stdout(answer),
        aside(log.fileno()),
    ):
        code: Any = None
        try:
            argosy_command()
        except SystemExit as end:
            code = end.code
        log.seek(0)
        lines = log.read().decode(errors="replace").splitlines()
    error = next((at for at, line in enumerate(lines) if line.startswith("error:")), len(lines))
    complaints = [line for line in lines[:error] if line.startswith("warning:")] + lines[error:]
    try:
        told = json.loads(answer.getvalue())
    except ValueError:
        told = answer.getvalue().splitlines()
    return {"exit": code, "answer": told, "complaints": complaints}


@contextlib.contextmanager
def aside(log: int) -> Iterator[None]:
    """Let what this process and its workers write to standard error go to a file."""
    sys.stderr.flush()
    before = os.dup(2)
    os.dup2(log, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(before, 2)
        os.close(before)


def attempted(call: Callable[[], Any]) -> Any:
    """Return what a call answers, as it can be written down, or how it fails."""
    try:
        found = call()
    except (Exception, KeyboardInterrupt) as error:  # how it fails is what is recorded
        return f"{type(error).__name__}: {error}"
    if isinstance(found, pl.LazyFrame):
        return found.collect()
    if isinstance(found, argosy.Run):
        tables = {"failures": found.failures(), "worst_slices": found.worst_slices()}
        told = {name: frame.to_dicts() for name, frame in tables.items()}
        return {"summary": found.summary, "results": found.results().height, **told}
    return {"answer": found} if isinstance(found, str) else found


def root() -> click.Command:
    """Return the command that `argosy` is: what its entry point calls."""
    with mock.patch.object(click.Command, "main", autospec=True, return_value=0) as main:
        called(["--help"])
    found: click.Command = main.call_args.args[0]
    return found


def record() -> Recorder:
    """Observe everything, in the folder where this process stands."""
    recorder = Recorder()
    command = root()
    for words, page in pages(command, click.Context(command, info_name="argosy")):
        recorder.kept[f"help/{' '.join(words)}"] = page
    recorder.kept.update({f"signatures/{name}": told for name, told in signatures().items()})
    recorder.commands("of no fleet", OF_NONE, "--json")
    for name, line in PLAYED.items():
        recorder.commands(name, [line], f"--fleet {name} --json")
        recorder.fleet(name, name)
    for name in ("verbs", "commands"):
        seeded(Path(name).absolute())
    fleet = argosy.open("verbs/fleet", create=True, actor="recorder")
    for number, (name, verb) in enumerate(verbs(Path("verbs").absolute()).items(), 1):
        recorder.kept[f"verbs/called/{number:02} {name}"] = attempted(partial(verb, fleet))
    recorder.fleet("verbs", "verbs/fleet")
    recorder.commands("verbs/last", ["quarantine --release true"], "--fleet verbs/fleet --json")
    with contextlib.chdir("commands"):
        recorder.commands("commands/changing", CHANGING, "--fleet fleet --json")
        recorder.fleet("commands", "fleet")
        spoil(Path.cwd())
        recorder.commands("commands/failing", FAILING, "--fleet fleet")
        recorder.commands("commands/failing in JSON", FAILING, "--fleet fleet --json")
        recorder.placeholders.learn(argosy.open("fleet"))
        recorder.notices("commands/notices")
    recorder.notices("notices")
    known = {path.removeprefix("help/argosy ") for path in recorder.kept if "help/argosy " in path}
    recorder.kept["help/never called"] = "\n".join(sorted(known - recorder.called))
    return recorder


def _name(line: str) -> str:
    return re.sub(r"[^\w.,=<>'-]+", " ", line).strip()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with tempfile.TemporaryFile() as log, aside(log.fileno()):
        recorded = record()
    recorded.write(Path(sys.argv[1]))
