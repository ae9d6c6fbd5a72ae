r"""What the URL of data or of an artifact may look like, so that every reader reads it alike.

One reader decodes a URL and another does not, one goes up at `..`, one cuts at `;`, one takes `\`
for a slash, and some schemes only wrap another. So a URL has one reading or is refused: `file:`
URLs are decoded once and are paths from then on, and nothing else is ever decoded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from argosy.errors import BadInput
from argosy.store.location import absolute

_HERE = frozenset({"file", "local"})
_ODD = {"\\": "a backslash", ";": "a semicolon"}
_PLAIN = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://[\w:-][\w.:-]*)?(?:/(?!\.{1,2}(?:/|\Z))[\w.=+,@ -]+)+", re.ASCII
)
"""A path, or a URL without credentials, that no reader could take for another."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ACCOUNTS = ("abfs", "az", "adl")
"""Schemes whose URLs name an account after an `@`."""
_WRAPPERS = frozenset(
    {
        *("asyn_local", "asyn_wrapper", "cached", "dask", "data", "dirfs", "generic", "git"),
        *("libarchive", "local", "reference", "tar", "zip"),
    }
)
"""Modules of filesystems that read a local file, or by another filesystem."""


def data_url(url: str) -> str:
    """Return the URL of data or an artifact as the fleet keeps it: absolute, its scheme lowercase.

    Raises:
        BadInput: for what readers could take for another place than it seems to be.

    >>> data_url("FILE:///data/my%20rows.csv"), data_url("S3://bucket/rows.parquet")
    ('/data/my rows.csv', 's3://bucket/rows.parquet')
    >>> data_url("/data/%2e%2e/rows.csv")
    Traceback (most recent call last):
    argosy.errors.BadInput: the URL '/data/%2e%2e/rows.csv' hides a way out behind percent signs; \
write the path as it is
    """
    plain = _PLAIN.fullmatch(url)
    if plain and not scheme_wraps(plain[1] or ""):  # as nearly all are, and there are many
        return url
    scheme = scheme_of(url)
    if scheme:
        _refuse_credentials(url)
    if _controls(url.replace("\n", "") if not scheme else url):
        raise BadInput(f"the URL {url!r} holds control characters; rename what it names")
    if scheme in _HERE:
        url = _as_path(url)
    elif scheme:
        url = scheme + url[len(scheme) :]
        _refuse_odd(url)
        if scheme_wraps(scheme):
            raise BadInput(
                f"the URL {url!r} reads a local file or another URL by the scheme {scheme!r};"
                " name the data itself"
            )
    kept = absolute(url)
    if _goes_up(kept):
        raise BadInput(
            f"the URL {url!r} goes up at '..', where links decide what that means; write the path"
            " without it"
        )
    if "%" in kept and _hides(kept):
        raise BadInput(
            f"the URL {url!r} hides a way out behind percent signs; write the path as it is"
        )
    return kept


def scheme_of(url: str) -> str:
    """Return the scheme of a URL in lowercase; nothing for a path.

    >>> scheme_of("S3://bucket"), scheme_of("/data/a:b")
    ('s3', '')
    """
    scheme, mark, _ = url.partition("://")
    plain = scheme.replace("+", "").replace("-", "").replace(".", "")
    known = mark and scheme[:1].isalpha() and plain.isalnum() and scheme.isascii()
    return scheme.lower() if known else ""


@lru_cache
def scheme_wraps(scheme: str) -> bool:
    """Whether a scheme reads local files, or whatever another URL names, under a name of its own.

    >>> scheme_wraps("reference"), scheme_wraps("simplecache"), scheme_wraps("s3")
    (True, True, False)
    """
    from fsspec.registry import known_implementations

    path = str(known_implementations.get(scheme, {}).get("class", ""))
    return scheme in _HERE or path.split(".")[-2:][0] in _WRAPPERS


def _refuse_credentials(url: str) -> None:
    """Raise before a URL is repeated in any other message; `container@account` names a place."""
    authority = url.split("://", 1)[1].split("/", 1)[0]
    user = authority.rpartition("@")[0]
    if ":" in user or (user and not scheme_of(url).startswith(_ACCOUNTS)):
        hidden = url.replace(authority, "…")
        raise BadInput(f"the URL {hidden!r} holds credentials; pass them as storage options")


def _as_path(url: str) -> str:
    """Return what a URL of this machine names, decoded once."""
    _refuse_odd(url)
    rest = url.split("://", 1)[1]
    if not rest.startswith("/"):
        raise BadInput(f"the URL {url!r} names a host; write the path alone, such as /data/a.csv")
    path = unquote(rest)
    if path.count("/") != rest.count("/") or _controls(path):
        raise BadInput(
            f"the URL {url!r} hides a way out behind percent signs; write the path as it is"
        )
    return path


def _refuse_odd(url: str) -> None:
    """Raise for what is a mere letter in a path, and something else in some readers' URLs."""
    for letter, name in _ODD.items():
        if letter in url:
            raise BadInput(f"the URL {url!r} holds {name}, which some readers cut it at; rename it")


def _goes_up(url: str) -> bool:
    return ".." in url.replace("\\", "/").split("/")


def _hides(url: str) -> bool:
    """Whether decoding a URL, however often, makes it lead elsewhere."""
    while (decoded := unquote(url)) != url:
        if _goes_up(decoded) or _controls(decoded.replace("\n", "")) or "::" in decoded:
            return True
        url = decoded
    return False


def _controls(text: str) -> bool:
    return bool(_CONTROL.search(text))
