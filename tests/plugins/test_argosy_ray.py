"""The Ray executor."""

import pytest

from argosy.testing.executors import ExecutorSuite

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")


@pytest.fixture(scope="module", autouse=True)
def local_ray():
    """Start Ray once: it takes seconds."""
    from argosy_ray.executor import connected

    with connected():
        yield


@pytest.mark.filterwarnings("ignore::ResourceWarning")
class TestRay(ExecutorSuite):
    name = "ray"
