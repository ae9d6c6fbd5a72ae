"""Use a Ray cluster, or start one of this machine: quietly, and only where that is safe."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

from argosy.errors import PluginError

# Ray reports usage over the network unless told otherwise before it is imported.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# A local Ray listens on loopback only; with a token it would write one into the user's home.
os.environ.setdefault("RAY_AUTH_MODE", "disabled")

try:
    import ray
except ImportError as error:
    raise PluginError(
        f"the executor ray needs {error.name}, which is not installed;"
        " install argosy with the extra `ray`, or use --executor local"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["connected", "cores", "ray"]

_THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What keeps a worker to the one core that it was given."""


@contextmanager
def connected() -> Iterator[None]:
    """Use the Ray that is up, else the cluster of RAY_ADDRESS, else one of this machine.

    One that is started here stays up for the next job, and ends with the process.
    """
    if not ray.is_initialized():
        with redirect_stdout(sys.stderr):
            ray.init(
                address=os.environ.get("RAY_ADDRESS") or "local",
                include_dashboard=False if "RAY_ADDRESS" not in os.environ else None,
                log_to_driver=False,
                logging_level="ERROR",
                runtime_env={"env_vars": dict.fromkeys(_THREADS, "1")},
            )
    yield


def cores() -> int:
    """Return how many cores the cluster has right now."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))
