"""Describe the options of a plugin to the people who set them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import polars as pl

from argosy.plugins.secret_fields import holds_secret
from argosy.plugins.settings import masked, options

if TYPE_CHECKING:
    import pydantic


def described(model: type[pydantic.BaseModel], section: str) -> pl.DataFrame:
    """Return one row per option: `key`, `type`, `default`, `value`, `description`.

    What is allowed stands beside the type.
    """
    values = options(section).model_dump(mode="json")
    fields = model.model_fields
    seen = masked(section)
    values |= {key: seen[key] for key in seen if holds_secret(fields[key].annotation)}
    rows = [
        {
            "key": key,
            "type": type_of(field),
            "default": _written(field),
            "value": json.dumps(values[key]),
            "description": field.description or "",
        }
        for key, field in fields.items()
    ]
    schema = dict.fromkeys(("key", "type", "default", "value", "description"), pl.String)
    return pl.DataFrame(rows, schema=schema)


def _written(field: Any) -> str:  # noqa: ANN401
    """Write a default as JSON; a secret is hidden, and a value that must be given has none."""
    from pydantic_core import to_json

    if field.is_required():
        return ""
    return to_json(field.get_default(call_default_factory=True), fallback=str).decode()


def type_of(field: Any) -> str:  # noqa: ANN401
    """Say what values a field takes.

    >>> from typing import Annotated
    >>> import pydantic
    >>> kind = Annotated[int, pydantic.Field(ge=1, le=400)]
    >>> type_of(pydantic.create_model("Options", nights=(kind, 3)).model_fields["nights"])
    'int >= 1 <= 400'
    """
    kind = getattr(field.annotation, "__name__", "") or str(field.annotation)
    if get_origin(field.annotation) is Literal:
        kind = "one of " + ", ".join(map(str, get_args(field.annotation)))
    elif get_origin(field.annotation) is not None:
        kind = str(field.annotation)
    if holds_secret(field.annotation):
        kind = kind.replace("pydantic.types.", "").replace("SecretStr", "secret")
        kind = f"{kind}, also as {{env = NAME}} or {{file = PATH}}"
    bounds = [
        f"{word} {getattr(one, name)}"
        for one in field.metadata
        for name, word in (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))
        if getattr(one, name, None) is not None
    ]
    return " ".join([kind, *bounds])
