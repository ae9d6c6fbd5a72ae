"""One logical column in every type that can store it."""

import polars as pl

WHOLE = [
    pl.Series([7, -3, None], dtype=pl.Int64),
    pl.Series([7, 3, None], dtype=pl.UInt8),
    pl.Series([7.0, 1.5, float("nan")]),
    pl.Series(["7.0", "007", None]),
    pl.Series([7, 8]).cast(pl.Decimal(20, 2)),
    pl.Series([True, None]),
    pl.Series(["7.0", "b"], dtype=pl.Categorical),
]


def whole_stored(numbers):
    """Yield columns of whole numbers of 64 bits."""
    exact = pl.Series(numbers, dtype=pl.Int64)
    words = exact.cast(pl.String)
    yield exact
    yield exact.cast(pl.Int128)
    yield exact.cast(pl.Decimal(38, 0))
    yield exact.cast(pl.Int128).cast(pl.Decimal(38, 3))
    yield words
    yield words + ".0"
    yield words.cast(pl.Categorical)
    yield words.cast(pl.Binary)


def small_stored(numbers):
    """Yield columns of a few small whole numbers, floats among them."""
    yield from whole_stored(numbers)
    exact = pl.Series(numbers, dtype=pl.Int64)
    for kind in (pl.Int8, pl.Int16, pl.Int32, pl.Float32, pl.Float64):
        yield exact.cast(kind)
    if min(numbers) >= 0:
        for kind in (pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64):
            yield exact.cast(kind)
    words = exact.cast(pl.String)
    yield words.cast(pl.Enum(words.unique()))


def instants_stored(moments):
    """Yield columns of times of whole seconds, in every unit that holds them, and in two zones."""
    exact = pl.Series(moments, dtype=pl.Datetime("us"))
    for unit in ("ms", "us", "ns"):
        inside = unit != "ns" or (exact.dt.year().min() > 1700 and exact.dt.year().max() < 2200)
        if not inside:
            continue
        column = exact.cast(pl.Datetime(unit))
        yield column
        utc = column.dt.replace_time_zone("UTC")
        yield utc
        if exact.dt.year().max() < 9999:
            yield utc.dt.convert_time_zone("Europe/Berlin")
