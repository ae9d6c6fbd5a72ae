"""Nothing runs because it lies in the current folder.

Python puts that folder first where it looks for modules in three cases: `python -m`, `python -c`
(which is how workers and trackers are started), and where `PYTHONPATH` has an empty entry. Whoever
may write to a folder could so run code as anybody who works in it.

This module is imported before any other, so it imports nothing that is not there already.
"""

import os
import sys

SAFE = "PYTHONSAFEPATH"
"""Python's own word for it, which processes hand on to those that they start."""
_NAMED = "PYTHONPATH"
_HERE = ("", os.curdir)


def is_command() -> bool:
    """Whether this process is the command line, by `argosy` or by `python -m argosy`."""
    first = sys.argv[0] if sys.argv else ""
    if first != "-m":  # what Python puts there until it has found the module
        return os.path.splitext(os.path.basename(first))[0] == "argosy"  # noqa: PTH119, PTH122
    module = sys.orig_argv[len(sys.orig_argv) - len(sys.argv)]
    return module == "argosy" or (module.startswith("-") and module.endswith("margosy"))


def leave() -> None:
    """Take the current folder from where this process, and those it starts, look for modules.

    Only a process of argosy's own may do so: in any other, that folder is its user's choice. An
    entry of `PYTHONPATH` that names it in full is a choice too, and stays.
    """
    if sys.argv[:1] == ["-m"] and not sys.flags.safe_path:
        del sys.path[0]
    named = os.environ.get(_NAMED, "").split(os.pathsep)
    kept = [entry for entry in named if entry not in _HERE]
    if len(kept) < len(named) and os.environ.get(_NAMED):
        here = os.path.abspath(os.curdir)  # noqa: PTH100
        if here in sys.path and here not in kept:
            sys.path.remove(here)
        os.environ[_NAMED] = os.pathsep.join(kept)
    os.environ[SAFE] = "1"


class LeavingIt:
    """Start processes inside, and they leave the current folder out as well.

    It is what the driver of a library needs: the processes that its user starts are not changed.
    """

    def __enter__(self) -> None:
        """Say so to those that are started from now on."""
        self._before = os.environ.get(SAFE)
        os.environ[SAFE] = "1"

    def __exit__(self, *_: object) -> None:
        """Say what was said before."""
        if self._before is None:
            os.environ.pop(SAFE, None)
        else:
            os.environ[SAFE] = self._before
