"""What a trainer is handed, and whether its answers are sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.kernels.numbers import as_arrays_hold
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin, whole
from argosy.plugins.sound import bounded, faults, within
from argosy.registry.bindings import COLUMN_FIELDS
from argosy.tables import TRAINED

if TYPE_CHECKING:
    from argosy.types import Trainer

FIELDS = tuple(name for name in COLUMN_FIELDS if name not in {"key", "version", "cluster"})
"""The fields of a binding of which a trainer hears the column."""
TIMES = ("zone", "frequency", "available_at")
"""The fields of a binding of which a trainer hears what they say of the times."""
_GIVEN = ("model", "version", "template", "task", "params", "seed")


def handed(lessons: pl.DataFrame) -> pl.DataFrame:
    """Return what a trainer sees of lessons that are laid out."""
    return lessons.select(*_GIVEN, "start", "length", *FIELDS, *TIMES, features="names")


def answer_of(trainer: Trainer, lessons: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return one sound answer per lesson.

    Raises:
        PluginError: naming the trainer, if it fails or answers with something else.
    """
    given = handed(lessons).to_arrow(), as_arrays_hold(rows).to_arrow()
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
    return found.with_columns(reason=pl.coalesce("reason", *told, pl.lit(_unsound(found, who))))


def _unsound(found: pl.DataFrame, who: str) -> pl.Series:
    """Say of each lesson what is wrong with the `metrics` that came with it."""
    pair = pl.List(pl.Struct({"key": pl.String, "value": pl.Float64}))
    listed = found.select(pl.col("metrics").cast(pair)).with_row_index("lesson")
    each = listed.explode("metrics", empty_as_null=False, keep_nulls=False).unnest("metrics")
    each = each.rename({"key": "metric"})
    bounds = {name: one.bounds for name, one in installed().metrics.items()}
    odd = faults(bounded(each, bounds), [within("value", "a metric")], who)
    if odd is None:
        return pl.Series([None] * found.height, dtype=pl.String)
    named = each.select("lesson", fault=pl.format("{} as its '{}'", pl.lit(odd), "metric"))
    first = named.drop_nulls().unique("lesson", keep="first")
    return listed.join(first, on="lesson", how="left", maintain_order="left")["fault"]
