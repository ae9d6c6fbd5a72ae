"""Numbers as people write them, in columns of text that may hold numbers or classes.

Of a model most of whose values are numbers, blanks around them and a plus sign are left out, and
words for nothing are missing (`argosy.data.text_types.NOTHING`), in any format. What else stands
among them is refused: it is never a class that nobody meant. The model's task may say that these
are classes all the same, and a binding how numbers are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import MODEL, Dataset
from argosy.data.sources import LABELS, spelling_of
from argosy.data.text_types import NOTHING, numeral

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEASURES = ("weight", "latency")
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_UNITS = "%|‰|€|\\$|£|¥|eur|usd|gbp|chf|kg|g|mg|lbs?|t|km|m|cm|mm|mi|ms|s|min|h|l|ml|kb|mb|gb|k"
_LIKE = rf"(?i)^\s*[€$£¥]?\s*[+-]?\d[\d.,'\u2019 \u00A0\u202F]*\s*(?:{_UNITS})?\s*$"
_CLASSES = ("binary", "multiclass")
_WHOLE = r"^-?(0|[1-9][0-9]*)$"
NUMBER, EMPTY, MARKED, WORD = "number", "empty", "marked", "word"
"""What a value is: a number, a word for nothing, a number with marks or a unit, or another word."""


def written_numbers(datasets: Iterator[Dataset]) -> Iterator[Dataset]:
    """Yield datasets whose labels and measures are understood, and why those of others are not.

    Args:
        datasets: as they were read; their models may have a `task`.
    """
    for dataset in datasets:
        binding = dataset.binding
        names = {binding[field]: field for field in (*LABELS, *_MEASURES) if binding[field]}
        known = dataset.rows.schema
        texts = [name for name in names if known.get(name) in _TEXTS]
        if dataset.reason is not None or not texts:
            yield dataset
            continue
        refused: dict[str, str] = {}
        rows = dataset.rows
        for name in texts:
            rows = _understood(dataset, rows, name, names[name] in _MEASURES, refused)
        yield from _apart(dataset, rows, refused)


def _understood(
    dataset: Dataset, rows: pl.DataFrame, name: str, measure: bool, refused: dict[str, str]
) -> pl.DataFrame:
    """Write the numbers of a column plainly, and note the models where something else is."""
    spelling = spelling_of(dataset.binding)
    text = rows[name].cast(pl.String)
    told = _told(text.unique().drop_nulls(), numeral(pl.col("value"), spelling))
    kinds = set(told["kind"])
    if kinds <= {NUMBER} and told["value"].equals(told["plain"]):
        return rows
    if not measure and not kinds & {NUMBER, MARKED}:
        return rows
    each = (
        pl.DataFrame({MODEL: rows[MODEL], "value": text})
        .with_row_index("row")
        .drop_nulls("value")
        .join(told, on="value", how="left", maintain_order="left")
    )
    counted = each.group_by(MODEL).agg(
        *((pl.col("kind") == kind).sum().alias(kind) for kind in (NUMBER, MARKED, WORD)),
        zeros=pl.col("zeros").any(),
    )
    numeric = pl.col(NUMBER) + pl.col(MARKED) > pl.col(WORD)
    classes = _of_classes(dataset)
    wrong = pl.col(MARKED) + pl.col(WORD) > 0
    if not measure:
        wrong &= numeric & ~pl.col(MODEL).is_in(classes)
    for model in counted.filter(wrong)[MODEL].sort():
        refused.setdefault(model, _reason(dataset, name, each, model))
    plain = counted.filter(pl.col(NUMBER) > 0, pl.col(MARKED) + pl.col(WORD) == 0)
    if plain.is_empty():
        return rows
    value = pl.when(pl.col("zeros_right") & (pl.col("kind") == NUMBER)).then("value")
    written = (
        each.select("row", MODEL, "value", "kind", "plain")
        .join(plain.select(MODEL, zeros_right="zeros"), on=MODEL)
        .select(
            "row",
            pl.coalesce(value, pl.when(pl.col("kind") == NUMBER).then("plain")).alias("written"),
            mine=pl.lit(value=True),
        )
    )
    whole = pl.DataFrame({"value": text}).with_row_index("row")
    joined = whole.join(written, on="row", how="left", maintain_order="left")
    merged = pl.when("mine").then("written").otherwise("value").alias(name)
    return rows.with_columns(joined.select(merged).to_series())


def _told(values: pl.Series, number: pl.Expr) -> pl.DataFrame:
    """Say of each value what it is, and how it is plainly written if it is a number."""
    bare = number.str.strip_chars()
    signless = bare.str.strip_prefix("+").replace("-0", "0")
    is_number = bare.cast(pl.Float64, strict=False).is_not_null()
    kind = (
        pl.when(bare.is_null() | bare.str.to_lowercase().is_in([*NOTHING, "nan"]))
        .then(pl.lit(EMPTY))
        .when(is_number)
        .then(pl.lit(NUMBER))
        .when(pl.col("value").str.contains(_LIKE))
        .then(pl.lit(MARKED))
        .otherwise(pl.lit(WORD))
    )
    digits = signless.str.contains(r"^-?[0-9]+$")
    return (
        values.rename("value")
        .to_frame()
        .with_columns(
            kind=kind,
            plain=signless,
            zeros=is_number & digits & ~signless.str.contains(_WHOLE),
        )
    )


def _of_classes(dataset: Dataset) -> list[str]:
    """Name the models of which something says that they predict classes."""
    models = dataset.models
    if dataset.binding["positive"] is not None:
        return models["model"].to_list()
    if "task" not in models.columns:
        return []
    return models.filter(pl.col("task").is_in(_CLASSES))["model"].to_list()


def _reason(dataset: Dataset, name: str, each: pl.DataFrame, model: str) -> str:
    own = each.filter(pl.col(MODEL) == model).with_columns(
        place=pl.col("row") - pl.col("row").min()
    )
    odd = own.filter(pl.col("kind").is_in([MARKED, WORD])).row(0, named=True)
    urls = dataset.models.filter(model=model)["binding"].struct.field("url")
    number = own.filter(kind=NUMBER)["value"]
    among = f" among numbers such as {number[0]!r}" if len(number) else ""
    return (
        f"the column {name!r} of {urls[0]} holds {odd['value']!r} (row {odd['place'] + 1} of the"
        f" model){among}; name its `decimal` or `nulls` when you bind it, or write numbers alone;"
        " where these are classes, register the version with its task"
    )


def _apart(dataset: Dataset, rows: pl.DataFrame, refused: dict[str, str]) -> Iterator[Dataset]:
    if not refused:
        yield dataset if rows is dataset.rows else _with(dataset, dataset.models, rows)
        return
    gone = pl.col("model").is_in(list(refused))
    sound = dataset.models.filter(~gone)
    if sound.height:
        yield _with(dataset, sound, rows.filter(~pl.col(MODEL).is_in(list(refused))))
    for part in dataset.models.filter(gone).partition_by("model", maintain_order=True):
        yield _with(dataset, part, rows.clear(), refused[part["model"][0]])


def _with(
    dataset: Dataset, models: pl.DataFrame, rows: pl.DataFrame, reason: str | None = None
) -> Dataset:
    own: dict[str, Any] = models["binding"][0]
    return Dataset(models, own, rows, reason, dataset.keys)
