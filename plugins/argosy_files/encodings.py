"""Text files that are not UTF-8."""

from __future__ import annotations

import codecs
from pathlib import Path

from argosy.errors import DataError
from argosy_files.paths import found, local

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""How files begin that say their encoding; that of UTF-16 begins as one of UTF-32 does."""
PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x78")
"""How compressed files begin."""
BEGINNING = 2**16
_ZERO = b"\0"
_ZEROS_OF = {
    "utf-16-le": (1, 3),
    "utf-16-be": (0, 2),
    "utf-32-le": (1, 2, 3),
    "utf-32-be": (0, 1, 2),
}
"""Which of four bytes is zero in most letters, by the encoding."""
_UTF8 = {"utf-8", "utf-8-sig"}


def encoding_of(path: str, named: str | None) -> str | None:
    """Return the encoding of a file on this machine; None where it is UTF-8, as far as is known."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  (thousands of them)
            return encoding_in(file.read(4), named)
    except OSError:
        return encoding_in(b"", named)


def encoding_in(beginning: bytes, named: str | None) -> str | None:
    """Return the encoding of text that begins so; None where it is UTF-8, as far as is known."""
    if named is not None:
        return None if codecs.lookup(named).name in _UTF8 else named
    return _marked(beginning)


def decoded(content: bytes, named: str | None) -> bytes:
    """Return text in UTF-8.

    Raises:
        DataError: if it is not in the encoding that was named.
    """
    encoding = named or _marked(content)
    if encoding is None or codecs.lookup(encoding).name in _UTF8:
        return content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode(encoding).encode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"line {line} is not in the encoding {encoding}") from error


def has_mark(path: str) -> bool:
    """Whether a file on this machine begins with the mark of UTF-8, no part of its text."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  (thousands of them)
            return file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    except OSError:
        return False


def refuse_other_letters(path: str) -> None:
    """Raise if the beginning of a file is no UTF-8, so that it shows before all of it is read.

    Raises:
        DataError: naming the line.
    """
    with open(path, "rb") as file:  # noqa: PTH123  (thousands of them)
        refuse_letters(file.read(BEGINNING), path)


def refuse_letters(beginning: bytes, path: str) -> None:
    """Raise if what a file begins with is no UTF-8.

    Raises:
        DataError: naming the line.
    """
    if beginning.startswith(PACKED):
        return
    told = _zeros(beginning, path)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError as error:
        told = _no_utf8(beginning, error, path)
    if told is not None:
        raise DataError(told)


def explain_encoding(url: str, suffixes: tuple[str, ...]) -> str | None:
    """Name the first line that is no UTF-8, or that holds zero bytes."""
    for path in found(url, suffixes).paths if local(url) else ():
        content = Path(path).read_bytes()
        try:
            content.decode()
        except UnicodeDecodeError as error:
            return _no_utf8(content, error, path)
        told = _zeros(content, path)
        if told is not None:
            return told
    return None


def _no_utf8(content: bytes, error: UnicodeDecodeError, path: str) -> str:
    line = content.count(b"\n", 0, error.start) + 1
    likely = _in_twos(content) or "latin-1 or utf-16"
    return f"line {line} of {path} is no UTF-8; bind it with its `encoding`, such as {likely}"


def _zeros(content: bytes, path: str) -> str | None:
    """Say of a text without a mark that it is of another encoding, where its zero bytes show it."""
    likely = _in_twos(content) if _ZERO in content else None
    if likely is None:
        return None
    line = content.count(b"\n", 0, content.index(_ZERO)) + 1
    return (
        f"line {line} of {path} holds zero bytes, which are no letters of UTF-8; bind it with its"
        f" `encoding`, such as {likely}"
    )


def _in_twos(content: bytes) -> str | None:
    """Name the encoding in which every other byte of most texts is zero, or three of four are."""
    beginning = content[:BEGINNING]
    zero = [beginning[start::4].count(_ZERO) for start in range(4)]
    most = len(beginning) // 8
    for encoding, places in _ZEROS_OF.items():
        if most and all((zero[place] > most) == (place in places) for place in range(4)):
            return encoding
    return None


def _marked(content: bytes) -> str | None:
    return next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
