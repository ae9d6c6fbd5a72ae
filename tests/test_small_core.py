"""The core holds nothing that the core itself does not use; what plugins share is a plugin.

A module of the core is reached by imports from what users begin with, or it is promised to plugins
and listed here with the reason. A package's `__init__` that only hands a name on is no user of it.
"""

import ast
import re

import pytest

from .core_size import ROOT, beyond, core

BEGINNINGS = ("argosy", "argosy.__main__", "argosy.fleet")
PROMISED = {
    "argosy.data.lessons": "what trainers are handed, by training and by the suite they inherit",
    "argosy.kernels": "what metrics, detectors and comparisons are built of, held by the API",
    "argosy.kernels.multiplicity": "p-values adjusted, for every engine that tests a whole fleet",
    "argosy.plugins": "`offer` besides what the core asks: a notebook offers what it has by it",
    "argosy.plugins.html_check": "what a panel must be, for whoever draws one and for its suite",
    "argosy.views.tables": "what exporters are handed, by any exchange and by their suite",
}
"""What plugins are promised, which begins with these as well, and why the core has it."""


def modules(root):
    """Return the trees of the modules below an import root, by name."""
    found = {}
    for path in (root / "argosy").rglob("*.py"):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        if not name.startswith("argosy.testing"):
            found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported(tree):
    """Return what a module imports: whence each name that it knows comes."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {one.asname or one.name: (node.module, one.name) for one in node.names}
        elif isinstance(node, ast.Import):
            known |= {one.asname or one.name: (one.name, None) for one in node.names}
    return known


class Core:
    """Modules, and which of them use which."""

    def __init__(self, trees):
        self.trees = trees
        self.imports = {name: imported(tree) for name, tree in trees.items()}

    def home(self, module, name):
        """Return the module that defines what is imported, behind the facades that hand it on."""
        facade = f"{module}.__init__"
        if f"{module}.{name}" in self.trees:
            return f"{module}.{name}"
        if facade not in self.trees:
            return module if module in self.trees else None
        onward = self.imports[facade].get(name)
        return facade if onward is None else self.home(*onward)

    def used(self, module, beginnings):
        """Return the modules that one uses; of a facade those whose names it does not just hand on.

        Users begin with what a beginning hands on, so that counts.
        """
        names = {node.id for node in ast.walk(self.trees[module]) if isinstance(node, ast.Name)}
        hands_on = module.endswith(".__init__") and module not in beginnings
        found = {
            self.home(*whence)
            for name, whence in self.imports[module].items()
            if not hands_on or name in names
        }
        parents = {module.rpartition(".")[0] + ".__init__"}
        return {one for one in found | parents if one in self.trees} - {module}

    def reached(self, beginnings):
        """Return the modules that are used from the beginnings on."""
        waiting = beginnings = [self.home(one, None) for one in beginnings]
        seen = set()
        while waiting:
            module, *waiting = waiting
            if module not in seen:
                seen.add(module)
                waiting += self.used(module, beginnings)
        return seen

    def idle(self, beginnings):
        """Return the modules that nothing in the core uses; facades are no matter."""
        unused = self.trees.keys() - self.reached(beginnings)
        return sorted(name for name in unused if not name.endswith("__init__"))


CORE = Core(modules(ROOT / "core"))


def test_the_core_holds_nothing_that_it_does_not_use():
    """What only plugins use is theirs, or of a library among the plugins such as `argosy_rows`."""
    assert [] == CORE.idle([*BEGINNINGS, *PROMISED])


@pytest.mark.parametrize("name", PROMISED)
def test_nothing_is_promised_that_the_core_uses(name):
    """So that the list stays short."""
    others = [one for one in PROMISED if one != name]

    assert CORE.idle([*BEGINNINGS, *others])


@pytest.mark.parametrize("name", PROMISED)
def test_what_is_promised_is_in_the_guide_of_plugins(name):
    guide = (ROOT / "plugins/README.md").read_text(encoding="utf-8")

    assert f"`{name}`" in guide or f"`{name}." in guide


def test_a_facade_that_hands_a_name_on_is_no_user_of_it(tmp_path):
    """Or a package would keep whatever it lists, though nobody asks for it."""
    files = {
        "__init__": "from argosy.fleet import opened",
        "fleet/__init__": "from argosy.fleet.opened import opened",
        "fleet/opened": "from argosy.room import wanted\ndef opened(): return wanted()",
        "room/__init__": (
            "from argosy.room.one import wanted\nfrom argosy.room.two import unwanted\n"
            "from argosy.room.three import listed\n__all__ = ['wanted', 'unwanted', *listed]"
        ),
        "room/one": "def wanted(): return 1",
        "room/two": "def unwanted(): return 2",
        "room/three": "listed = ['other']",
    }
    for name, source in files.items():
        path = tmp_path / f"argosy/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)

    assert ["argosy.room.two"] == Core(modules(tmp_path)).idle(["argosy"])


@pytest.mark.parametrize("path", ["core/README.md", "CONTRIBUTING.md"])
def test_the_share_of_the_core_that_is_stated_is_what_is_measured(path):
    """To a hundredth and a half, so that not every change has to write it anew."""
    text = (ROOT / path).read_text(encoding="utf-8")
    [stated] = re.findall(r"(\d+) % of the lines of code that ship", text)
    lines = core().total()

    assert int(stated) == pytest.approx(100 * lines / (lines + beyond()), abs=1.5)
