"""A scaffolded project is complete: it builds, its tests pass, and it is found by its name."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib import import_module

import pytest

from argosy.errors import BadInput
from argosy_cli.main import run
from argosy_scaffold.kinds import KINDS
from argosy_scaffold.project import create

HYPHENATED = {"detector", "job", "accessor", "kind"}
NAMES = {kind: f"my-own_{kind}" if kind in HYPHENATED else f"own{kind}" for kind in KINDS}

BUILD = """
import os, sys
from hatchling.build import build_wheel
for project in sys.argv[2:]:
    os.chdir(project)
    build_wheel(sys.argv[1])
"""
"""What pip does, for all projects in one process."""


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    """One project of each kind, as generated."""
    folder = tmp_path_factory.mktemp("projects")
    for kind, name in NAMES.items():
        create(name, kind, folder)
    return folder


@pytest.fixture(scope="module")
def site(projects, tmp_path_factory):
    """A clean folder with the wheel of each, as a registry would have delivered it."""
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    python("-c", BUILD, str(wheels), *(str(projects / name) for name in NAMES.values()))
    built = sorted(map(str, wheels.glob("*.whl")))
    assert len(built) == len(NAMES)
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    python("-m", "pip", "install", *quiet, "--target", str(site), *built)
    return site


@pytest.fixture(scope="module")
def reports(projects, site, tmp_path_factory):
    """How every test of every project ended, from one run of pytest."""
    told = tmp_path_factory.mktemp("told") / "report.xml"
    tests = [str(projects / name / "tests") for name in NAMES.values()]
    asked = ("-q", "-p", "no:cacheprovider", "-W", "error", "--import-mode=importlib")
    python("-m", "pytest", *asked, f"--junitxml={told}", *tests, cwd=projects, site=site, code=None)
    return list(ET.parse(told).iter("testcase"))  # noqa: S314  (our own file)


def python(*arguments, cwd=None, site=None, code=0):
    environment = {**os.environ, "POLARS_MAX_THREADS": "2"}
    if site is not None:
        environment["PYTHONPATH"] = str(site)
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
    )
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_the_tests_of_a_new_project_pass_as_generated(kind, reports):
    """The first thing a stranger sees is green."""
    package = f"argosy_{NAMES[kind].replace('-', '_')}"
    own = [case for case in reports if f"test_{package}" in case.get("classname")]
    unhappy = [
        (case.get("name"), child.tag, child.text)
        for case in own
        for child in case
        if child.tag in {"failure", "error", "skipped"}
    ]

    assert own
    assert unhappy == []


def test_the_new_plugins_are_listed_by_their_names(site):
    """The entry point is all it takes."""
    rows = json.loads(python("-m", "argosy", "plugins", "--json", site=site))
    states = {row["name"]: (row["state"], row["hooks"]) for row in rows}

    for kind, name in NAMES.items():
        state, hooks = states[name]
        assert state == "loaded"
        assert KINDS[kind].hook in hooks.split(", ")


def test_the_doorways_import_nothing_heavy(site):
    """Every command imports every plugin."""
    packages = [f"argosy_{name.replace('-', '_')}" for name in NAMES.values()]
    probe = f"import sys, {', '.join(packages)}; print({{'polars', 'numpy'}} & set(sys.modules))"

    assert python("-W", "error", "-c", probe, site=site) == "set()\n"


@pytest.mark.parametrize("kind", KINDS)
def test_a_project_has_what_a_stranger_needs(kind, projects):
    """Nothing is left to fill in before the first test."""
    folder, package = projects / NAMES[kind], f"argosy_{NAMES[kind].replace('-', '_')}"
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    assert written >= {
        "pyproject.toml",
        "README.md",
        f"src/{package}/__init__.py",
        f"src/{package}/{kind}.py",
        f"src/{package}/py.typed",
        f"tests/test_{package}.py",
    }
    for path in folder.rglob("*.py"):
        assert "${" not in path.read_text()


def test_the_code_of_a_project_is_clean(projects):
    """What we write for others is held to what we write for ourselves."""
    rules = ("--select", "A,B,C4,D2,E,F,I,N,PIE,PT,PTH,RUF,SIM,T20,TC,UP", "--ignore", "D203,D213")
    python("-m", "ruff", "check", "--isolated", "--no-cache", *rules, str(projects))
    python("-m", "ruff", "format", "--isolated", "--no-cache", "--check", str(projects))


def test_what_a_project_imports_of_argosy_is_there(projects):
    """What only type checkers import is never tried by a test."""
    imports = re.compile(r"^ *from (argosy(?:\.\w+)*) import (.+)$", re.MULTILINE)
    for path in projects.rglob("*.py"):
        for module, names in imports.findall(path.read_text()):
            for name in names.split(", "):
                assert hasattr(import_module(module), name), (path, module, name)


@pytest.mark.parametrize(
    "name",
    ["", "Mean", "mean shift", "2means", "mean/shift", "../mean", "mean-", "é", "a" * 41, "-h-"],
)
def test_what_cannot_name_a_package_is_refused(name, tmp_path):
    with pytest.raises(BadInput, match="cannot name a plugin"):
        create(name, "detector", tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("argosy-means", "detector", "leave argosy out"),
        ("ks", "detector", "offers the detector 'ks'"),
        ("local", "detector", "plugin 'local' of argosy .* has that name"),
        ("drift", "job", "plugin 'drift' of argosy .* has that name"),
        ("runs", "job", "a fleet has a table or a folder 'runs'"),
        ("evaluations", "job", "a fleet has a table or a folder 'evaluations'"),
        ("promotion", "accessor", "offers the accessor 'promotion'"),
        ("version", "kind", "a fleet has entities or a table 'version'"),
        ("event", "kind", "a fleet has entities or a table 'event'"),
        ("note", "kind", "offers the kind 'note'"),
        ("as-of", "accessor", "a fleet has 'as_of' itself"),
    ],
)
def test_a_name_that_would_clash_is_refused(name, kind, reason, tmp_path):
    """Two plugins offering one name are an error, so no project starts that way."""
    with pytest.raises(BadInput, match=reason):
        create(name, kind, tmp_path)


def test_the_command_says_what_it_wrote(tmp_path, capsys):
    code = run(["plugins", "new", "means", "--kind", "detector", "--to", str(tmp_path), "--json"])
    told = json.loads(capsys.readouterr().out)

    assert code == 0
    assert told["project"] == str(tmp_path / "means")
    assert str(tmp_path / "means" / "pyproject.toml") in told["files"]


def test_an_existing_folder_is_left_alone(tmp_path, capsys):
    (tmp_path / "means").mkdir()
    code = run(["plugins", "new", "means", "--kind", "detector", "--to", str(tmp_path)])

    assert code == 2
    assert "exists; give another name" in capsys.readouterr().err
    assert list((tmp_path / "means").iterdir()) == []


def test_an_unknown_kind_lists_those_there_are(tmp_path, capsys):
    code = run(["plugins", "new", "means", "--kind", "detectr", "--to", str(tmp_path)])
    told = capsys.readouterr().err

    assert code == 2
    assert "did you mean 'detector'" in told
    assert all(kind in told for kind in KINDS)
