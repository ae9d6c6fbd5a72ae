"""How large a file elsewhere may be: files of this machine are looked at before a source is."""

from __future__ import annotations

from argosy.errors import DataError
from argosy.plugins import options


def refuse_large(url: str, size: int | None) -> None:
    """Raise for a file that is larger than the option `core.largest_file` lets in.

    Args:
        url: of the file.
        size: in bytes, as its store says; None where that does not.

    Raises:
        DataError: naming the file, its size and the option.

    >>> refuse_large("s3://bucket/rows.parquet", 2**40)
    Traceback (most recent call last):
    argosy.errors.DataError: s3://bucket/rows.parquet has 1,099,511,627,776 bytes, more than \
274,877,906,944, which the option core.largest_file sets
    """
    most = options("core").largest_file
    if size is not None and size > most:
        raise DataError(
            f"{url} has {size:,} bytes, more than {most:,}, which the option core.largest_file sets"
        )
