"""Which models of a run failed, and which nobody could judge."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.views.counts import missed

UNJUDGED = {"insufficient", "undefined", "unknown", None}
STATUS = st.sampled_from(
    ["ok", "few", "failed", *sorted(UNJUDGED - {None}), "not applicable", None]
)


def expected(statuses):
    """What one model counts as."""
    if all(status == "failed" for status in statuses):
        return "failed"
    if all(status == "not applicable" for status in statuses):
        return "fine"
    came_out = set(statuses) - UNJUDGED - {"failed", "not applicable"}
    return "fine" if came_out and "failed" not in statuses else "unknown"


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(STATUS, min_size=1)), st.integers(1, 4))
def test_models_are_counted_alike_however_their_rows_are_cut(models, size):
    rows = [(name, status) for name, statuses in models.items() for status in statuses]
    frame = pl.DataFrame(rows, {"model": pl.String, "status": pl.String}, orient="row")
    parts = [frame[place : place + size] for place in range(0, frame.height, size)]
    kinds = [expected(statuses) for statuses in models.values()]

    assert missed(parts) == (kinds.count("failed"), kinds.count("unknown"))


@pytest.mark.parametrize(
    "parts", [[], [pl.DataFrame(schema={"model": pl.String, "status": pl.String})]]
)
def test_no_rows_miss_nothing(parts):
    assert missed(parts) == (0, 0)
