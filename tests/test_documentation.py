"""The documentation agrees with the code, and its examples run."""

import re
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from argosy import hookspecs
from argosy.plugins import installed
from argosy_cli.fields import options_of

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "plugins/README.md").read_text()
README = (ROOT / "README.md").read_text()
GUIDES = [
    path
    for pattern in ("*.md", "*/*.md", "*/*/*.md", "*/*/*/*.md")
    for path in sorted(ROOT.glob(pattern))
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
]
ENGINES = sorted(
    kind for kind in installed().jobs if (ROOT / f"plugins/argosy_{kind}/__init__.py").exists()
)
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


def test_the_readmes_python_runs_and_prints_what_it_is_about(tmp_path, monkeypatch, capsys):
    """All blocks in order, in one namespace, in an empty folder; a line per `print`, in order."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)  # noqa: S102
    said = " ".join(re.sub(r"[│┆]", " ", capsys.readouterr().out).split())

    told = [
        r"churn-de auc 1\.0 100 .*churn-fr log_loss 0\.329034 100",
        r"churn-uk retention drift in 'age'",
        r"team models .*retention 3 ",
        r"churn-de 2 registered null churn-fr 2 registered null churn-uk 2 registered null",
        r"alias champion/churn-de version 1 2 .*alias champion/churn-uk version null 2",
        r"champion of 'churn-de' points at '2', not at '1' as expected",
        r"champion/churn-fr put back null alias champion/churn-uk removed null",
        r"champion churn-de 2 .* you champion churn-fr 2 .* you champion churn-uk 2 .* you",
        r"True",
        r"retention 1\.0 2 ",
    ]
    assert len(re.findall(r"^ *print\(", "".join(blocks), re.MULTILINE)) == len(told)
    assert re.search(".*".join(told), said), said


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (ROOT / "benchmarks").glob("[a-z]*.py"))
)
def test_every_benchmark_is_listed(name):
    assert f"`{name}`" in (ROOT / "benchmarks/README.md").read_text()


def measured(text):
    """Return the tables whose last cells are mostly numbers, each with the section it stands in."""
    found = []
    for section in re.split(r"^#+ ", text, flags=re.MULTILINE):
        for table in re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE):
            last = [row.strip().strip("|").split("|")[-1].strip() for row in table.splitlines()[2:]]
            counted = [
                re.match(r"~?[-–\d][\d.,e×-]*( ?(s|ms|µs|ns|%|×|x|GiB|MB))?\b", cell)
                for cell in last
            ]
            if sum(map(bool, counted)) > len(last) / 2:
                found.append((table, section))
    return found


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_table_of_figures_names_what_prints_it(path):
    """A script, a test that holds them, or the command that plays them, in the same section."""
    scripts = {path.name for path in (ROOT / "benchmarks").glob("*.py")}
    for table, section in measured(path.read_text()):
        named = {name.rpartition("/")[2] for name in re.findall(r"`([\w/]+\.py)`", section)}
        tests = {name for name in named if name.startswith("test_")}
        assert named & scripts or tests or "argosy case run" in section, table


def test_a_table_of_figures_is_told_from_others():
    figures = "# A\n\n| what | time |\n|---|---|\n| scan | 1.39 s |\n| check | 4.93 s |\n\n"
    words = "# B\n\n| hook | what |\n|---|---|\n| a | 3 things |\n| b | some |\n| c | any |\n\n"

    assert [("scan" in table) for table, _ in measured(figures + words)] == [True]


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_a_guide_names_exists(path):
    """Only paths with a folder, given in backticks, and only of this repository's folders."""
    roots = ("core", "plugins", "case_studies", "tests", "benchmarks", ".ci")
    named = re.findall(rf"`((?:{'|'.join(map(re.escape, roots))})/[\w./-]*)`", path.read_text())

    for name in named:
        assert (ROOT / name).exists(), name


def test_every_module_that_the_guide_names_is_there():
    """In backticks: modules, and what they hold."""
    for name in sorted(set(re.findall(r"`(argosy(?:\.\w+)+)`", GUIDE)) - {"argosy.toml"}):
        module, _, member = name.rpartition(".")
        found = find_spec(name) if find_spec(module).submodule_search_locations else None
        assert found or hasattr(import_module(module), member), name


def layers():
    """Return the layers of the core as a guide shows them: one per line, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    [core] = [each for each in contracts if each["name"] == "core points one way"]
    return "\n".join(layer.replace(" | ", ", ") for layer in core["layers"])


def test_the_guide_to_the_core_has_the_layers_that_the_linter_holds():
    text = (ROOT / "core/README.md").read_text()
    begin, end = "<!-- layers -->", "<!-- end of layers -->"
    shown = text.partition(begin)[2].partition(end)[0]
    expected = f"\n```\n{layers()}\n```\n"

    assert expected == shown, f"put this between the markers in core/README.md:\n{expected}"


@pytest.mark.parametrize("kind", ENGINES)
def test_the_guide_of_an_engine_names_its_options_and_tables(kind):
    """In tables, each in a cell of its own; options of every job are in the README."""
    guide = (ROOT / f"plugins/argosy_{kind}/README.md").read_text()
    others = [name for name in installed().jobs if f"\n## argosy {name}\n" in guide]
    jobs = [installed().jobs[name].load() for name in {kind, *others}]
    models = [model for job in jobs for model in (job.request, job.flags) if model]

    shown = re.findall(r"^\| `(--[a-z-]+)", guide, re.MULTILINE)
    own = {option.opts[0] for model in models for option in options_of(model)}
    assert own == set(shown) - {"--reason"}
    assert ("--reason" in shown) == any(job.effects is not None for job in jobs)
    for table in (table for job in jobs for table in job.tables):
        assert f"`{table.name}`" in guide, table.name


def test_the_guide_of_promotions_names_the_options():
    from argosy_cli.main import _global_options
    from argosy_promote.command import promote

    guide = (ROOT / "plugins/argosy_promote/README.md").read_text()

    shown = re.findall(r"^\| `(--[a-z-]+)", guide, re.MULTILINE)
    everywhere = {option.opts[0] for option in _global_options()}
    assert {option.opts[0] for option in promote.params} - everywhere == set(shown)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_of_a_guide_leads_somewhere(path):
    """To files and folders, and to headings of the same page."""
    text = path.read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in headings}
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)

    for place in re.findall(r"\]\(([^)\s]+)\)", prose):
        if place.startswith("#"):
            assert place[1:] in anchors, place
        elif "://" not in place:
            assert (path.parent / place.partition("#")[0]).exists(), place
