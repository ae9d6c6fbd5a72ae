"""The URLs of a table, as the fleet keeps them, and why some of them cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from argosy.errors import BadInput
from argosy.store.data_url import data_url
from argosy.store.origins import Origins
from argosy.store.roots import bounded, declared

if TYPE_CHECKING:
    from argosy.store.location import Location
    from argosy.types import FleetState


class Addresses(NamedTuple):
    """The URLs of a table, and what is wrong with them; null where nothing is."""

    urls: pl.Series
    unfit: pl.Series
    """Why something is no URL of data or an artifact."""
    forbidden: pl.Series
    """Why the fleet may not read what it names."""


def permitted(urls: pl.Series, location: Location) -> Addresses:
    """Return every URL as `data_url` does, and why it is refused.

    Args:
        urls: of data or artifacts.
        location: the fleet's, with its roots.

    >>> from argosy.store.location import Location
    >>> urls = pl.Series(["s3://bucket/a", "a::s3://bucket/b", "s3://other/c"])
    >>> found = permitted(urls, Location("s3://bucket/fleet"))
    >>> found.unfit[1]
    "the URL 'a::s3://bucket/b' chains protocols; name the data itself"
    >>> found.forbidden[2].partition(";")[0]
    's3://other/c lies outside of the roots of this fleet (s3://bucket)'
    """
    if urls.null_count() == len(urls):
        nothing = urls.cast(pl.String)
        return Addresses(nothing, nothing, nothing)
    known: dict[str, str] = {}
    unfit: dict[str, str] = {}
    forbidden: dict[str, str] = {}
    origins = Origins(location)
    for url in urls.drop_nulls().unique():
        try:
            known[url] = data_url(url)
        except BadInput as error:
            known[url], unfit[url] = url, str(error)
            continue
        told = origins.fault(known[url])
        if told:
            forbidden[url] = told
    return Addresses(
        *(
            urls.replace_strict(each, default=None, return_dtype=pl.String)
            for each in (known, unfit, forbidden)
        )
    )


def refused_since(urls: pl.Series, location: Location, state: FleetState) -> pl.Series:
    """Say which of some URLs that were permitted no longer are, as roots were taken away since.

    Args:
        urls: of data or artifacts.
        location: the fleet's, with the roots that they were permitted by.
        state: the fleet as it stands.
    """
    if declared(state, location.url) == location.roots:
        return pl.Series("reason", [None], pl.String).new_from_index(0, len(urls))
    return permitted(urls, bounded(location, state)).forbidden
