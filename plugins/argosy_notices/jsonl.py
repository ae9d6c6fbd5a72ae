"""Append notices to a file, a JSON object per line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from argosy import inert
from argosy.errors import BadInput
from argosy.plugins import options
from argosy.types import Sink

if TYPE_CHECKING:
    import pyarrow as pa


def send(notices: pa.Table) -> None:
    """Append the notices in one write, so that processes which share the file do not mix lines.

    Raises:
        BadInput: if no file is set.
        OSError: if it cannot be written.
    """
    path = options("notices").path
    if not path:
        raise BadInput("no file is set; set notices.path")
    lines = inert.in_json(pl.DataFrame(notices).write_ndjson())
    with Path(path).expanduser().open("ab", buffering=0) as file:
        file.write(lines.encode())


SINK = Sink("jsonl", send)
