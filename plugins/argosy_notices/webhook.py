"""Post notices to a host that was allowed by name."""

from __future__ import annotations

import ipaddress
import json
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl

from argosy import inert
from argosy.errors import BadInput
from argosy.plugins import options
from argosy.types import Sink
from argosy_notices.reached import connected

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
    target = allowed(given.url.get_secret_value(), given.allow)
    rows = json.loads(pl.DataFrame(notices).write_json())
    body = inert.document({"text": "\n".join(row["text"] for row in rows), "notices": rows})
    headers = {"Content-Type": "application/json"}
    if given.token is not None:
        headers["Authorization"] = f"Bearer {given.token.get_secret_value()}"
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    with connected(target, given.allow, given.timeout) as connection:
        try:
            connection.request("POST", path, body.encode(), headers)
            answer = connection.getresponse()
        except HTTPException as error:  # what it answers is no HTTP, or it was hung up
            raise OSError(f"{target.hostname} gave no answer ({type(error).__name__})") from error
        if not 200 <= answer.status < 300:
            raise OSError(f"{target.hostname} answered {answer.status} {answer.reason}")


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
    if target.hostname not in map(str.lower, hosts):
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
