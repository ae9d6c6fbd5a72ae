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


@pytest.mark.parametrize("module", [name for name in MODULES if not name.endswith("__main__")])
def test_a_module_imports_alone(module):
    if module == "argosy_ray.executor":
        pytest.importorskip("ray")
    done = python(f"import {module}")

    assert done.returncode == 0, done.stderr


def test_the_version_is_told_without_any_heavy_import():
    done = python(
        "import sys\n"
        "from argosy.cli.main import run\n"
        "assert run(['--version']) == 0\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )

    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_listing_commands_and_plugins_imports_no_heavy_library():
    done = python(
        "import sys\n"
        "from argosy.cli.main import run\n"
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
