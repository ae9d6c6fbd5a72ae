"""The roots of a fleet: the folders and prefixes that its data and artifacts may come from.

Whoever may write to a fleet names files there that somebody else's job reads. So what may be read
is said by the fleet, never by what the reading user happens to own. A fleet without declared roots
has one: the folder that holds it. What lies in the fleet's own folder belongs to it always.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from argosy.errors import BadInput
from argosy.store.data_url import data_url, scheme_of
from argosy.store.location import is_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.location import Location
    from argosy.types import FleetState

KIND = "root"
_FAMILIES = {"s3a": "s3", "gcs": "gs", "abfss": "abfs"}
"""Schemes that name the same places as another."""
_SHOWN = 5


def default_root(fleet: str) -> str:
    """Return the folder that holds a fleet; of a fleet at the very top, the fleet itself.

    >>> default_root("/srv/models/fleet"), default_root("s3://bucket/fleet"), default_root("/fleet")
    ('/srv/models', 's3://bucket', '/fleet')
    """
    return _above(fleet.rstrip("/"))


def declared(state: FleetState, fleet: str) -> tuple[str, ...]:
    """Return the roots of a fleet as it stands, sorted; the default where none is declared."""
    return tuple(sorted(state[KIND]["url"])) or (default_root(fleet),)


def bounded(location: Location, state: FleetState) -> Location:
    """Return where a fleet is, for readers of data and artifacts: they keep to its roots."""
    return replace(location, roots=declared(state, location.url))


def roots_of(location: Location) -> tuple[str, ...]:
    """Return the roots that readers at a location keep to, the fleet's own folder last."""
    return (*(location.roots or (default_root(location.url),)), location.url)


def as_root(url: str) -> str:
    """Return the URL of a root as the fleet keeps it.

    Raises:
        BadInput: for what can be no root, such as a pattern, or the whole disk.

    >>> as_root("/data/models/"), as_root("s3://bucket/")
    ('/data/models', 's3://bucket')
    """
    kept = data_url(url)
    if is_pattern(kept) and not Path(kept).is_dir():
        raise BadInput(f"the root {url!r} is a pattern; name the folder or prefix itself")
    root = kept.rstrip("/")
    if not root or (scheme_of(kept) and "://" not in root):
        raise BadInput(f"the root {url!r} would let everything in; name a folder or prefix below")
    return root


def below(url: str, root: str) -> bool:
    """Whether a URL is a root or lies below it, part by part.

    >>> below("s3://bucket/a/b", "s3a://bucket/a"), below("/data/models2/x", "/data/models")
    (True, False)
    """
    return _holds(_comparable_root(root), _comparable(url))


def _holds(root: str, place: str) -> bool:
    return place.startswith(root) and (len(place) == len(root) or place[len(root)] == "/")


def outside(url: str, location: Location) -> str | None:
    """Say why a URL may not be read, by its name alone; None where it lies below a root."""
    roots, place = roots_of(location), _comparable(url)
    if any(_holds(_comparable_root(root), place) for root in roots):
        return None
    if not scheme_of(url) and any(below(url, os.path.realpath(one)) for one in _local(roots)):
        return None
    return f"{url} lies outside of the roots of this fleet ({_listed(roots[:-1])}); {way_in(url)}"


def way_in(url: str) -> str:
    """Say what lets a fleet read what lies at a URL."""
    plain = url.rstrip("/")
    while is_pattern(plain):
        plain = posixpath.dirname(plain)
    holder = _above(plain) if plain == url.rstrip("/") else plain
    return f"move it there, or widen them: `argosy roots add {holder}`"


def _above(url: str) -> str:
    """Return what holds a URL; itself, where that is everything."""
    above = posixpath.dirname(url)
    everything = "://" not in above if scheme_of(url) else above in {"", "/"}
    return url if everything else above


def _local(roots: Sequence[str]) -> list[str]:
    return [root for root in roots if not scheme_of(root)]


def _listed(roots: Sequence[str]) -> str:
    more = f" and {len(roots) - _SHOWN} more" if len(roots) > _SHOWN else ""
    return ", ".join(roots[:_SHOWN]) + more


def _comparable(url: str) -> str:
    scheme = scheme_of(url) if "://" in url else ""
    if not scheme:
        return url.rstrip("/")
    rest = url.split("://", 1)[1].rstrip("/")
    return f"{_FAMILIES.get(scheme, scheme)}://{rest}"


@lru_cache
def _comparable_root(root: str) -> str:
    return _comparable(root)
