"""Load one version and let it predict, with nobody beside it, to see whether it survives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_scoring.gather import gather

if TYPE_CHECKING:
    from argosy.types import Chunk, Tables

SUSPECT = (
    *("model", "version", "task", "format", "artifact", "digest", "features"),
    *("binding", "labels", "owner", "owner_version"),
)
"""The columns of those that are suspected, as `argosy.jobs.culprits.Suspects` has them."""


def perform(chunk: Chunk) -> Tables:
    """Ask the chunk's versions for their predictions, and keep nothing."""
    location: Any = chunk.options["location"]
    gather(pl.DataFrame(chunk.models), location)
    return {}
