"""Write the project of a new plugin: it is installed, tested and used as it stands.

The texts are in `templates`: a folder per kind with the doorway, the work and the tests, and
beside them what every project has.
"""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

import argosy
from argosy.errors import BadInput, UnknownName
from argosy.jobs.load import taken
from argosy.plugins import installed
from argosy.tables import KINDS as ENTITIES
from argosy_scaffold.kinds import KINDS, plural

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_LONGEST = 40
API_RANGE = f">={argosy.API},<{int(argosy.API.partition('.')[0]) + 1}"


def create(name: str, kind: str, parent: Path) -> list[Path]:
    """Write the project `name` into a new folder of that name.

    Args:
        name: lowercase letters and digits in words joined by hyphens or underscores; the
            distribution is `argosy-<name>`, the package `argosy_<name>`.
        kind: one of `KINDS`.
        parent: the folder that the project's folder is put into; created if need be.

    Returns:
        The files that were written.

    Raises:
        UnknownName: if there is no such kind.
        BadInput: if the name cannot be used or is taken, or the folder exists.
    """
    if kind not in KINDS:
        raise UnknownName.among("kind of plugin", kind, KINDS)
    _refuse(name, kind)
    folder = parent / name
    if folder.exists():
        raise BadInput(f"{folder} exists; give another name, or another folder with --to")
    word = name.replace("-", "_")
    package, chosen = f"argosy_{word}", KINDS[kind]
    names = {"name": name, "word": word}
    words = {
        **names,
        "package": package,
        "kind": kind,
        "hook": chosen.hook,
        "version": argosy.__version__,
        "year": str(date.today().year),
        "api": API_RANGE,
        "use": Template(chosen.use).substitute(names),
        "summary": Template(chosen.summary).substitute(names),
    }
    return [
        _write(folder / path, template, words)
        for path, template in {
            "pyproject.toml": "pyproject.toml.in",
            "README.md": "README.in",
            f"src/{package}/__init__.py": f"{kind}/doorway.in",
            f"src/{package}/{kind}.py": f"{kind}/work.in",
            f"src/{package}/py.typed": None,
            f"tests/test_{package}.py": f"{kind}/test.in",
            "CHANGELOG.md": "CHANGELOG.in",
            "LICENSE": "LICENSE.in",
            ".gitignore": "gitignore.in",
            ".github/workflows/check.yml": "workflow_check.in",
            ".github/workflows/release.yml": "workflow_release.in",
        }.items()
    ]


def _refuse(name: str, kind: str) -> None:
    """Refuse a name that is none, or that would clash with what is there."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise BadInput(
            f"{name!r} cannot name a plugin; use up to {_LONGEST} lowercase letters and digits,"
            " in words joined by - or _, as in mean-shift"
        )
    if name.startswith("argosy"):
        raise BadInput(f"leave argosy out of {name!r}: the package becomes argosy_<name>")
    found = installed()
    for plugin in found.plugins:
        if plugin.name == name:
            raise BadInput(f"the {plugin.origin} has that name; choose another")
    offered = found.offered(plural(kind))
    word = name.replace("-", "_")
    if name in offered or (kind in {"accessor", "kind"} and word in offered):
        raise BadInput(f"an installed plugin offers the {kind} {name!r}; choose another name")
    if kind == "accessor" and hasattr(argosy.Fleet, word):
        raise BadInput(f"a fleet has {word!r} itself; choose another name")
    if kind == "job" and taken(word):
        raise BadInput(f"a fleet has a table or a folder {word!r}; choose another name")
    if kind == "kind" and (word in ENTITIES or taken(f"{word}s")):
        raise BadInput(f"a fleet has entities or a table {word!r}; choose another name")


def _write(path: Path, template: str | None, words: dict[str, str]) -> Path:
    text = ""
    if template is not None:
        source = files("argosy_scaffold").joinpath("templates").joinpath(*template.split("/"))
        text = Template(source.read_text(encoding="utf-8")).substitute(words)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
