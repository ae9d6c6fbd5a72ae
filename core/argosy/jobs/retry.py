"""Run chunks on an executor, and decide by its cause what happens to a lost chunk.

| cause | what is done |
|---|---|
| `node` | it runs again as it is, a few times |
| `error` | it is split until the culprit stands alone |
| `crash`, `time`, `memory` | it runs again in a process of its own, which tells how it dies |

A worker that dies takes along what it knew, and maybe its neighbours. So from the first loss on,
chunks run in processes of their own (`argosy.jobs.alone`): they say what was being called, and the
rule of blame (`argosy.jobs.blame`) says who is at fault. A plugin that is to blame is blocked, and
all others go on as before. Otherwise the chunk is split until one model stands alone; it is held
to blame only with proof. What runs out of memory may take twice as much each time.

Workers that cannot work at all blame nobody: an empty chunk is tried, and if that dies too, the run
stops.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from argosy.breadcrumbs import WORK
from argosy.errors import PluginError
from argosy.jobs.alone import Died
from argosy.jobs.blame import Death, is_own
from argosy.jobs.chunking import halves
from argosy.jobs.handed import Handed, each
from argosy.jobs.inquiry import Inquiry, for_it_alone, named
from argosy.jobs.traced import Trace, told, trace_of, traceable, traced
from argosy.plugins.guarded_call import origin
from argosy.types import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.jobs.handed import Ended
    from argosy.plugins.trail import Function
    from argosy.types import Chunk, Executor, Tables

    Progress = Callable[[int, int], None]
    """Called with the models done and the models in all; or one that has the method `follow`, as
    `argosy.jobs.progress.Follower` says."""

    Next = tuple[list[Chunk], Finished | None]
    """What is run in place of a chunk, and how it ended, if it did."""

_AGAIN = 5
"""How often a chunk that was lost with its machine is run again."""
_TRIALS = 2
"""How often a model has to die by itself."""
_IDLE_TRIALS = 3
"""How many empty chunks die in a row before the workers are said to be unable to work."""
_WARY = 3
"""After so many losses all chunks stay in processes of their own."""
_SMALL = 3
"""A chunk that was halved so often, with more memory each time, tells who eats it."""
_LEAST_MEMORY = 2 * 2**30
_MOST_MEMORY = 8
"""How many times its first share of memory a single model may use."""


def _quiet() -> None:
    """Let the work go on."""


def _no_more() -> Sequence[Chunk]:
    """Have nothing to add."""
    return ()


def run(
    executor: Executor,
    chunks: Sequence[Chunk],
    perform: Callable[[Chunk], Tables],
    look: Callable[[], None] = _quiet,
    more: Callable[[], Sequence[Chunk]] = _no_more,
    inquiry: Inquiry | None = None,
) -> Iterator[Ended]:
    """Yield every chunk with its outcome.

    A chunk of several models ends in failure only where nobody could tell them apart: it was
    killed from outside again and again, or the job's own work dies over whatever it is given.

    Args:
        executor: where they run.
        chunks: of the job.
        perform: the work.
        look: called again and again; raises to stop.
        more: called whenever a chunk has ended, for further chunks to run.
        inquiry: of the run, if some of its chunks have run already.

    Raises:
        PluginError: if the executor's workers cannot even perform an empty chunk.
    """
    return _Retrying(executor, perform, look, inquiry or Inquiry()).ended(chunks, more)


class _Retrying:
    """One job's chunks, including those that are run again."""

    def __init__(
        self,
        executor: Executor,
        perform: Callable[[Chunk], Tables],
        look: Callable[[], None],
        inquiry: Inquiry,
    ) -> None:
        self._executor, self._perform, self._look = executor, perform, look
        self._inquiry = inquiry
        self._again: Counter[str] = Counter()
        self._memory: dict[str, float] = {}
        self._watched: set[str] = set()
        """Chunks that were lost, or are part of one."""
        self._losses = 0
        self._own: dict[str, dict[Function, str]] = {}
        """What is not called for one chunk."""
        self._idle = 0
        self._idle_open: set[str] = set()
        self._suspects: list[tuple[Chunk, Death]] = []
        self._planned: object = None

    def ended(
        self, chunks: Sequence[Chunk], more: Callable[[], Sequence[Chunk]]
    ) -> Iterator[Ended]:
        yield from self._all(Handed([self._armed(chunk) for chunk in chunks]), more)
        if self._suspects:
            self._inquiry.block(all_tried=True)
        suspects, self._suspects = self._suspects, []
        for chunk, death in suspects:
            if self._inquiry.evidence.proven(death.of or ""):
                yield chunk, self._inquiry.guilty(chunk, death)
            elif death.step.function not in self._inquiry.blocked:
                yield chunk, self._inquiry.unproven(chunk, death)
            elif death.step == WORK:
                yield chunk, self._work_is_blocked(chunk)
            else:
                yield from self._all(Handed([self._armed(chunk)]), _no_more)

    def _all(self, waiting: Handed, more: Callable[[], Sequence[Chunk]]) -> Iterator[Ended]:
        for chunk, finished in each(self._executor, waiting, traced, self._look):
            follow, end = self._next(chunk, finished)
            waiting += [self._armed(one) for one in follow]
            self._replan(waiting)
            if end is not None:
                self._watched.discard(chunk.id)
                yield chunk, end
            waiting += [self._armed(one) for one in more()]

    # what a chunk carries

    @property
    def _wary(self) -> bool:
        return self._inquiry.wary or bool(self._watched) or self._losses >= _WARY

    def _armed(self, chunk: Chunk) -> Chunk:
        """Let a chunk know how it is to be performed."""
        if chunk.id in self._idle_open:
            return chunk
        blocked = {**self._inquiry.blocked, **self._own.get(chunk.id, {})}
        return traceable(chunk, Trace(self._perform, self._wary, blocked))

    def _replan(self, waiting: Handed) -> None:
        """Tell chunks that nobody has taken yet what has become known."""
        planned = self._wary, len(self._inquiry.blocked)
        if planned != self._planned:
            self._planned = planned
            for place in range(len(waiting)):
                if place not in waiting.taken:
                    waiting[place] = self._armed(waiting.at(place))

    # what becomes of a chunk

    def _next(self, chunk: Chunk, finished: Finished) -> Next:
        if chunk.id in self._idle_open:
            return self._idled(chunk, finished), None
        if finished.tables is not None:
            said = told(finished.tables)
            self._inquiry.heard(chunk, said)
            if said.died is not None:
                return self._died(chunk, said.died)
            if said.given_up and self._inquiry.block():
                self._calm()
            self._watched.discard(chunk.id)
            return [], finished
        if finished.cause == "error":
            many = chunk.models.num_rows > 1 and WORK.function not in self._inquiry.blocked
            return (self._split(chunk), None) if many else ([], finished)
        if finished.cause == "node":
            return self._once_more(chunk, finished)
        if finished.cause == "memory":
            return self._starved(chunk, str(finished.error))
        if not trace_of(chunk).alone:
            return [chunk] if self._outdated(chunk) else self._lost(chunk), None
        if finished.cause == "time":
            return self._died(chunk, Died("time", str(finished.error), WORK, frozenset()))
        again, end = self._once_more(chunk, replace(finished, cause="node"))
        return [*again, *self._tried_idle(chunk)], end

    def _outdated(self, chunk: Chunk) -> bool:
        """Whether a chunk called what was blocked after an executor had taken it."""
        return not self._inquiry.blocked.keys() <= trace_of(chunk).blocked.keys()

    def _lost(self, chunk: Chunk) -> list[Chunk]:
        """Look closer at a chunk from now on."""
        if chunk.id not in self._watched:
            self._watched.add(chunk.id)
            self._losses += 1
        return [chunk]

    def _once_more(self, chunk: Chunk, finished: Finished) -> Next:
        self._again[chunk.id] += 1
        return ([chunk], None) if self._again[chunk.id] <= _AGAIN else ([], finished)

    def _split(self, chunk: Chunk) -> list[Chunk]:
        parts = halves(chunk)
        if chunk.id in self._watched:
            self._watched.discard(chunk.id)
            self._watched.update(part.id for part in parts)
        return parts

    def _starved(self, chunk: Chunk, error: str) -> Next:
        """Decide about a chunk that ran out of memory outside of any plugin."""
        if not trace_of(chunk).alone:
            return self._lost(self._roomier(chunk)[0]), None
        return self._died(chunk, Died("memory", error, WORK, frozenset()))

    def _died(self, chunk: Chunk, died: Died) -> Next:
        """Decide about a chunk whose own process ended."""
        if self._outdated(chunk) and died.step.function in self._inquiry.blocked:
            self._watched.discard(chunk.id)
            return [chunk], None
        self._lost(chunk)
        if died.ending == "start":
            again, end = self._once_more(chunk, Finished(chunk.id, error=died.how, cause="node"))
            return [*again, *self._tried_idle(chunk, died.how)], end
        if died.ending == "killed":
            reason = f"its process was killed from outside ({died.how}), again and again"
            return self._once_more(chunk, Finished(chunk.id, error=reason, cause="node"))
        death = Death(named(chunk), died.step, died.how, died.ending)
        fits = False
        if died.ending == "memory":
            chunk, fits = self._roomier(chunk)
        if died.ending != "memory" or (death.alone and not fits) or chunk.id.count(".") >= _SMALL:
            self._inquiry.evidence.died(death)
        if self._inquiry.block():
            self._calm()
        if death.step.function in self._inquiry.blocked:
            if death.step == WORK:
                return [], self._work_is_blocked(chunk)
            self._watched.discard(chunk.id)
            return [chunk], None
        if not death.alone:
            return self._split(chunk), None
        return ([chunk], None) if fits else self._by_itself(chunk, death)

    def _work_is_blocked(self, chunk: Chunk) -> Finished:
        return Finished(chunk.id, error=self._inquiry.blocked[WORK.function])

    def _by_itself(self, chunk: Chunk, death: Death) -> Next:
        """Decide about a single model that ended its process."""
        evidence, model = self._inquiry.evidence, death.of or ""
        if evidence.proven(model):
            return [], self._inquiry.guilty(chunk, death)
        if evidence.deaths_of(model, death.step.function) < _TRIALS:
            return [chunk], None
        if is_own(death.step.function):
            self._suspects.append((chunk, death))
            self._watched.discard(chunk.id)
            return [], None
        own = self._own.setdefault(chunk.id, {})
        own[death.step.function] = for_it_alone(death)
        return [chunk], None

    def _calm(self) -> None:
        """Go on as before, because what ended the processes is blocked."""
        self._watched.clear()
        self._losses, self._inquiry.wary = 0, False

    def _roomier(self, chunk: Chunk) -> tuple[Chunk, bool]:
        """Give a chunk twice the memory, up to the limit."""
        had = chunk.needs.get("memory", _LEAST_MEMORY)
        first = self._memory.setdefault(chunk.id.split(".")[0], had)
        wanted = min(2 * had, _MOST_MEMORY * first)
        return replace(chunk, needs={**chunk.needs, "memory": wanted}), wanted > had

    # whether the workers can work at all

    def _tried_idle(self, chunk: Chunk, how: str = "") -> list[Chunk]:
        """Return an empty chunk, unless one is at it already."""
        if how:
            self._refuse_sick(how)
        if self._idle_open:
            return []
        name = f"idle.{self._idle}.{chunk.id}"
        self._idle_open.add(name)
        empty = replace(chunk, id=name, models=chunk.models.slice(0, 0))
        return [traceable(empty, Trace(self._perform, idle=True))]

    def _idled(self, chunk: Chunk, finished: Finished) -> list[Chunk]:
        self._idle_open.discard(chunk.id)
        if finished.tables is not None:
            self._idle = 0
            return []
        self._refuse_sick(str(finished.error))
        return self._tried_idle(chunk)

    def _refuse_sick(self, how: str) -> None:
        self._idle += 1
        if self._idle >= _IDLE_TRIALS:
            raise PluginError(
                f"the workers of {self._origin} cannot work: an empty chunk was lost"
                f" {self._idle} times too ({how}); no model and no plugin is to blame"
            )

    @property
    def _origin(self) -> str:
        return origin("executors", self._executor.name)
