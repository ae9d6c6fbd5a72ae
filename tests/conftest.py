"""What every test may rely on: no plugin blocked, no fleet named by the surroundings, no secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from .faults.tally import Tally, attacks, misdeeds, table

os.environ["POLARS_FMT_MAX_ROWS"] = "20"
# No deadline: a kernel is compiled when it is first used. What passes today passes tomorrow;
# `make test-all` asks for other examples.
settings.register_profile("argosy", deadline=None, derandomize=True, database=None)
settings.register_profile("anew", deadline=None, database=None, print_blob=True)
settings.load_profile("argosy")

collect_ignore = ["recorded.py", "recording"]
"""What runs by itself, where this folder is the first on the path."""

TESTS = Path(__file__).parent
ROOT = TESTS.parent

SYSTEM = {
    "case_studies": ["test_recommendations_night.py"],
    "core": [
        "plugins/test_import_probe.py",
        "store/test_damage.py",
        "store/test_evidence.py",
        "store/test_retention.py",
        "store/test_vacuum.py",
        "test_current_folder.py",
        "test_faults.py",
        "test_object_store.py",
        "test_other_engines.py",
        "test_same_bits.py",
    ],
    "faults": ["test_[!h]*.py"],
    "plugins": [
        "*/test_job_suite.py",
        "blame/test_misdeeds.py",
        "scaffold/test_project.py",
        "test_argosy_ray*.py",
        "test_fortnight.py",
        "test_killed_drivers.py",
        "test_secrets_stay_hidden.py",
        "test_stranger_job.py",
        "test_unsound_numbers.py",
    ],
    ".": ["test_benchmarks.py", "test_imports.py", "test_third_party.py", "test_tutorial.py"],
}
"""Tests of the whole: of stores that are damaged or raced, of every executor, of projects that are
installed, of benchmarks and guides; they take half the time of all, and have a target of their own.
"""


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="play each fault in its full number")
    parser.addoption(
        "--seed",
        type=int,
        help="the seed of the faults; simulations and what is drawn take ten from it on",
    )


def pytest_report_header(config):
    first = config.getoption("seed")
    return None if first is None else f"seed {first}"


def pytest_collection_modifyitems(config, items):
    """Plugins first: they compile in one process what the rest would compile in four at a time."""
    items.sort(key=lambda item: TESTS / "plugins" not in item.path.parents)
    whole = {
        path
        for folder, names in SYSTEM.items()
        for name in names
        for path in (TESTS / folder).glob(name)
    }
    for item in items:
        if item.path in whole:
            item.add_marker("system")
    if config.getoption("seed") is not None:
        items[:] = [
            item
            for item in items
            if "seeds" in getattr(item, "fixturenames", ())
            or item.get_closest_marker("simulation") is None
        ]


@pytest.fixture
def seeds(request):
    """The seeds that a simulation names, or with `--seed` ten others."""
    first = request.config.getoption("seed")
    return lambda *own: own if first is None else range(first, first + 10)


@pytest.fixture
def fault(request, record_property):
    """The row of this test's fault in the table that `make test-faults` prints."""
    row = Tally(*request.node.get_closest_marker("fault").args)
    yield row
    record_property("fault", row.told())


def pytest_terminal_summary(terminalreporter, config):
    """Print the tables of faults and misdeeds, once they were played in their full number.

    Of attacks there is a line for each kind.
    """
    reports = [one for kind in terminalreporter.stats.values() for one in kind]
    tried = [
        (value, report.outcome)
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == "attack"
    ]
    if tried:
        terminalreporter.section("attacks")
        terminalreporter.write_line("\n".join(attacks(tried)))
    for kept, printed in (("fault", table), ("misdeed", misdeeds)):
        rows = [
            value
            for report in reports
            if getattr(report, "when", None) == "teardown"
            for name, value in report.user_properties
            if name == kept
        ]
        if rows and config.getoption("--full"):
            terminalreporter.section(f"{kept}s")
            terminalreporter.write_line("\n".join(printed(rows)))


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch):
    for name in ("ARGOSY_FLEET", "ARGOSY_ACTOR", "ARGOSY_BLOCK_PLUGINS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("argosy.plugins.hidden._known", set())


@pytest.fixture(scope="session", autouse=True)
def _workers_stay():
    """Workers take six seconds of a core to start, and the tests of many files need them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("argosy_local.executor._IDLE_SECONDS", 3600)
        yield


@pytest.fixture(scope="session")
def bucket():
    """The storage options that reach `s3://ships`, a bucket of a stand-in for S3."""
    pytest.importorskip("moto.server", reason="moto is not installed")
    s3fs = pytest.importorskip("s3fs")
    server = subprocess.Popen(
        [sys.executable, str(TESTS / "core/one_at_a_time.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        endpoint = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        options = {
            "key": "somebody",
            "secret": "something",
            "client_kwargs": {"endpoint_url": endpoint, "region_name": "us-east-1"},
        }
        s3fs.S3FileSystem(**options).call_s3("create_bucket", Bucket="ships")
        yield options
    finally:
        server.kill()
        server.communicate()


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
