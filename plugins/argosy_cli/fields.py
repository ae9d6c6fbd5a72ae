"""Options of a command from the fields of a pydantic model."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import click

from argosy.types.request import Metavar

if TYPE_CHECKING:
    import pydantic
    from pydantic.fields import FieldInfo


def options_of(model: type[pydantic.BaseModel]) -> list[click.Option]:
    """Return an option for every field that is not hidden from the command line.

    A field of several values is an option that can be repeated, without the last `s` of its name.

    >>> import pydantic
    >>> class Ask(pydantic.BaseModel):
    ...     metrics: tuple[str, ...] = ()
    ...     fresh: bool = False
    >>> [option.opts for option in options_of(Ask)]
    [['--metric'], ['--fresh']]
    """
    return [
        _option(name, field)
        for name, field in model.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("hidden"))
    ]


def _option(name: str, field: FieldInfo) -> click.Option:
    kind, marks = _stripped(field.annotation, list(field.metadata))
    metavar = next((mark.text for mark in marks if isinstance(mark, Metavar)), None)
    required = field.is_required()
    default: Any = None if required else field.get_default(call_default_factory=True)
    shared: dict[str, Any] = {"help": field.description, "default": default, "required": required}
    if kind is bool:
        return click.Option([_flag(name), name], is_flag=True, **shared)
    if get_origin(kind) is tuple:
        one = _flag(name.removesuffix("s"))
        shared["default"] = default or ()
        return click.Option(
            [one, name],
            metavar=metavar,
            multiple=True,
            show_default=bool(default),
            **shared,
        )
    return click.Option(
        [_flag(name), name],
        metavar=metavar,
        type=_type(kind, marks),
        show_default=default is not None,
        **shared,
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _stripped(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any]]:  # noqa: ANN401
    """Return the type of a field without `None`, and what marks it."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _stripped(inner, [*marks, *more])
    if get_origin(annotation) in (Union, UnionType):
        (inner,) = (one for one in get_args(annotation) if one is not NoneType)
        return _stripped(inner, marks)
    return annotation, marks


def _type(kind: Any, marks: list[Any]) -> click.ParamType[Any]:  # noqa: ANN401
    """Return how a value is read; what click cannot check, the request does."""
    if get_origin(kind) is Literal:
        return click.Choice([str(value) for value in get_args(kind)])
    bounds = {
        name: getattr(mark, name)
        for mark in marks
        for name in ("gt", "ge", "lt", "le")
        if getattr(mark, name, None) is not None
    }
    if kind not in (int, float):
        return click.STRING
    if not bounds:
        return click.INT if kind is int else click.FLOAT
    least, most = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    span: Any = click.IntRange if kind is int else click.FloatRange
    read: click.ParamType[Any] = span(least, most, min_open="gt" in bounds, max_open="lt" in bounds)
    return read
