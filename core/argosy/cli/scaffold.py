"""Write the project of a new plugin: it is installed, tested and used as it stands.

The texts are in `templates`: a folder per kind with the doorway, the work and the tests, and
beside them what every project has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from argosy.errors import BadInput, UnknownName
from argosy.fleet import Fleet
from argosy.jobs.load import RESERVED
from argosy.plugins import installed
from argosy.store.fact_tables import fact_tables
from argosy.tables import KINDS as ENTITIES
from argosy.tables import VIEWS
from argosy.version import API, __version__

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_LONGEST = 40
_PLURALS = {"policy": "policies", "kind": "entity_kinds"}
API_RANGE = f">={API},<{int(API.partition('.')[0]) + 1}"


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be scaffolded."""

    hook: str
    """The hook that the doorway answers."""
    summary: str
    """What the project does as it stands; `$name` stands for its name, `$word` for the same as a
    word of Python and SQL."""
    use: str
    """The command that uses it."""


KINDS = {
    "importer": Kind(
        "argosy_importers",
        "Import models from JSON lines with a title, a revision and a contact.",
        "argosy import $name models.jsonl",
    ),
    "policy": Kind(
        "argosy_policies",
        "Only some teams may promote models.",
        "argosy require $name --option 'teams=[\"risk\"]'",
    ),
    "kind": Kind(
        "argosy_kinds",
        "Keep who approved which version, with its history: `argosy put $word FILE`.",
        "argosy put $word approvals.csv",
    ),
    "source": Kind(
        "argosy_sources",
        "Read tables whose columns are separated by tabs.",
        "argosy bind bindings.csv",
    ),
    "loader": Kind(
        "argosy_loaders", "Load linear regressions saved as JSON.", "argosy register models.csv"
    ),
    "trainer": Kind(
        "argosy_trainers",
        "Train models that predict the mean of what was true.",
        "argosy define templates.jsonl && argosy train",
    ),
    "job": Kind(
        "argosy_jobs",
        "Count the missing cells of each model's data: `argosy $name`.",
        "argosy $name --data current --most 0.2",
    ),
    "executor": Kind(
        "argosy_executors", "Run chunks one at a time.", "argosy drift --executor $name"
    ),
    "metric": Kind(
        "argosy_metrics",
        "Measure the share of predictions within a tenth of the truth.",
        "argosy evaluate --metric $name",
    ),
    "comparison": Kind(
        "argosy_comparisons",
        "Compare two models by the mean of how much less one misses.",
        "argosy compare --comparison $name",
    ),
    "estimator": Kind(
        "argosy_estimators",
        "Estimate accuracy from how often each predicted class was right.",
        "argosy estimate --estimator $name",
    ),
    "detector": Kind(
        "argosy_detectors",
        "Detect drift of a numeric column's mean.",
        "argosy drift --detector $name",
    ),
    "check": Kind(
        "argosy_checks",
        "Find promoted models that nobody owns.",
        "argosy promote --where 'tier = 1' --check $name",
    ),
    "listener": Kind(
        "argosy_listeners",
        "Say so when a model of the highest tier is retired or deleted.",
        "argosy --set core.sinks=jsonl --set notices.path=notices.jsonl retire --where 'tier = 1'",
    ),
    "sink": Kind(
        "argosy_sinks",
        "Keep every notice as a row of a CSV file.",
        "argosy --set core.sinks=$name --set $name.path=notices.csv drift",
    ),
    "panel": Kind(
        "argosy_panels",
        "Show in the report how many models each owner has.",
        "argosy report fleet.html --panel $name",
    ),
    "exporter": Kind(
        "argosy_exporters",
        "Export models as JSON lines with a title, a revision and a contact.",
        "argosy export $name models.jsonl",
    ),
    "accessor": Kind(
        "argosy_accessors",
        "Count each team's models: `fleet.$word.models()`.",
        "python -c \"import argosy; print(argosy.open('fleet').$word.models())\"",
    ),
    "command": Kind("argosy_commands", "Count each team's models: `argosy $name`.", "argosy $name"),
    "case": Kind(
        "argosy_cases",
        "Two churn models, one of them right.",
        "argosy case run $name --data .",
    ),
}
"""Every kind, in the order of the hooks."""


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
        "version": __version__,
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
    offered = getattr(found, _PLURALS.get(kind, f"{kind}s"))
    word = name.replace("-", "_")
    if name in offered or (kind in {"accessor", "kind"} and word in offered):
        raise BadInput(f"an installed plugin offers the {kind} {name!r}; choose another name")
    if kind == "accessor" and hasattr(Fleet, word):
        raise BadInput(f"a fleet has {word!r} itself; choose another name")
    if kind == "job" and (word in RESERVED or word in fact_tables()):
        raise BadInput(f"a fleet has a table or a folder {word!r}; choose another name")
    if kind == "kind" and (word in ENTITIES or f"{word}s" in {*VIEWS, *fact_tables()}):
        raise BadInput(f"a fleet has entities or a table {word!r}; choose another name")


def _write(path: Path, template: str | None, words: dict[str, str]) -> Path:
    text = ""
    if template is not None:
        source = files("argosy.cli").joinpath("templates").joinpath(*template.split("/"))
        text = Template(source.read_text(encoding="utf-8")).substitute(words)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
