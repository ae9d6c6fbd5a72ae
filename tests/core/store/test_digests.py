"""Digests of rows: whatever the order and the parts, the same; any other cell, another one."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from argosy.store.digests import Digest, digest_of, row_hashes
from argosy.tables import FACTS

TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    "text": pl.String,
    "number": pl.Float64,
    "whole": pl.Int64,
    "flag": pl.Boolean,
    "at": TIME,
    "texts": pl.List(pl.String),
    "numbers": pl.List(pl.Float64),
    "wholes": pl.List(pl.Int64),
}
TEXTS = st.none() | st.text(st.characters(codec="utf-8"), max_size=40)
NUMBERS = st.none() | st.floats(allow_nan=True)
WHOLES = st.none() | st.integers(-(2**63), 2**63 - 1)
TIMES = st.none() | st.datetimes(datetime(1600, 1, 1), datetime(2600, 1, 1), timezones=st.just(UTC))
CELLS = {
    "text": TEXTS,
    "number": NUMBERS,
    "whole": WHOLES,
    "flag": st.none() | st.booleans(),
    "at": TIMES,
    "texts": st.none() | st.lists(TEXTS, max_size=4),
    "numbers": st.none() | st.lists(NUMBERS, max_size=4),
    "wholes": st.none() | st.lists(WHOLES, max_size=4),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=12)


def frame(rows):
    return pl.DataFrame(rows, SCHEMA)


def plain(value):
    """Return what a value is to a digest: 0.0 and -0.0 are one, and so are all NaN."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return "nan" if value != value else value + 0.0
    return value


def stored(rows):
    """Write rows to Parquet as the store does, and read them as a verification does."""
    content = io.BytesIO()
    rows.write_parquet(content, compression="zstd")
    return pl.DataFrame(pq.read_table(content)).cast(rows.schema)


@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_neither_order_nor_parts_matter(rows, chance, size):
    shuffled = chance.sample(rows, len(rows))
    parts = [digest_of(part) for part in frame(shuffled).iter_slices(size)]

    assert sum(parts, Digest()) == digest_of(frame(rows))


@given(ROWS, st.randoms(use_true_random=False))
def test_neither_the_order_of_columns_nor_one_that_is_null_matters(rows, chance):
    """A later argosy may add columns; in the rows that are there already they are null."""
    whole = frame(rows)
    names = chance.sample(whole.columns, whole.width)
    wider = whole.select(names).with_columns(later=pl.lit(None, pl.Float64))

    assert digest_of(wider) == digest_of(whole)


@settings(max_examples=300)
@given(ROWS, st.data())
def test_any_other_cell_shows(rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(list(SCHEMA)))
    other = data.draw(CELLS[name])
    assume(plain(other) != plain(rows[place][name]))
    edited = [dict(row) for row in rows]
    edited[place][name] = other

    assert digest_of(frame(edited)) != digest_of(frame(rows))


@given(ROWS, st.data())
def test_a_row_twice_a_row_less_and_cells_that_changed_places_show(rows, data):
    whole = frame(rows)
    place = data.draw(st.integers(0, len(rows) - 1))
    rest = whole.with_row_index("i").filter(pl.col("i") != place).drop("i")

    assert digest_of(pl.concat([whole, whole[[place]]])) != digest_of(whole)
    assert digest_of(pl.concat([whole, whole])) != digest_of(whole)
    assert digest_of(rest) != digest_of(whole)
    swapped = whole.rename({"numbers": "wholes", "wholes": "numbers"})
    assume(any(plain(row["numbers"]) != plain(row["wholes"]) for row in rows))
    assert digest_of(swapped) != digest_of(whole)


@given(ROWS)
def test_a_file_holds_what_was_written(rows):
    """An engine may write 0.0 for -0.0, or one NaN for another, and lay text out as it likes."""
    assert digest_of(stored(frame(rows))) == digest_of(frame(rows))


@pytest.mark.parametrize("name", FACTS)
def test_every_column_of_every_fact_table_has_a_digest(name):
    """One whose type has none would stop the run that writes it."""
    schema = pl.DataFrame(FACTS[name].schema.empty_table()).schema
    samples = {
        pl.String: "x",
        pl.Float64: 0.5,
        pl.Int64: 3,
        pl.Boolean: True,
        TIME: datetime(2026, 1, 1, tzinfo=UTC),
        pl.List(pl.Float64): [0.5],
        pl.List(pl.String): ["x"],
        pl.List(pl.Int64): [3],
    }
    row = {column: samples[kind] for column, kind in schema.items()}
    whole = pl.DataFrame([row], schema)
    bare = [
        digest_of(whole.with_columns(pl.lit(None, kind).alias(name)))
        for name, kind in schema.items()
    ]

    assert len({digest_of(whole), *bare}) == len(schema) + 1


