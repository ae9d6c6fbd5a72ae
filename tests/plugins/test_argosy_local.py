"""The local executor."""

import os

import pyarrow as pa

from argosy.testing.executors import ExecutorSuite
from argosy.types import Chunk
from argosy_local.executor import run


class TestLocal(ExecutorSuite):
    name = "local"


class Counted(list):
    """Chunks of which is known how many were taken."""

    taken = 0

    def __getitem__(self, place):
        self.taken = max(self.taken, place + 1)
        return super().__getitem__(place)


def nothing(chunk):
    return {}


def test_no_chunk_is_taken_before_there_is_a_worker_for_it():
    """A chunk that is taken can no longer be told of a plugin that ends its process."""
    cores = os.cpu_count()
    models = pa.table({"model": ["m"]})
    chunks = Counted(Chunk(str(n), models, isolate=True) for n in range(3 * cores))
    ended = 0
    for finished in run(chunks, nothing):
        assert chunks.taken <= cores + ended
        ended += finished is not None

    assert ended == len(chunks)
