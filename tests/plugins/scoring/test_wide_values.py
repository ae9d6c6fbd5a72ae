"""A regression beyond 2^53 is measured exactly, or refused with the number that no float holds."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import argosy
from argosy_scoring.wide_values import changed

FAR = 2**60
KINDS = (pl.Int64, pl.UInt64, pl.Int128, pl.Decimal(38, 2), pl.String)
WHOLE = st.integers(-(2**62), 2**62)


@given(st.lists(WHOLE | st.none(), min_size=1), st.sampled_from([pl.Int64, pl.Int128, pl.String]))
def test_those_are_told_that_python_finds_changed(numbers, kind):
    column = pl.Series(numbers, dtype=pl.Int128).cast(kind)

    found = changed(column, column.cast(pl.Float64).to_numpy())

    expected = [number is not None and int(float(number)) != number for number in numbers]
    assert expected == ([False] * len(numbers) if found is None else found.tolist())


def evaluated(folder, truth, guess, kind):
    table = pl.DataFrame({"t": truth, "p": guess}, schema=dict.fromkeys("tp", pl.Int128))
    path = str(folder / "log.parquet")
    table.with_columns(pl.all().cast(kind)).write_parquet(path)
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": ["m"], "version": ["1"], "task": ["regression"]})
    fleet.bind([{"role": "holdout", "url": path, "truth": "t", "prediction": "p"}])
    return fleet.evaluate(metrics=["mae"]).results().row(0, named=True)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_errors_are_never_those_of_neighbours(tmp_path, kind):
    """Three off everywhere, which was 0.0 and ok."""
    truth = np.arange(60).tolist()

    row = evaluated(
        tmp_path, [FAR + each for each in truth], [FAR + each + 3 for each in truth], kind
    )

    assert "failed" == row["status"]
    assert f"beyond 2^53 such as {FAR + 1}" in row["reason"]


def test_numbers_that_floats_hold_are_measured_however_large(tmp_path):
    row = evaluated(tmp_path, [10**18] * 60, [10**18 + 1024] * 60, pl.Int64)

    assert (1024.0, "ok") == (row["value"], row["status"])
