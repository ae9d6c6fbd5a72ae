"""The work of one chunk of a training: hand models and their rows to trainers, keep the artifacts.

A model sees its own rows and no others: rows are put in order of their models, and every lesson
says where its rows begin and how many they are.
"""

from __future__ import annotations

import posixpath
import time
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import MODEL
from argosy.data.left_out import Cause, leave_out_of
from argosy.data.lessons import answer_of
from argosy.errors import PluginError
from argosy.jobs.worker import STAGE
from argosy.kernels import sums
from argosy.plugins import installed
from argosy.tables import TRAINED, TRAINED_FOLDER
from argosy_rows.groups import grouped
from argosy_rows.together import read_together
from argosy_scoring.batches import blocks
from argosy_scoring.row_digest import digests, feature_hash
from argosy_train.artifacts import NO_TRAININGS, NO_VERSIONS, failed, kept
from argosy_train.assignments import laid_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.store.location import Location
    from argosy.types import Chunk, Tables, Trainer


UNTAUGHT = Cause("untaught", "have no truth to learn from")


def perform(chunk: Chunk) -> Tables:
    """Train the chunk's models; a model that fails is one row with its reason."""
    location: Any = chunk.options["location"]
    folder = posixpath.join(TRAINED_FOLDER, str(chunk.options[STAGE]))
    models = pl.DataFrame(chunk.models)
    trained, versions = [NO_TRAININGS], [NO_VERSIONS]
    for block in blocks(models, location):
        for dataset in read_together(block, location):
            for rows, made in _of(dataset, location, folder):
                trained.append(rows)
                versions.append(made)
    tables = {"trainings": trained, "versions": versions}
    return {
        name: pl.concat(parts, how="diagonal_relaxed").to_arrow() for name, parts in tables.items()
    }


def _of(
    dataset: Dataset, location: Location, folder: str
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield what became of a dataset's models, and their versions, trainer by trainer."""
    if dataset.reason is not None:
        yield failed(dataset.models.with_columns(reason=pl.lit(dataset.reason))), NO_VERSIONS
        return
    rows, groups, lengths = grouped(dataset.rows, [MODEL])
    lessons = laid_out(dataset, rows, dict(zip(groups[MODEL], lengths.tolist(), strict=True)))
    bare = dataset.models.join(lessons, on="model", how="anti")
    if bare.height:
        yield failed(bare.with_columns(reason=dataset.absent(bare))), NO_VERSIONS
    if lessons.is_empty():
        return
    truth = dataset.binding["truth"]
    if truth in rows.columns and rows[truth].null_count():
        leave_out_of(UNTAUGHT, dataset, rows[MODEL].filter(rows[truth].is_null()))
    hashes = feature_hash(rows, [name for name in rows.columns if name != MODEL])
    lessons = lessons.with_columns(dataset_digest=digests(sums(hashes, lengths), lengths))
    for (name,), part in lessons.partition_by("trainer", as_dict=True).items():
        trainer, own = installed().trainers[str(name)], rows
        if part.height < lessons.height:
            own = rows.join(part.select(pl.col("model").alias(MODEL)), on=MODEL, how="semi")
            part = part.with_columns(start=pl.col("length").cum_sum() - pl.col("length"))
        for lesson, answer, seconds in _trained(trainer, part, own):
            yield kept(lesson, answer, seconds, location, folder)


def _trained(
    trainer: Trainer, lessons: pl.DataFrame, rows: pl.DataFrame
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, float]]:
    """Yield lessons, a trainer's answers and seconds; where it fails, by halves of its models."""
    clock = time.perf_counter()
    try:
        answer = answer_of(trainer, lessons, rows)
    except PluginError as error:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError(str(error)) from error  # a smaller chunk, or more memory, may do
        if lessons.height == 1:
            nothing = pl.DataFrame(TRAINED.empty_table()).clear(1)
            yield lessons, nothing.with_columns(reason=pl.lit(str(error))), 0.0
            return
        half = lessons.height // 2
        cut = int(lessons["start"][half])
        yield from _trained(trainer, lessons.head(half), rows.head(cut))
        rest = lessons.slice(half).with_columns(pl.col("start") - cut)
        yield from _trained(trainer, rest, rows.slice(cut))
    else:
        yield lessons, answer, time.perf_counter() - clock
