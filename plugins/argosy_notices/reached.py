"""Connect to a host that was allowed by name, at an address that was looked at.

A name may be made to lead anywhere, such as into this machine or its network, so the addresses are
resolved once, each is checked, and one of those is connected to.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
    from urllib.parse import SplitResult

_PORTS = {"https": 443, "http": 80}


@contextmanager
def connected(
    target: SplitResult, allow: Sequence[str], seconds: float
) -> Iterator[HTTPConnection]:
    """Connect to the host of a URL, and hang up after so many seconds, whatever it does.

    Args:
        target: the URL, whose host was allowed.
        allow: hosts, and the networks beyond the public ones that they may lie in.
        seconds: that all of it may take.

    Raises:
        BadInput: if the host lies where nobody allowed.
        OSError: if it cannot be reached.
    """
    host, port = str(target.hostname), target.port or _PORTS[target.scheme]
    connect = HTTPSConnection if target.scheme == "https" else HTTPConnection
    connection = connect(host, port, timeout=seconds)
    clock = threading.Timer(seconds, _hang_up, [connection])
    clock.daemon = True
    connection.sock = _called(addresses(host, port, allow), port, seconds)
    clock.start()
    try:
        if target.scheme == "https":
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(
                connection.sock, server_hostname=host, do_handshake_on_connect=False
            )
            connection.sock.do_handshake()
        yield connection
    finally:
        clock.cancel()
        connection.close()


def addresses(host: str, port: int, allow: Sequence[str]) -> list[str]:
    """Return the addresses of a host, if all of them are public or allowed.

    Raises:
        BadInput: naming the first that is neither.
        OSError: if the name has none.

    >>> addresses("127.0.0.1", 80, ["127.0.0.1"])
    ['127.0.0.1']
    >>> addresses("127.0.0.1", 80, ["hooks.example.org"])
    Traceback (most recent call last):
    argosy.errors.BadInput: the host 127.0.0.1 lies at 127.0.0.1, which is not public; add that \
address or its network to notices.allow if it should be
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    told = list(dict.fromkeys(str(place[4][0]) for place in found))
    for text in told:
        if not _permitted(host, ip_address(text.partition("%")[0]), allow):
            raise BadInput(
                f"the host {host} lies at {text}, which is not public; add that address or its"
                " network to notices.allow if it should be"
            )
    return told


def _permitted(host: str, address: IPv4Address | IPv6Address, allow: Sequence[str]) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or address
    if inner.is_global and not inner.is_multicast:
        return True
    if inner.is_loopback and host == "localhost":
        return True
    return any(inner in network for network in map(_network, allow) if network is not None)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:  # the name of a host
        return None


def _called(places: Sequence[str], port: int, seconds: float) -> socket.socket:
    """Connect to the first address that answers."""
    failure: OSError | None = None
    for place in places:
        try:
            return socket.create_connection((place, port), seconds / len(places))
        except OSError as error:
            failure = error
    raise failure or OSError("it has no address")


def _hang_up(connection: HTTPConnection) -> None:
    line = connection.sock
    if line is not None:
        with suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)
