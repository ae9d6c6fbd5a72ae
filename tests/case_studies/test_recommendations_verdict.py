"""Who is promoted, and what the popularity list that newcomers must match is worth."""

import math
import random

import polars as pl
import pytest

from argosy.data.beside import Folder
from argosy.store.location import Location
from argosy_recommendations.generator.feeds import Night, feed_file, write_feeds
from argosy_recommendations.generator.market import Market
from argosy_recommendations.night.baseline import popularity
from argosy_recommendations.night.verdict import SCHEMA, verdict

MARGIN = 0.01


def candidate(**other):
    row = {"model": "a", "version": "2", "champion": "1", "value": 0.3, "upper": None,
           "baseline": None, "failed": None}  # fmt: skip
    kinds = {"model": pl.String, "version": pl.String, "champion": pl.String,
             "value": pl.Float64, "upper": pl.Float64, "baseline": pl.Float64,
             "failed": pl.String}  # fmt: skip
    return pl.DataFrame([{**row, **other}], schema=kinds)


def pair(**other):
    row = {"model": "a", "challenger_version": "2", "effect": 0.05, "lower": 0.02, "q_value": 0.001,
           "verdict": "better", "reason": None}  # fmt: skip
    kinds = {"model": pl.String, "challenger_version": pl.String, "effect": pl.Float64,
             "lower": pl.Float64, "q_value": pl.Float64,
             "verdict": pl.String, "reason": pl.String}  # fmt: skip
    return pl.DataFrame([{**row, **other}], schema=kinds)


@pytest.mark.parametrize(
    ("one", "two", "promoted", "reason"),
    [
        ({}, {}, True, "better by 0.0500 (at least 0.0200, q 0.0010)"),
        ({}, {"lower": MARGIN}, True, "better by 0.0500 (at least 0.0100"),
        ({}, {"lower": 0.0099}, False, "better by 0.0500, but surely only by 0.0099 of the margin"),
        ({}, {"effect": -0.2, "verdict": "worse"}, False, "worse by 0.2000 (q 0.0010)"),
        ({}, {"effect": 0.2, "verdict": "no difference", "q_value": 0.4}, False, "no difference"),
        ({}, {"effect": -0.0004, "verdict": "no difference"}, False, "no difference (-0.0004 at q"),
        ({}, {"q_value": None, "verdict": "undecidable", "reason": "fewer than 20 rows"}, False,
         "not compared: fewer than 20 rows"),
        ({"value": None, "failed": "no holdout"}, {}, False, "not measured: no holdout"),
        ({"value": None}, {}, False, "not measured: it has no value"),
        ({"champion": None, "baseline": 0.2}, {"q_value": None}, True,
         "first of its client: 0.3000, popularity 0.2000"),
        ({"champion": None, "baseline": 0.3}, {"q_value": None}, True, "first of its client"),
        ({"champion": None, "baseline": 0.31}, {"q_value": None}, False, "worse than its client's"),
        ({"champion": None, "baseline": 0.31, "upper": 0.4}, {"q_value": None}, True,
         "first of its client: 0.3000, popularity 0.3100"),
        ({"champion": None, "baseline": 0.41, "upper": 0.4}, {"q_value": None}, False,
         "worse than its client's"),
        ({"champion": None, "baseline": None}, {"q_value": None}, False,
         "first of its client, whose popularity list was not measured"),
    ],
)  # fmt: skip
def test_a_promotion_is_earned(one, two, promoted, reason):
    found = verdict(candidate(**one), pair(**two), MARGIN).row(0, named=True)

    assert found["promoted"] is promoted
    assert found["reason"].startswith(reason)


def test_a_better_version_of_another_night_promotes_nobody():
    """What was compared must be what is promoted."""
    found = verdict(candidate(), pair(challenger_version="1"), MARGIN)

    assert [False] == found["promoted"].to_list()


def test_nobody_is_decided_where_nobody_was_made():
    found = verdict(candidate().clear(), pair().clear(), MARGIN)

    assert found.is_empty()
    assert pl.Schema(SCHEMA) == found.schema


def plain(training, holdout, catalogue, length):
    """A transcription of the definition, client by client and row by row."""
    gone = dict(catalogue.rows())
    counts, scores = {}, {}
    for client, item in training.drop_nulls("item").select("client", "item").rows():
        mine = counts.setdefault(client, {})
        mine[item] = mine.get(item, 0) + 1
    for client, history, truth in holdout.select("client", "history", "truth").rows():
        ranked = sorted(counts.get(client, {}).items(), key=lambda each: (-each[1], each[0]))
        lists = [item for item, _ in ranked if item not in gone[client] and item not in history]
        hits = [item in truth for item in lists[:length]]
        gain = sum(hit / math.log2(at + 2) for at, hit in enumerate(hits))
        best = sum(1 / math.log2(at + 2) for at in range(min(length, len(truth))))
        scores.setdefault(client, []).append(gain / best)
    return {client: sum(each) / len(each) for client, each in scores.items()}


@pytest.mark.parametrize("length", [1, 10, 20])
def test_popularity_agrees_with_its_definition(tmp_path, length):
    folder = Folder(Location(str(tmp_path)), "feeds")
    write_feeds(Night(Market(20, 3), 0), folder, lambda done, total: None)
    names = ("training", "holdout", "catalogue")
    feeds = [folder.scan(feed_file(name)).collect() for name in names]

    found = dict(popularity(*feeds, length=length).rows())

    assert plain(*feeds, length) == pytest.approx(found)
    assert 0.05 < sum(found.values()) / len(found) < 0.9


def test_popularity_of_awkward_clients():
    """No purchases, ties, items that nobody bought before, and all that is relevant retired."""
    rng = random.Random(1)
    items = [f"i{number}" for number in range(8)]
    training = pl.DataFrame(
        {"client": "a", "item": [*rng.choices(items[:5], k=30), None]},
        schema={"client": pl.String, "item": pl.String},
    )
    holdout = pl.DataFrame(
        {
            "client": ["a", "a", "a", "b"],
            "history": [[], items[:5], ["i1"], []],
            "truth": [["i4", "i7"], ["i6"], ["i0", "i2", "i3"], ["i1"]],
        }
    )
    catalogue = pl.DataFrame({"client": ["a", "b"], "retired": [["i2", "i4"], []]})

    found = dict(popularity(training, holdout, catalogue).rows())

    assert plain(training, holdout, catalogue, 10) == pytest.approx(found)
    assert 0 == found["b"]
