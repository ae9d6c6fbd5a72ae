"""Labels in a table of their own are joined to a log by their id."""

import polars as pl
import pytest

from .runs import only, reason

LOG = {"id": [1, 2, 3, 4], "model": ["m"] * 4, "score": [0.9, 0.2, 0.8, 0.4]}
HOW = {"id": "id", "truth": "label"}


def test_labels_are_joined_by_id_and_what_is_left_over_is_counted(logged):
    labels = {"id": [4, 2, 1, 99], "label": [1, 0, 1, 1]}
    row = only(logged(LOG, labels=(labels, HOW), id="id", score="score"))

    assert row["value"] == pytest.approx(2 / 3)
    assert (row["n"], row["mature"], row["label_coverage"], row["unmatched"]) == (3, 4, 0.75, 1)


def test_the_newest_label_of_an_id_counts(logged):
    labels = {"id": [1, 1, 2, 3, 4], "label": [0, 1, 0, 1, 0], "day": [2, 1, 1, 1, 1]}
    last = only(logged(LOG, labels=(labels, HOW), id="id", score="score"))
    days = pl.DataFrame(labels).with_columns(pl.date(2026, 1, pl.col("day")).alias("day"))
    dated = (days.to_dict(as_series=False), {**HOW, "timestamp": "day"})
    newest = only(logged(LOG, labels=dated, id="id", score="score"))

    assert last["value"] == 1.0
    assert newest["value"] == 0.75


def test_r9_labels_that_were_not_known_yet_do_not_count(logged):
    """At the first of June two of four labels are known, and one of them is corrected later."""
    labels = {"id": [1, 2, 3, 4, 1], "label": [1, 0, 1, 0, 0]}
    days = pl.Series([2, 3, 200, 300, 301])
    known = pl.date(2024, 1, 1).dt.offset_by(days.cast(pl.String) + "d")
    dated = pl.DataFrame(labels).with_columns(known=known).to_dict(as_series=False)
    how = {"id": "id", "score": "score", "labels": (dated, {**HOW, "timestamp": "known"})}
    then, now = only(logged(LOG, at="2024-06-01", **how)), only(logged(LOG, **how))

    assert (then["n"], then["mature"], then["value"]) == (2, 4, 1.0)
    assert (now["n"], now["mature"], now["value"]) == (4, 4, 0.75)


def test_labels_with_a_key_belong_to_their_model(logged):
    log = {"id": [1, 2, 1, 2], "model": ["a", "a", "b", "b"], "score": [0.9, 0.1, 0.9, 0.1]}
    labels = {"id": [1, 2, 1, 2], "label": [1, 0, 0, 1], "of": ["a", "a", "b", "b"]}
    run = logged(
        log, ("a", "b"), labels=(labels, {**HOW, "key": "of"}), key="model", id="id", score="score"
    )

    assert only(run, model="a")["value"] == 1.0
    assert only(run, model="b")["value"] == 0.0


def test_labels_without_a_key_are_shared(logged):
    log = {"id": [1, 2, 1, 2], "model": ["a", "a", "b", "b"], "score": [0.9, 0.1, 0.1, 0.9]}
    labels = {"id": ["1", "2", "3"], "label": [1, 0, 1]}
    run = logged(log, ("a", "b"), labels=(labels, HOW), key="model", id="id", score="score")

    assert only(run, model="a")["value"] == 1.0
    assert only(run, model="b")["value"] == 0.0
    assert only(run, model="b")["unmatched"] == 1


def test_a_truth_of_its_own_is_used_though_labels_are_bound(logged):
    labels = {"id": [1, 2, 3, 4], "label": [0, 1, 0, 1]}
    log = {**LOG, "was": [1, 0, 1, 0]}
    run = logged(log, labels=(labels, HOW), id="id", score="score", truth="was")

    assert only(run)["value"] == 1.0


def test_without_truth_and_labels_the_reason_says_what_to_bind(logged):
    told = reason(logged(LOG, id="id", score="score"))

    assert told == ("its binding names no truth column, and no labels are bound to join by id")


def test_labels_need_an_id_on_both_sides(logged):
    labels = {"id": [1], "label": [1]}

    assert "names no id column" in reason(logged(LOG, labels=(labels, HOW), score="score"))
    bare = (labels, {"truth": "label"})
    assert "names no id column" in reason(logged(LOG, labels=bare, id="id", score="score"))
