"""The local executor."""

from argosy.testing.executors import ExecutorSuite


class TestLocal(ExecutorSuite):
    name = "local"
