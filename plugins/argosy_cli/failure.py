"""Say in one line why a command failed, where an engine below failed and not argosy itself.

What a table says may be read late, by whoever collects it, so the errors of the engines reach the
command line; one that comes from a damaged file is told with the file's name.
"""

from __future__ import annotations

import sys


def told(error: BaseException, url: str | None) -> str | None:
    """Return what to print for an error of an engine, of the system or of the network; else None.

    Args:
        error: that ended a command.
        url: the fleet's, if it is known.
    """
    if isinstance(error, (OSError, MemoryError)):
        what = f"{error}" or type(error).__name__
        return f"{' '.join(what.split())}; check the file or URL, rights, space and memory"
    if not isinstance(error, engines()):
        return None
    from argosy.store.damage import explained

    return str(explained(error, url or ""))


def engines() -> tuple[type[BaseException], ...]:
    """Return what engines raise, of which there is nothing before polars is imported."""
    if "polars" not in sys.modules:
        return ()
    from argosy.store.damage import ENGINES

    return ENGINES
