"""Files where the table engine cannot reach, such as `sftp://` or `hdfs://`: fsspec opens them.

Those of web servers argosy reads itself: the engine would follow a redirect to anywhere.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING

from argosy.plugins import options as options_of
from argosy.store.web import is_web, read_web
from argosy_files.limits import refuse_large

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WITHIN_REACH = frozenset({"file", "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "hf"})


def reached(url: str, options: Mapping[str, str]) -> str | Sequence[IO[bytes]]:
    """Return a URL that the table engine reads itself, else its files, open.

    Args:
        url: a file, a folder or a glob.
        options: in fsspec's words where the engine cannot reach.

    Raises:
        FileNotFoundError: if there is nothing at a URL elsewhere.
        DataError: for a file that is too large.
        ValueError: if nothing that is installed knows such URLs.

    Example:
        >>> reached("s3://bucket/log.parquet", {})
        's3://bucket/log.parquet'
    """
    scheme, there, _ = url.partition("://")
    if not there or scheme.lower() in _WITHIN_REACH:
        return url
    if is_web(url):
        core = options_of("core")
        return [io.BytesIO(read_web(url, core.largest_read, core.read_time))]
    from fsspec.core import url_to_fs

    from argosy.store.location import is_pattern

    filesystem, path = url_to_fs(url, **options)
    if is_pattern(path) and not filesystem.exists(path):
        paths = sorted(filesystem.glob(path))
    elif filesystem.isdir(path):
        paths = sorted(filesystem.find(path))
    else:
        paths = [path]
    if not paths:
        raise FileNotFoundError(f"there is nothing at {url}")
    for one in paths:
        refuse_large(f"{scheme}://{one}" if "://" not in one else one, filesystem.size(one))
    return [filesystem.open(one) for one in paths]
