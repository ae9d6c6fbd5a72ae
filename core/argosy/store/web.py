"""Read a file over HTTP from the very host that a root names: no redirect, no other address.

A server may answer with an address of its own choice, and a name may stand for an address inside
of the reader's network. So redirects are refused, proxies are not asked, and the address that is
connected to is the one that was looked at: addresses of the link, where cloud machines find their
credentials, are refused.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import time
from urllib.parse import urlsplit

from argosy.errors import DataError

_SCHEMES = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
_PIECE = 2**20
_REDIRECTS = range(300, 400)
_GONE = (404, 410)
_METADATA = frozenset({"100.100.100.200", "168.63.129.16", "fd00:ec2::254"})
"""Where clouds hand out credentials besides addresses of the link."""


def is_web(url: str) -> bool:
    """Whether a URL is read over HTTP.

    >>> is_web("https://models.example/a.skops"), is_web("s3://bucket/a.skops")
    (True, False)
    """
    return url.partition("://")[0].lower() in _SCHEMES


def read_web(url: str, most: int, seconds: float) -> bytes:
    """Return what lies at a URL.

    Args:
        url: of the scheme `http` or `https`.
        most: bytes that it may have.
        seconds: that reading it may take.

    Raises:
        FileNotFoundError: if there is nothing.
        DataError: for a redirect, an address that is refused, too many bytes, or too long a time.
    """
    parts = urlsplit(url)
    until = time.monotonic() + seconds
    connection = _SCHEMES[parts.scheme](parts.hostname or "", parts.port, timeout=seconds)
    connection._create_connection = _connected
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", target)
        with connection.getresponse() as answer:
            _refuse_answer(url, answer)
            return _content(url, answer, most, seconds, until)
    finally:
        connection.close()


def _refuse_answer(url: str, answer: http.client.HTTPResponse) -> None:
    if answer.status in _GONE:
        raise FileNotFoundError(url)
    if answer.status in _REDIRECTS:
        raise DataError(
            f"{url} redirects to {answer.getheader('Location')!r}, which is not followed; name"
            " the file itself"
        )
    if answer.status != http.client.OK:
        raise DataError(f"{url} answers {answer.status} {answer.reason}")


def _content(
    url: str, answer: http.client.HTTPResponse, most: int, seconds: float, until: float
) -> bytes:
    content = bytearray()
    while piece := answer.read1(_PIECE):  # what has come, so that time is asked in between
        content += piece
        if len(content) > most:
            raise DataError(
                f"{url} has more than {most:,} bytes, which the option core.largest_read sets"
            )
        if time.monotonic() > until:
            raise DataError(
                f"reading {url} took more than {seconds:g} s, which the option core.read_time sets"
            )
    return bytes(content)


def _connected(
    address: tuple[str, int], timeout: float, source_address: tuple[str, int] | None = None
) -> socket.socket:
    """Connect to an address that was looked at, so that a name cannot be answered otherwise."""
    host, port = address
    told: OSError = OSError(f"{host} has no address")
    for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        refuse_address(host, str(where[0]))
        try:
            return socket.create_connection((str(where[0]), port), timeout, source_address)
        except OSError as error:
            told = error
    raise told


def refuse_address(host: str, address: str) -> None:
    """Raise for an address that no data or artifact comes from.

    >>> refuse_address("metadata", "169.254.169.254")
    Traceback (most recent call last):
    argosy.errors.DataError: the host metadata is at 169.254.169.254, an address of this machine's \
link or of a cloud's credentials; no data comes from there
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or found
    if inner.is_link_local or inner.is_multicast or inner.is_unspecified or str(inner) in _METADATA:
        raise DataError(
            f"the host {host} is at {address}, an address of this machine's link or of a cloud's"
            " credentials; no data comes from there"
        )
