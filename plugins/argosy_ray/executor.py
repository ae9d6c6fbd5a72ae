"""Ray Core tasks behind a window of `ray.wait`; retries belong to the caller, not to Ray."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from argosy.errors import PluginError
from argosy.types import Finished

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
    from collections.abc import Callable, Iterator, Sequence

    from argosy.types import Chunk, Tables

_IN_FLIGHT_PER_CPU = 2


def run(chunks: Sequence[Chunk], perform: Callable[[Chunk], Tables]) -> Iterator[Finished]:
    """Perform every chunk as one task and yield each as it finishes."""
    with connected(), redirect_stdout(sys.stderr):  # Ray's own lines must not mix with the answer
        task = ray.remote(max_retries=0, num_cpus=1)(perform)
        waiting = list(reversed(chunks))
        window = _IN_FLIGHT_PER_CPU * max(1, int(ray.cluster_resources().get("CPU", 1)))
        running: dict[Any, Chunk] = {}
        try:
            while waiting or running:
                while waiting and len(running) < window:
                    chunk = waiting.pop()
                    running[task.remote(chunk)] = chunk
                done, _ = ray.wait(list(running), num_returns=1)
                for reference in done:
                    yield _finished(running.pop(reference), reference)
        finally:
            for reference in running:
                ray.cancel(reference, force=True)


def _finished(chunk: Chunk, reference: Any) -> Finished:  # noqa: ANN401
    try:
        return Finished(chunk.id, tables=ray.get(reference))
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        return Finished(chunk.id, error=f"{type(cause).__name__}: {cause}")
    except ray.exceptions.RayError as error:
        reason = f"the process that ran it died ({type(error).__name__})"
        return Finished(chunk.id, error=reason, died=True)


@contextmanager
def connected() -> Iterator[None]:
    """Use the Ray that is up, else the cluster of RAY_ADDRESS, else a local one for this job."""
    if ray.is_initialized():
        yield
        return
    threads = {"POLARS_MAX_THREADS": "1"}
    with redirect_stdout(sys.stderr):
        ray.init(
            address=os.environ.get("RAY_ADDRESS") or "local",
            include_dashboard=False if "RAY_ADDRESS" not in os.environ else None,
            log_to_driver=False,
            logging_level="ERROR",
            runtime_env={"env_vars": threads},
        )
    try:
        yield
    finally:
        with redirect_stdout(sys.stderr):
            ray.shutdown()
