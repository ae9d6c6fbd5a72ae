"""Read the rows that a chunk's models are bound to, each dataset once for all models that share it.

Every row carries its model in the column `argosy_model`.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.selectors import by_name

from argosy.data.guard import guarded
from argosy.data.keys import KEY, OWNER, few_keys, keyed, members
from argosy.data.sources import RESERVED, refuse_reserved, scanned
from argosy.data.time_readings import readable
from argosy.during import during
from argosy.kernels.values import spelt
from argosy.registry.bindings import COLUMN_FIELDS, named_columns
from argosy.registry.writing import WRITING, explained, source_of
from argosy.sql.expression import expression
from argosy.sql.refusal import RefusedSQL, shown
from argosy.store import damage
from argosy.store.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from argosy.data.sources import Need
    from argosy.store.location import Location
    from argosy.types import Source

MODEL = OWNER
FAULTS = damage.FAULTS
"""What reading data may raise."""

SHAPE = (
    *(*COLUMN_FIELDS, "format", "where", "zone", "timestamp_format", "segments", "positive"),
    *("label_delay", "frequency", "available_at", "copy", *WRITING),
)
"""What models must have in common in their bindings for their rows to be treated alike."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of the models that share one binding, or the reason why there are none."""

    models: pl.DataFrame
    """The chunk's rows of these models, with their `binding`."""
    binding: dict[str, Any]
    rows: pl.DataFrame
    reason: str | None = None
    keys: Callable[[], str] | None = None
    """Reads a few keys of a table that models share, to be told where it has no row of one."""

    def __post_init__(self) -> None:
        row_bytes = _ROW_BYTES.get()
        if row_bytes is not None:
            row_bytes.take(int(self.rows.estimated_size()))

    def of(self, models: pl.DataFrame) -> Dataset:
        """Return the dataset of some of the models, as if there were no others.

        Args:
            models: rows of `models`.
        """
        own = pl.col(MODEL).is_in(models["model"].implode())
        return Dataset(models, models["binding"][0], self.rows.filter(own), self.reason, self.keys)

    def absent(self, models: pl.DataFrame, what: str = "row") -> pl.Series:
        """Say of models that have no row here why not, with a few of the keys that are there.

        Args:
            models: rows of `models`.
            what: they have none of, such as `current row`.
        """
        url, key = (pl.col("binding").struct.field(name) for name in ("url", "key"))
        told = pl.format("there is no {} of the model at {}", pl.lit(what), url)
        if self.keys is not None and models.height and (there := self.keys()):
            asked = pl.col("binding").struct.field("key_value")  # alike for all that go by name
            other = pl.format("; in {} there is no '{}' but {}", key, asked, pl.lit(there))
            told += pl.coalesce(other, pl.format("; in {} there are {}", key, pl.lit(there)))
        return models.select(told.alias("reason")).to_series()

    @property
    def named(self) -> set[str]:
        """Columns that the binding names, and which are therefore no features."""
        return {*named_columns(self.binding).values(), *(self.binding["segments"] or ())}

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
    with during(_ROW_BYTES, row_bytes):
        yield row_bytes


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
        bound = part["binding"][0]
        binding = theirs(bound)
        try:
            rows = _rows(part, bound, location, also)
            whole = partial(_table, bound, location) if binding["key"] else None
            keys = partial(_few_keys, bound, location) if binding["key"] else None
            parts = readable(part, binding, rows, MODEL, whole)
            found = [Dataset(*alike, keys=keys) for alike in parts]
        except FAULTS as error:  # a stranger's data and sources may raise anything
            told, where = explained(binding, location, error), binding["where"]
            cut = f" where {shown(where)}" if where and "the where" not in told else ""
            reason = f"cannot read {binding['url']}{cut}: {told}"
            found = [Dataset(part, binding, pl.DataFrame(schema={MODEL: pl.String}), reason)]
        yield from found


