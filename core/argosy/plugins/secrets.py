"""Secrets by reference: where a value lies, in place of the value, until it is used.

An option that a plugin declares as pydantic's `SecretStr` takes `{env = "NAME"}` or
`{file = "PATH"}` as well as the value itself. The reference is what is configured, shown and kept;
the value is looked up where the option is asked for, and workers are handed it with their work.
"""

from __future__ import annotations

import json
import os
import stat
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from argosy.errors import ArgosyWarning, BadInput
from argosy.plugins.hidden import MASK, remember

_ENV, _FILE = "env", "file"
_LARGEST = 1 << 20
"""Bytes of a file that may be a secret."""
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
