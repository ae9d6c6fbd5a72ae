"""A small first part of a job is timed if no earlier run shows what a model costs.

Chunks for the heaviest work that we know are ten times too small for the lightest, and a thousand
times too large for models that take a second each. So one small chunk per core goes first; once
half of these models are done, the rest is cut by what they cost, while the others still run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.jobs.chunking import Costs, cuts
from argosy.jobs.retry import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from argosy.jobs.handed import Ended
    from argosy.jobs.inquiry import Inquiry
    from argosy.jobs.tally import Tally
    from argosy.types import Chunk, Executor, Tables

_MODELS = {True: 8, False: 250}
"""Models in a chunk of the pilot, by whether the work parses artifacts."""
_WORTH = 8
"""The whole must be so many times the pilot."""


def size(height: int, costs: Costs, cores: int, isolate: bool) -> int:
    """Return how many models go first; 0 if costs are known or a pilot does not pay.

    >>> size(10_000, Costs(), 2, False), size(1000, Costs(), 2, False)
    (500, 0)
    >>> size(10_000, Costs(seconds=0.1), 2, False)
    0
    """
    first = cores * _MODELS[isolate]
    return first if costs.seconds is None and height >= _WORTH * first else 0


def places(units: pl.DataFrame, first: int, costs: Costs, cores: int, isolate: bool) -> list[int]:
    """Return where chunks begin: those of the pilot, then those of the rest.

    Args:
        units: in the order in which they are to be cut.
        first: how many models are the pilot.
        costs: of a model of the rest.
        cores: how many chunks can run at a time.
        isolate: whether the work parses artifacts.
    """
    head = cuts(units.head(first), Costs(), cores, isolate, _MODELS[isolate]) if first else []
    rest = cuts(units.slice(first), costs, cores, isolate)
    return [*head, *(first + start for start in rest)]


def learned(tallies: Sequence[Tally], first: int) -> Costs | None:
    """Return what a model of the pilot cost, once half of them are done; None before."""
    done = sum(tally.models for tally in tallies)
    if 2 * done < first:
        return None
    took = {
        name: sum(getattr(one, name) for one in tallies) / done or None
        for name in ("seconds", "read", "made")
    }
    return Costs(**took)


def run_first(
    executor: Executor,
    planned: Sequence[Chunk],
    perform: Callable[[Chunk], Tables],
    look: Callable[[], None],
    first: int,
    tallies: Sequence[Tally],
    again: Callable[[Costs], list[Chunk]],
    inquiry: Inquiry | None = None,
) -> Iterator[Ended]:
    """Run the chunks of the pilot, then the rest; yield each with how it ended.

    Args:
        executor: where they run.
        planned: all chunks.
        perform: the work.
        look: called again and again; raises to stop.
        first: how many models are the pilot.
        tallies: of what has ended; grows meanwhile.
        again: plans anew, with what was learned; called once at most.
        inquiry: of the run.
    """
    later = [chunk for chunk in planned if _place(chunk) >= first]

    def rest() -> list[Chunk]:
        costs = learned(tallies, first) if later else None
        if costs is None:
            return []
        later.clear()
        return [chunk for chunk in again(costs) if _place(chunk) >= first]

    pilot = [chunk for chunk in planned if _place(chunk) < first]
    yield from run(executor, pilot, perform, look, rest, inquiry)
    if later:  # half of the pilot was lost: as it was planned, then
        yield from run(executor, later, perform, look, inquiry=inquiry)


def _place(chunk: Chunk) -> int:
    return int(chunk.id.split(".")[0])
