"""Read the rows that a chunk's models are bound to, each dataset once for all models that share it.

Every row carries its model in the column `argosy_model`.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.selectors import by_name

from argosy.plugins import call, installed
from argosy.registry.bindings import COLUMN_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from argosy.store.location import Location
    from argosy.types import Source

MODEL = "argosy_model"
FAULTS = (Exception, pl.exceptions.PanicException)
"""What reading data may raise: an engine's panic over a damaged page is no Exception."""
RESERVED = "argosy_"
"""Columns whose names begin so are ours; in the data they are left alone."""

SHAPE = (*COLUMN_FIELDS, "format", "where", "zone", "segments", "positive", "label_delay", "copy")
"""What models must have in common in their bindings for their rows to be treated alike."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of the models that share one binding, or the reason why there are none."""

    models: pl.DataFrame
    """The chunk's rows of these models, with their `binding`."""
    binding: dict[str, Any]
    rows: pl.DataFrame
    reason: str | None = None

    def __post_init__(self) -> None:
        row_bytes = _ROW_BYTES.get()
        if row_bytes is not None:
            row_bytes.take(int(self.rows.estimated_size()))

    @property
    def named(self) -> set[str]:
        """Columns that the binding names, and which are therefore no features."""
        return {self.binding[name] for name in COLUMN_FIELDS if self.binding[name]} | set(
            self.binding["segments"] or ()
        )

    @property
    def features(self) -> list[str]:
        """Columns that are features where a model declares none."""
        return [name for name in self.rows.columns if name not in {MODEL, *self.named}]


@dataclass(slots=True)
class RowBytes:
    """How many bytes of rows are in memory at a time."""

    now: int = 0
    most: int = 0

    def take(self, many: int) -> None:
        """Count rows that were read."""
        self.now += many
        self.most = max(self.most, self.now)


_ROW_BYTES: ContextVar[RowBytes | None] = ContextVar("row_bytes", default=None)


@contextmanager
def counting() -> Iterator[RowBytes]:
    """Count the bytes of rows that are read inside."""
    row_bytes = RowBytes()
    token = _ROW_BYTES.set(row_bytes)
    try:
        yield row_bytes
    finally:
        _ROW_BYTES.reset(token)


@contextmanager
def passing() -> Iterator[None]:
    """Say that rows that are read inside are let go before others are read."""
    row_bytes = _ROW_BYTES.get()
    before = row_bytes.now if row_bytes is not None else 0
    yield
    if row_bytes is not None:
        row_bytes.now = before


def read(models: pl.DataFrame, location: Location, also: Collection[str] = ()) -> Iterator[Dataset]:
    """Read every dataset that the models' `binding`s name, only the columns that are needed.

    Args:
        models: `model`, `features` and `binding`.
        location: the fleet's.
        also: columns that are needed besides features and those that the binding names.
    """
    source = ("url", *SHAPE)
    alike = [pl.col("binding").struct.field(name).alias(f"argosy_{name}") for name in source]
    shared = models.with_columns(alike)
    for part in shared.partition_by(
        [f"argosy_{name}" for name in source], include_key=False, maintain_order=True
    ):
        binding = part["binding"][0]
        try:
            yield Dataset(part, binding, _rows(part, binding, location, also))
        except FAULTS as error:  # a stranger's data and sources may raise anything
            reason = f"cannot read {binding['url']}: {_first_line(error)}"
            yield Dataset(part, binding, pl.DataFrame(schema={MODEL: pl.String}), reason)


def _rows(
    models: pl.DataFrame, binding: dict[str, Any], location: Location, also: Collection[str]
) -> pl.DataFrame:
    _, scan = opened(binding, location)
    schema = scan.collect_schema()
    names = [name for name in schema.names() if not name.startswith(RESERVED)]
    chosen = wanted(models, binding, names, also)
    key = binding["key"]
    if key is None:
        owners = models.select(pl.col("model").alias(MODEL))
        return owners.join(scan.select(by_name(chosen)).collect(), how="cross")
    owners = keyed(models)
    keys = owners["argosy_key"]
    rows = members(scan, key, keys).select(
        pl.col(key).cast(pl.String).alias("argosy_key"), by_name(chosen)
    )
    if keys.equals(owners[MODEL]) and keys.is_unique().all():
        return rows.select(pl.col("argosy_key").alias(MODEL), by_name(chosen)).collect()
    return (
        rows.collect()
        .join(owners, on="argosy_key", how="inner", maintain_order="left")
        .drop("argosy_key")
    )


def members(scan: pl.LazyFrame, key: str, keys: pl.Series) -> pl.LazyFrame:
    """Return a table's rows of some models, so that row groups of others are not read.

    Args:
        scan: the table.
        key: the column that tells models apart.
        keys: as text.
    """
    kind = scan.collect_schema()[key]
    if kind == pl.String or kind.is_integer():
        own = keys.cast(kind, strict=False)
        scan = scan.filter(pl.col(key).is_between(pl.lit(own.min()), pl.lit(own.max())))
    return scan.filter(pl.col(key).cast(pl.String).is_in(keys.implode()))


def opened(binding: dict[str, Any], location: Location) -> tuple[Source, pl.LazyFrame]:
    """Open what a binding names, or the copy of it that is better to read; only its rows."""
    source = installed().sources[binding["format"]]
    if binding["copy"]:
        options = location.table_options(binding["copy"])
        return source, pl.scan_parquet(binding["copy"], storage_options=options or None)
    options = location.table_options(binding["url"])
    scan = call(
        "sources", source.format, source.scan, binding["url"], options, answers=pl.LazyFrame
    )
    return source, scan.filter(pl.sql_expr(binding["where"])) if binding["where"] else scan


def keyed(models: pl.DataFrame) -> pl.DataFrame:
    """Return the value of the key that stands for each model, and its name in `argosy_model`."""
    return models.select(
        pl.coalesce(pl.col("binding").struct.field("key_value"), "model").alias("argosy_key"),
        pl.col("model").alias(MODEL),
    )


def wanted(
    models: pl.DataFrame, binding: dict[str, Any], names: list[str], also: Collection[str]
) -> list[str]:
    """Return which of a table's columns a job needs."""
    if models["features"].null_count():
        return names
    features = models["features"].explode().struct.field("name").unique().to_list()
    asked = {
        *also,
        *features,
        *(binding[name] for name in COLUMN_FIELDS if name != "key"),
        *(binding["segments"] or ()),
        *_columns_of(binding["segments"] or ()),
    }
    return [name for name in names if name in asked]


def _columns_of(segments: Collection[str]) -> set[str]:
    """Name the columns that segments look at; what is no SQL expression looks at none."""
    found: set[str] = set()
    for text in segments:
        with suppress(pl.exceptions.PolarsError):
            found |= set(pl.sql_expr(text).meta.root_names())
    return found


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
