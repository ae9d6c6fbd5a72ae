"""Cut a job into chunks: models that share data together, none too large to lose.

What a model costs is learned from the last run of the same job. A chunk is then about ten seconds
of work, limited in bytes of rows, and each core gets several if there is enough work. Without an
earlier run, the first chunks are timed (`argosy.jobs.pilot`); if there is too little work for that,
chunks are small enough for the heaviest jobs we know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.row_groups import SHARD
from argosy.types import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

TARGET_SECONDS = 10.0
"""Work in a chunk: the most that a crash costs, and enough to make starting a chunk negligible."""
TARGET_BYTES = 96 * 2**20
"""Bytes in a chunk: of its rows in memory, or of its results if these are larger."""
_LEAST_SECONDS = 1.0
_CHUNKS_PER_CORE = 8
_MOST_MODELS = 20_000
_MOST_CHUNKS = 50_000
_UNKNOWN_MOST = {True: 100, False: 500}
_UNKNOWN_LEAST = {True: 1, False: 250}  # fewer would not repay what a chunk costs by itself
_UNKNOWN_PER_CORE = 4
_SLACK = 0.65
"""How much larger or smaller a chunk may be if it then ends where a file or a profile does."""
_PATIENCE = 5.0
"""A chunk that takes this many times the expected time is stopped."""
NEEDS, ENVIRONMENT = "argosy_needs", "argosy_environment"
"""The optional columns of units that say which resources they need and where they run."""
NEAR = "argosy_near"
"""The column of units whose value is shared by models that belong in one chunk."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a model cost in the last run of the job."""

    seconds: float | None = None
    """Of one core."""
    read: float | None = None
    """Bytes of rows."""
    made: float | None = None
    """Bytes of results."""
    run: str | None = None
    """The run that these figures come from."""


def cuts(
    units: pl.DataFrame, costs: Costs, cores: int, isolate: bool, most: int | None = None
) -> list[int]:
    """Return where chunks begin, the first at 0.

    Args:
        units: in the order in which they are to be cut, so that neighbours share data.
        costs: of a model.
        cores: how many chunks can run at a time.
        isolate: whether the work parses artifacts.
        most: about how many models a chunk has; defaults to what follows from the costs.

    >>> cuts(pl.DataFrame({"model": range(5000)}), Costs(seconds=0.2), 2, False)[:4]
    [0, 50, 100, 150]
    """
    most = most or _size(units.height, costs, cores, isolate)
    cut = _on_edges(units.height, _edges(units), most) if units.height > most else [0]
    starts = np.array(cut[: units.height], np.int64)
    for apart in (NEEDS, ENVIRONMENT):
        if apart in units.columns:
            starts = np.union1d(starts, _changes(units.select(apart)))
    return [int(start) for start in starts]


def chunks(
    units: pl.DataFrame,
    starts: Iterable[int],
    options: Mapping[str, Any],
    isolate: bool,
    costs: Costs,
    time_limit: float,
) -> list[Chunk]:
    """Return the chunks that begin at the given places, the costliest first.

    Args:
        units: as they were cut.
        starts: as `cuts` gives them; a chunk is named after its own.
        options: what every chunk carries.
        isolate: whether the work parses artifacts.
        costs: of a model.
        time_limit: how long one call of a plugin may take.
    """
    begin = list(starts)
    ends = [*begin[1:], units.height] if begin else []
    planned = []
    carried = units.drop(NEEDS, ENVIRONMENT, NEAR, SHARD, strict=False)
    for start, end in zip(begin, ends, strict=True):
        part = carried.slice(start, end - start).to_arrow()
        seconds = costs.seconds * (end - start) if costs.seconds else None
        limit = 2 * max(time_limit, _PATIENCE * (seconds or 0))
        told = units.row(start, named=True)
        needs = {name: n for name, n in (told.get(NEEDS) or {}).items() if n is not None}
        place = told.get(ENVIRONMENT)
        planned.append(Chunk(f"{start}", part, options, isolate, needs, place, seconds, limit))
    return sorted(planned, key=lambda chunk: -chunk.models.num_rows)


def halves(chunk: Chunk) -> list[Chunk]:
    """Split a chunk in two."""
    middle = chunk.models.num_rows // 2
    parts = (chunk.models.slice(0, middle), chunk.models.slice(middle))
    return [part_of(chunk, index, part) for index, part in enumerate(parts)]


def part_of(chunk: Chunk, index: int, models: Any) -> Chunk:  # noqa: ANN401  (pyarrow has no types)
    """Return part of a chunk, to run in its place."""
    share = models.num_rows / chunk.models.num_rows
    seconds = chunk.seconds * share if chunk.seconds else None
    return replace(chunk, id=f"{chunk.id}.{index}", models=models, seconds=seconds)


def _size(height: int, costs: Costs, cores: int, isolate: bool) -> int:
    """Return the most models of a chunk."""
    if costs.seconds is None:
        even = -(-height // (cores * _UNKNOWN_PER_CORE))
        size = max(_UNKNOWN_LEAST[isolate], min(_UNKNOWN_MOST[isolate], even))
    else:
        cost = max(costs.seconds, 1e-9)
        even = -(-height // (cores * _CHUNKS_PER_CORE))
        worth = max(even, round(_LEAST_SECONDS / cost))
        size = min(worth, round(TARGET_SECONDS / cost), _MOST_MODELS)
    held = max(costs.read or 0, costs.made or 0)
    if held:
        size = min(size, int(TARGET_BYTES / held))
    size = max(1, size, -(-height // _MOST_CHUNKS))
    if size >= height:
        return size
    turns = -(-height // (size * cores))
    return -(-height // (turns * cores))  # alike, so that all cores end together


def _edges(units: pl.DataFrame) -> NDArray[np.int64]:
    """Return the positions where the next models need other resources or read another file."""
    if NEAR in units.columns and not units[NEAR].null_count():
        return _changes(units.select(NEAR))
    binding = next((name for name in ("binding", "current") if name in units.columns), None)
    if binding is None or not isinstance(units.schema[binding], pl.Struct):
        return np.empty(0, np.int64)
    url = pl.col(binding).struct.field("url")
    shard = SHARD if SHARD in units.columns else pl.lit(0)
    return _changes(units.select(pl.struct(url, shard)))


def _changes(of: pl.DataFrame) -> NDArray[np.int64]:
    """Return the positions at which the value of a column changes."""
    column = pl.col(of.columns[0])
    changed = column.ne_missing(column.shift()) & (pl.int_range(pl.len()) > 0)
    return of.select(changed.arg_true()).to_series().to_numpy().astype(np.int64)


def _on_edges(height: int, edges: NDArray[np.int64], most: int) -> list[int]:
    """Cut into chunks of about `most` models, alike in size between places where the data changes.

    So no file is read twice, and a drift check has the same chunks as the run that made its
    profiles.

    >>> _on_edges(1000, np.array([240, 500, 740]), 300)
    [0, 240, 500, 740]
    >>> _on_edges(1000, np.array([600]), 300)
    [0, 300, 600, 800]
    """
    starts = [0]
    while starts[-1] + most < height:
        begin, aim = starts[-1], starts[-1] + most
        place = int(np.searchsorted(edges, aim))
        near = [int(edge) for edge in edges[max(place - 1, 0) : place + 1]]
        best = min(near, key=lambda edge: abs(edge - aim), default=aim + most)
        if abs(best - aim) > _SLACK * most:
            end = int(edges[place]) if place < len(edges) else height
            best = begin + -(-(end - begin) // -(-(end - begin) // most))
        starts.append(best)
    return starts
