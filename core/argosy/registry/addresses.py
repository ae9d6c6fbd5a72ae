"""The URLs of a table, as the fleet keeps them, and why some of them cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.store.data_url import data_url
from argosy.store.origins import Origins
from argosy.store.roots import bounded, declared

if TYPE_CHECKING:
    from argosy.store.location import Location
    from argosy.types import FleetState


def permitted(urls: pl.Series, location: Location) -> tuple[pl.Series, pl.Series]:
    """Return every URL as `data_url` does, and why it is refused, null where it is not.

    Args:
        urls: of data or artifacts.
        location: the fleet's, with its roots.

    >>> from argosy.store.location import Location
    >>> urls = pl.Series(["s3://bucket/a", "a::s3://bucket/b", "s3://other/c"])
    >>> found, reasons = permitted(urls, Location("s3://bucket/fleet"))
    >>> found.to_list()
    ['s3://bucket/a', 'a::s3://bucket/b', 's3://other/c']
    >>> reasons[2].partition(";")[0]
    's3://other/c lies outside of the roots of this fleet (s3://bucket)'
    """
    if urls.null_count() == len(urls):
        nothing = urls.cast(pl.String)
        return nothing, nothing
    known: dict[str, str] = {}
    refused: dict[str, str] = {}
    origins = Origins(location)
    for url in urls.drop_nulls().unique():
        try:
            known[url] = data_url(url)
            told = origins.fault(known[url])
            if told:
                refused[url] = told
        except BadInput as error:
            known[url], refused[url] = url, str(error)
    found, reasons = (
        urls.replace_strict(each, default=None, return_dtype=pl.String) for each in (known, refused)
    )
    return found, reasons


def refused_since(urls: pl.Series, location: Location, state: FleetState) -> pl.Series:
    """Say which of some URLs that were permitted no longer are, as roots were taken away since.

    Args:
        urls: of data or artifacts.
        location: the fleet's, with the roots that they were permitted by.
        state: the fleet as it stands.
    """
    if declared(state, location.url) == location.roots:
        return pl.Series("reason", [None], pl.String).new_from_index(0, len(urls))
    return permitted(urls, bounded(location, state))[1]