def _rows(
    models: pl.DataFrame, bound: dict[str, Any], location: Location, also: Collection[str]
) -> pl.DataFrame:
    binding = theirs(bound)
    key, named = binding["key"], {bound[field] for field in COLUMN_FIELDS}

    def need(names: list[str]) -> list[str]:
        own = [name for name in names if not name.startswith(RESERVED) or name in named]
        return [name for name in names if name == bound["key"]] + wanted(models, bound, own, also)

    scan = _renamed(opened(bound, location, need)[1], bound)
    schema = scan.collect_schema()
    names = [name for name in schema.names() if not name.startswith(RESERVED)]
    refuse_reserved(binding, schema)
    chosen = wanted(models, binding, names, also)
    if key is None:
        owners = models.select(pl.col("model").alias(MODEL))
        return owners.join(scan.select(by_name(chosen)).collect(), how="cross")
    owners = keyed(models, schema[key])
    keys = owners[KEY]
    rows = members(scan, key, keys).select(pl.col(key).alias(KEY), by_name(chosen)).collect()
    own = spelt(rows[KEY])
    if keys.equals(owners[MODEL]) and keys.is_unique().all():
        return rows.select(own.alias(MODEL), by_name(chosen))
    return rows.with_columns(own).join(owners, on=KEY, how="inner", maintain_order="left").drop(KEY)


def opened(
    binding: dict[str, Any], location: Location, need: Need | None = None
) -> tuple[Source, pl.LazyFrame]:
    """Open what a binding names, or the copy of it that is better to read; only its rows.

    Args:
        binding: of some models.
        location: the fleet's.
        need: which of the columns are needed, where types have to be found; defaults to all.
    """
    source = source_of(binding)
    if binding["copy"]:
        Origins(location).refuse(binding["copy"])  # it is named in a file that others may write
        options = location.table_options(binding["copy"])
        copy = pl.scan_parquet(binding["copy"], storage_options=options or None)
        return source, guarded(copy, [binding["copy"]], location)
    return source, scanned(binding, location, need)


def theirs(binding: dict[str, Any]) -> dict[str, Any]:
    """Return a binding in which columns of the data that are named like ours are called otherwise.

    >>> theirs({"truth": "argosy_model", **dict.fromkeys(set(COLUMN_FIELDS) - {"truth"})})["truth"]
    'their argosy_model'
    """
    names = _names_like_ours(binding)
    fields = {field: names.get(binding[field], binding[field]) for field in COLUMN_FIELDS}
    return {**binding, **fields}


def _names_like_ours(binding: dict[str, Any]) -> dict[str, str]:
    named = {binding[field] for field in COLUMN_FIELDS} - {None}
    return {name: f"their {name}" for name in named if name.startswith(RESERVED)}


def _renamed(scan: pl.LazyFrame, binding: dict[str, Any]) -> pl.LazyFrame:
    names = _names_like_ours(binding)
    return scan.rename(names, strict=False) if names else scan


def _table(binding: dict[str, Any], location: Location) -> pl.LazyFrame:
    """Open all that a binding names; a copy has the rows of some models only."""
    return _renamed(opened({**binding, "copy": None}, location)[1], binding)


def _few_keys(binding: dict[str, Any], location: Location) -> str:
    with suppress(*FAULTS):  # what cannot be read is told already
        return few_keys(opened(binding, location)[1], binding["key"])
    return ""


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
        *(name for field, name in named_columns(binding).items() if field != "key"),
        *(binding["segments"] or ()),
        *_columns_of(binding["segments"] or ()),
    }
    return [name for name in names if name in asked]


def _columns_of(segments: Collection[str]) -> set[str]:
    """Name the columns that segments look at; what is no SQL expression looks at none."""
    found: set[str] = set()
    for text in segments:
        with suppress(RefusedSQL):
            found |= set(expression(text).meta.root_names())
    return found
