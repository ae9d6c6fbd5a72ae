"""The tutorial of the plugin guide works as written: every command, every file, in order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parent.parent / "plugins/README.md").read_text()
TUTORIAL = GUIDE.split("## A detector in fifteen minutes")[1].split("\n## ")[0]


def script(blocks):
    """Commands as they stand; a Python block becomes the file that its first line names."""
    for language, text in blocks:
        if language == "console":
            yield text
        else:
            name, content = text.removeprefix("# ").split("\n", 1)
            yield f"cat > {name} <<'END'\n{content}END\n"


def test_following_it_gives_a_proven_detector_that_finds_the_drift(tmp_path):
    """Without a network: what pip would fetch is installed already, and the rest goes aside."""
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    site = tmp_path / "site"
    settings = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(site),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PIP_TARGET": str(site),
        "PIP_UPGRADE": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's own wording: this turns the isolation off
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    blocks = re.findall(r"```(console|python)\n(.*?)```", TUTORIAL, re.DOTALL)
    (tmp_path / "tutorial.sh").write_text("".join(script(blocks)))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "tutorial.sh"],
        cwd=tmp_path,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout

    assert done.returncode == 0, told + done.stderr
    assert len(re.findall(r"=== \d+ passed in", told)) == 2, told
    assert re.search(r"m2 +drifted +yes .*size", told), told
    assert "6 of 6 models checked, 1 drifted, 0 failed" in told
