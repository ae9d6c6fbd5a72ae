"""What every test may rely on: no plugin blocked, no fleet named by the surroundings."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["POLARS_FMT_MAX_ROWS"] = "20"
settings.register_profile("argosy", deadline=None)  # a kernel is compiled when it is first used
settings.load_profile("argosy")

TESTS = Path(__file__).parent
ROOT = TESTS.parent


def pytest_collection_modifyitems(items):
    """Plugins first: they compile in one process what the rest would compile in four at a time."""
    items.sort(key=lambda item: item.path.parent != TESTS / "plugins")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch):
    for name in ("ARGOSY_FLEET", "ARGOSY_ACTOR", "ARGOSY_BLOCK_PLUGINS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def _workers_stay():
    """Workers take six seconds of a core to start, and the tests of many files need them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("argosy_local.executor._IDLE_SECONDS", 3600)
        yield


@pytest.fixture(scope="session")
def data():
    """The folder of real data, or a visible skip."""
    folder = Path(os.environ.get("ARGOSY_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: name the folder in ARGOSY_DATA")
    return folder


@pytest.fixture
def fleet(tmp_path):
    """Six models that log their predictions; m2 drifts."""
    from argosy.testing.fleets import logged_fleet

    return logged_fleet(tmp_path, drifting={"m2"})


@pytest.fixture
def empty(tmp_path):
    """A fleet without models."""
    import argosy

    return argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
