"""Let `help(Detector)` show what stands beneath the fields of a class.

Strings below fields are read by whoever has the file open, and forgotten by Python. So the
docstring of a class is put together from its source when somebody asks for it, and costs nothing
until then.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import is_dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Documented:
    """A docstring with a paragraph for each field, made when it is asked for."""

    def __init__(self, own: str) -> None:
        self.own = own

    def __get__(self, holder: object, owner: type) -> str:
        return _with_fields(owner, self.own)


def document(classes: Iterable[Any]) -> None:
    r"""Give dataclasses a docstring that tells their fields; others are left as they are.

    >>> import argosy.types
    >>> "floor: float\n        The smallest effect worth an alert" in argosy.types.Detector.__doc__
    True
    """
    for one in classes:
        if isinstance(one, type) and is_dataclass(one):
            one.__doc__ = _Documented(inspect.cleandoc(one.__doc__ or ""))  # type: ignore[assignment]


@cache
def _with_fields(owner: type, own: str) -> str:
    try:
        source = textwrap.dedent(inspect.getsource(owner))
    except (OSError, TypeError):  # no source is installed
        return own
    (body,) = (one.body for one in ast.parse(source).body if isinstance(one, ast.ClassDef))
    lines = [line for field in _fields(body) for line in field]
    return "\n".join([own, "", "Fields:", *lines]) if lines else own


def _fields(body: list[ast.stmt]) -> Iterator[list[str]]:
    """Yield the lines that tell each annotated field that has a string beneath it."""
    for field, below in pairwise(body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(below, ast.Expr):
            continue
        told = below.value.value if isinstance(below.value, ast.Constant) else None
        if isinstance(told, str):
            head = f"    {ast.unparse(field)}"
            yield [head, *textwrap.indent(inspect.cleandoc(told), " " * 8).splitlines()]
