"""Files in a bucket: which ones a URL means, as `argosy_files.paths` says of a path, and bytes.

The engine lists a folder only where a slash stands behind it, takes all that lies there for its
table, and brackets in names for patterns.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from argosy.store.location import is_pattern
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

    Args:
        url: of a file, or of a folder, with a slash behind it or not.
        suffixes: endings of the format.
        options: in the table engine's words.

    Raises:
        FileNotFoundError: if nothing is there.
    """
    if not in_bucket(url) or is_pattern(url):
        return None
    from pyarrow.fs import FileSelector, FileType

    whole = url.rstrip("/")
    if whole == url and _is_file(url, options):
        return Files([url], None, False)
    listed = _opened(whole, options).get_file_info(
        FileSelector("", recursive=True, allow_not_found=True)
    )
    every = [f"{whole}/{each.path}" for each in listed if each.type == FileType.File]
    files = below(every, whole, suffixes)
    if not files.paths:
        raise FileNotFoundError(f"there is nothing at {url}")
    return files


def contents(
    urls: Sequence[str], options: Mapping[str, str], most: int | None = None
) -> list[bytes]:
    """Return the bytes of files in buckets, or the first ones of each."""

    def read(url: str) -> bytes:
        folder, _, name = url.rpartition("/")
        with _opened(folder, options).open_input_file(name) as file:
            return bytes(file.read() if most is None else file.read(most))

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(read, urls))


def _is_file(url: str, options: Mapping[str, str]) -> bool:
    from pyarrow.fs import FileType

    folder, _, name = url.rpartition("/")
    if folder.endswith("/"):  # the bucket itself
        return False
    kind: Any = _opened(folder, options).get_file_info(name).type
    return bool(kind == FileType.File)


def _opened(folder: str, options: Mapping[str, str]) -> Any:  # noqa: ANN401  (pyarrow has no types)
    from deltalake.fs import DeltaStorageHandler
    from pyarrow.fs import PyFileSystem

    return PyFileSystem(DeltaStorageHandler(folder, dict(options)))
