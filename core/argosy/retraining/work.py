"""The work of one chunk of a training: hand models and their rows to trainers, keep the artifacts.

A model sees its own rows and no others: rows are put in order of their models, and every lesson
says where its rows begin and how many they are.
"""

from __future__ import annotations

import posixpath
import time
from typing import TYPE_CHECKING, Any, get_args

import polars as pl
import pyarrow as pa

from argosy.data.datasets import MODEL
from argosy.data.files import read_together
from argosy.data.groups import grouped
from argosy.errors import PluginError
from argosy.jobs.worker import STAGE, prepared
from argosy.kernels import sums
from argosy.plugins import call, installed
from argosy.plugins.calling import origin, whole
from argosy.retraining.keeping import NO_TRAININGS, NO_VERSIONS, failed, kept
from argosy.retraining.lessons import handed, laid_out
from argosy.scoring.batches import blocks
from argosy.scoring.row_digest import digests, feature_hash
from argosy.store.facts import TRAINED_FOLDER
from argosy.tables import TRAINED
from argosy.types import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.store.location import Location
    from argosy.types import Chunk, Tables, Trainer


@prepared
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
    found = {"trainings": trained, "versions": versions}
    return {
        name: pl.concat(parts, how="diagonal_relaxed").to_arrow() for name, parts in found.items()
    }


def _of(
    dataset: Dataset, location: Location, folder: str
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield what became of a dataset's models, and their versions, trainer by trainer."""
    if dataset.reason is not None:
        told = dataset.models.with_columns(reason=pl.lit(dataset.reason))
        yield failed(told), NO_VERSIONS
        return
    rows, groups, lengths = grouped(dataset.rows, [MODEL])
    lessons = laid_out(dataset, rows, dict(zip(groups[MODEL], lengths.tolist(), strict=True)))
    bare = dataset.models.join(lessons, on="model", how="anti")
    if bare.height:
        reason = pl.lit(f"there is no row of the model at {dataset.binding['url']}")
        yield failed(bare.with_columns(reason=reason)), NO_VERSIONS
    if lessons.is_empty():
        return
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


def answer_of(trainer: Trainer, lessons: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return one sound answer per lesson.

    Raises:
        PluginError: naming the trainer, if it fails or answers with something else.
    """
    given = handed(lessons).to_arrow(), rows.to_arrow()
    answer = call("trainers", trainer.name, trainer.train, *given, answers=pa.Table)
    schema = TRAINED
    if "features" in answer.column_names:
        schema = schema.append(pa.field("features", pa.list_(pa.string())))
    found = pl.DataFrame(whole("trainers", trainer.name, answer, schema, lessons.height))
    who = origin("trainers", trainer.name)
    told = [
        pl.when(odd).then(pl.format(f"{who} {text}", *columns))
        for odd, text, *columns in (
            (pl.col("content").bin.size().fill_null(0) == 0, "answered without an artifact"),
            (
                ~pl.col("format").is_in(list(installed().loaders)).fill_null(False),
                "made an artifact of the format '{}', which no loader here reads",
                pl.col("format").fill_null("null"),
            ),
            (~pl.col("task").is_in(list(get_args(Task))), "answered the task '{}'", "task"),
        )
    ]
    return found.with_columns(reason=pl.coalesce("reason", *told))
