"""Chunks end where the files of a shared table end."""

import numpy as np
import polars as pl
import pytest

from argosy.data.datasets import Dataset, counting, passing
from argosy.data.row_groups import SHARD, sharded
from argosy.jobs.chunking import Costs, chunks, cuts

MODELS = 1200


def units_of(fleet, names, url, **binding):
    fleet.register(pl.DataFrame({"model": names, "version": ["1"] * len(names)}))
    fleet.bind([{"role": "current", "url": url, "key": "model", **binding}], check=False)
    from argosy.registry.bindings import bound

    state = fleet.ledger.state()
    versions = {"version": pl.lit("1"), "features": pl.lit(None)}
    models = state["model"].select("model", "template", **versions)
    placed = bound(state, models, "current").sort("model")
    return placed, fleet.ledger.location


def written(folder, names, edges, suffix="parquet"):
    folder.mkdir()
    for start, end in zip([0, *edges], [*edges, len(names)], strict=True):
        rows = pl.DataFrame({"model": np.repeat(names[start:end], 2)}).with_columns(x=1.0)
        write = rows.write_parquet if suffix == "parquet" else rows.write_csv
        write(folder / f"{start:05}.{suffix}")


@pytest.mark.parametrize("kind", [str, int])
def test_a_chunk_ends_with_a_file(empty, tmp_path, kind):
    texts = [f"{number:05}" for number in range(10_000, 10_000 + MODELS)]
    written(tmp_path / "rows", [kind(text) for text in texts], [350, 700])
    units, location = units_of(empty, texts, f"{tmp_path}/rows/*.parquet")
    placed = sharded(units, "binding", location)

    assert [(350, 1), (350, 2), (500, 3)] == [
        (run["len"], run["value"]) for run in placed[SHARD].rle().to_list()
    ]
    starts = cuts(placed, Costs(), 2, False, 300)
    assert [0, 350, 700, 950] == starts
    assert all(SHARD not in part.models.column_names for part in chunks(*planned(placed, starts)))


def planned(units, starts):
    return units, starts, {}, False, Costs(), 60


def test_files_that_share_keys_are_no_edges(empty, tmp_path):
    names = [f"{number:05}" for number in range(MODELS)]
    written(tmp_path / "rows", names, [])
    written(tmp_path / "more", names[400:800], [])
    (tmp_path / "more" / "00000.parquet").rename(tmp_path / "rows" / "more.parquet")
    units, location = units_of(empty, names, f"{tmp_path}/rows/*.parquet")

    assert [1] == sharded(units, "binding", location)[SHARD].unique().to_list()


def test_a_format_that_cannot_say_has_no_edges(empty, tmp_path):
    names = [f"m{number:05}" for number in range(MODELS)]
    written(tmp_path / "rows", names, [350, 700], "csv")
    units, location = units_of(empty, names, f"{tmp_path}/rows/*.csv")

    assert [0] == sharded(units, "binding", location)[SHARD].unique().to_list()


def test_data_that_cannot_be_read_has_no_edges(empty, tmp_path):
    names = [f"m{number:05}" for number in range(MODELS)]
    units, location = units_of(empty, names, f"{tmp_path}/nowhere/*.parquet")

    assert [0] == sharded(units, "binding", location)[SHARD].unique().to_list()


def test_rows_that_were_let_go_do_not_count_twice():
    def read(many):
        return Dataset(pl.DataFrame(), {}, pl.DataFrame({"x": np.zeros(many)}))

    with counting() as held:
        with passing():
            read(500)
        read(300)
        read(400)
    assert 700 * 8 == held.most

    with counting() as held:
        with passing():
            read(500)
        read(300)
    assert 500 * 8 == held.most
