"""The SHA-256 of a file, taken while it is written."""

from __future__ import annotations

import hashlib
from typing import Any


class Hashed:
    """A file that is written from its beginning to its end, and takes note of its SHA-256."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401  (whatever fsspec opens)
        self._file = file
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of all that was written so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return bool(self._file.closed)

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def readable(self) -> bool:
        """Say that it cannot be read."""
        return False

    def write(self, content: bytes) -> int:
        """Write the next bytes."""
        self._hash.update(content)
        return int(self._file.write(content))

    def tell(self) -> int:
        """Return how many bytes were written."""
        return int(self._file.tell())

    def flush(self) -> None:
        """Hand over to the store what is held back."""
        self._file.flush()

    def close(self) -> None:
        """Complete the file."""
        self._file.close()
