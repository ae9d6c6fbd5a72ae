"""Build the wheel with the document that says what it is used with: `.dist-info/sboms/` (PEP 770).

python .ci/wheel.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager
from sbom import ROOT, document


def build(folder: Path) -> Path:
    """Write the document and the wheel into a folder, and return the wheel."""
    manager = PluginManager()
    metadata = ProjectMetadata(str(ROOT), manager)
    name = f"{metadata.core.name}-{metadata.version}.cdx.json"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(document(), encoding="utf-8")
    target = metadata.hatch.config["build"]["targets"]["wheel"]
    target["sbom-files"] = [str((folder / name).resolve())]
    builder = WheelBuilder(str(ROOT), manager, metadata.hatch.config, metadata)
    return Path(next(builder.build(directory=str(folder))))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
