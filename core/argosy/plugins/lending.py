"""What this process offers itself, beside its plugins, while it lasts.

It goes to workers with the work, by value, and is stored nowhere: a run keeps the names alone, with
a digest that tells whether a function is still what it was.
"""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, fields
from functools import lru_cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from argosy.during import during
from argosy.plugins.choice import address
from argosy.plugins.discovery import Plugin

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from argosy.plugins.registry import Installed

GIVER = Plugin("offer", "this process", "(argosy.plugins.offer)", "loaded", None, (), 0.0)
"""Whose such offers are said to be."""
_LENGTH = 12
_PLAIN = (str, bytes, int, float, bool, type(None))


@dataclass(frozen=True, eq=False)
class Loan:
    """One value that this process offers."""

    kind: str
    name: str
    value: Any

    @property
    def address(self) -> str:
        """How users write it: `metrics.gain`."""
        return address(self.kind, self.name)

    @property
    def mark(self) -> str:
        """A digest of its fields, of functions by their code."""
        digest = hashlib.sha256()
        for field in fields(self.value):
            _add(digest, getattr(self.value, field.name), set())
        return f"offered by the process ({digest.hexdigest()[:_LENGTH]})"


_own: dict[str, Loan] = {}
_given: ContextVar[tuple[Loan, ...] | None] = ContextVar("loans", default=None)


def lend(loan: Loan) -> None:
    """Offer a value from now on, in place of an earlier one of that name."""
    _own[loan.address] = loan


def current() -> tuple[Loan, ...]:
    """Return what this process offers, or what `using` says."""
    given = _given.get()
    return tuple(_own.values()) if given is None else given


def using(loans: tuple[Loan, ...]) -> AbstractContextManager[None]:
    """Take these as they are: a worker is sent what its work needs."""
    return during(_given, loans)


def lent(plugins: Installed) -> Installed:
    """Return plugins with what this process offers beside them."""
    loans = current()
    return _beside(plugins, loans) if loans else plugins


@lru_cache(maxsize=8)
def _beside(plugins: Installed, loans: tuple[Loan, ...]) -> Installed:
    both = copy(plugins)
    for kind in dict.fromkeys(loan.kind for loan in loans):
        offered = copy(plugins.offered(kind))
        own = {loan.name: loan.value for loan in loans if loan.kind == kind}
        offered.givers = offered.givers | dict.fromkeys(own, GIVER)
        offered.update(own)
        both.__dict__[kind] = offered
    return both


def _add(digest: Any, held: object, seen: set[int]) -> None:  # noqa: ANN401
    """Add what tells a value from another in any process: code, what it closes over, and texts."""
    if id(held) in seen:
        return
    seen.add(id(held))
    if isinstance(held, FunctionType):
        _add(digest, held.__code__, seen)
        _add(digest, held.__defaults__, seen)
        for cell in held.__closure__ or ():
            _add(digest, cell.cell_contents, seen)
    elif isinstance(held, CodeType):
        digest.update(held.co_code + repr((held.co_names, held.co_varnames)).encode())
        _add(digest, held.co_consts, seen)
    elif isinstance(held, tuple):
        for one in held:
            _add(digest, one, seen)
    elif isinstance(held, _PLAIN) or "polars" in type(held).__module__:
        digest.update(f"{type(held).__name__} {held}".encode())
    else:  # whose text may name a place in memory
        digest.update(type(held).__qualname__.encode())
