"""Chunks that no node can hold: they wait a while for one that can, and are then given up.

Ray would hold them without a word, and they would fill the window in which all others run. A task
that does nothing asks in their place, because a cluster that grows by itself looks at what waits.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from argosy.types import Finished
from argosy_ray.cluster import ray
from argosy_ray.resources import arguments, demanded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Chunk
    from argosy_ray.resources import Nodes

    Kind = tuple[tuple[str, float], ...]


class Waiting:
    """The chunks of one job that wait for a node that is not there yet."""

    def __init__(self, patience: float) -> None:
        """Begin; `patience` is in seconds, from when a demand was first met by no node."""
        self._patience = patience
        self._chunks: dict[Kind, list[Chunk]] = {}
        self._since: dict[Kind, float] = {}
        self._asking: dict[Kind, Any] = {}

    def __bool__(self) -> bool:
        return any(self._chunks.values())

    def add(self, chunk: Chunk) -> None:
        """Set a chunk aside, and let the cluster know what is wanted."""
        kind = tuple(sorted(demanded(chunk).items()))
        self._chunks.setdefault(kind, []).append(chunk)
        self._since.setdefault(kind, time.monotonic())
        if kind not in self._asking:
            asked = ray.remote(max_retries=0, **arguments(dict(kind)))(_nothing)
            self._asking[kind] = asked.remote()

    def fitting(self, nodes: Nodes) -> list[Chunk]:
        """Take out the chunks that a node can hold by now."""
        kinds = [kind for kind in self._chunks if nodes.hold(nodes.fitted(dict(kind)))]
        for kind in kinds:
            self._since.pop(kind, None)
            self._asking.pop(kind, None)
        return [chunk for kind in kinds for chunk in self._chunks.pop(kind)]

    def given_up(self, nodes: Nodes) -> Iterator[Finished]:
        """Give up chunks that have waited long enough; if one has halves, they wait no longer."""
        now = time.monotonic()
        for kind in [kind for kind in self._chunks if now - self._since[kind] >= self._patience]:
            told = (
                f"{nodes.lack(dict(kind))}; add such a node, or take less (`argosy tag`), or wait"
                f" longer than {self._patience:g} s with ray.patience"
            )
            for chunk in self._chunks.pop(kind):
                yield Finished(chunk.id, error=told)

    def close(self) -> None:
        """Withdraw all requests."""
        for reference in self._asking.values():
            with suppress(ray.exceptions.RayError):
                ray.cancel(reference)


def _nothing() -> None:
    """Occupy a place, and do nothing."""
