"""Ray's job interface, as far as `argosy submit` needs it: submit, ask, read the log.

It is spoken over HTTP with the standard library, because Ray's own client wants `ray[default]`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from argosy.errors import BadInput, PluginError

ENDED = ("SUCCEEDED", "FAILED", "STOPPED")
_PATIENCE = 60.0


class Jobs:
    """The jobs of one cluster."""

    def __init__(self, url: str) -> None:
        """Begin; `url` is that of the cluster's dashboard.

        Raises:
            BadInput: for what is no HTTP URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BadInput(f"{url!r} is no URL of a dashboard; write http://HOST:8265")
        self.url = url.rstrip("/")
        self.host = parts.hostname

    def submit(self, command: str, environment: dict[str, Any]) -> str:
        """Start a command on the cluster, and return the job's id."""
        told = self._ask("/api/jobs/", {"entrypoint": command, "runtime_env": environment})
        return str(told.get("submission_id") or told["job_id"])

    def state(self, job: str) -> tuple[str, str]:
        """Return a job's status, and what Ray says of it."""
        told = self._ask(f"/api/jobs/{job}")
        return str(told["status"]), str(told.get("message") or "")

    def log(self, job: str) -> str:
        """Return all that a job has printed so far."""
        return str(self._ask(f"/api/jobs/{job}/logs").get("logs") or "")

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        token = _token()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            asked = Request(f"{self.url}{path}", data, headers)  # noqa: S310  (checked: HTTP)
            with urlopen(asked, timeout=_PATIENCE) as answer:  # noqa: S310
                told: dict[str, Any] = json.loads(answer.read())
        except HTTPError as error:
            said = error.read().decode(errors="replace").strip().splitlines()
            why = said[-1] if said else error.reason
            raise PluginError(f"{self.url} refused {path}: {error.code} {why}") from error
        except (URLError, OSError, ValueError) as error:
            raise PluginError(
                f"no answer from {self.url}: {error}; is the dashboard up, and is the URL right?"
            ) from error
        return told


def _token() -> str | None:
    """Return the token where Ray itself looks for it."""
    if os.environ.get("RAY_AUTH_MODE") != "token":
        return None
    given = os.environ.get("RAY_AUTH_TOKEN")
    if given:
        return given.strip()
    path = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or "~/.ray/auth_token").expanduser()
    return path.read_text().strip() if path.is_file() else None
