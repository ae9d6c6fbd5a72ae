"""The documentation agrees with the code, and its examples run."""

import re
from pathlib import Path

import pytest

from argosy import hookspecs
from argosy.plugins import installed

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "plugins/README.md").read_text()
README = (ROOT / "README.md").read_text()
HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("argosy_"))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_in_the_guide(hook):
    """A hook nobody can read about does not exist."""
    assert f"## {hook}()" in GUIDE


def test_the_guide_describes_no_hook_that_is_gone():
    assert sorted(re.findall(r"^## (argosy_\w+)\(\)", GUIDE, re.MULTILINE)) == HOOKS


@pytest.mark.parametrize("hook", HOOKS)
def test_no_hook_is_without_a_built_in_that_uses_it(hook):
    assert any(hook in plugin.hooks for plugin in installed().plugins)


def test_the_readme_opens_with_demo_and_test():
    commands = re.findall(r"^make (\S+)", README, re.MULTILINE)

    assert commands[:2] == ["demo", "test"]


def test_the_readmes_python_runs(tmp_path, monkeypatch):
    """All blocks in order, in one namespace, in an empty folder."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)  # noqa: S102

    assert blocks


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (ROOT / "benchmarks").glob("[a-z]*.py"))
)
def test_every_benchmark_is_listed(name):
    assert f"`{name}`" in (ROOT / "benchmarks/README.md").read_text()


@pytest.mark.parametrize(
    "path",
    [
        path
        for pattern in ("*.md", "*/*.md", "*/*/*.md")
        for path in ROOT.glob(pattern)
        if ".venv" not in path.parts
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_path_that_a_guide_names_exists(path):
    """Only paths with a folder, given in backticks, and only of this repository's folders."""
    roots = ("core", "plugins", "case_studies", "tests", "benchmarks", ".ci")
    named = re.findall(rf"`((?:{'|'.join(map(re.escape, roots))})/[\w./-]*)`", path.read_text())

    for name in named:
        assert (ROOT / name).exists(), name
