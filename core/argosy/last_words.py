"""Read what `faulthandler` wrote when a process died: in which line of Python that was."""

from __future__ import annotations

import os
import re
from pathlib import Path

_CURRENT = re.compile(r"^(Current thread|Stack \(most).*\n(?P<frames>(  .*\n?)*)", re.MULTILINE)
_FRAME = re.compile(r'^  File "([^"]+)", line (\d+) in (\S+)$', re.MULTILINE)
_LIBRARY = Path(os.__file__).parent


def place(said: str) -> str:
    r"""Return the place where a process died, outside of the standard library if it can be.

    >>> place('Fatal Python error: x\n\nCurrent thread 0x1 [a] (most recent call first):\n'
    ...       '  File "/a/odd.py", line 12 in measure\n')
    ' in measure (odd.py:12)'
    """
    stack = _CURRENT.search(said)
    frames = _FRAME.findall(stack["frames"]) if stack else []
    others = [frame for frame in frames if not _of_library(Path(frame[0]))]
    for file, line, function in (others or frames)[:1]:
        return f" in {function} ({Path(file).name}:{line})"
    return ""


def _of_library(file: Path) -> bool:
    return file.is_relative_to(_LIBRARY) and "site-packages" not in file.parts
