"""The URLs of a table, made absolute, and why some of them cannot be."""

from __future__ import annotations

import polars as pl

from argosy.errors import BadInput
from argosy.store.location import absolute


def absolutes(urls: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return every URL as `absolute` does, and why it is refused, null where it is not.

    >>> found, reasons = absolutes(pl.Series(["s3://bucket/a", "a::s3://bucket/b"]))
    >>> found.to_list()
    ['s3://bucket/a', 'a::s3://bucket/b']
    >>> reasons.to_list()
    [None, "the URL 'a::s3://bucket/b' chains protocols; name the data itself"]
    """
    if urls.null_count() == len(urls):
        nothing = urls.cast(pl.String)
        return nothing, nothing
    known: dict[str, str] = {}
    refused: dict[str, str] = {}
    for url in urls.drop_nulls().unique():
        try:
            known[url] = absolute(url)
        except BadInput as error:
            known[url], refused[url] = url, str(error)
    found, reasons = (
        urls.replace_strict(each, default=None, return_dtype=pl.String) for each in (known, refused)
    )
    return found, reasons
