"""What this process offers itself, beside its plugins, while it lasts.

It goes to workers with the work, by value, and is stored nowhere: a run keeps the names alone, with
a digest that tells whether a function is still what it was.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, fields
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any

from argosy.plugins.choice import address
from argosy.plugins.discovery import Plugin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.plugins.registry import Installed

GIVER = Plugin("offer", "this process", "(argosy.plugins.offer)", "loaded", None, (), 0.0)
"""Whose such offers are said to be."""
_LENGTH = 12


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
        """A digest of the code of its functions."""
        digest = hashlib.sha256()
        for field in fields(self.value):
            held = getattr(self.value, field.name)
            _add(digest, getattr(held, "__code__", None))
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


@contextmanager
def using(loans: tuple[Loan, ...]) -> Iterator[None]:
    """Take these as they are: a worker is sent what its work needs."""
    token = _given.set(loans)
    try:
        yield
    finally:
        _given.reset(token)


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


def _add(digest: Any, code: CodeType | None) -> None:  # noqa: ANN401
    if code is None:
        return
    digest.update(code.co_code + repr((code.co_names, code.co_varnames)).encode())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _add(digest, constant)
        else:
            digest.update(repr(constant).encode())
