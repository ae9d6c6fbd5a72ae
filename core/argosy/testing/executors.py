"""What every executor must do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa

from argosy.plugins import installed
from argosy.types import Chunk

if TYPE_CHECKING:
    from argosy.types import Executor, Finished, Tables


def double(chunk: Chunk) -> Tables:
    """Double the numbers of a chunk; raise on a negative number, die on zero."""
    numbers = chunk.models["number"].to_pylist()
    if any(number < 0 for number in numbers):
        raise ValueError("a negative number")
    if 0 in numbers:
        os._exit(1)
    return {"doubled": pa.table({"number": [2 * number for number in numbers]})}


class ExecutorSuite:
    """Inherit this, set `name`, and your executor is put through what the core relies on."""

    name: str
    """The executor under test."""

    @property
    def executor(self) -> Executor:
        """Return the executor as the core finds it."""
        return installed().executors[self.name]

    def outcomes(self, *groups: list[int], isolate: bool = False) -> dict[str, Finished]:
        """Run one chunk per group of numbers."""
        chunks = [
            Chunk(str(place), pa.table({"number": group}), {}, isolate)
            for place, group in enumerate(groups)
        ]
        finished = [one for one in self.executor.run(chunks, double) if one is not None]
        assert sorted(one.chunk for one in finished) == sorted(chunk.id for chunk in chunks)
        return {one.chunk: one for one in finished}

    def test_every_chunk_is_performed_once(self) -> None:
        """Each chunk comes back exactly once, with its own answer."""
        found = self.outcomes([1, 2], [3], [4, 5, 6])

        answers = [found[str(place)].tables for place in range(3)]
        doubled = [answer["doubled"]["number"].to_pylist() for answer in answers if answer]
        assert doubled == [[2, 4], [6], [8, 10, 12]]

    def test_an_exception_is_the_chunks_own(self) -> None:
        """Its message is kept, and the other chunks finish."""
        found = self.outcomes([1], [-1], [2])

        assert found["1"].tables is None
        assert "a negative number" in str(found["1"].error)
        assert found["0"].tables
        assert found["2"].tables

    def test_a_process_that_dies_takes_only_its_chunk(self) -> None:
        """The caller is told that the process died, and may split the chunk."""
        found = self.outcomes(*[[number] for number in (1, 2, 0, 3, 4, 5, 6, 7)], isolate=True)

        assert found["2"].cause == "crash"
        finished = [one for one in found.values() if one.tables]
        assert len(finished) >= 5

    def test_chunks_that_are_appended_meanwhile_are_performed(self) -> None:
        """At once or on the next call: the caller hands over again what was not looked at."""
        chunks = [Chunk("0", pa.table({"number": [1, 2]}))]
        halves = [Chunk(f"0.{part}", pa.table({"number": [part + 1]})) for part in range(2)]
        seen = []
        for finished in self.executor.run(chunks, double):
            if finished is None:
                continue
            seen.append(finished.chunk)
            chunks += halves if finished.chunk == "0" else []
        left = [chunk for chunk in halves if chunk.id not in seen]
        seen += [one.chunk for one in self.executor.run(left, double) if one is not None]

        assert sorted(seen) == ["0", "0.0", "0.1"]

    def test_nothing_to_do_is_no_error(self) -> None:
        """An empty job ends at once."""
        assert self.outcomes() == {}

    def test_stopping_early_leaves_no_work_behind(self) -> None:
        """Closing the iterator is enough, and the executor can be used again."""
        chunks = [Chunk(str(place), pa.table({"number": [1]}), {}, True) for place in range(6)]
        results = self.executor.run(chunks, double)
        next(results)
        results.close()  # type: ignore[attr-defined]

        assert self.outcomes([5])["0"].tables
