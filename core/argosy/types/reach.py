"""What an option lets a file of settings do beyond the fleet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """Marks an option that runs code, sends data out or writes files.

    A file that merely lies in the current folder may not set it: its user must name the file, or
    have trusted it.

        path: Annotated[str, Reach("writes files")] = ""
    """

    how: str
    """What it does, in words that follow "which": `runs code`, `sends data out`."""