def test_a_column_of_another_type_is_refused():
    with pytest.raises(TypeError, match="'a' is Struct"):
        digest_of(pl.DataFrame({"a": [{"b": 1}]}))


def test_moving_a_value_to_the_next_column_or_row_shows():
    one = pl.DataFrame({"lower": [0.5, None], "upper": [None, 0.5]})
    other = pl.DataFrame({"lower": [None, 0.5], "upper": [0.5, None]})
    crossed = pl.DataFrame({"lower": [0.5, None], "upper": [0.5, None]})

    assert digest_of(one) == digest_of(other)  # the same two rows
    assert digest_of(crossed) != digest_of(one)


def test_a_long_table_is_hashed_as_its_rows_are():
    """Blocks, runs of equal values and columns that are all the same are ways to be fast only."""
    many = 70_001
    chance = np.random.default_rng(5)
    rows = pl.DataFrame(
        {
            "same": ["constant"] * many,
            "runs": np.repeat([f"model {i:04d} with a long name" for i in range(many // 7 + 1)], 7)[
                :many
            ],
            "few": chance.choice(["ks", "psi", "jensen_shannon", None], many).tolist(),
            "lengths": ["é" * (i % 300) for i in range(many)],
            "number": chance.random(many),
        }
    )
    first, second = row_hashes(rows)
    alone = [row_hashes(rows[[i]]) for i in range(0, many, 997)]

    assert [one[0] for one, _ in alone] == first[::997].tolist()
    assert [two[0] for _, two in alone] == second[::997].tolist()
    dictionary = rows.with_columns(pl.concat([rows["few"][:5], rows["few"][5:]], rechunk=False))
    assert digest_of(dictionary) == digest_of(rows)


def test_text_out_of_many_buffers_is_the_same_text():
    """Rows that were put together share no buffer, and those filtered out leave theirs behind."""
    texts = [f"{i} is longer than twelve bytes" for i in range(100)]
    parts = pl.concat([pl.DataFrame({"a": [text]}) for text in texts], rechunk=False)
    odd = pl.DataFrame({"a": [text for text in texts for _ in range(2)]})[::2]

    assert digest_of(parts) == digest_of(odd) == digest_of(pl.DataFrame({"a": texts}))


ROW = {
    "text": "m1",
    "long": "a text of more than twelve bytes, ünïcode",
    "number": -0.5,
    "zero": -0.0,
    "nan": float("nan"),
    "whole": -7,
    "flag": False,
    "at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=1),
    "list": [1.5, None],
    "none": None,
    "texts": ["", "x" * 200],
}
PINNED = {
    "text": "280a9e0012fdf79c67abe474e4b4eb9b",
    "long": "55aeb6fea2da55bf746675557c4c2809",
    "number": "712241591744f8363a8b9a10a0241af9",
    "zero": "5a2f2957b92fff7758c5420fbe08fd6b",
    "nan": "0b58ec462eabe8dd87d74e93cbb7b51c",
    "whole": "50a26e3399358f0c7df4bd62cc05c363",
    "flag": "b3c7b189afef62c614f5ff5e9563a718",
    "at": "a2f9adf5c484e58fd013348f7cc2402b",
    "list": "355b613d3cba9ca251201242b6a2c5c9",
    "none": "e220a8397b1dcdaf4396d60dbd8537af",
    "texts": "2c0982eb593f69a68a39dc50ad825522",
}


@pytest.mark.parametrize("name", ROW)
def test_digests_stay_what_they_are(name):
    """They are kept for years: no release of a library, nor of argosy, may change them."""
    kinds = {"at": TIME, "none": pl.String}
    column = pl.Series(name, [ROW[name]], kinds.get(name), strict=True)

    assert digest_of(column.to_frame()).text == PINNED[name]


def test_the_digest_of_whole_rows_stays_what_it_is():
    rows = pl.DataFrame(
        [ROW, {**ROW, "whole": 8}, {"text": "m2"}], schema_overrides={"none": pl.String, "at": TIME}
    )

    assert digest_of(rows) == Digest(3, 0x9CDBE0394B388D7D, 0xEC7C872BC83DC472)
