"""Ray's job interface, as far as `argosy submit` needs it: submit, ask, read the log.

It speaks HTTP with the standard library, because Ray's own client needs `ray[default]`.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from argosy.errors import BadInput, PluginError
from argosy_ray.auth import WRONG, token

SUCCEEDED = "SUCCEEDED"
_ENDED = (SUCCEEDED, "FAILED", "STOPPED")
_PATIENCE = 60.0
_TRIALS, _PAUSE = 3, 1.0
"""How often what changes nothing is asked: a busy head node answers late, and the job goes on."""
_SIGNALLED = 128
"""Exit codes from here on tell of signals, which the caller did not get."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of a job."""

    status: str
    """Ray's word for it."""
    message: str
    """What Ray says of it."""
    code: int
    """The exit code of its command, or 1 where there is none that could be passed on."""

    @property
    def ended(self) -> bool:
        """Whether the job has ended."""
        return self.status in _ENDED


class _NoAnswer(PluginError):
    """Raised if the server did not answer, as opposed to refusing."""


class _Refused(PluginError):
    """Raised if a token is missing or wrong."""


class Jobs:
    """The jobs of one cluster."""

    def __init__(self, url: str) -> None:
        """Begin; `url` is that of the cluster's dashboard.

        Raises:
            BadInput: if it is not an HTTP URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BadInput(f"{url!r} is no URL of a dashboard; write http://HOST:8265")
        self.url = url.rstrip("/")
        self.host = parts.hostname

    def asks_for_a_token(self) -> bool:
        """Whether requests without a token are refused."""
        try:
            self._answered("/api/jobs/", None, token=None)
        except _Refused:
            return True
        return False

    def submit(self, command: str, environment: dict[str, Any]) -> str:
        """Start a command on the cluster, and return the job's id."""
        told = self._ask("/api/jobs/", {"entrypoint": command, "runtime_env": environment})
        return str(told.get("submission_id") or told["job_id"])

    def state(self, job: str) -> State:
        """Return the state of a job."""
        told = self._ask(_path(job))
        code = told.get("driver_exit_code")
        passed = code if isinstance(code, int) and 0 < code < _SIGNALLED else 1
        return State(str(told["status"]), str(told.get("message") or ""), passed)

    def stop(self, job: str) -> None:
        """Ask a job to stop."""
        self._ask(f"{_path(job)}/stop", {})

    def log(self, job: str) -> str:
        """Return all that a job has printed so far."""
        return str(self._ask(f"{_path(job)}/logs").get("logs") or "")

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
        for _ in range(_TRIALS - 1 if body is None else 0):
            with suppress(_NoAnswer):
                return self._answered(path, body, token())
            time.sleep(_PAUSE)
        return self._answered(path, body, token())

    def _answered(self, path: str, body: dict[str, Any] | None, token: str | None) -> Any:  # noqa: ANN401
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            asked = Request(f"{self.url}{path}", data, headers)  # noqa: S310  (checked: HTTP)
            with urlopen(asked, timeout=_PATIENCE) as answer:  # noqa: S310
                return json.loads(answer.read())
        except HTTPError as error:
            said = error.read().decode(errors="replace").strip().splitlines()
            why = said[-1] if said else error.reason
            told = f"{self.url} refused {path}: {error.code} {why}"
            if error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise _Refused(f"{told}; {WRONG}") from error
            raise PluginError(told) from error
        except (URLError, OSError, ValueError) as error:
            raise _NoAnswer(
                f"no answer from {self.url}: {error}; is the dashboard up, and is the URL right?"
            ) from error


def _path(job: str) -> str:
    return f"/api/jobs/{quote(job, safe='')}"
