"""The chunks of a job as an executor takes them, and what it answers."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from argosy.errors import ArgosyError, PluginError
from argosy.plugins.guarded_call import origin
from argosy.types import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.types import Chunk, Executor, Tables

    Ended = tuple[Chunk, Finished]


class Handed(list[Any]):
    """Chunks as an executor takes them one by one; what it has not taken yet may be replaced."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        super().__init__(chunks)
        self.taken: set[int] = set()

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401  (as lists have it)
        if isinstance(place, int):
            self.taken.add(place)
        return super().__getitem__(place)

    def at(self, place: int) -> Chunk:
        """Return a chunk that is not taken by that."""
        return cast("Chunk", super().__getitem__(place))

    def places(self, first: int) -> dict[str, int]:
        """Return where chunks are, by their ids, from a place on."""
        return {self.at(place).id: place for place in range(first, len(self))}

    def begin_again(self, chunks: Sequence[Chunk]) -> None:
        """Hold other chunks, none of which is taken."""
        self[:] = chunks
        self.taken.clear()


def each(
    executor: Executor,
    chunks: Handed,
    perform: Callable[[Chunk], Tables],
    look: Callable[[], None],
) -> Iterator[Ended]:
    """Run chunks, and those that are appended to the list meanwhile; each ends once.

    Args:
        executor: where they run.
        chunks: to run; the list is changed as they are taken.
        perform: the work.
        look: called again and again; raises to stop.

    Raises:
        PluginError: naming the executor, if it raises, or answers with what was not asked for.
    """
    who = origin("executors", executor.name)
    while chunks:
        asked, known = len(chunks), 0
        open_: dict[str, int] = {}
        for finished in _answers(executor, chunks, perform, look):
            open_ |= chunks.places(known)
            known = len(chunks)
            if not isinstance(finished, Finished) or finished.chunk not in open_:
                told = f"{finished!r}, which was not asked for"
                raise PluginError(f"{who} failed: it answered with {told}")
            yield chunks.at(open_.pop(finished.chunk)), finished
        open_ |= chunks.places(known)
        left = [chunks.at(place) for place in open_.values() if place >= asked]
        known = len(chunks)
        for place in [place for place in open_.values() if place < asked]:
            chunk = chunks.at(place)
            yield chunk, Finished(chunk.id, error=f"{who} never finished it")
        chunks.begin_again([*left, *chunks[known:]])


def _answers(
    executor: Executor,
    chunks: Handed,
    perform: Callable[[Chunk], Tables],
    look: Callable[[], None],
) -> Iterator[object]:
    try:
        with closing(executor.run(chunks, perform)) as results:  # type: ignore[type-var]
            for finished in results:
                look()
                if finished is not None:
                    yield finished
    except ArgosyError:
        raise
    except Exception as error:  # a stranger's executor may raise anything
        reason = f"{origin('executors', executor.name)} failed: {type(error).__name__}: {error}"
        raise PluginError(reason) from error
