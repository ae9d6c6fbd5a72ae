"""The options of the executor `ray`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from argosy.types import Reach

_RUNS_CODE = Reach("runs code")


class Environment(BaseModel):
    """Ray's runtime_env."""

    model_config = ConfigDict(extra="allow")

    env_vars: dict[str, SecretStr] = Field(default_factory=dict)
    """What is given as a reference is handed to workers with their work, past Ray's logs."""


class Options(BaseModel):
    """Which cluster to use, and how to send it what it needs."""

    address: Annotated[str | None, Reach("sends data and code out")] = Field(
        None,
        description="host:port of a cluster, or auto for the one of this machine; RAY_ADDRESS"
        " unless given, and without either a Ray of this machine is started.",
    )
    allow_unauthenticated: Annotated[bool, _RUNS_CODE] = Field(
        False,
        description="Use a cluster beyond this machine though it asks for no token: whoever"
        " reaches its ports can run code as you. It is kept with every run.",
    )
    wheels: Annotated[list[str], _RUNS_CODE] = Field(
        default_factory=list,
        description="Wheels of plugins that the workers are to have; a folder of a project is"
        " built. Without, workers have what their image holds.",
    )
    environments: Annotated[dict[str, Environment], _RUNS_CODE] = Field(
        default_factory=dict,
        description="Ray's runtime_env for models registered with an environment, by its name;"
        " secrets in env_vars by reference.",
    )
    patience: float = Field(
        120.0,
        ge=0,
        description="Seconds that models wait for a node that has what they take, where none has;"
        " a cluster that grows by itself may need more.",
    )
    auto_seconds: float = Field(
        20.0,
        ge=0,
        description="With --executor auto, work of fewer core seconds stays in this process.",
    )
