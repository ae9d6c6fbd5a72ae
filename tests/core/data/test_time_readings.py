"""How a model's times are read is decided by its own rows, or by the whole table that it shares."""

import polars as pl
import pytest

from argosy.data.time_readings import of_one_column, readable
from argosy.data.times import ORDER, UNREADABLE

BOUND = {"timestamp": "t", "zone": None, "timestamp_format": None}
DAY, MONTH, EITHER = ["31/01/2024", "01/02/2024"], ["01/31/2024", "01/02/2024"], ["01/02/2024"]


def parted(values, whole=None, **bound):
    """Return how each model's times are read, its values by model."""
    rows = pl.DataFrame({"m": list(values), "t": list(values.values())}, strict=False).explode("t")
    models = rows.select(model=pl.col("m").unique(maintain_order=True))
    parts = list(readable(models, BOUND | bound, rows, "m", whole))
    for part in parts:
        assert part.rows["m"].unique().sort().to_list() == part.models["model"].sort().to_list()
    assert rows.height == sum(part.rows.height for part in parts)
    return {
        model: (part.binding.get(ORDER), part.binding.get(UNREADABLE))
        for part in parts
        for model in part.models["model"]
    }


def test_each_model_is_read_by_its_own_rows():
    """Of many small files that are read together, one says nothing about another."""
    found = parted({"a": DAY, "b": MONTH, "c": EITHER, "d": ["2024-01-31"], "e": ["05/05/2024"]})

    assert [(found[model][0], found[model][1] is None) for model in "abcde"] == [
        ("day", True),
        ("month", True),
        (None, False),
        (None, True),
        (None, True),
    ]


@pytest.mark.parametrize("values", [{"a": EITHER}, {"a": EITHER, "b": ["2024-01-31"]}])
def test_a_table_that_models_share_is_one_column(values):
    """Whichever of its models are looked at, the answer is the same."""
    table = pl.LazyFrame({"t": DAY + EITHER + ["2024-01-31"]})
    found = parted(values, whole=lambda: table)

    assert found["a"] == ("day", None)
    assert found.get("b", (None, None)) == (None, None)


def test_what_no_value_decides_is_refused_with_both_formats():
    (_, told) = parted({"a": EITHER})["a"]

    assert told == (
        "of the times in column 't' no value shows whether day or month comes first (such as"
        " '01/02/2024'); bind it with timestamp_format '%d/%m/%Y' or '%m/%d/%Y'"
    )


def test_a_value_that_disproves_the_order_leaves_none():
    (order, told) = parted({"a": DAY + MONTH})["a"]

    assert order is None
    assert "some have the day first and others the month" in told


@pytest.mark.parametrize(
    ("values", "bound", "fault"),
    [
        (["soon", None], {}, r"no time of column 't' is understood \(first value 'soon'\)"),
        (["1704067200"], {}, "is understood .* or epoch:s, ms, us or ns"),
        (DAY, {"timestamp_format": "%Y-%m-%d"}, "is understood by the timestamp_format '%Y-%m-%d'"),
        ([1, 2], {"timestamp_format": "%Y%m%d"}, "is understood by the timestamp_format"),
    ],
)
def test_a_column_of_which_nothing_is_understood_says_so(values, bound, fault):
    found = parted({"a": values, "b": [None] * len(values)}, **bound)

    assert pl.Series([found["a"][1]]).str.contains(fault).all()
    assert found["b"] == (None, None)  # without any value there is nothing to understand


def test_times_outside_of_the_years_are_told_by_their_unit():
    """Nanoseconds that are read as microseconds are of the year 55,840."""
    rows = pl.DataFrame(
        {"m": ["a"], "t": pl.Series([1_700_000_000_000_000_000], dtype=pl.Datetime)}
    )
    (part,) = readable(pl.DataFrame({"model": ["a"]}), BOUND, rows, "m")

    assert "outside of the years 1 to 9999" in part.binding[UNREADABLE]


def test_numbers_are_counted_only_where_they_are_numbers():
    rows = pl.DataFrame({"m": ["a"], "t": pl.Series([0], dtype=pl.Datetime)})
    binding = BOUND | {"timestamp_format": "epoch:s"}
    (part,) = readable(pl.DataFrame({"model": ["a"]}), binding, rows, "m")

    assert "timestamp_format 'epoch:s' is for numbers" in part.binding[UNREADABLE]


def test_times_are_handed_on_as_they_are():
    rows = pl.DataFrame({"m": ["a"], "t": pl.Series([0], dtype=pl.Datetime)})
    models = pl.DataFrame({"model": ["a", "b"]})
    (part,) = readable(models, BOUND, rows, "m")

    assert part.rows is rows
    assert part.models is models
    assert part.binding is BOUND


def test_a_model_without_rows_has_no_part_in_what_is_wrong_with_others():
    rows = pl.DataFrame({"m": ["a"], "t": ["soon"]})
    parts = list(readable(pl.DataFrame({"model": ["a", "b"]}), BOUND, rows, "m"))
    told = {part.models["model"].item(): part.binding.get(UNREADABLE) for part in parts}

    assert told["a"] is not None
    assert told["b"] is None


@pytest.mark.parametrize(
    ("values", "order"),
    [(DAY + EITHER, "day"), (MONTH, "month"), (["2024-01-31"], None), ([], None)],
)
def test_all_rows_of_a_column_are_read_alike(values, order):
    rows = pl.DataFrame({"t": values}, schema={"t": pl.String})

    assert order == of_one_column(rows, BOUND).get(ORDER)
