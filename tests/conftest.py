"""What every test may rely on: no plugin blocked, no fleet named by the surroundings."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["POLARS_FMT_MAX_ROWS"] = "20"
# No deadline: a kernel is compiled when it is first used. What passes today passes tomorrow;
# `make test-all` asks for other examples.
settings.register_profile("argosy", deadline=None, derandomize=True, database=None)
settings.register_profile("anew", deadline=None, database=None, print_blob=True)
settings.load_profile("argosy")

TESTS = Path(__file__).parent
ROOT = TESTS.parent


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, help="play simulations with ten other seeds, from this on")


def pytest_report_header(config):
    first = config.getoption("seed")
    return None if first is None else f"simulations: ten seeds from {first} on"


def pytest_collection_modifyitems(config, items):
    """Plugins first: they compile in one process what the rest would compile in four at a time."""
    items.sort(key=lambda item: item.path.parent != TESTS / "plugins")
    if config.getoption("seed") is not None:
        items[:] = [item for item in items if "seeds" in getattr(item, "fixturenames", ())]


@pytest.fixture
def seeds(request):
    """The seeds that a simulation names, or with `--seed` ten others."""
    first = request.config.getoption("seed")
    return lambda *own: own if first is None else range(first, first + 10)


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
