"""What a trainer is handed, and whether its answers are sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin, whole
from argosy.registry.bindings import COLUMN_FIELDS
from argosy.tables import TRAINED

if TYPE_CHECKING:
    from argosy.types import Trainer

FIELDS = tuple(name for name in COLUMN_FIELDS if name not in {"key", "version"})
"""The fields of a binding of which a trainer hears the column."""
_GIVEN = ("model", "version", "template", "task", "params", "seed")


def handed(lessons: pl.DataFrame) -> pl.DataFrame:
    """Return what a trainer sees of lessons that are laid out."""
    return lessons.select(*_GIVEN, "start", "length", *FIELDS, features="names")


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
            (
                ~pl.col("task").is_in(list(installed().tasks)),
                "answered the task '{}', which no plugin here offers",
                "task",
            ),
        )
    ]
    return found.with_columns(reason=pl.coalesce("reason", *told))
