"""Find the secrets among options, by the types that their plugin declares."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel


def in_section(
    section: str,
    model: type[BaseModel] | None,
    values: Mapping[str, Any],
    change: Callable[[Any, str], Any],
) -> dict[str, Any]:
    """Return what is set in a section, with a change made to every secret that its model declares.

    Args:
        section: of the settings, as errors name it.
        model: what the section's plugin declares; without one, nothing is a secret.
        values: by key, not validated.
        change: `looked_up`, `wrapped` or `shown`.
    """
    fields = {} if model is None else model.model_fields

    def changed(key: str, held: Any) -> Any:  # noqa: ANN401
        what = f"the option {section}.{key}"
        return each(fields[key].annotation, held, lambda one: change(one, what))

    return {key: changed(key, held) if key in fields else held for key, held in values.items()}


def refused_value(model: type[BaseModel], told: Mapping[str, Any]) -> str:
    """Return a value that pydantic refused, as it may be printed.

    Args:
        model: that refused it.
        told: one of what its error's `errors()` lists.
    """
    first = next(iter(told["loc"]), None)
    field = model.model_fields.get(str(first))
    if holds_secret(model if field is None else field.annotation):
        return "what it is set to"
    return repr(told["input"])


def each(kind: Any, value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    """Return a value of a type with `change` made to all that stands where a secret is declared.

    >>> from pydantic import SecretStr
    >>> each(dict[str, SecretStr | None], {"a": "x", "b": None}, lambda held: held and "?")
    {'a': '?', 'b': None}
    """
    from pydantic import BaseModel, SecretBytes, SecretStr

    origin, parts = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, (SecretStr, SecretBytes)):
        return change(value)
    if origin is Annotated:
        return each(parts[0], value, change)
    if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, Mapping):
        fields = kind.model_fields
        return {
            name: each(fields[name].annotation, held, change) if name in fields else held
            for name, held in value.items()
        }
    if isinstance(value, Mapping) and len(parts) == 2 and not _is_union(kind):
        return {name: each(parts[1], held, change) for name, held in value.items()}
    if isinstance(value, (list, tuple)) and parts and not _is_union(kind):
        inner = [part for part in parts if part is not ...]
        kinds = inner if len(inner) == len(value) else inner[:1] * len(value)
        return [each(one, held, change) for one, held in zip(kinds, value, strict=True)]
    if _is_union(kind):
        for part in parts:
            if part is not NoneType and holds_secret(part):
                return each(part, value, change)
    return value


def holds_secret(kind: Any) -> bool:  # noqa: ANN401
    """Whether a secret is declared somewhere in a type.

    >>> from pydantic import SecretStr
    >>> holds_secret(dict[str, list[SecretStr]]), holds_secret(dict[str, str])
    (True, False)
    """
    from pydantic import BaseModel, SecretBytes, SecretStr

    if isinstance(kind, type) and not get_args(kind):
        if issubclass(kind, BaseModel):
            return any(holds_secret(field.annotation) for field in kind.model_fields.values())
        return issubclass(kind, (SecretStr, SecretBytes))
    return any(holds_secret(part) for part in get_args(kind))


def _is_union(kind: Any) -> bool:  # noqa: ANN401
    return get_origin(kind) in {UnionType, Union}
