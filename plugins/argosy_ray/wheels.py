"""Plugins as wheels, for workers whose image does not hold them.

Ray would let pip install a wheel on every node, which asks an index for argosy itself, and would
know a wheel by its file's name, so that one built anew is never sent. So wheels are unpacked here,
and their folders sent: those of the code, and the `.dist-info` by which plugins are found.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from argosy.current_folder import SAFE
from argosy.errors import PluginError


def modules(given: list[str]) -> list[str]:
    """Return the folders and files to send for wheels; the folder of a project is built first.

    Raises:
        PluginError: if a path is neither, cannot be built, or is not a wheel of Python modules.
    """
    return [sent for text in given for sent in _unpacked(_wheel(Path(text).expanduser()))]


def _wheel(path: Path) -> Path:
    if path.suffix == ".whl" and path.is_file():
        return path
    if not (path / "pyproject.toml").is_file():
        raise PluginError(f"ray.wheels names {path}, which is neither a wheel nor a project")
    target = tempfile.mkdtemp(prefix="argosy-wheel-")
    # A path that is written in full is never taken for the name of a project of an index.
    given = ("--quiet", "--no-deps", "-w", target, str(path.resolve()))
    build = [sys.executable, "-P", "-m", "pip", "wheel", *given]
    surroundings = {**os.environ, SAFE: "1"}
    done = subprocess.run(build, capture_output=True, text=True, check=False, env=surroundings)
    built = sorted(Path(target).glob("*.whl"))
    if done.returncode or not built:
        told = done.stderr.strip().splitlines()
        raise PluginError(f"cannot build a wheel of {path}: {told[-1] if told else 'no wheel'}")
    return built[0]


def _unpacked(wheel: Path) -> list[str]:
    target = Path(tempfile.mkdtemp(prefix="argosy-unpacked-"))
    try:
        with ZipFile(wheel) as archive:
            archive.extractall(target)
    except BadZipFile as error:
        raise PluginError(f"{wheel} is no wheel: {error}") from error
    found = sorted(target.iterdir())
    odd = [
        one.name for one in found if one.suffix == ".data" or one.is_file() != (one.suffix == ".py")
    ]
    if odd:
        raise PluginError(
            f"{wheel.name} holds {odd[0]}, which cannot be sent to workers; put the plugin into"
            " their image"
        )
    return [str(one) for one in found]
