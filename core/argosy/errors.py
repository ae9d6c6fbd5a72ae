"""The errors argosy raises.

    ArgosyError
    ├── UnknownName       a model, alias, role, executor, detector ... that does not exist
    ├── BadInput          a table, a value or an expression that cannot be used
    │   └── RowsRefused   rows of a table were refused; nothing was written
    │       └── PolicyRefused   by a policy that the fleet requires
    ├── StoreError        the fleet's store cannot be read or written
    │   ├── FleetNotFound
    │   ├── NewerStore    written by a later argosy
    │   └── ReadOnly      the fleet as it stood, or a store that takes no writes
    ├── ArtifactError     an artifact is missing, changed or not readable
    ├── DataError         data is not readable as its format
    ├── PluginError       a plugin is missing, broken or blocked
    └── Stopped           a run was stopped before its end; it can be resumed

    ArgosyWarning         something failed beside work that is done and stays done

Every message names the thing, the reason and the way out, and is inert: names in it come from
strangers.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

from argosy import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

_LISTED = 30


class ArgosyError(Exception):
    """Anything argosy refuses to do, or failed to do."""

    def __str__(self) -> str:
        return inert.lines(inert.bounded(super().__str__()))


class UnknownName(ArgosyError, LookupError):
    """A thing was asked for by a name that does not exist."""

    name: str | None = None
    """The name, where it is known."""

    @classmethod
    def among(cls, what: str, name: str, known: Iterable[str], hint: str = "") -> Self:
        """Say which names exist, the closest first.

        >>> print(UnknownName.among("detector", "kss", ["psi", "ks"]))
        no detector is called 'kss'; did you mean 'ks'? Known: ks, psi
        """
        names = sorted(set(known))
        close = get_close_matches(name, names, n=1)
        guess = f"; did you mean {close[0]!r}?" if close else "."
        listed = ", ".join(names[:_LISTED]) or "none"
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        tail = f". {hint}" if hint else ""
        error = cls(f"no {what} is called {name!r}{guess} Known: {listed}{more}{tail}")
        error.name = name
        return error


class BadInput(ArgosyError, ValueError):
    """A table, a value or an expression cannot be used as it is."""


class RowsRefused(BadInput):
    """Some rows of a table were refused, so nothing of it was written."""

    def __init__(self, message: str, outcomes: pl.DataFrame) -> None:
        super().__init__(message)
        self.outcomes = outcomes
        """One row per input row: its key, its `outcome` and the `reason`."""


class PolicyRefused(RowsRefused):
    """A policy that the fleet requires objects to a change, so nothing of it was written."""


class StoreError(ArgosyError, OSError):
    """The fleet's store cannot be read or written."""


class FleetNotFound(StoreError):
    """There is no fleet at the URL."""


class NewerStore(StoreError):
    """The store was written by a later argosy than this one."""


class ReadOnly(StoreError):
    """The fleet cannot be changed through this handle."""


class ArtifactError(ArgosyError):
    """An artifact is missing, changed, or not readable as its format."""


class DataError(ArgosyError):
    """Data is not readable as its format says, or its files do not fit together."""


class PluginError(ArgosyError):
    """A plugin is missing, broken or blocked."""


class Stopped(ArgosyError):
    """A run was stopped before its end; what it found is kept, and it can be resumed."""

    @classmethod
    def at(cls, run_id: str, reason: str) -> Self:
        """Say why, and how to go on."""
        return cls(
            f"the run {run_id} stopped: {reason}; nothing was committed, and"
            f" `argosy resume {run_id}` carries it on"
        )


class ArgosyWarning(UserWarning):
    """Something failed beside work that is done and stays done, such as sending a notice."""

    def __str__(self) -> str:
        return inert.lines(inert.bounded(super().__str__()))


def refusal(details: Mapping[str, Any]) -> str:
    """Return why pydantic refused a value, in the validator's own words where it has some.

    Args:
        details: one of what its error's `errors()` lists.
    """
    cause = details.get("ctx", {}).get("error")
    return str(details["msg"] if cause is None else cause)
