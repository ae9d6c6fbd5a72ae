"""A table is tried apart before it is read, until a run has read it soundly."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data import guard, proven
from argosy.data.apart import EngineFailed
from argosy.data.guard import guarded, reading
from argosy.store.location import Location
from argosy.testing.broken import aborting

FRAME = pl.DataFrame({"x": range(30), "s": ["a", "b", "c"] * 10, "y": [1.5, None, 2.5] * 10})


@pytest.fixture
def location(tmp_path):
    return Location(str(tmp_path))


@pytest.fixture
def url(tmp_path):
    FRAME.write_parquet(tmp_path / "sound.parquet", row_group_size=7)
    return str(tmp_path / "sound.parquet")


@pytest.fixture
def tried(monkeypatch):
    """How many queries were tried apart."""
    queries = []
    monkeypatch.setattr(guard, "try_apart", lambda query: queries.append(query) or True)
    return queries


def test_within_a_chunk_the_driver_decides(location, url, tried):
    with reading(()):
        guarded(pl.scan_parquet(url), [url], location).collect()
    assert tried == []

    with reading({url}) as now:
        guarded(pl.scan_parquet(url), [url], location).collect()
    assert len(tried) == 1
    assert now.unsound == []


def test_a_known_table_is_what_it_was(location, url):
    """A look at known data costs nothing: the engine is handed the very scan."""
    scan = pl.scan_parquet(url)

    with reading(()):
        assert guarded(scan, [url], location) is scan


def test_what_no_engine_survives_is_raised_and_named(location, tmp_path):
    url = str(aborting(tmp_path / "bad.parquet"))

    with reading({url}) as now, pytest.raises(EngineFailed, match="signal 6"):
        guarded(pl.scan_parquet(url), [url], location).collect()
    assert now.unsound == [url]


def test_a_file_that_failed_beside_others_may_be_sound_by_itself(location, url, tmp_path):
    bad = str(aborting(tmp_path / "bad.parquet"))
    pl.DataFrame(schema={"x": pl.Float64, "s": pl.String}).write_parquet(url)

    with reading({url, bad}) as now:
        with pytest.raises(EngineFailed):
            guarded(pl.scan_parquet([url, bad]), [url, bad], location).collect()
        guarded(pl.scan_parquet(url), [url], location).collect()
    assert now.unsound == [bad]


def test_outside_of_a_chunk_a_table_is_tried_until_a_run_has_saved_that_it_is_sound(
    location, url, tried
):
    scan = pl.scan_parquet(url)

    guarded(scan, [url], location).collect()
    guarded(scan, [url], location).collect()
    assert len(tried) == 2
    proven.Proofs.of(location).save()
    guarded(scan, [url], location).collect()
    assert len(tried) == 2


def test_what_an_engine_failed_over_is_never_known_though_another_query_went_well(
    location, tmp_path
):
    url = str(aborting(tmp_path / "bad.parquet"))
    scan = pl.scan_parquet(url)

    guarded(scan, [url], location).select("s").collect()
    with pytest.raises(EngineFailed):
        guarded(scan, [url], location).collect()
    proven.Proofs.of(location).save()

    with pytest.raises(EngineFailed):
        guarded(scan, [url], location).collect()


@given(
    columns=st.sets(st.sampled_from(FRAME.columns), min_size=1),
    least=st.none() | st.integers(-1, 31),
    rows=st.none() | st.integers(0, 31),
    first=st.booleans(),
)
def test_filters_columns_and_first_rows_give_what_the_table_gives(
    tmp_path_factory, columns, least, rows, first
):
    """Whatever polars asks the guard for, the answer is the table's own."""
    folder = tmp_path_factory.getbasetemp()
    url = str(folder / "asked.parquet")
    FRAME.write_parquet(url, row_group_size=7)

    def asked(scan):
        scan = scan.head(rows) if rows is not None and first else scan
        scan = scan.filter(pl.col("x") > least) if least is not None else scan
        scan = scan.head(rows) if rows is not None and not first else scan
        return scan.select(sorted(columns))

    scan = pl.scan_parquet(url)
    with pytest.MonkeyPatch.context() as patch, reading({url}):
        patch.setattr(guard, "try_apart", lambda _: True)
        found = asked(guarded(scan, [url], Location(str(folder))))
        assert asked(scan).collect().equals(found.collect())
        assert asked(scan).collect().equals(found.collect(engine="streaming"))
