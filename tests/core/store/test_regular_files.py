import os
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from argosy.store import regular_files
from argosy.store.location import Location
from argosy.store.regular_files import Inspection

LARGEST = 10_000


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root" / "fleet").mkdir(parents=True)
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "pay.csv").write_text("a\n1\n")
    return tmp_path / "root"


@pytest.fixture
def fault(root):
    """Say why a path below the root may not be read."""
    return lambda *names: Inspection(Location(str(root / "fleet")), LARGEST).fault(
        str(root.joinpath(*names))
    )


@pytest.fixture
def private(root):
    return root.parent / "private"


def test_regular_files_below_the_root_are_fine_and_what_is_not_there_is_no_fault(root, fault):
    (root / "a").mkdir()
    (root / "a" / "b.csv").write_text("a\n")
    (root / "again").symlink_to(root / "a")
    (root / "a" / "c.csv").symlink_to("b.csv")

    for names in (["a", "b.csv"], ["a", "c.csv"], ["a"], ["again", "b.csv"], ["*", "*.csv"], [""]):
        assert fault(*names) is None
    assert fault("nowhere.csv") is None
    assert fault("no*.csv") is None


def test_links_that_lead_out_are_told_wherever_they_stand(root, private, fault):
    (root / "file.csv").symlink_to(private / "pay.csv")
    (root / "folder").symlink_to(private)
    (root / "hive" / "day=1").mkdir(parents=True)
    (root / "hive" / "day=1" / "pay.csv").symlink_to(private / "pay.csv")
    (root / "second").symlink_to("folder")
    (root / "loop").mkdir()
    (root / "loop" / "loop").symlink_to(root / "loop")

    for names in (
        ["file.csv"],
        ["folder"],
        ["folder", "pay.csv"],
        ["second", "pay.csv"],
        ["hive"],
        ["hive", "*", "*.csv"],
        ["hive", "**"],
        ["*", "pay.csv"],
        ["f*"],
    ):
        told = fault(*names)
        assert told, names
        assert "leads out of the roots" in told
        assert str(private) in told
    assert fault("loop") is None


def test_what_is_not_there_itself_may_mean_other_files(root, private, fault):
    """A link to nothing whose name is a pattern, and what a source reads of a file."""
    (root / "x*.csv").symlink_to(root / "nowhere")
    assert fault("x*.csv") is None
    (root / "x1.csv").symlink_to(private / "pay.csv")
    (root / "data.sqlite").symlink_to(private / "pay.csv")

    for name in ("x*.csv", "data.sqlite?table=t", "data.sqlite#t"):
        assert "leads out of the roots" in fault(name)


def test_what_is_no_file_is_told_before_anybody_opens_it(root, fault, monkeypatch):
    monkeypatch.chdir(root)
    os.mkfifo("fifo.csv")
    (root / "folder").mkdir()
    os.mkfifo("folder/b.csv")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket.csv")
    Path("zero.csv").symlink_to("/dev/zero")

    assert fault("fifo.csv").endswith("fifo.csv is a FIFO, no file")
    assert fault("folder").endswith("b.csv is a FIFO, no file")
    assert fault("f*.csv").endswith("fifo.csv is a FIFO, no file")
    assert fault("socket.csv").endswith("is a socket, no file")
    assert "leads out of the roots, to /dev/zero" in fault("zero.csv")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices and gives files away")
def test_a_device_and_a_file_of_another_user_with_two_names_are_refused(root, private, fault):
    try:
        os.mknod(root / "zero.csv", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("this machine lets nobody make devices")
    os.chown(private / "pay.csv", 12345, 12345)
    os.link(private / "pay.csv", root / "pay.csv")

    assert fault("zero.csv").endswith("is a device, no file")
    assert "has 2 names and belongs to another user (12345) than the fleet" in fault("pay.csv")


def test_a_second_name_matters_only_where_the_file_is_somebody_elses(
    root, private, fault, monkeypatch
):
    os.link(private / "pay.csv", root / "pay.csv")
    (root / "own.csv").write_text("a\n")
    assert fault("pay.csv") is None

    monkeypatch.setattr(regular_files, "_owner", lambda urls: os.geteuid() + 1)
    assert "belongs to another user" in fault("pay.csv")
    assert fault("own.csv") is None


def test_a_sparse_file_counts_in_full(root, fault):
    with (root / "sparse.csv").open("wb") as file:
        file.truncate(LARGEST + 1)

    assert "sparse.csv has 10,001 bytes, more than 10,000" in fault("sparse.csv")


def test_a_file_that_is_open_is_judged_by_where_it_lies(root, private):
    """The path may name something else by now."""
    (root / "a.csv").write_text("a\n")
    inspection = Inspection(Location(str(root / "fleet")), LARGEST)
    for path, told in ((private / "pay.csv", "leads out of the roots"), (root / "a.csv", None)):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            found = inspection.fault_of_opened(str(root / "a.csv"), descriptor)
        finally:
            os.close(descriptor)
        assert (told in found) if told else found is None


def test_systems_that_do_not_tell_where_an_open_file_lies_are_asked_by_its_path(
    root, private, monkeypatch
):
    monkeypatch.setattr(regular_files, "sys", SimpleNamespace(platform="other"))
    (root / "a.csv").symlink_to(private / "pay.csv")
    descriptor = os.open(root / "a.csv", os.O_RDONLY)
    try:
        told = Inspection(Location(str(root / "fleet")), LARGEST).fault_of_opened(
            str(root / "a.csv"), descriptor
        )
    finally:
        os.close(descriptor)

    assert "leads out of the roots" in told
