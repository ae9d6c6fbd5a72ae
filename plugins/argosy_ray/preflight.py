"""Look at every node before it is trusted with work: it must run the same software as the driver.

A node with another polars may round otherwise, one without a plugin fails half of a run; both are
cheaper to refuse than to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy.errors import PluginError
from argosy.plugins import configured
from argosy.plugins.manifest import called_by_workers, unlike
from argosy.plugins.settings import CORE, PLUGINS
from argosy_ray.cluster import beyond, ray, refuse_open

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    Environments = Mapping[str, Mapping[str, Any]]
    Place = tuple[str, str | None]
    """A node, and the name of an environment on it."""

_PATIENCE = 120.0
"""Seconds that a node may take to set its environment up and answer."""
_OURS = ("argosy", "plugin ")
"""What an environment must share with the driver; its libraries are its own."""
_SEEN: set[tuple[str, Place]] = set()
"""What was found to have the software of this process, by Ray's job."""


class Preflight:
    """Looks at nodes, and at each environment on them, once."""

    def __init__(self, environments: Environments) -> None:
        """Begin; environments are Ray's `runtime_env` by name."""
        self._environments = environments

    def look(self, nodes: Collection[str], environments: Collection[str | None]) -> None:
        """Compare the software of nodes and environments that were not looked at before.

        Args:
            nodes: that are up.
            environments: of the models; models without an entry run in the workers' own.

        Raises:
            PluginError: naming node, environment and difference.
        """
        job = ray.get_runtime_context().get_job_id()
        used = [None, *sorted(self._environments.keys() & {name for name in environments if name})]
        new = [(node, name) for name in used for node in sorted(nodes)]
        asked = [place for place in new if (job, place) not in _SEEN]
        answers = [self._probe(*place) for place in asked]
        found = [line for place in zip(asked, answers, strict=True) for line in _compared(*place)]
        if found:
            raise PluginError(
                f"workers have other software than the driver: {'; '.join(found)}; use the same"
                " image for both, or name the wheels of what is missing in ray.wheels"
            )
        _SEEN.update((job, place) for place in asked)

    def _probe(self, node: str, environment: str | None) -> Any:  # noqa: ANN401
        settings = choosing()

        def ask() -> dict[str, str]:  # inside, so that it is sent whole: argosy may not be there
            import os

            import ray

            from argosy.plugins.manifest import called_by_workers
            from argosy.plugins.settings import using

            with using(settings):
                return {
                    **called_by_workers(),
                    "ray": ray.__version__,
                    "mode": os.environ.get("RAY_AUTH_MODE", ""),
                }

        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(node, soft=False)
        task = ray.remote(num_cpus=0, max_retries=1, scheduling_strategy=there)(ask)
        if environment is not None:
            try:
                task = task.options(runtime_env=dict(self._environments[environment]))
            except (TypeError, ValueError) as error:
                raise PluginError(
                    f"ray.environments has something wrong for the environment {environment}:"
                    f" {error}"
                ) from error
        return task.remote()


def choosing() -> dict[str, Mapping[str, Any]]:
    """Return the settings that say which plugins take part, there as here; no secret is in them.

    Ray keeps what a task is sent, so nothing else goes with it.
    """
    told = configured()
    return {section: dict(told[section]) for section in (CORE, PLUGINS) if section in told}


def _compared(place: Place, answer: Any) -> Iterator[str]:  # noqa: ANN401
    node, environment = place
    where = f"on the node {node[:8]}"
    where += f" in the environment {environment}" if environment else ""
    try:
        told = ray.get(answer, timeout=_PATIENCE)
    except ray.exceptions.RayTaskError as error:
        raise PluginError(
            f"argosy cannot be used {where}: {error.cause}; give the workers an image that holds"
            " it, or name wheels in ray.wheels"
        ) from error
    except ray.exceptions.RuntimeEnvSetupError as error:
        raise PluginError(f"what it runs in cannot be set up {where}: {last(error)}") from error
    except (ray.exceptions.GetTimeoutError, ray.exceptions.RayError) as error:
        raise PluginError(f"no answer {where}: {type(error).__name__}") from error
    mode = told.pop("mode")
    if beyond():  # that this process has a token does not say that the cluster asks for one
        refuse_open(beyond(), mode)
    here = {**called_by_workers(), "ray": ray.__version__}
    for line in unlike(here, told, where):
        if environment is None or line.startswith(_OURS):
            yield line


def last(error: Exception) -> str:
    """Return the last line of what Ray says, which is the reason."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
