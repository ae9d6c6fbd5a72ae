"""Use a Ray cluster, or start one of this machine: quietly, and only where that is safe."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from argosy.current_folder import SAFE, LeavingIt
from argosy.errors import PluginError
from argosy.plugins import options
from argosy.plugins.discovery import BLOCK
from argosy_ray import auth
from argosy_ray.wheels import modules

# Ray reports usage over the network unless told otherwise before it is imported.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

try:
    import ray
except ImportError as error:
    raise PluginError(
        f"the executor ray needs {error.name}, which is not installed;"
        " install argosy with the extra `ray`, or use --executor local"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["beyond", "connected", "cores", "is_here", "planned_cores", "ray", "refuse_open"]

_THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What keeps a worker to the one core that it was given."""
_ours: dict[str, Any] = {}
"""The Ray job under which this module joined a cluster, and the wheels that it sent."""
_busy: list[None] = []
"""One for each job of the fleet that is at work."""
_ANSWERS = 15.0
"""Seconds within which a cluster's port must take a connection."""
_HERE = {"", "local", "auto", "localhost"}


def address() -> str | None:
    """Return the address of the configured cluster, or None for a local Ray."""
    return options("ray").address or os.environ.get("RAY_ADDRESS") or None


@contextmanager
def connected() -> Iterator[None]:
    """Use the Ray that is already running, else the configured cluster, else a local one.

    A Ray that is started or joined here is kept for the next job and ends with the process; if that
    job needs other wheels, it is left and joined again.

    Raises:
        PluginError: if the cluster is open to anybody, or cannot be reached or used.
    """
    asked = options("ray").wheels
    if (
        ray.is_initialized()
        and _job() == _ours.get("job")
        and asked != _ours["wheels"]
        and not _busy
    ):
        ray.shutdown()
    if not ray.is_initialized():
        _join(address(), asked)
        _ours.update(job=_job(), wheels=list(asked))
    _busy.append(None)
    try:
        if beyond():
            refuse_open(beyond())
        yield
    finally:
        _busy.pop()


def _join(where: str | None, asked: list[str]) -> None:
    if where is None:
        auth.guard()
    else:
        if not is_here(where):
            refuse_open(where)
        _knock(where)
    variables = dict.fromkeys((*_THREADS, SAFE), "1")
    if os.environ.get(BLOCK):  # who leaves a plugin out does so everywhere
        variables[BLOCK] = os.environ[BLOCK]
    environment: dict[str, Any] = {"env_vars": variables}
    sent = modules(asked)
    if sent:
        environment["py_modules"] = sent
    try:
        with redirect_stdout(sys.stderr), LeavingIt():
            ray.init(
                address=where or "local",
                include_dashboard=None if where else False,
                log_to_driver=False,
                logging_level="ERROR",
                runtime_env=environment,
                **_without_current_folder(where),
            )
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise _refused(where or "this machine", error) from error
    # no option keeps the raylet's lines off stdout, which is for answers, long after the job
    ray._private.worker._worker_logs_enabled = False


def _without_current_folder(where: str | None) -> dict[str, Any]:
    """Have workers look for modules where this process does, and not in its folder besides.

    Through a client's port there is nothing to do: Ray adds the folder there by itself only where
    the driver is, not its client.
    """
    if where is not None and where.startswith("ray://"):
        return {}
    from argosy_ray.driver_path import DriverPath

    return {"job_config": DriverPath()}


def _knock(where: str) -> None:
    """Raise if nothing listens there: Ray itself would keep trying for many minutes."""
    host, _, port = where.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():  # such as `auto`
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERS).close()
    except OSError as error:
        raise PluginError(
            f"nobody answers at {where}: {error}; is the Ray cluster up, and is ray.address or"
            " RAY_ADDRESS right?"
        ) from error


def _job() -> str:
    return str(ray.get_runtime_context().get_job_id())


def beyond() -> str:
    """Return the address of the cluster in use if others can reach it; else an empty string.

    What this process started asks for a token, or is the caller's own; `auto` and `localhost` may
    mean a cluster of this machine that listens to all.
    """
    node = ray._private.worker._global_node
    if node is not None and node.is_head():
        return ""
    found = str(ray.get_runtime_context().gcs_address)
    return "" if is_here(found) else found


def _refused(where: str, error: BaseException) -> PluginError:
    told, kind = f"cannot use the Ray cluster at {where}", ray.exceptions.AuthenticationError
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, kind) or kind.__name__ in str(cause):  # Ray tells some as text only
            return PluginError(f"{told}: {auth.WRONG}")
        cause = cause.__cause__
    return PluginError(f"{told}: {error}; check ray.address or RAY_ADDRESS")


def planned_cores() -> int:
    """Return how many cores there will be, without starting a local Ray to find out."""
    if not ray.is_initialized() and address() is None:
        return os.cpu_count() or 1
    with connected():
        return cores()


def cores() -> int:
    """Return how many cores the cluster has right now."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def refuse_open(where: str, mode: str | None = None) -> None:
    """Raise if a cluster beyond this machine lets anybody run code on it.

    Args:
        where: the cluster's address.
        mode: its `RAY_AUTH_MODE`, where that is known; else that of this process.

    Raises:
        PluginError: unless it asks for a token, or the option allows it.
    """
    safe = auth.asked() if mode is None else mode.lower() == auth.TOKEN_MODE
    if safe or options("ray").allow_unauthenticated:
        return
    whose = "its" if mode is not None else "this process'"
    raise PluginError(
        f"the Ray cluster at {where} is beyond this machine, and {whose} RAY_AUTH_MODE is not"
        " 'token': who reaches its ports can run code as you; start it with token authentication,"
        " or set ray.allow_unauthenticated=true, which is kept with every run"
    )


def is_here(where: str) -> bool:
    """Whether an address (host:port) is this machine's own.

    >>> is_here("127.0.0.1:6379"), is_here("[::1]:6379"), is_here("auto"), is_here("head:6379")
    (True, True, True, False)
    """
    host = where.removeprefix("ray://").rpartition(":")[0].strip("[]") or where
    if host in _HERE:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
