"""What happens to runs: they are cut, stopped or killed, and what they wrote is edited."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import polars as pl

from argosy.jobs import chunking
from argosy.jobs.traced import TRACE, trace_of
from argosy.plugins import installed
from argosy.store import data_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.fleet import Fleet
    from argosy.types import Chunk, Finished, Tables


@contextmanager
def cut(most: int) -> Iterator[None]:
    """Let jobs that are begun inside be cut into chunks of so many models at most."""
    with patch.object(chunking, "_size", lambda *_: most):
        yield


@contextmanager
def _put(run: Callable[..., Iterator[Finished | None]]) -> Iterator[None]:
    """Let the executor `local` be another one inside."""
    usual = installed().executors["local"]
    with patch.dict(installed().executors, {"local": replace(usual, run=run)}):
        yield


@contextmanager
def stopping(after: int) -> Iterator[None]:
    """Let the driver of a run be interrupted inside, when so many chunks are done."""
    usual = installed().executors["local"]

    def run(
        chunks: Sequence[Chunk], perform: Callable[[Chunk], Tables]
    ) -> Iterator[Finished | None]:
        answers = (one for one in usual.run(chunks, perform) if one)  # type: ignore[arg-type]
        for done, finished in enumerate(answers):
            if done == after:
                raise KeyboardInterrupt
            yield finished

    with _put(run):
        yield


@contextmanager
def dying(model: str) -> Iterator[None]:
    """Let work be done in processes of its own inside, and those that meet a model die."""
    usual = installed().executors["local"]

    def run(
        chunks: Sequence[Chunk], perform: Callable[[Chunk], Tables]
    ) -> Iterator[Finished | None]:
        yield from usual.run(_Apart(chunks, model), perform)  # type: ignore[arg-type]

    with _put(run):
        yield


class _Apart:
    """Chunks as they stand by now, each in a process that dies where it meets a model."""

    def __init__(self, chunks: Sequence[Chunk], model: str) -> None:
        self._chunks, self._model = chunks, model

    def __len__(self) -> int:
        return len(self._chunks)

    def __getitem__(self, place: int) -> Chunk:
        chunk = self._chunks[place]
        trace = trace_of(chunk)
        deadly = replace(trace, perform=_Dying(trace.perform, self._model))
        options = {**chunk.options, TRACE: deadly}
        return replace(chunk, isolate=not trace.alone, options=options)


@dataclass(frozen=True, slots=True)
class _Dying:
    """Work whose process ends without a word where it meets a model."""

    perform: Callable[[Chunk], Tables]
    model: str

    def __call__(self, chunk: Chunk) -> Tables:
        if self.model in chunk.models["model"].to_pylist():
            os._exit(1)
        return self.perform(chunk)


def edit(fleet: Fleet, name: str, run_id: str) -> bool:
    """Put another model's name into a row of a run, as who can write the store may; False if none.

    The table is whole by itself afterwards: only what the run cites can tell.
    """
    for path in Path(fleet.url, name).glob("*.parquet"):
        rows = pl.read_parquet(path, glob=False)
        mine = rows["run_id"] == run_id
        if not mine.any():
            continue
        hit = (pl.int_range(pl.len()) == mine.arg_max()) & (pl.col("run_id") == run_id)
        model = pl.when(hit).then(pl.lit("edited")).otherwise("model").alias("model")
        written = data_files.write(fleet.location, name, rows.with_columns(model))
        assert fleet.facts.table(name).exchange([path.name], [written])
        return True
    return False
