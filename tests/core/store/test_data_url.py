import itertools
import string
from urllib.parse import quote

import pytest

from argosy.errors import BadInput
from argosy.store.data_url import data_url, scheme_of, scheme_wraps


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/data/a b.csv", "/data/a b.csv"),
        ("file:///data/a%20b.csv", "/data/a b.csv"),
        ("FiLe:///data/a.csv", "/data/a.csv"),
        ("local:///data/a.csv", "/data/a.csv"),
        ("file:///data/100%25.csv", "/data/100%.csv"),
        ("S3://Bucket/Key", "s3://Bucket/Key"),
        ("abfss://box@account.example/a", "abfss://box@account.example/a"),
        ("/data/day=1%3A00/a.parquet", "/data/day=1%3A00/a.parquet"),
        ("/data/a..b.csv", "/data/a..b.csv"),
        ("/data/a\\b;\n.csv", "/data/a\\b;\n.csv"),
        ("/data/key=a%2Fb%3B/c.csv", "/data/key=a%2Fb%3B/c.csv"),
    ],
)
def test_a_url_has_one_reading(url, kept):
    assert kept == data_url(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/data/../etc/passwd", r"goes up at '\.\.'"),
        ("../etc/passwd", r"goes up at '\.\.'"),
        ("s3://bucket/a/../b", r"goes up at '\.\.'"),
        ("s3://bucket/a\\b.csv", "a backslash"),
        ("file:///data/a\\b.csv", "a backslash"),
        ("/data/..\\etc\\passwd", r"goes up at '\.\.'"),
        ("/data\\..\\etc/passwd", r"goes up at '\.\.'"),
        ("s3://bucket/a;b.csv", "a semicolon"),
        ("file:///data/a;b.csv", "a semicolon"),
        ("/data/a\0b.csv", "control characters"),
        ("s3://bucket/a\nb.csv", "control characters"),
        ("/data/a%0db.csv", "hides a way out"),
        ("/data/a\x9bb.csv", "control characters"),
        ("simplecache::s3://bucket/a", "chains protocols"),
        ("zip://a.csv::/data/a.zip", "reads a local file or another URL"),
        ("reference:///data/a.json", "reads a local file or another URL"),
        ("data://text/plain,a", "reads a local file or another URL"),
        ("file://host/data/a.csv", "names a host"),
        ("local://data/a.csv", "names a host"),
        ("file:///data/%2e%2e/a.csv", r"goes up at '\.\.'"),
        ("file:///data%2fa.csv", "hides a way out"),
        ("file:///data/%252e%252e/a.csv", "hides a way out"),
        ("file:///data/a%00.csv", "hides a way out"),
        ("s3://key:secret@bucket/a", "holds credentials"),
        ("abfs://key:secret@account/a", "holds credentials"),
        ("s3://key:secret@bucket/a;b", "holds credentials"),
        ("", "is empty"),
    ],
)
def test_what_readers_could_read_otherwise_is_refused(url, told):
    with pytest.raises(BadInput, match=told) as caught:
        data_url(url)

    assert "secret" not in str(caught.value)


def test_a_way_up_is_found_however_often_it_is_encoded():
    """Each letter may be written as it is or encoded, and all of it encoded again."""
    spellings = ("..", ".%2e", "%2e.", "%2e%2e", "%2E%2e", "..%2f..", "%5c..%5c")
    for spelling, depth in itertools.product(spellings, range(4)):
        written = spelling
        for _ in range(depth):
            written = quote(written, safe="")
        for base in ("/data", "s3://bucket", "file:///data"):
            with pytest.raises(BadInput):
                data_url(f"{base}/{written}/private/a.csv")


def test_letters_that_mean_nothing_to_any_reader_stay():
    plain = [letter for letter in string.printable if letter.isprintable() and letter != "/"]
    for letter in plain:
        assert f"/data/a{letter}b.csv" == data_url(f"/data/a{letter}b.csv")


def test_every_filesystem_that_reads_by_another_is_known():
    """Those of fsspec that open what another URL, or a local path, names."""
    wrapping = {
        *("file", "local", "asynclocal", "async_wrapper", "dir", "reference", "generic"),
        *("cached", "blockcache", "filecache", "simplecache"),
        *("zip", "tar", "libarchive", "git", "dask", "data"),
    }

    assert [] == [scheme for scheme in wrapping if not scheme_wraps(scheme)]
    assert not any(map(scheme_wraps, ("s3", "gs", "abfs", "http", "memory", "sftp", "hdfs")))


def test_a_scheme_is_read_in_any_case():
    assert ["http", "s3", "", ""] == [*map(scheme_of, ("HTTP://h/a", "s3://b", "/a://b", "C:/a"))]
