"""Import plugins one after the other and ask their hooks, in a process that may die of it.

It runs as a script, by its path, and imports nothing of argosy itself. Standard input names the
search path, the plugins and the limit; standard output has a line before and a line after each
step, so that whoever reads it knows which step the process has not survived.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint
from typing import Any

_MARK = "argosy_impl"


def main() -> None:
    """Do what standard input asks for, and end without waiting for anybody's threads."""
    task = json.load(sys.stdin)
    sys.path[:] = task["path"]
    sys.argv[:] = task["arguments"]
    with os.fdopen(os.dup(1), "w", buffering=1) as said:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what plugins print is no answer
        faults = os.dup(2)
        faulthandler.enable(faults)
        for place, value in enumerate(task["plugins"]):
            _tried(place, EntryPoint("", value, ""), said, task["limit"], faults)
    os._exit(0)


def _tried(place: int, entry: EntryPoint, said: Any, limit: float, faults: int) -> None:  # noqa: ANN401
    found: list[Any] = []

    def step(name: str, work: Any) -> None:  # noqa: ANN401
        told = {"place": place, "step": name}
        said.write(json.dumps(told) + "\n")
        faulthandler.dump_traceback_later(limit, exit=True, file=faults)
        error = ""
        try:
            with suppress(Exception, SystemExit):  # harmless: it raises wherever it is imported
                found.append(work())
        except BaseException as raised:
            error = type(raised).__name__
        finally:
            faulthandler.cancel_dump_traceback_later()
        said.write(json.dumps({**told, "raised": error}) + "\n")

    step("", entry.load)
    hooks = [*vars(found[0]).items()] if found else []
    for name, value in hooks:
        if getattr(value, _MARK, None) is not None and callable(value):
            step(name, lambda hook=value: _asked(hook))


def _asked(hook: Any) -> None:  # noqa: ANN401
    answer = hook()
    if hasattr(answer, "__next__"):
        for _ in answer:
            pass


if __name__ == "__main__":
    main()
