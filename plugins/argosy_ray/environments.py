"""The environments that models run in, and their secret variables.

Ray writes a `runtime_env` into its logs and shows it to whoever sees its dashboard. So variables
that are given as a reference are left out of it: the driver looks them up, hands them over with
the work, and they are there while the work is done.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from argosy.plugins import configured, options
from argosy.plugins.hidden import learn
from argosy.plugins.secrets import is_reference, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import SecretStr

    from argosy.types import Chunk, Tables

    Variables = Mapping[str, SecretStr]


def runtime_environments() -> dict[str, dict[str, Any]]:
    """Return Ray's `runtime_env` by name, without the variables that are secret."""
    told = {}
    for name, given in options("ray").environments.items():
        plain = given.model_dump(exclude={"env_vars"}, exclude_unset=True)
        hidden = _secret(name)
        seen = {
            key: value.get_secret_value()
            for key, value in given.env_vars.items()
            if key not in hidden
        }
        told[name] = {**plain, "env_vars": seen} if seen else plain
    return told


def secret_variables() -> dict[str, Variables]:
    """Return the secret variables of each environment that has some, looked up."""
    given = options("ray").environments
    return {
        name: {key: environment.env_vars[key] for key in _secret(name)}
        for name, environment in given.items()
        if _secret(name)
    }


def equipped(perform: Callable[[Chunk], Tables], variables: Variables, chunk: Chunk) -> Tables:
    """Do the work of a chunk with secret variables in the environment, for as long as it takes."""
    with _set({name: value.get_secret_value() for name, value in variables.items()}):
        learn(variables)
        return perform(chunk)


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables; afterwards the worker, which others may get, has what it had."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _secret(name: str) -> set[str]:
    """Return which variables of an environment are given as references."""
    given = configured().get("ray", {}).get("environments", {}).get(name, {})
    return {key for key, value in given.get("env_vars", {}).items() if is_reference(written(value))}
