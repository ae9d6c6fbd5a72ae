"""Keep the panics of engines off standard error: what they come to is told in one line.

An engine's thread prints its panic itself, whoever catches it. So what the process and its workers
write to standard error goes through a pipe, and panics are left out of it; Python's own messages
go straight through, so that they keep their order and a terminal stays one. What comes through the
pipe may hold names of strangers, and is made inert.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from argosy import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BEGINS = re.compile(rb"^thread '.*' .*panicked at ")
_ENDS = re.compile(rb"^note: (run with|Some details)")
_INSIDE = re.compile(rb"^(stack backtrace:|\s+\d+: |\s+at )")
_WAIT = 1.0
"""Seconds for the last lines; a worker that lives on holds the pipe open."""


def without_panics(lines: Iterable[bytes]) -> Iterator[bytes]:
    r"""Leave the panics out of lines.

    >>> told = [b"a\n", b"\n", b"thread 'x' (1) panicked at a.rs:1:1:\n", b"why\n",
    ...         b"note: run with `RUST_BACKTRACE=1`\n", b"b\n"]
    >>> list(without_panics(told))
    [b'a\n', b'b\n']
    """
    blank, left = False, 0
    for line in lines:
        if _BEGINS.match(line):
            blank, left = False, 2  # this line and the reason
        if left:
            left -= 1
            inside = True
        else:
            inside = bool(_INSIDE.match(line) or _ENDS.match(line))
        if inside:
            continue
        if blank:
            yield b"\n"
        blank = line == b"\n"
        if not blank:
            yield line
    if blank:
        yield b"\n"


@contextmanager
def quiet() -> Iterator[None]:
    """Leave the panics of engines out of standard error while a command runs."""
    sys.stderr.flush()
    terminal = os.dup(2)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    before, sys.stderr = sys.stderr, os.fdopen(os.dup(terminal), "w", buffering=1)
    thread = threading.Thread(target=_pass_on, args=(reading, terminal), daemon=True)
    thread.start()
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = before
        os.dup2(terminal, 2)
        thread.join(_WAIT)


def _pass_on(reading: int, terminal: int) -> None:
    source: BinaryIO
    with os.fdopen(reading, "rb") as source:
        for line in without_panics(source):
            os.write(terminal, inert_line(line))


def inert_line(line: bytes) -> bytes:
    r"""Show a line that may steer a terminal; tabs and whole lines stay.

    >>> inert_line(b"\tat \x1b[2J\xff\n")
    b'\tat \\x1b[2J\\udcff\n'
    """
    text = line.decode(errors="surrogateescape")
    return "\t".join(map(inert.lines, text.split("\t"))).encode()
