import pytest

from argosy.errors import BadInput
from argosy.store.location import Location
from argosy.store.roots import as_root, below, default_root, outside, roots_of


@pytest.mark.parametrize(
    ("fleet", "root"),
    [
        ("/srv/models/fleet", "/srv/models"),
        ("/fleet", "/fleet"),
        ("s3://bucket/team/fleet", "s3://bucket/team"),
        ("s3://bucket", "s3://bucket"),
        ("memory://fleet", "memory://fleet"),
    ],
)
def test_the_folder_that_holds_the_fleet_is_the_default_but_never_everything(fleet, root):
    assert root == default_root(fleet)


@pytest.mark.parametrize(
    "url",
    [
        "/srv/models2/a.csv",
        "/srv/model/a.csv",
        "/srv",
        "/etc/passwd",
        "s3://bucket/models/a",
        "http://127.0.0.1/a",
        "ftp://srv/models/a.csv",
        "/srv/mod*/a.csv",
        "memory://srv/models/a",
    ],
)
def test_what_only_looks_like_a_root_is_outside(url):
    told = outside(url, Location("/srv/models/fleet"))

    assert told.startswith(f"{url} lies outside of the roots of this fleet (/srv/models); ")
    assert "`argosy roots add " in told


def test_declared_roots_take_the_place_of_the_default_but_not_of_the_fleet():
    location = Location("/srv/models/fleet", roots=("/data", "s3://bucket/a"))

    assert ("/data", "s3://bucket/a", "/srv/models/fleet") == roots_of(location)
    assert outside("/srv/models/fleet/artifacts/a", location) is None
    assert outside("/srv/models/a", location)
    assert outside("S3a://bucket/a/b", location) is None
    assert outside("s3://bucket/ab", location)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/", "let everything in"),
        ("file:///", "let everything in"),
        ("s3://", "let everything in"),
        ("/data/*", "is a pattern"),
        ("/data/..", "goes up"),
        ("zip:///data/a.zip", "by the scheme"),
    ],
)
def test_what_can_be_no_root_is_refused(url, told):
    with pytest.raises(BadInput, match=told):
        as_root(url)


def test_a_folder_may_be_called_like_a_pattern(tmp_path):
    (tmp_path / "a[1-2]*;").mkdir()

    assert f"{tmp_path}/a[1-2]*;" == as_root(f"{tmp_path}/a[1-2]*;")


def test_a_root_that_is_a_link_holds_what_lies_where_it_leads(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    location = Location(str(tmp_path / "x" / "fleet"), roots=(str(tmp_path / "data"),))

    assert outside(f"{tmp_path}/disk/a.csv", location) is None
    assert outside(f"{tmp_path}/data/a.csv", location) is None
    assert outside(f"{tmp_path}/other/a.csv", location)


def test_parts_are_compared_whole():
    assert [True, True, False] == [below(url, "/a/b/") for url in ("/a/b", "/a/b/c", "/a/bc")]
