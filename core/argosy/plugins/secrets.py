"""Secrets: by reference where they are written down, and masked wherever they could be seen.

An option that a plugin declares as pydantic's `SecretStr` takes `{env = "NAME"}` or
`{file = "PATH"}` as well as the value itself. The reference is what is configured, shown and kept;
the value is looked up where the option is asked for, and workers are handed it with their work.
Values that were looked up are remembered, so that `hidden` takes them out of a stranger's words.
"""

from __future__ import annotations

import json
import os
import stat
import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin
from urllib.parse import quote

from argosy.errors import ArgosyWarning, BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from pydantic import BaseModel

MASK = "**********"
_ENV, _FILE = "env", "file"
_LARGEST = 1 << 20
"""Bytes of a file that may be a secret."""
_SHORTEST = 5
"""Letters below which a value is part of many words, and hides nothing."""
_TOLD = frozenset({"reason", "detail"})
"""Columns that hold a stranger's words."""
_known: set[str] = set()
_warned: set[str] = set()


def is_reference(value: object) -> bool:
    """Whether a value says where a secret lies, instead of being one.

    >>> is_reference({"env": "TOKEN"}), is_reference({"file": "t"}), is_reference({"env": 1})
    (True, True, False)
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    (key, where), *_ = value.items()
    return key in {_ENV, _FILE} and isinstance(where, str)


def written(value: object) -> object:
    """Return a reference that the environment or the command line holds as JSON; else the value.

    >>> written('{"env": "TOKEN"}'), written("{not json")
    ({'env': 'TOKEN'}, '{not json')
    """
    if isinstance(value, str) and value.lstrip().startswith("{"):
        with suppress(ValueError):
            told = json.loads(value)
            return told if is_reference(told) else value
    return value


def looked_up(value: Any, what: str) -> Any:  # noqa: ANN401
    """Return the value that a reference means, and remember it; a value that is none as it is.

    Args:
        value: a reference, or a secret itself.
        what: what it is for, as errors name it, such as `the option notices.token`.

    Raises:
        BadInput: naming the variable or the file that is not there or empty.
    """
    value = written(value)
    if not is_reference(value):
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        if isinstance(plain, str):
            remember(plain)
        return value
    ((key, where),) = value.items()
    if key == _ENV:
        found = os.environ.get(where)
        missing = f"the variable {where}, which is not set here; set it"
    else:
        found, missing = _content(where)
    if not found:
        raise BadInput(f"{what} is to be {missing}, or refer to another")
    remember(found)
    return found


def wrapped(value: Any, what: str) -> Any:  # noqa: ANN401
    """Return the value that a reference means, in a wrapper that does not print it.

    Raises:
        BadInput: as `looked_up` does.
    """
    from pydantic import SecretStr

    found = looked_up(value, what)
    return SecretStr(found) if isinstance(found, str) else found


def shown(value: Any, what: str) -> Any:  # noqa: ANN401 - handed over as its siblings are
    """Return a secret as it may be seen and kept: masked; a reference tells nothing and stays."""
    told = written(value)
    return told if told is None or is_reference(told) else MASK


def remember(value: str) -> None:
    """Let `hidden` take a value out of what is printed and kept, however it is quoted there."""
    if len(value) >= _SHORTEST:
        quoted = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
        _known.update((value, *quoted, repr(value)[1:-1], quote(value), quote(value, safe="")))


def learn(values: Any) -> None:  # noqa: ANN401
    """Remember every secret that a worker was handed, as deep as it lies."""
    if isinstance(values, Mapping):
        values = values.values()
    elif hasattr(values, "get_secret_value"):
        looked_up(values, "")
        return
    elif not isinstance(values, (list, tuple)):
        return
    for value in values:
        learn(value)


def hidden(text: str) -> str:
    """Return a text without the secrets that this process has seen.

    >>> remember("open sesame")
    >>> hidden("the door says: open sesame!")
    'the door says: **********!'
    """
    for value in known():
        text = text.replace(value, MASK)
    return text


def without(table: pa.Table) -> pa.Table:
    """Return a table whose reasons hold no secret that this process has seen."""
    if not _known:
        return table
    import polars as pl

    for name in _TOLD & set(table.column_names):
        column = pl.Series(table[name]).cast(pl.String)
        found = column.str.replace_many(known(), [MASK] * len(_known))
        place = table.column_names.index(name)
        field = table.schema.field(name)
        table = table.set_column(place, field, found.to_arrow().cast(field.type))
    return table


def known() -> list[str]:
    """Return the secrets that this process has seen, the longest first."""
    return sorted(_known, key=len, reverse=True)


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
    return {
        key: each(fields[key].annotation, held, partial(change, what=f"the option {section}.{key}"))
        if key in fields
        else held
        for key, held in values.items()
    }


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


def _content(name: str) -> tuple[str | None, str]:
    """Return what a file holds, without the end of its line; or None, and what is missing."""
    path = Path(name).expanduser()
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):
            return None, f"in {name}, which is no file; put it into one"
        if told.st_size > _LARGEST:
            return None, f"in {name}, which is too large for one; name the right file"
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        return None, f"in the file {name}, which cannot be read ({reason}); put it there"
    if told.st_mode & stat.S_IRWXO and str(path) not in _warned:
        _warned.add(str(path))
        warnings.warn(
            f"the secret in {name} can be read or written by everybody on this machine; take that"
            f" away: chmod o= {name}",
            ArgosyWarning,
            stacklevel=6,
        )
    return text.rstrip("\r\n"), f"in the file {name}, which is empty; put it there"
