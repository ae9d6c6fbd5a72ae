"""Fetch artifacts as bytes, and prove by their digest that they are what was registered."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from argosy.errors import ArtifactError
from argosy.store.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.location import Location

_SHORT = 15


def digest_of(content: bytes) -> str:
    """Return the digest of content as it is written in a registration.

    >>> digest_of(b"ship")[:20]
    'sha256:e5d5b971139ee'
    """
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def digests(urls: Sequence[str], location: Location) -> dict[str, str | None]:
    """Return the digest of each artifact, None where there is no such file.

    Raises:
        ArtifactError: if a store cannot be reached or a file not be read.
    """
    origins = Origins(location)
    found: dict[str, str | None] = {}
    for url in urls:
        try:
            found[url] = digest_of(origins.read(url))
        except FileNotFoundError:
            found[url] = None
        except Exception as error:
            raise ArtifactError(f"cannot read the artifact {url}: {error}") from error
    return found


def fetch(url: str, digest: str, location: Location) -> bytes:
    """Return an artifact's content, digest verified.

    Raises:
        ArtifactError: if it is missing, not readable, or not what was registered.
    """
    try:
        content = Origins(location).read(url)
    except FileNotFoundError:
        raise ArtifactError(
            f"the artifact {url} is missing; restore it, or register a new version"
        ) from None
    except Exception as error:
        raise ArtifactError(f"the artifact {url} cannot be read: {error}") from error
    actual = digest_of(content)
    if actual != digest:
        raise ArtifactError(
            f"the artifact {url} changed: registered {digest[:_SHORT]}…, found {actual[:_SHORT]}…;"
            " restore the file, or register it as a new version"
        )
    return content
