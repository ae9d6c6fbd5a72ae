"""A file elsewhere is no larger than the option lets in, however it is named."""

import fsspec
import polars as pl
import pytest

from argosy.errors import DataError
from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy.store.options import for_tables
from argosy_files import buckets
from argosy_files.scanning import PARQUET

ROWS = pl.DataFrame({"a": range(2_000)})
SMALL = {"core": {"largest_file": 1_000}}
WRITE = {
    "parquet": pl.DataFrame.write_parquet,
    "arrow": pl.DataFrame.write_ipc,
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
}
NAMES = ("day/one.{0}", "day", "day/", "day/o*.{0}", "d*/*.{0}", "**/one.{0}")


@pytest.fixture
def there(bucket, tmp_path, request):
    """Put a large file of each format into a bucket; return its URL and the engine's options."""
    s3fs = pytest.importorskip("s3fs")
    root, files = f"ships/{abs(hash(request.node.name))}", s3fs.S3FileSystem(**bucket)

    def put(form):
        WRITE[form](ROWS, tmp_path / "rows")
        files.put_file(str(tmp_path / "rows"), f"{root}/{form}/day/one.{form}")
        return f"s3://{root}/{form}", for_tables(f"s3://{root}", bucket)

    return put


@pytest.mark.parametrize("form", WRITE)
def test_a_bucket_gives_no_file_that_is_too_large(there, form):
    url, options = there(form)
    scan = installed().sources[form].scan
    for name in NAMES:
        with using(SMALL), pytest.raises(DataError, match=r"one.*bytes, more than 1,000, which"):
            scan(f"{url}/{name.format(form)}", options).collect()
    whole = scan(f"{url}/day", options)
    assert ROWS.height == whole.select(pl.len()).collect().item()


def test_it_is_not_read_beside_others_either(there):
    url, options = there("parquet")
    with using(SMALL):
        assert PARQUET.scan_files([f"{url}/day/one.parquet"], options, "path") == []


def test_nor_is_the_file_of_a_table_with_a_log(bucket, request):
    url = f"s3://ships/{abs(hash(request.node.name))}/table"
    options = for_tables(url, bucket)
    ROWS.write_delta(url, storage_options=options)
    scan = installed().sources["delta"].scan
    with using(SMALL), pytest.raises(DataError, match=r"\.parquet has .* bytes, more than 1,000"):
        scan(url, options)

    assert ROWS.height == scan(url, options).select(pl.len()).collect().item()


def test_nor_is_what_another_filesystem_opens():
    with fsspec.open("memory://limits/rows.parquet", "wb") as file:
        ROWS.write_parquet(file)
    scan = installed().sources["parquet"].scan
    with using(SMALL), pytest.raises(DataError, match=r"memory://\S+ has .* more than 1,000"):
        scan("memory://limits/rows.parquet", {})

    assert ROWS.height == scan("memory://limits/rows.parquet", {}).collect().height


def test_what_is_not_there_is_no_fault_of_its_size(there):
    url, options = there("csv")
    with using(SMALL):
        buckets.refuse_large_file(f"{url}/day/two.csv", options)
