"""Which data was read soundly before, so that it is read in this process from then on.

What a run read of a model's data is one number: a hash of its binding, of the columns that were
asked for, and of the files that lay there, as `argosy.data.fingerprints` lists them. Once a run has
read it and no engine has failed over it, the fleet keeps the number; whatever changes the bytes,
the binding or the engine makes another one. Losing them costs the next run one reading apart.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import StoreError
from argosy.store import blobs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pyarrow as pa

    from argosy.store.location import Location

UNPROVEN = "argosy_unproven"
"""The column of units that holds the numbers of what has not been read soundly yet."""
_ANY = pl.col(UNPROVEN).list.len() > 0
_FOLDER, _FILE = "read", "proven.arrow"
_MOST = 2**20
"""So many numbers a fleet keeps, the latest."""
_COPY, _FEATURES = "copy", "features"
_NO_URLS = pl.Series("url", [], pl.String)


class Proofs:
    """What was read soundly of a fleet's data, in this process or an earlier one."""

    _opened: dict[str, Proofs] = {}  # noqa: RUF012  (of the class)

    def __init__(self, location: Location) -> None:
        self._location = location
        self._known = self._kept()
        self._fresh: list[pl.Series] = []
        self._withdrawn: list[pl.Series] = []

    @classmethod
    def of(cls, location: Location) -> Proofs:
        """Return those of a fleet, which are read once."""
        if location.url not in cls._opened:
            cls._opened[location.url] = cls(location)
        return cls._opened[location.url]

    def hold(self, proofs: pl.Series) -> pl.Series:
        """Say which of some numbers are known since an earlier run."""
        return proofs.is_in(self._known.implode())

    def add(self, proofs: pl.Series) -> None:
        """Note what was read soundly."""
        if len(proofs):
            self._fresh.append(proofs.rename(UNPROVEN))

    def withdraw(self, proofs: pl.Series) -> None:
        """Note what an engine failed over, whatever else went well."""
        self._withdrawn.append(proofs.rename(UNPROVEN))

    def save(self) -> None:
        """Keep what was noted with the fleet, beside what others have kept meanwhile."""
        if not self._fresh:
            return
        every = pl.concat([self._kept(), *self._fresh]).unique(maintain_order=True)
        failed = pl.concat([every.clear(), *self._withdrawn])
        self._known = every.filter(~every.is_in(failed.implode())).tail(_MOST)
        self._fresh, self._withdrawn = [], []
        with suppress(StoreError):  # it is read apart once more, then
            blobs.write(self._location, _FOLDER, self._known.to_frame().to_arrow(), _FILE)

    def _kept(self) -> pl.Series:
        nothing = pl.Series(UNPROVEN, [], pl.UInt64)
        with suppress(StoreError):
            kept = pl.DataFrame(blobs.read(self._location, _FOLDER, _FILE))
            return kept[UNPROVEN] if kept.schema == {UNPROVEN: pl.UInt64} else nothing
        return nothing


def unproven(
    units: pl.DataFrame,
    reads: Sequence[str],
    also: Collection[str],
    files: pl.DataFrame,
    proofs: Proofs | None,
) -> pl.DataFrame:
    """Add the column `UNPROVEN` to units: the numbers of what each reads that are not known.

    Args:
        units: of a run, with their bindings.
        reads: the columns that are bindings of data.
        also: columns that are needed besides features and those that bindings name.
        files: what lies at the URLs, as `argosy.data.fingerprints.lying` gives it.
        proofs: what is known; None to take nothing for known.

    What has no files, such as a table of a database, has no number: it is rows that come over a
    protocol, and no bytes that are decoded here.
    """
    stamps = stamped(files)
    asked = pl.lit(" ".join([pl.__version__, *sorted(also)])).alias("argosy_asked")
    mine = (pl.col(name) for name in ("model", _FEATURES) if name in units.columns)
    own = [asked, *(one.name.prefix("argosy_") for one in mine)]
    numbers = [pl.Series("none", [None], pl.UInt64).new_from_index(0, units.height)]
    for name in reads:
        if not isinstance(units.schema.get(name), pl.Struct):
            continue
        binding = units.select(*own, pl.col(name).struct.unnest()).drop(_COPY, strict=False)
        lying = binding.join(stamps, on="url", how="left", maintain_order="left")
        number = pl.when(pl.col("stamp").is_not_null()).then(pl.struct(pl.all()).hash())
        found = lying.select(number.alias(name)).to_series()
        numbers.append(found if proofs is None else found.set(proofs.hold(found), None))
    lists = pl.DataFrame(numbers).select(pl.concat_list(pl.all()).list.drop_nulls())
    return units.with_columns(lists.to_series().alias(UNPROVEN))


def urls_unproven(models: pa.Table) -> frozenset[str]:
    """Return the URLs of all data of a chunk's models that are not proven."""
    rows = pl.DataFrame(models).filter(_ANY)
    return frozenset(pl.concat([_NO_URLS, *_urls(rows)]).drop_nulls())


def read_soundly(models: pa.Table, unsound: Collection[str]) -> pl.Series:
    """Return the numbers of a chunk's models that are proven now.

    Args:
        models: those that were read.
        unsound: URLs that could not be.
    """
    rows = pl.DataFrame(models).filter(_ANY)
    bad = [urls.is_in(list(unsound)).fill_null(value=False) for urls in _urls(rows)]
    wrong = pl.any_horizontal(pl.lit(value=False), *bad)
    return rows.filter(~wrong)[UNPROVEN].explode()


def _urls(models: pl.DataFrame) -> list[pl.Series]:
    """Return the URLs in every column of bindings."""
    structs = [column.struct for column in models if isinstance(column.dtype, pl.Struct)]
    return [column.field("url") for column in structs if "url" in column.fields]


def stamped(files: pl.DataFrame) -> pl.DataFrame:
    """Return `url` and `stamp`: a number for the files at each URL.

    It is drawn where a file has neither a time nor a tag, so that it is never known.

    >>> from argosy.data.fingerprints import FILES
    >>> rows = [("a", "a", 5, "x"), ("b", "b", 5, "")]
    >>> files = pl.DataFrame(rows, schema=FILES, orient="row")
    >>> first, again = stamped(files), stamped(files)
    >>> (first.sort("url")["stamp"] == again.sort("url")["stamp"]).to_list()
    [True, False]
    """
    each = files.with_columns(hash=pl.struct("file", "size", "stamp").hash())
    found = each.group_by("url").agg(
        stamp=pl.col("hash").sort(), silent=(pl.col("stamp") == "").any()
    )
    drawn = pl.lit(secrets.randbits(63), pl.UInt64)
    number = pl.when("silent").then(drawn).otherwise(pl.col("stamp").hash())
    return found.select("url", stamp=number)
