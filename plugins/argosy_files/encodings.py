"""Text files that are not UTF-8."""

from __future__ import annotations

import codecs
from pathlib import Path

from argosy.errors import DataError
from argosy_files.paths import found, local

_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x78")
"""How compressed files begin."""
_BEGINNING = 2**16
_UTF8 = {"utf-8", "utf-8-sig"}


def encoding_of(path: str, named: str | None) -> str | None:
    """Return the encoding of a file on this machine; None where it is UTF-8, as far as is known."""
    if named is not None:
        return None if codecs.lookup(named).name in _UTF8 else named
    try:
        with open(path, "rb") as file:  # noqa: PTH123  (thousands of them)
            return _MARKS.get(file.read(2))
    except OSError:
        return None


def decoded(content: bytes, named: str | None) -> bytes:
    """Return text in UTF-8.

    Raises:
        DataError: if it is not in the encoding that was named.
    """
    encoding = named or _MARKS.get(content[:2])
    if encoding is None or codecs.lookup(encoding).name in _UTF8:
        return content
    try:
        return content.decode(encoding).encode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"line {line} is not in the encoding {encoding}") from error


def refuse_other_letters(path: str) -> None:
    """Raise if the beginning of a file is no UTF-8, so that it shows before all of it is read.

    Raises:
        DataError: naming the line.
    """
    with open(path, "rb") as file:  # noqa: PTH123  (thousands of them)
        content = file.read(_BEGINNING)
    if content.startswith(PACKED):
        return
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        raise DataError(explain_encoding(path, ())) from None


def explain_encoding(url: str, suffixes: tuple[str, ...]) -> str | None:
    """Name the first line that is no UTF-8."""
    for path in found(url, suffixes).paths if local(url) else ():
        content = Path(path).read_bytes()
        try:
            content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return (
                f"line {line} of {path} is no UTF-8; bind it with its `encoding`, such as latin-1"
                " or utf-16"
            )
    return None
