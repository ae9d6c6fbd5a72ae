"""What tests of commands share: how they are run, and what they can and cannot be asked."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any, Literal, get_origin

from argosy_cli.fields import options_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from argosy.types.request import Request

NOTHING = "argosy_nothing"
"""A parameter that no job takes, and a value that no field can have."""


def said(words: Sequence[str]) -> tuple[int, str, str]:
    """Run a command line in this process: its exit code, its answer and what it said besides."""
    from argosy_cli.main import run

    answer, besides = StringIO(), StringIO()
    with redirect_stdout(answer), redirect_stderr(besides):
        code = run(words)
    return code, answer.getvalue(), besides.getvalue()


def arguments(request: type[Request], given: Mapping[str, Any]) -> list[str]:
    """Return parameters as the options of a command.

    >>> from argosy.types.request import Request
    >>> class Count(Request):
    ...     columns: tuple[str, ...] = ()
    ...     fresh: bool = False
    >>> arguments(Count, {"columns": ["a", "b"], "fresh": True})
    ['--column', 'a', '--column', 'b', '--fresh']
    """
    told: list[str] = []
    for option in options_of(request):
        value = given.get(str(option.name))
        if value is None or value is False:
            continue
        values = [value] if isinstance(value, str) or not option.multiple else value
        for one in values:
            told += [option.opts[0]] if option.is_flag else [option.opts[0], str(one)]
    return told


def beyond(request: type[Request]) -> Iterator[tuple[str, Any]]:
    """Yield values that fields of a request cannot have: beyond a bound, or none of those allowed.

    >>> import pydantic
    >>> from argosy.types.request import Request
    >>> class Count(Request):
    ...     most: float = pydantic.Field(0.1, ge=0, lt=1)
    >>> list(beyond(Count))
    [('most', -1), ('most', 1), ('most', 'argosy_nothing')]
    """
    steps = {"ge": -1, "gt": 0, "le": 1, "lt": 0}
    for name, field in request.model_fields.items():
        for mark in field.metadata:
            for bound, step in steps.items():
                limit = getattr(mark, bound, None)
                if isinstance(limit, (int, float)):
                    yield name, limit + step
        if get_origin(field.annotation) is Literal or field.annotation in (int, float):
            yield name, NOTHING
