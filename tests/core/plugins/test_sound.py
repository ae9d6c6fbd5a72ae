"""What a plugin answers is held to the same rules wherever it comes in."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.plugins.sound import (
    alone,
    bounded,
    counted,
    either,
    faults,
    number,
    ordered,
    probability,
    settled,
    within,
)

WHO = "the metric 'gain'"
NUMBERS = ("value", "lower", "upper", "p")
RULES = (
    within("value", "a value"),
    number("lower", "a lower limit"),
    number("upper", "an upper limit"),
    probability("p", "a p-value"),
    ordered("lower", "value", "upper"),
    either("value", "a value"),
    alone(NUMBERS, "numbers"),
)
SCHEMA = {
    "metric": pl.String,
    **dict.fromkeys(NUMBERS, pl.Float64),
    "reason": pl.String,
}
ODD = st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 2.0, -1e300, 0.0, 1.0, 0.5, None])
ROW = st.tuples(st.sampled_from(["gain", "loss"]), ODD, ODD, ODD, ODD,
                st.sampled_from([None, "no rows", ""]))  # fmt: skip
BOUNDS = {"gain": (0.0, 1.0), "loss": (0.0, math.inf)}


def is_sound(metric, value, lower, upper, p, reason):
    """The rules once more, in the plainest way there is."""
    numbers = [one for one in (value, lower, upper, p) if one is not None]
    if not all(map(math.isfinite, numbers)):
        return False
    if reason is not None and (numbers or not reason):
        return False
    if reason is None and value is None:
        return False
    low, high = BOUNDS[metric]
    if value is not None and not low <= value <= high:
        return False
    if p is not None and not 0 <= p <= 1:
        return False
    known = [one for one in (lower, value, upper) if one is not None]
    return known == sorted(known)


@given(rows=st.lists(ROW, min_size=1, max_size=20))
def test_every_row_is_judged_by_itself_and_as_the_rules_say(rows):
    answer = pl.DataFrame(rows, SCHEMA, orient="row")
    fault = faults(bounded(answer, BOUNDS), RULES, WHO)
    found = settled(answer, fault, NUMBERS)

    for row, after in zip(rows, found.to_dicts(), strict=True):
        if is_sound(*row):
            assert after["status"] == ("ok" if row[-1] is None else "undefined")
            assert tuple(after[name] for name in SCHEMA) == row
        else:
            assert after["status"] == "failed"
            assert after["reason"].startswith(f"{WHO} answered ")
            assert [after[name] for name in NUMBERS] == [None] * 4


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"value": math.nan}, "a value of nan"),
        ({"value": 2.0}, "a value of 2.0"),
        ({"value": -0.5}, "a value of -0.5"),
        ({"value": 0.5, "p": -1.0}, "a p-value of -1.0"),
        ({"value": 0.5, "lower": 0.6, "upper": 0.7}, "an interval from 0.6 to 0.7 around 0.5"),
        ({"value": 0.5, "lower": 0.7, "upper": 0.6}, "an interval from 0.7 to 0.6 around 0.5"),
        ({}, "neither a value nor a reason"),
        ({"value": 0.5, "reason": "no rows"}, "numbers beside a reason (no rows)"),
    ],
)
def test_the_reason_says_what_was_answered(row, told):
    answer = pl.DataFrame([{"metric": "gain", **row}], SCHEMA)

    assert faults(bounded(answer, BOUNDS), RULES, WHO).to_list() == [f"{WHO} answered {told}"]


def test_a_sum_that_was_rounded_is_no_fault():
    """The mean of a thousand ones may be 1 + 2e-16."""
    rows = {"value": 1 + 1e-12, "lower": 1 + 2e-12, "upper": 1 + 1e-12}
    answer = pl.DataFrame([{"metric": "gain", **rows}], SCHEMA)

    assert faults(bounded(answer, BOUNDS), RULES, WHO) is None


def test_a_p_value_has_no_allowance():
    """Whatever corrects p-values for their number takes none beyond 1."""
    answer = pl.DataFrame([{"metric": "gain", "value": 0.5, "p": 1 + 1e-12}], SCHEMA)

    assert faults(bounded(answer, BOUNDS), RULES, WHO) is not None


def test_results_of_a_plugin_are_counted_with_the_first_fault():
    who = "the metric 'auc' (plugin 'metrics' of argosy"
    from argosy.plugins.guarded_call import origin

    reasons = [
        f"{origin('metrics', 'auc')} answered a value of nan",
        f"{origin('metrics', 'auc')} answered a value of 2.0",
        f"{origin('metrics', 'auc')} answered 8 rows for 9",
        "the data is not there",
    ]
    rows = pl.DataFrame({"metric": ["auc"] * 4, "status": ["failed"] * 4, "reason": reasons})
    found = counted(rows, "metric")

    assert len(found) == 1
    assert found[0].startswith(f"2 results of the metric 'auc' failed: {who}")
    assert found[0].endswith("answered a value of nan")
