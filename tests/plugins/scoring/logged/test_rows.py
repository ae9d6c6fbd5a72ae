"""The rows of a log that count: of the version, the newest of each id, and old enough."""

from datetime import datetime

import pytest

from argosy.errors import RowsRefused

from .runs import only, reason


def test_of_several_rows_of_an_id_the_newest_counts(logged):
    rows = {
        "id": ["a", "b", "a", None, None],
        "was": [1, 0, 1, 1, 1],
        "said": [0, 0, 1, 1, 0],
        "day": ["2026-01-02", "2026-01-01", "2026-01-01", "2026-01-01", "2026-01-01"],
    }
    how = {"id": "id", "truth": "was", "prediction": "said"}
    last = only(logged(rows, **how))
    newest = only(logged(rows, timestamp="day", **how))

    assert (last["n"], last["duplicates"], last["value"]) == (4, 1, 0.75)
    assert (newest["n"], newest["duplicates"], newest["value"]) == (4, 1, 0.5)


def test_only_the_rows_of_the_evaluated_version_count(logged):
    rows = {"v": [1, 2, 1, 2], "was": [1, 1, 0, 0], "said": [1, 0, 0, 1]}
    how = {"truth": "was", "prediction": "said"}

    assert only(logged(rows, version="v", **how))["value"] == 1.0
    assert only(logged(rows, **how))["value"] == 0.5
    gone = logged({**rows, "v": [2, 2, 2, 2]}, version="v", **how)
    assert "there is no row of the model" in reason(gone)


DAYS = {
    "day": [datetime(2026, 1, day) for day in (1, 5, 20, 31)],
    "was": [1, 0, 1, None],
    "said": [1, 1, 0, 0],
}


def test_rows_younger_than_the_delay_of_labels_are_left_out(logged):
    """Thirty days before the newest row only the first one is old enough."""
    how = {"truth": "was", "prediction": "said", "timestamp": "day"}
    row = only(logged(DAYS, label_delay="30d", **how))
    later = only(logged(DAYS, label_delay="30d", at="2026-02-19", **how))

    assert (row["value"], row["n"], row["mature"], row["immature"]) == (1.0, 1, 1, 3)
    assert row["label_coverage"] == 1.0
    assert (later["n"], later["mature"], later["immature"]) == (3, 3, 1)


def test_a_model_of_young_rows_only_says_how_long_labels_take(logged):
    how = {"truth": "was", "prediction": "said", "timestamp": "day"}

    assert "is old enough to have its label, which takes 90d" in reason(
        logged(DAYS, label_delay="90d", **how)
    )


def test_a_row_of_unknown_age_is_never_old_enough(logged):
    rows = {**DAYS, "day": [*DAYS["day"][:2], None, DAYS["day"][3]]}
    how = {"truth": "was", "prediction": "said", "timestamp": "day"}
    row = only(logged(rows, label_delay="1d", **how))

    assert (row["mature"], row["immature"]) == (2, 2)


def test_windows_without_labels_say_that_they_wait(logged):
    how = {"truth": "was", "prediction": "said", "timestamp": "day", "window": "1w"}
    rows = logged(DAYS, **how).results()

    measured = rows.filter(metric="accuracy").select("window", "value", "n").rows()
    assert sorted(measured) == [
        ("2025-12-29", 1.0, 1),
        ("2026-01-05", 0.0, 1),
        ("2026-01-19", 0.0, 1),
    ]
    waiting = rows.filter(status="insufficient").row(0, named=True)
    assert (waiting["window"], waiting["label_coverage"]) == ("2026-01-26", 0.0)
    assert waiting["reason"] == "no row has its label yet"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"label_delay": "soon", "timestamp": "day"}, "the label_delay 'soon' is no period"),
        ({"label_delay": "30d"}, "has a label_delay but no timestamp"),
        ({"latency": "ms"}, "has no column 'ms'"),
        ({"version": "v"}, "has no column 'v'"),
    ],
)
def test_a_binding_that_cannot_be_meant_is_refused(logged, fields, told):
    with pytest.raises(RowsRefused, match=told):
        logged(DAYS, truth="was", prediction="said", **fields)
