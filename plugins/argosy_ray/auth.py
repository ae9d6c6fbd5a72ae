"""The token that a cluster asks for: the user's where others may reach it, else one of our own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

MODE, TOKEN_MODE = "RAY_AUTH_MODE", "token"
_TOKEN = "RAY_AUTH_TOKEN"  # noqa: S105  (a variable's name)
WRONG = (
    "it asks for a token, and this process has another one or none: set RAY_AUTH_MODE=token and"
    " RAY_AUTH_TOKEN (or RAY_AUTH_TOKEN_PATH) as the cluster has them"
)
_own: set[str] = set()
"""Tokens made here; they mean nothing elsewhere, and nobody else is to see them."""


def guard() -> None:
    """Make a local Ray require a token that only this process and its workers know.

    Ray listens on every address of the machine, whichever it is given. If no mode is set, it
    requires a token by itself, and would write one into the user's home.
    """
    if not os.environ.get(MODE) and not os.environ.get(_TOKEN):
        os.environ[_TOKEN] = secrets.token_hex(32)
        _own.add(os.environ[_TOKEN])


def asked() -> bool:
    """Whether the user says that clusters ask for a token."""
    return os.environ.get(MODE, "").lower() == TOKEN_MODE and os.environ.get(_TOKEN) not in _own


def token() -> str | None:
    """Return the user's token, from where Ray itself looks for it."""
    if not asked():
        return None
    given = os.environ.get(_TOKEN)
    if given:
        return given.strip()
    path = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or "~/.ray/auth_token").expanduser()
    return path.read_text().strip() if path.is_file() else None
