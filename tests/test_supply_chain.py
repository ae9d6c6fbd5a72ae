"""What is installed is what somebody has looked at: by version and hash, from whatever index."""

import json
import re
import runpy
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINNED = ["requirements.txt", *(f"benchmarks/{name}.txt" for name in ("pip", "peers", "alibi"))]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def entries(path):
    """The requirements of a file: name, version and hashes."""
    text = (ROOT / path).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            asked, *hashes = re.split(r"\s+--hash=sha256:", line.strip())
            one = Requirement(asked)
            yield canonicalize_name(one.name), str(one.specifier), hashes


@pytest.mark.parametrize("path", PINNED)
def test_every_requirement_has_one_version_and_hashes(path):
    for name, version, hashes in entries(path):
        assert re.fullmatch(r"==[\w.!+]+", version), name
        assert hashes, name
        assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes), name


@pytest.mark.parametrize("path", PINNED)
def test_no_index_is_named(path):
    """The files install from whatever index is configured, and tell nobody which one made them."""
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", (ROOT / path).read_text())


def test_whatever_the_project_asks_for_is_pinned_as_it_asks():
    """Where this fails, `make requirements` pins anew."""
    pins = {name: version.removeprefix("==") for name, version, _ in entries("requirements.txt")}
    extras = SETTINGS["project"]["optional-dependencies"]
    asked = [*SETTINGS["build-system"]["requires"], *SETTINGS["project"]["dependencies"]]
    asked += extras["dev"] + [
        one for name in ("all", *extras["all"]) for one in extras.get(name, [])
    ]
    for one in map(Requirement, asked):
        if one.name != "argosy":
            assert pins[canonicalize_name(one.name)] in one.specifier, one


def test_what_builds_the_wheel_is_pinned():
    for one in map(Requirement, SETTINGS["build-system"]["requires"]):
        assert [spec.operator for spec in one.specifier] == ["=="], one


def test_nothing_is_installed_without_hashes():
    """But for this checkout itself, which takes nothing along."""
    makefile = (ROOT / "Makefile").read_text()
    installs = [
        line for line in makefile.splitlines() if re.search(r"\$\(INSTALL\)|pip install", line)
    ]

    assert len(installs) == 3  # the command, with hashes, and of this checkout
    assert all(
        line.startswith("INSTALL =")
        or "--require-hashes --only-binary :all:" in line
        or "--no-deps --no-build-isolation --editable ." in line
        for line in installs
    )


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_uses_actions_by_their_commits(workflow):
    uses = re.findall(r"uses: *(\S+)(.*)", workflow.read_text())

    assert uses
    for action, release in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", release), action


@pytest.fixture(scope="module")
def document():
    return json.loads(runpy.run_path(str(ROOT / ".ci/sbom.py"))["document"]())


class TestSbom:
    def test_it_is_what_the_format_says(self, document):
        import cyclonedx.schema
        import jsonschema
        from referencing import Registry, Resource

        folder = Path(cyclonedx.schema.__file__).parent / "_res"
        named = {path.name: json.loads(path.read_text()) for path in folder.glob("*.schema.json")}
        registry = Registry().with_resources(
            (one["$id"], Resource.from_contents(one)) for one in named.values() if "$id" in one
        )
        schema = next(named[name] for name in named if name.startswith("bom-1.6."))

        jsonschema.Draft7Validator(schema, registry=registry).validate(document)

    def test_it_has_the_version_and_the_hashes_that_are_pinned(self, document):
        pins = {
            name: (version, set(hashes)) for name, version, hashes in entries("requirements.txt")
        }

        for one in document["components"]:
            (released,) = one["externalReferences"]
            hashes = {each["content"] for each in released["hashes"]}
            assert (f"=={one['version']}", hashes) == pins[one["name"]]

    def test_it_leaves_out_what_only_developers_need(self, document):
        names = {one["name"] for one in document["components"]}

        assert {"polars", "deltalake", "ray", "jinja2", "scipy"} <= names
        assert names.isdisjoint({"pytest", "mypy", "hypothesis", "uv", "moto", "pandas"})

    def test_every_component_is_needed_by_something(self, document):
        needed = {ref for one in document["dependencies"] for ref in one.get("dependsOn", [])}

        assert {one["bom-ref"] for one in document["components"]} == needed
