"""A context variable that has a value for as long as a block runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextvars import ContextVar

T = TypeVar("T")


@contextmanager
def during(variable: ContextVar[T], value: T) -> Iterator[None]:
    """Give a variable a value inside, and its old one back afterwards.

    >>> from contextvars import ContextVar
    >>> mood = ContextVar("mood", default="calm")
    >>> with during(mood, "busy"):
    ...     mood.get()
    'busy'
    >>> mood.get()
    'calm'
    """
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)
