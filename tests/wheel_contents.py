"""Build the wheel and compare its list of files with what git tracks under the import roots."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOTS = ("core", "plugins", "case_studies")
GUIDE = "argosy_scaffold/guide.md"
"""What `argosy plugins guide` prints: `plugins/README.md`."""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", folder]
        subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        wheel = next(Path(folder).glob("*.whl"))
        packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tracked = subprocess.run(
        ["git", "ls-files", *ROOTS], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    wanted = {name.split("/", 1)[1] for name in tracked if not name.endswith(".md")} | {GUIDE}
    for name in sorted(wanted - packed):
        print(f"not in the wheel: {name}")
    for name in sorted(packed - wanted):
        print(f"in the wheel, but not tracked: {name}")
    return 0 if wanted == packed else 1


if __name__ == "__main__":
    sys.exit(main())
