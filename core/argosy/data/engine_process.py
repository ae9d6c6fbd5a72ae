"""A process of its own that is asked over pipes, for what an engine might not survive."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import IO


class EngineProcess:
    """A module that runs by itself, answers on standard output what it is asked on standard input.

    Args:
        module: its name.
        said: what takes its standard error; it is let go otherwise.
    """

    def __init__(self, module: str, said: IO[bytes] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if said is None else said,
            env={**os.environ, "RUST_BACKTRACE": "0"},
        )
        self._asks: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        self._answers: IO[bytes] = self._process.stdout  # type: ignore[assignment]

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def ask(self, *parts: bytes, length: int) -> bytes:
        """Return the first bytes of an answer; fewer if the process ended before."""
        with suppress(BrokenPipeError):
            for part in parts:
                self._asks.write(part)
            self._asks.flush()
        return self.read(length)

    def read(self, length: int) -> bytes:
        """Return the next bytes of an answer; fewer if the process ended before."""
        return self._answers.read(length)

    def ending(self) -> int:
        """Wait until it has ended, and return its exit code."""
        return self._process.wait()

    def kill(self) -> None:
        """Have it end, whatever it does."""
        self._process.kill()

    def stop(self) -> None:
        """End it, and close its pipes."""
        self.kill()
        self.ending()
        for stream in (self._asks, self._answers):
            with suppress(OSError):  # what it did not take any more
                stream.close()
