"""Write what the wheel is used with, as a CycloneDX document: versions, hashes, licences, edges.

    python .ci/sbom.py FILE

The components are what `requirements.txt` pins of the dependencies and extras that users can ask
for; what only developers need is left out, and so are extras that nobody pins. Edges and licences
are read from what is installed, so the document is made in the environment of the requirements.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.hash.factories import HashTypeFactory
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parent.parent
_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?P<rest>.*)$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def pins() -> dict[str, tuple[str, list[str]]]:
    """Return the version and the hashes of every package that `requirements.txt` names."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    return {
        canonicalize_name(found["name"]): (found["version"], _HASH.findall(found["rest"]))
        for found in _PIN.finditer(text)
    }


def document() -> str:
    """Return the document; it is the same wherever the same is pinned and installed."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, known = settings["project"], pins()
    extras = {name for name in project["optional-dependencies"] if name != "dev"}
    asked = [
        *project["dependencies"],
        *(one for name in sorted(extras) for one in project["optional-dependencies"][name]),
    ]
    edges = _edges(asked, known)
    parts = {name: _component(name, *known[name]) for name in sorted({*edges} - {""})}
    whole = _component(project["name"], project["version"], [])
    bom = Bom(components=parts.values())
    bom.metadata.component = whole
    bom.serial_number = uuid5(NAMESPACE_URL, (ROOT / "requirements.txt").read_text("utf-8"))
    for name, needed in edges.items():
        bom.register_dependency(parts[name] if name else whole, [parts[one] for one in needed])
    bom.metadata.timestamp = datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH", "1580601600")), UTC
    )  # as the builder of the wheel has it
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _edges(asked: Iterable[str], known: dict[str, tuple[str, list[str]]]) -> dict[str, list[str]]:
    """Return what each package needs of those that are pinned; the project itself has no name."""
    edges: dict[str, list[str]] = {}
    waiting = [("", frozenset[str](), list(asked))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras, lines = waiting.pop()
        needed = edges.setdefault(name, [])
        for one in _wanted(lines, extras):
            other, more = canonicalize_name(one.name), frozenset(one.extras)
            if other not in known:  # of another platform, or the project itself
                continue
            if other not in needed:
                needed.append(other)
            if (other, more) not in seen:
                seen.add((other, more))
                waiting.append((other, more, _requires(other)))
    return {name: sorted(needed) for name, needed in edges.items()}


def _wanted(lines: Iterable[str], extras: frozenset[str]) -> Iterator[Requirement]:
    """Yield those requirements that hold here with some extras, or on any other platform."""
    for line in lines:
        one = Requirement(line)
        about_extras = one.marker is not None and "extra" in str(one.marker)
        if not about_extras or any(one.marker.evaluate({"extra": name}) for name in extras):
            yield one


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _requires(name: str) -> list[str]:
    found = _installed(name)
    return list(found.requires or []) if found else []


def _component(name: str, version: str, hashes: list[str]) -> Component:
    address = PackageURL("pypi", None, name, version)
    part = Component(name=name, version=version, purl=address, bom_ref=str(address))
    if hashes:
        released = ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(str(address)),
            comment="any file of this release has one of these hashes",
            hashes=[HashTypeFactory().from_composite_str(f"sha256:{one}") for one in hashes],
        )
        part.external_references.add(released)
    found = _installed(name)
    said = found.metadata.get("License-Expression") if found else None
    if said:
        part.licenses.add(LicenseFactory().make_with_expression(said))
    return part


def main() -> int:
    """Write the document to the file that is named."""
    if len(sys.argv) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
