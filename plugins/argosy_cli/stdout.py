"""Keep standard output for answers: whatever else writes to it goes to standard error.

Libraries in other languages, and worker processes, write to the file descriptor itself, which
Python cannot hold them from. So the descriptor becomes that of standard error, and answers go to
where it led before.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answers_alone() -> Iterator[None]:
    """Let only what this process prints by Python's means reach standard output."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    before, encoding = sys.stdout, sys.stdout.encoding
    sys.stdout = os.fdopen(os.dup(kept), "w", encoding=encoding, errors=before.errors)
    try:
        yield
    finally:
        answers, sys.stdout = sys.stdout, before
        os.dup2(kept, 1)
        os.close(kept)
        with suppress(BrokenPipeError):  # whoever read them has enough
            answers.close()
