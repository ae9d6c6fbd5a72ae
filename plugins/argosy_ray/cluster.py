"""Use a Ray cluster, or start one of this machine: quietly, and only where that is safe."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy.errors import PluginError
from argosy.plugins import options

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

__all__ = [
    "connected",
    "cores",
    "is_here",
    "largest",
    "planned_cores",
    "ray",
    "refuse_open",
    "wheels",
]

_THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What keeps a worker to the one core that it was given."""
_HERE = {"", "local", "auto", "localhost"}


def address() -> str | None:
    """Return the cluster that is meant, or None for a Ray of this machine."""
    return options("ray").address or os.environ.get("RAY_ADDRESS") or None


@contextmanager
def connected() -> Iterator[None]:
    """Use the Ray that is up, else the cluster that is named, else one of this machine.

    One that is started here stays up for the next job, and ends with the process.

    Raises:
        PluginError: if the cluster is open to anybody, or cannot be reached.
    """
    if not ray.is_initialized():
        where = address()
        if where is None or is_here(where):
            # it listens on loopback only; with a token it would write one into the user's home
            os.environ.setdefault("RAY_AUTH_MODE", "disabled")
        else:
            refuse_open(where)
        environment: dict[str, Any] = {"env_vars": dict.fromkeys(_THREADS, "1")}
        modules = wheels(options("ray").wheels)
        if modules:
            environment["py_modules"] = modules
        try:
            with redirect_stdout(sys.stderr):
                ray.init(
                    address=where or "local",
                    include_dashboard=None if where else False,
                    log_to_driver=False,
                    logging_level="ERROR",
                    runtime_env=environment,
                )
        except (ConnectionError, RuntimeError) as error:
            told = f"cannot use the Ray cluster at {where or 'this machine'}: {error}"
            raise PluginError(f"{told}; check ray.address or RAY_ADDRESS") from error
        # no option keeps the raylet's lines off stdout, which is for answers, long after the job
        ray._private.worker._worker_logs_enabled = False
    yield


def cores() -> int:
    """Return how many cores the cluster has right now."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def largest(resource: str) -> int:
    """Return how much of a resource the node that has most of it has."""
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return int(max((held.get(resource, 0) for held in alive), default=0))


def planned_cores() -> int:
    """Return how many cores there will be, without starting a Ray of this machine for that."""
    if not ray.is_initialized() and address() is None:
        return os.cpu_count() or 1
    with connected():
        return cores()


def refuse_open(where: str) -> None:
    """Raise if a cluster beyond this machine lets anybody run code on it.

    Raises:
        PluginError: unless it asks for a token, or the option allows it.
    """
    if os.environ.get("RAY_AUTH_MODE") == "token" or options("ray").allow_unauthenticated:
        return
    raise PluginError(
        f"the Ray cluster at {where} is beyond this machine, and RAY_AUTH_MODE is not 'token': who"
        " reaches its ports can run code as you; start it with token authentication, or set"
        " ray.allow_unauthenticated=true, which is kept with every run"
    )


def wheels(given: list[str]) -> list[str]:
    """Return wheels to send to workers; the folder of a project is built first.

    Raises:
        PluginError: for what is neither, or cannot be built.
    """
    return [_wheel(Path(text).expanduser()) for text in given]


def _wheel(path: Path) -> str:
    if path.suffix == ".whl" and path.is_file():
        return str(path)
    if not (path / "pyproject.toml").is_file():
        raise PluginError(f"ray.wheels names {path}, which is neither a wheel nor a project")
    target = tempfile.mkdtemp(prefix="argosy-wheel-")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", target, str(path)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    built = sorted(Path(target).glob("*.whl"))
    if done.returncode or not built:
        told = done.stderr.strip().splitlines()
        raise PluginError(f"cannot build a wheel of {path}: {told[-1] if told else 'no wheel'}")
    return str(built[0])


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
