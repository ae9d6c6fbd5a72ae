"""Each module imports alone, without warnings, and nothing heavy before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    for root in (ROOT / "core", ROOT / "plugins", ROOT / "case_studies")
    for path in root.rglob("*.py")
)
HEAVY = (
    "ray",
    "sklearn",
    "scipy",
    "numba",
    "polars",
    "pyarrow",
    "deltalake",
    "pydantic",
    "skops",
    "jinja2",
    "numpy",
    "rich",
)


def python(code):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )


ALONE = """
import importlib, sys, traceback
for module in {modules}:
    for name in [name for name in sys.modules if name.partition(".")[0].startswith("argosy")]:
        del sys.modules[name]
    try:
        importlib.import_module(module)
    except BaseException:
        print(module, traceback.format_exc())
"""


@pytest.mark.parametrize("package", sorted({name.partition(".")[0] for name in MODULES}))
def test_each_module_imports_alone(package):
    """Whatever was imported before it is forgotten, but for other people's libraries."""
    if package == "argosy_ray":
        pytest.importorskip("ray")
    modules = [name for name in MODULES if name.partition(".")[0] == package]
    done = python(ALONE.format(modules=[name for name in modules if "__main__" not in name]))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_version_is_told_without_any_heavy_import():
    done = python(
        "import sys\n"
        "from argosy_cli.main import run\n"
        "assert run(['--version']) == 0\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )

    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_listing_commands_and_plugins_imports_no_heavy_library():
    done = python(
        "import sys\n"
        "from argosy_cli.main import run\n"
        "run(['--help'])\n"
        f"print(sorted({set(HEAVY) - {'rich'}} & set(sys.modules)))"
    )

    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_loading_every_plugin_imports_no_heavy_library():
    """A plugin's own library waits until the plugin is used."""
    done = python(
        "import sys\n"
        "from argosy.plugins import installed\n"
        "assert {plugin.state for plugin in installed().plugins} == {'loaded'}\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )

    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_evaluating_in_process_imports_neither_ray_nor_scikit_learn(fleet):
    done = python(
        "import sys, argosy\n"
        f"argosy.open({fleet.url!r}).evaluate()\n"
        "print(sorted({'ray', 'sklearn', 'skops'} & set(sys.modules)))"
    )

    assert done.stdout.splitlines()[-1] == "[]", done.stderr
