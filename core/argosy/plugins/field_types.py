"""Whether the fields of a value that a plugin offers hold what their annotations say.

Only what is cheap and certain is looked at: texts, numbers, words of a fixed list, sets and tuples
of these, functions and classes. What is imported for type checkers alone is taken as it is.
"""

from __future__ import annotations

import re
import sys
import types
from collections import abc
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

_WORD = re.compile(r"[^\s,=-][^\s,=]*")
_WORDS = re.compile(r"[^\s,=-][^\s,=]*( [^\s,=]+)*")
SPACED = frozenset({"argosy_gates", "argosy_causes", "argosy_commands"})
"""The hooks whose values may have names of several words: nobody types them, or a group does."""


class _Unknown:
    """Stands for whatever a module imports for type checkers alone."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return Any


class _Names(dict[str, Any]):
    """The names of a module, and something for those that it does not have when it runs."""

    def __missing__(self, name: str) -> Any:  # noqa: ANN401
        builtins = vars(sys.modules["builtins"])
        return builtins[name] if name in builtins else _stranger(name)


def _stranger(name: str) -> Any:  # noqa: ANN401
    """Return what stands for a name that only type checkers know: a class, or else a module."""
    return getattr(abc, name, Any) if name[:1].isupper() else _Unknown()


def misfit(value: object) -> str | None:
    """Say which field of a dataclass holds something else than it should; None if all fit.

    >>> from argosy.types import Detector
    >>> misfit(Detector("psi", frozenset({"numeric"}), print, "0.1", "PSI"))
    "its floor is '0.1', which is no number"
    >>> misfit(Detector("psi", "numeric", print, 0.1, "PSI"))
    "its kinds is 'numeric', which is no frozenset"
    """
    of: Any = type(value)
    for name, hint in _hints(of).items():
        held = getattr(value, name)
        lacks = _lacks(held, hint)
        if lacks:
            return f"its {name} is {held!r}, which is {lacks}"
    return None


def unfit_name(name: object, hook: str) -> str | None:
    """Say why users could not type a name, or None where they can.

    >>> unfit_name("Bad Name", "argosy_detectors")
    "'Bad Name' cannot be its name: write one word in lowercase, without commas or '='"
    """
    spaced = hook in SPACED
    if not isinstance(name, str) or not (_WORDS if spaced else _WORD).fullmatch(name):
        fit = False
    else:
        fit = name == name.lower()
    if fit:
        return None
    words = "words" if spaced else "one word"
    return f"{name!r} cannot be its name: write {words} in lowercase, without commas or '='"


@cache
def _hints(of: type) -> dict[str, Any]:
    names = _Names(vars(sys.modules[of.__module__]))
    hints = get_type_hints(of, localns=names)
    return {field.name: hints[field.name] for field in fields(of)}


def _lacks(held: object, hint: Any) -> str | None:  # noqa: ANN401
    """Say what a value is not, as `no number`; None if it fits, or nobody can tell."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        lacking = [_lacks(held, one) for one in inner]
        return None if None in lacking else lacking[0]
    if origin is Literal:
        return None if held in inner else f"none of {', '.join(map(repr, inner))}"
    if origin is type:
        return None if isinstance(held, type) else "no class"
    if hint is Callable or origin is Callable or _is_protocol(hint):
        return None if callable(held) else "no function"
    if hint is None or hint is type(None):
        return None if held is None else "not None"
    if hint in (int, float):
        kinds = (int, float) if hint is float else (int,)
        fits = isinstance(held, kinds) and not isinstance(held, bool)
        return None if fits else "no number"
    if hint in (str, bool):
        return None if isinstance(held, hint) else "no text" if hint is str else "no boolean"
    if isinstance(origin, type) and issubclass(origin, Collection):
        return _lacks_inside(held, origin, inner)
    return None


def _lacks_inside(held: Any, origin: type, inner: tuple[Any, ...]) -> str | None:  # noqa: ANN401
    if not isinstance(held, origin):
        return f"no {origin.__name__}"
    values: Any = held
    if issubclass(origin, Mapping) or not inner:
        return None
    if origin is tuple and inner[-1] is not Ellipsis:
        if len(values) != len(inner):
            return f"not {len(inner)} values"
        pairs = list(zip(values, inner, strict=True))
    else:
        pairs = [(one, inner[0]) for one in values]
    lacking = [lacks for one, hint in pairs if (lacks := _lacks(one, hint))]
    return f"not all right: one of it is {lacking[0]}" if lacking else None


def _is_protocol(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, Protocol) and "__call__" in vars(hint)
