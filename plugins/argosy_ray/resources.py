"""The resources that chunks need, and those that the nodes of a cluster have.

A task that no node can hold would wait for ever, and one that waits for a busy GPU has not begun:
neither may be stopped as if it hung.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy_ray.cluster import ray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.types import Chunk

    Demand = Mapping[str, float]
    """How much of each resource, by Ray's names."""

_NAMES = {"cpu": "CPU", "gpu": "GPU"}
_ARGUMENTS = {"CPU": "num_cpus", "GPU": "num_gpus"}


def demanded(chunk: Chunk) -> dict[str, float]:
    """Return the resources that a chunk needs, by Ray's names; defaults to one core.

    >>> import pyarrow as pa
    >>> from argosy.types import Chunk
    >>> demanded(Chunk("0", pa.table({}), needs={"gpu": 0.5, "tpu": 1.0}))
    {'CPU': 1.0, 'GPU': 0.5, 'tpu': 1.0}
    """
    return {"CPU": 1.0} | {_NAMES.get(name, name): float(n) for name, n in chunk.needs.items()}


def arguments(demand: Demand) -> dict[str, Any]:
    """Return a demand as arguments of a Ray task.

    >>> arguments({"CPU": 1.0, "memory": 1e9, "tpu": 1.0})
    {'num_cpus': 1.0, 'memory': 1000000000, 'resources': {'tpu': 1.0}}
    """
    told: dict[str, Any] = {}
    for name, n in demand.items():
        if name == "memory":
            told[name] = int(n)
        elif name in _ARGUMENTS:
            told[_ARGUMENTS[name]] = n
        else:
            told.setdefault("resources", {})[name] = n
    return told


class Nodes:
    """The nodes that are up at one moment."""

    def __init__(self, held: Mapping[str, Demand] | None = None) -> None:
        """Look at the cluster, unless what each node has is given."""
        if held is None:
            held = {node["NodeID"]: node["Resources"] for node in ray.nodes() if node["Alive"]}
        self._held = held

    @property
    def ids(self) -> set[str]:
        """The nodes' names."""
        return set(self._held)

    @property
    def cores(self) -> int:
        """How many cores they have together, at least one."""
        return max(1, int(self.free().get("CPU", 1)))

    def free(self) -> dict[str, float]:
        """Return what they have together."""
        found: dict[str, float] = {}
        for node in self._held.values():
            for name, n in node.items():
                found[name] = found.get(name, 0.0) + n
        return found

    def hold(self, demand: Demand) -> bool:
        """Whether one of them could hold a demand by itself.

        >>> nodes = Nodes({"a": {"CPU": 4.0}, "b": {"CPU": 1.0, "GPU": 1.0}})
        >>> nodes.hold({"CPU": 1.0, "GPU": 1.0}), nodes.hold({"CPU": 2.0, "GPU": 1.0})
        (True, False)
        """
        return any(
            all(node.get(name, 0.0) >= n for name, n in demand.items())
            for node in self._held.values()
        )

    def fitted(self, demand: Demand) -> dict[str, float]:
        """Ask for no more memory than the largest node has, so that a retry finds a place."""
        most = max((node.get("memory", 0.0) for node in self._held.values()), default=0.0)
        return {name: min(n, most) if name == "memory" else n for name, n in demand.items()}

    def lack(self, demand: Demand) -> str:
        """Describe what is missing: what is demanded, and the most that a node has.

        >>> Nodes({"a": {"CPU": 4.0}}).lack({"CPU": 1.0, "GPU": 1.0})
        'no node has CPU 1 and GPU 1 together (the most of each: CPU 4, GPU 0)'
        """
        wanted = " and ".join(f"{name} {n:g}" for name, n in demand.items())
        most = {
            name: max((node.get(name, 0.0) for node in self._held.values()), default=0.0)
            for name in demand
        }
        there = ", ".join(f"{name} {n:g}" for name, n in most.items())
        return f"no node has {wanted} together (the most of each: {there})"


def take(free: dict[str, float], demand: Demand) -> bool:
    """Reserve a demand, if that much is free.

    >>> free = {"CPU": 2.0, "GPU": 1.0}
    >>> [take(free, {"CPU": 1.0, "GPU": 1.0}) for _ in range(2)], free
    ([True, False], {'CPU': 1.0, 'GPU': 0.0})
    """
    if any(free.get(name, 0.0) < n for name, n in demand.items()):
        return False
    for name, n in demand.items():
        free[name] -= n
    return True
