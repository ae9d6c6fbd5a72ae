"""Post notices to a host that was allowed by name."""

from __future__ import annotations

import ipaddress
import json
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl

from argosy import inert
from argosy.errors import BadInput
from argosy.plugins import options
from argosy.types import Sink

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    import pyarrow as pa


def send(notices: pa.Table) -> None:
    """Post `{"text": ..., "notices": [...]}` as JSON; no redirect is followed, no proxy asked.

    Raises:
        BadInput: for a URL that is not set, not allowed or not https; http is for loopback alone.
        OSError: if the host cannot be reached, or answers with another status than 2xx.
    """
    given = options("notices")
    target = allowed(given.url, given.allow)
    rows = json.loads(pl.DataFrame(notices).write_json())
    body = inert.document({"text": "\n".join(row["text"] for row in rows), "notices": rows})
    connect = HTTPSConnection if target.scheme == "https" else HTTPConnection
    connection = connect(str(target.hostname), target.port, timeout=given.timeout)
    try:
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request("POST", path, body.encode(), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if not 200 <= answer.status < 300:
            raise OSError(f"{target.hostname} answered {answer.status} {answer.reason}")
    finally:
        connection.close()


def allowed(url: str, hosts: list[str]) -> SplitResult:
    """Return a URL taken apart, if notices may be posted there.

    Raises:
        BadInput: saying why not.

    Example:
        >>> allowed("https://hooks.example.org/team", ["hooks.example.org"]).hostname
        'hooks.example.org'
        >>> allowed("http://hooks.example.org/team", ["hooks.example.org"])
        Traceback (most recent call last):
        argosy.errors.BadInput: notices.url must be https: http is for loopback alone
    """
    target = urlsplit(url)
    if not target.hostname:
        raise BadInput("notices.url is not set, or names no host")
    if target.hostname not in hosts:
        raise BadInput(
            f"the host {target.hostname} is not allowed; add it to notices.allow if it should be"
        )
    if target.scheme != "https" and not (target.scheme == "http" and _loopback(target.hostname)):
        raise BadInput("notices.url must be https: http is for loopback alone")
    return target


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


SINK = Sink("webhook", send)
