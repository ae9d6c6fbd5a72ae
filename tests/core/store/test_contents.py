"""Files of a table, read: what cannot be read is named, whatever it is that Arrow raises."""

import polars as pl
import pyarrow as pa
import pytest

from argosy.data.lookup_table import Table
from argosy.errors import StoreError
from argosy.store import blobs
from argosy.store.contents import batches
from argosy.store.location import Location


def spoil(path):
    """Make the name of a column something that is no text."""
    content = path.read_bytes()
    assert b"metric" in content
    path.write_bytes(content.replace(b"metric", b"metri\xe4"))


def test_a_name_that_is_no_text_is_damage(tmp_path):
    """Arrow then raises a `UnicodeDecodeError`, which is no error of Arrow's."""
    location = Location(str(tmp_path))
    pl.DataFrame({"metric": [1, 2]}).write_parquet(tmp_path / "rows.parquet")
    blobs.write(location, "", pa.table({"metric": [1, 2]}), "rows.arrow")
    for name in ("rows.parquet", "rows.arrow"):
        spoil(tmp_path / name)

    with pytest.raises(StoreError, match=r"rows\.parquet"):
        list(batches(location, str(tmp_path), "rows.parquet"))
    with pytest.raises(StoreError, match=r"rows\.arrow"):
        blobs.read(location, "", "rows.arrow")
    with pytest.raises(StoreError, match=r"rows\.parquet"):
        Table(str(tmp_path / "rows.parquet"), location)
