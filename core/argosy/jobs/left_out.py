"""Which rows a run read and left out, and why: what its chunks say, and what is counted by file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy.data.left_out import merged
from argosy.data.unclaimed import unclaimed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from argosy.data.left_out import Counts
    from argosy.types import Scope, Units

_SINGULAR = {"have": "has", "are": "is", "were": "was", "belong": "belongs"}


def left_out(scope: Scope, units: Units, chunks: Iterable[Counts]) -> dict[str, dict[str, Any]]:
    """Count the rows that a run read and left out, by cause, as `summed` gives them.

    Args:
        scope: of the run.
        units: that it worked on.
        chunks: what each chunk left out.
    """
    read = [(units.ready, units.reads)]
    if units.suspects is not None:
        read.append((units.suspects.units, ("binding", "labels")))
    bindings = [
        frame[column] for frame, columns in read for column in columns if column in frame.columns
    ]
    return summed([*chunks, unclaimed(bindings, scope.view.state, scope.location)])


def summed(parts: Iterable[Counts]) -> dict[str, dict[str, Any]]:
    """Return what the summary of a run says of rows that were read and count nowhere.

    Args:
        parts: what each chunk left out, and what was counted by file.

    Returns:
        By cause: how many `rows`, of how many `models` or `files` (the other is 0), and the same
        in words as `told`.

    >>> young = {"what": "have no time", "rows": 1412, "models": 3, "files": {}}
    >>> stray = {"what": "belong to no model", "rows": 0, "models": 0, "files": {"/d/l.csv": 1}}
    >>> for count in summed([{"untimed": young}, {"unowned": stray}]).values():
    ...     print(count["told"])
    1,412 rows of 3 models have no time
    1 row of l.csv belongs to no model
    """
    found = {}
    for name, count in sorted(merged(parts).items()):
        files: dict[str, int] = count["files"]
        rows = count["rows"] + sum(files.values())
        models = count["models"]
        of = [_many(models, "model")] if models else []
        if files:
            only = next(iter(files)).rstrip("/").rpartition("/")[2]
            of.append(only if len(files) == 1 else _many(len(files), "file"))
        told = f"{_many(rows, 'row')} of {' and '.join(of)} {_verb(count['what'], rows)}"
        if not rows:  # of files that nobody could look at
            told = f"{of[0]} {_verb(count['what'], len(files))}"
        found[name] = {"rows": rows, "models": models, "files": len(files), "told": told}
    return dict(sorted(found.items(), key=lambda one: -one[1]["rows"]))


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _verb(what: str, rows: int) -> str:
    verb, _, rest = what.partition(" ")
    return f"{_SINGULAR.get(verb, verb)} {rest}" if rows == 1 else what
