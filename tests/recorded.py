"""Record what an outsider can observe of this checkout, so that two checkouts can be compared.

    python tests/recorded.py FOLDER

writes one text file per item: the help page of every command, the signatures of what is public,
and of five fleets (the demo, both case studies, one on which every verb was called, one that
commands changed) columns and rows of all tables and what commands that only read print with
`--json`; besides, what verbs and commands answered on the way, and how commands fail.

Two checkouts that behave alike write folders between which `diff -r` finds no difference: what
differs from run to run has a placeholder (`recording/placeholders.py`), rows of tables are sorted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

TESTS = Path(__file__).resolve().parent
CHECKOUT = TESTS.parent
ROOTS = ("core", "plugins", "case_studies")

SURROUNDINGS = {
    "ARGOSY_ACTOR": "recorder",
    "ARGOSY_CORE__CONCEPT": "1,2",  # one surprise is concept drift, so that there is some
    "ARGOSY_CORE__SEVERITY": "info",
    "ARGOSY_CORE__SINKS": "jsonl",
    "ARGOSY_NOTICES__PATH": "notices.jsonl",
    "ARGOSY_SYNC": "off",
    "COLUMNS": "80",
    "NO_COLOR": "1",
    "PYTHONHASHSEED": "0",
}
"""Who acts, how wide a page is, and that all notices go to a file."""


def installed(folder: Path) -> None:
    """Pretend that this checkout is installed: its own plugins count, whatever else is there."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    name, version = project["name"], project["version"]
    told = folder / f"{name}-{version}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
    (told / "entry_points.txt").write_text("\n".join(lines))


def main() -> None:
    """Record into the folder that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="a new folder, for the recording")
    folder = parser.parse_args().folder.absolute()
    folder.mkdir(parents=True)
    started = time.monotonic()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ARGOSY_")}
    if "ARGOSY_DATA" in os.environ:
        kept["ARGOSY_DATA"] = os.environ["ARGOSY_DATA"]
    with tempfile.TemporaryDirectory() as site, tempfile.TemporaryDirectory() as stage:
        installed(Path(site))
        path = [site, *(str(CHECKOUT / root) for root in ROOTS), str(TESTS)]
        surroundings = {**kept, **SURROUNDINGS, "PYTHONPATH": os.pathsep.join(path)}
        command = [sys.executable, "-m", "recording.recorder", str(folder)]
        subprocess.run(command, check=True, cwd=stage, env=surroundings)
    many = sum(1 for file in folder.rglob("*") if file.is_file())
    print(f"{many} files in {time.monotonic() - started:.0f} s: {folder}")


if __name__ == "__main__":
    main()
