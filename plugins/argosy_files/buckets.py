"""Files in a bucket: which ones a URL means, as `argosy_files.paths` says of a path, and bytes.

The engine lists a folder only where a slash stands behind it, takes all that lies there for its
table, and brackets in names for patterns.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from argosy.store.location import is_pattern
from argosy_files.limits import refuse_large
from argosy_files.paths import Files, below

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl"})
_AT_ONCE = 16


def in_bucket(url: str) -> bool:
    """Whether a URL is of a bucket."""
    return url.partition("://")[0].lower() in _BUCKETS


def found(url: str, suffixes: tuple[str, ...], options: Mapping[str, str]) -> Files | None:
    """Return the files that a URL in a bucket means; None where it is a pattern, or of no bucket.

    What a pattern means is looked at all the same.

    Args:
        url: of a file, or of a folder, with a slash behind it or not.
        suffixes: endings of the format.
        options: in the table engine's words.

    Raises:
        FileNotFoundError: if nothing is there.
        DataError: for a file that is too large.
    """
    if not in_bucket(url):
        return None
    if is_pattern(url):
        _refuse_large_matches(url, options)
        return None
    whole = url.rstrip("/")
    if whole == url and (size := _size(url, options)) is not None:
        refuse_large(url, size)
        return Files([url], None, False)
    every = _listed(whole, options)
    files = below(list(every), whole, suffixes)
    if not files.paths:
        raise FileNotFoundError(f"there is nothing at {url}")
    for path in files.paths:
        refuse_large(path, every[path])
    return files


def refuse_large_file(url: str, options: Mapping[str, str]) -> None:
    """Raise if one file in a bucket is too large; what is not there is no fault."""
    if in_bucket(url) and not is_pattern(url):
        refuse_large(url, _size(url, options))


def contents(
    urls: Sequence[str], options: Mapping[str, str], most: int | None = None
) -> list[bytes]:
    """Return the bytes of files in buckets, or the first ones of each.

    Raises:
        DataError: for a file that is too large.
    """

    def read(url: str) -> bytes:
        folder, _, name = url.rpartition("/")
        with _opened(folder, options).open_input_file(name) as file:
            refuse_large(url, file.size())
            return bytes(file.read() if most is None else file.read(most))

    asked = [copy_context() for _ in urls]  # threads have no options of their own
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(lambda own, url: own.run(read, url), asked, urls))


def _size(url: str, options: Mapping[str, str]) -> int | None:
    """Return how many bytes a file has; None where there is none."""
    from pyarrow.fs import FileType

    folder, _, name = url.rpartition("/")
    if folder.endswith("/"):  # the bucket itself
        return None
    told: Any = _opened(folder, options).get_file_info(name)
    return int(told.size) if told.type == FileType.File else None


def _listed(folder: str, options: Mapping[str, str]) -> dict[str, int]:
    """Return how many bytes each file below a folder has, by its URL."""
    from pyarrow.fs import FileSelector, FileType

    everything = FileSelector("", recursive=True, allow_not_found=True)
    listed = _opened(folder, options).get_file_info(everything)
    return {f"{folder}/{each.path}": each.size for each in listed if each.type == FileType.File}


def _refuse_large_matches(pattern: str, options: Mapping[str, str]) -> None:
    from fsspec.utils import glob_translate

    folder = pattern
    while is_pattern(folder):
        folder = folder.rpartition("/")[0]
    means = re.compile(glob_translate(pattern))
    for url, size in _listed(folder, options).items():
        if means.match(url):
            refuse_large(url, size)


def _opened(folder: str, options: Mapping[str, str]) -> Any:  # noqa: ANN401  (pyarrow has no types)
    from deltalake.fs import DeltaStorageHandler
    from pyarrow.fs import PyFileSystem

    return PyFileSystem(DeltaStorageHandler(folder, dict(options)))
