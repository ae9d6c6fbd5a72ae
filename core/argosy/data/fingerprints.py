"""What lies at the URLs of a run's data: kept with its plan, to tell whether it is still the same.

Sizes and times, or tags of an object store, say so without reading a byte; of a Delta table its
version does. Rows that come in while a run waits to be resumed would make of its results a mixture
that no rerun gives.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import polars as pl
from fsspec.core import url_to_fs

from argosy.store.data_url import scheme_of
from argosy.store.roots import outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import fsspec

    from argosy.store.location import Location

FILES = {"url": pl.String, "file": pl.String, "size": pl.Int64, "stamp": pl.String}
"""One row per file: the URL that the data is bound by, the file, its size and its stamp."""

_STAMPS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created")
"""What file systems call the tag of a content, or else when it was written; the best first."""
_LOG = "_delta_log"
_MANY = 8
"""So many files of a folder are cheaper to list with all that is in it."""


def lying(location: Location, units: pl.DataFrame, reads: Sequence[str]) -> pl.DataFrame:
    """Return the files that the units' bindings name now, with the columns of `FILES`.

    What cannot be listed (a source that is no file, a missing right) has no rows, and so is never
    said to have changed; whoever reads it will say what is wrong.

    Args:
        location: the fleet's.
        units: of the run.
        reads: the columns of the units that are bindings of data.
    """
    columns = [
        units[name].struct.field("url")
        for name in reads
        if name in units.columns and isinstance(units.schema[name], pl.Struct)
    ]
    urls = pl.concat([pl.Series("url", [], pl.String), *columns]).drop_nulls().unique().sort()
    return listed(location, urls)


def listed(location: Location, urls: Iterable[str]) -> pl.DataFrame:
    """Return the files that lie at URLs now, as `lying` does."""
    rows = [row for group in _beside(urls) for row in _listed(location, group)]
    return pl.DataFrame(rows, schema=FILES, orient="row")


def changes(before: pl.DataFrame, now: pl.DataFrame) -> list[str]:
    """Say what is no longer as it was, a line per file.

    >>> was = pl.DataFrame({"url": ["a"], "file": ["a"], "size": [5], "stamp": ["x"]}, schema=FILES)
    >>> changes(was, was.with_columns(size=pl.lit(7, pl.Int64)))
    ['a has 7 bytes, had 5']
    >>> changes(was, was.with_columns(stamp=pl.lit("y")))
    ['a was written anew']
    >>> changes(was, was.clear()), changes(was.clear(), was)
    (['a is no longer there'], ['a is new'])
    """
    both = before.unique("file").join(now.unique("file"), on="file", how="full", suffix="_now")
    file, was, is_ = pl.col("file"), pl.col("size"), pl.col("size_now")
    told = (
        pl.when(file.is_null())
        .then(pl.format("{} is new", "file_now"))
        .when(pl.col("file_now").is_null())
        .then(pl.format("{} is no longer there", file))
        .when(was.ne_missing(is_))
        .then(pl.format("{} has {} bytes, had {}", file, is_.fill_null(0), was.fill_null(0)))
        .when(pl.col("stamp").ne_missing(pl.col("stamp_now")))
        .then(pl.format("{} was written anew", file))
    )
    return both.select(told.alias("told")).drop_nulls().sort("told")["told"].to_list()


def _beside(urls: Iterable[str]) -> Iterator[list[str]]:
    """Put plain URLs of one folder together; globs stand alone."""
    folders: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        if any(letter in url for letter in "*?["):
            yield [url]
        else:
            folders[posixpath.dirname(url.rstrip("/"))].append(url)
    yield from folders.values()


def _listed(location: Location, urls: list[str]) -> Iterator[tuple[str, str, int | None, str]]:
    """List what lies at URLs of one folder, or at one glob."""
    if any(scheme_of(url) and outside(url, location) for url in urls):
        return  # nobody is asked there: whoever reads it says why
    with suppress(Exception):  # a stranger's file system may raise anything
        filesystem, first = url_to_fs(urls[0], **location.file_options(urls[0]))
        filesystem.invalidate_cache()
        if any(letter in first for letter in "*?["):
            for info in filesystem.glob(first, detail=True).values():
                yield _row(urls[0], info)
            return
        known: dict[str, Any] = {}
        if len(urls) >= _MANY:
            parent = posixpath.dirname(first.rstrip("/"))
            known = {info["name"].rstrip("/"): info for info in filesystem.ls(parent, detail=True)}
        for url in urls:
            with suppress(Exception):
                path = filesystem._strip_protocol(url).rstrip("/")
                info = known.get(path) or filesystem.info(path)
                if info["type"] == "directory":
                    yield from (_row(url, one) for one in _inside(filesystem, path))
                else:
                    yield _row(url, info)


def _inside(filesystem: fsspec.AbstractFileSystem, folder: str) -> Iterable[dict[str, Any]]:
    """Return what a folder holds; of a Delta table its newest commit, which names the rest."""
    log = posixpath.join(folder, _LOG)
    if not filesystem.exists(log):
        found: dict[str, dict[str, Any]] = filesystem.find(folder, detail=True)
        return found.values()
    commits = [info for info in filesystem.ls(log, detail=True) if info["name"].endswith(".json")]
    newest = max(commits, key=lambda info: str(info["name"]))
    version = int(posixpath.basename(newest["name"]).removesuffix(".json"))
    return [{"name": folder, "size": None, "stamp": f"version {version}"}]


def _row(url: str, info: dict[str, Any]) -> tuple[str, str, int | None, str]:
    stamp = info.get("stamp") or next((info[name] for name in _STAMPS if info.get(name)), "")
    return url, info["name"], info["size"], str(stamp)
