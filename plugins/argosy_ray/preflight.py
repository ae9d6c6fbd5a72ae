"""Look at every node before it is trusted with work: it must run the same software as the driver.

A node with another polars may round otherwise, one without a plugin fails half of a run; both are
cheaper to refuse than to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy.errors import PluginError
from argosy.plugins.manifest import differences, manifest
from argosy_ray.cluster import ray

if TYPE_CHECKING:
    from collections.abc import Collection

_PATIENCE = 120.0
"""Seconds that a node may take to set its environment up and answer."""


def nodes() -> set[str]:
    """Return the nodes that are up."""
    return {str(node["NodeID"]) for node in ray.nodes() if node["Alive"]}


def preflight(wanted: Collection[str]) -> None:
    """Ask nodes for their software, and compare.

    Raises:
        PluginError: naming node and difference.
    """
    here = {**manifest(), "ray": ray.__version__}
    asked = {_probe(node): node for node in sorted(wanted)}
    for reference, node in asked.items():
        place = f"on the node {node[:8]}"
        try:
            told = ray.get(reference, timeout=_PATIENCE)
        except ray.exceptions.RayTaskError as error:
            raise PluginError(
                f"argosy cannot be used {place}: {error.cause}; give the workers an image that"
                " holds it, or name wheels in ray.wheels"
            ) from error
        except (ray.exceptions.GetTimeoutError, ray.exceptions.RayError) as error:
            raise PluginError(f"no answer {place}: {type(error).__name__}") from error
        found = differences(here, told, place)
        if found:
            raise PluginError(
                f"workers have other software than the driver: {'; '.join(found)}; use the same"
                " image for both, or name the wheels of what is missing in ray.wheels"
            )


def _probe(node: str) -> Any:  # noqa: ANN401
    def ask() -> dict[str, str]:  # inside, so that it is sent whole: argosy may not be there
        import ray

        from argosy.plugins.manifest import manifest

        return {**manifest(), "ray": ray.__version__}

    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    there = NodeAffinitySchedulingStrategy(node, soft=False)
    return ray.remote(num_cpus=0, max_retries=1, scheduling_strategy=there)(ask).remote()
