"""A plugin that says its secrets aloud, and how tests look for them afterwards.

Tests put it where a process finds it, as a distribution of its own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr

import argosy
from argosy.plugins import options
from argosy.types import Detector, Gate, Metric, Sink

argosy_api = ">=1.0,<2"
VARIABLE = "LEAKY_VARIABLE"
"""What a model's environment holds, on workers."""


class Options(BaseModel):
    token: SecretStr | None = Field(None, min_length=3)
    keys: dict[str, list[SecretStr]] = {}


@argosy.hookimpl
def argosy_options():
    return Options


@argosy.hookimpl
def argosy_detectors():
    yield Detector("leaky", frozenset({"numeric"}), aloud, 0.1, "nothing", False)


@argosy.hookimpl
def argosy_metrics():
    yield Metric("leaky", frozenset({"binary"}), aloud, True, (0.0, 1.0))


@argosy.hookimpl
def argosy_gates():
    yield Gate("leaky", "Says it aloud.", aloud)


@argosy.hookimpl
def argosy_sinks():
    yield Sink("leaky", aloud)


def aloud(*_, **__):
    """Fail, with all that is secret in the words."""
    told = options("leaky")
    secrets = [told.token, *(one for keys in told.keys.values() for one in keys)]
    said = [one.get_secret_value() for one in secrets if one is not None]
    raise ValueError(f"{said} {os.environ.get(VARIABLE)} are no good: {json.dumps(said)}")


def installed(folder):
    """Put the plugin into a folder as a distribution; return what makes a process find it."""
    told = folder / "leaky-1.dist-info"
    told.mkdir(parents=True)
    (folder / "leaky.py").write_text(Path(__file__).read_text())
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: leaky\nVersion: 1")
    (told / "entry_points.txt").write_text("[argosy]\nleaky = leaky\n")
    return str(folder)


PLAY = """
import json, sys
from argosy_cli.main import run
from argosy_cli.terminal import show_traceback
sys.excepthook = show_traceback
for line in json.loads(sys.argv[1]):
    try:
        code = run(line)
    except Exception:
        sys.excepthook(*sys.exc_info())
        code = "raised"
    print("< it ended with", code, ">")
"""


def play(lines, folder, **environment):
    """Run commands in one process whose home and temporary folder are below `folder`."""
    for name in ("home", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    own = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), **environment}
    own["XDG_CACHE_HOME"] = str(folder / "home" / "cache")
    line = [sys.executable, "-c", PLAY, json.dumps(lines)]
    return subprocess.run(
        line,
        cwd=folder,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def holding(folder, canary):
    """Return the files below a folder that hold a text, in plain or as UTF-16."""
    ways = (canary.encode(), canary.encode("utf-16-le"))
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(way in path.read_bytes() for way in ways)
    ]
