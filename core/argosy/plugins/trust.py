"""Whose word a file of settings is, where it sets what runs code or sends data out.

Anybody may leave an `argosy.toml` where somebody else will work one day. So what is marked with
`argosy.types.Reach`, and every secret, is taken from a file only if that file belongs to the user
and the user has named it, or has trusted what it says, once.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from argosy.errors import BadInput
from argosy.plugins.private_folder import decided, is_ours
from argosy.types.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pydantic

_FOLDER = "trusted"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A file of settings as it was read."""

    path: Path
    content: bytes
    named: bool
    """Whether the user has named it; else it lay in the current folder."""
    fault: str | None
    """Why nobody can answer for it."""

    @classmethod
    def read(cls, path: Path, named: bool) -> SettingsFile:
        """Read a file; whose it is is asked of what was opened.

        Raises:
            OSError: if it cannot be read.
        """
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            return cls(path, stream.read(), named, _fault(status))

    def objection(self) -> str | None:
        """Say why it must not set what has reach, and the way out; None where it may."""
        if self.fault:
            return f"{self.fault}: make a copy that is yours alone, and name or trust that one"
        if self.named or self._is_trusted():
            return None
        return (
            "it is not trusted: look at it, then run `argosy trust` once, or name it with"
            f" `--config {self.path}` or ARGOSY_CONFIG"
        )

    def trust(self) -> None:
        """Remember that the user answers for what it says, where it is.

        Raises:
            BadInput: if it is not the user's own, or there is nowhere to remember it.
        """
        if self.fault:
            raise BadInput(f"{self.path} cannot be trusted: {self.objection()}")
        folder = decided(_FOLDER)
        if folder is None:
            raise BadInput(
                "there is no folder of your own to remember it in (XDG_CONFIG_HOME, or .config in"
                f" your home): name the file each time, with `--config {self.path}`"
            )
        told = {"path": str(self.path.resolve()), "at": datetime.now(UTC).isoformat()}
        (folder / self._digest()).write_text(json.dumps(told), encoding="utf-8")

    def _is_trusted(self) -> bool:
        folder = decided(_FOLDER)
        return folder is not None and (folder / self._digest()).is_file()

    def _digest(self) -> str:
        """Return what stands for its content at its place: paths in it may be relative."""
        place = os.fsencode(self.path.resolve())
        return hashlib.sha256(place + b"\0" + self.content).hexdigest()


def refuse_unanswered(
    file: SettingsFile, section: str, model: type[pydantic.BaseModel], keys: Iterable[str]
) -> None:
    """Refuse keys of a section with reach unless the user answers for the file that sets them.

    Raises:
        BadInput: naming the file, the key, what it does and the way out.
    """
    for key in keys:
        how = reach(model, key)
        objection = file.objection() if how else None
        if objection:
            raise BadInput(f"{file.path} sets {section}.{key}, which {how}, and {objection}")


def reach(model: type[pydantic.BaseModel], key: str) -> str | None:
    """Say what an option, or anything inside it, does beyond the fleet; None where nothing is.

    >>> from typing import Annotated
    >>> import pydantic
    >>> made = pydantic.create_model
    >>> target = made("Target", url=(Annotated[str, Reach("sends data out")], ""))
    >>> options = made("Options", targets=(list[target], []), seconds=(float, 1.0))
    >>> reach(options, "targets"), reach(options, "seconds")
    ('sends data out', None)
    """
    return _of_fields({key: model.model_fields[key]} if key in model.model_fields else {}, set())


def _of_fields(fields: Mapping[str, pydantic.fields.FieldInfo], seen: set[object]) -> str | None:
    for field in fields.values():
        for part in (*field.metadata, field.annotation):
            how = _of(part, seen)
            if how:
                return how
    return None


def _of(part: object, seen: set[object]) -> str | None:
    if isinstance(part, Reach):
        return part.how
    if hasattr(part, "get_secret_value"):  # a reference reads a file or a variable of the user's
        return "is a secret"
    for inner in get_args(part):
        how = _of(inner, seen)
        if how:
            return how
    fields = getattr(part, "model_fields", None)
    if not isinstance(part, type) or fields is None or part in seen:
        return None
    seen.add(part)
    return _of_fields(fields, seen)


def _fault(status: os.stat_result) -> str | None:
    if not is_ours(status):
        return f"it belongs to another user ({status.st_uid})"
    if os.name == "posix" and status.st_mode & stat.S_IWOTH:
        return "anybody may write to it"
    return None
