"""Cut a job into chunks: models that share data together, none too large to lose."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from argosy.types import Chunk

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

_CHUNKS_PER_CORE = 4
_MOST_MODELS = {True: 100, False: 1000}
_LEAST_MODELS = {True: 1, False: 250}  # fewer would not repay what a chunk costs by itself


def chunks(units: pl.DataFrame, options: Mapping[str, Any], isolate: bool) -> list[Chunk]:
    """Cut the models (in the order given, so that neighbours share data) into chunks."""
    cores = os.cpu_count() or 1
    even = -(-units.height // (cores * _CHUNKS_PER_CORE))
    size = max(_LEAST_MODELS[isolate], min(_MOST_MODELS[isolate], even))
    return [
        Chunk(f"{start}", part.to_arrow(), options, isolate)
        for start, part in zip(range(0, units.height, size), units.iter_slices(size), strict=True)
    ]


def halves(chunk: Chunk) -> list[Chunk]:
    """Split a chunk in two."""
    middle = chunk.models.num_rows // 2
    parts = (chunk.models.slice(0, middle), chunk.models.slice(middle))
    return [
        Chunk(f"{chunk.id}.{index}", part, chunk.options, chunk.isolate)
        for index, part in enumerate(parts)
    ]
