"""The end of a drift check: what is asked of a few of its results is what all of them say."""

import threading
import time

import numpy as np
import polars as pl
import pytest

from argosy.drift.correction import numbered
from argosy.drift.ending import Ending, _telling
from argosy.drift.verdict import COMPARED, verdicts
from argosy.jobs.portions import Portion
from argosy.store.facts import _WRITERS, Facts
from argosy.store.location import Location
from argosy.tables import DRIFT, FACTS

STATUS = ["ok", "ok", "ok", "ok", "watch", "drift", "insufficient", "failed"]


def results(seed, many=400):
    """Return results of some models in no order, with windows and columns that are null."""
    chance = np.random.default_rng(seed)
    drawn = {
        "model": chance.choice(["a", "b", "c"], many),
        "version": chance.choice(["1", "2"], many),
        "window": pl.Series(chance.choice(["w1", "w2", ""], many)).replace("", None),
        "column": pl.Series(chance.choice(["x", "y", ""], many)).replace("", None),
        "status": chance.choice(STATUS[: 1 + seed], many),
        "reason": pl.Series(chance.choice(["r", "s", ""], many)).replace("", None),
        "effect": chance.random(many),
        "threshold": np.full(many, 0.1),
        "q_model": pl.Series(chance.choice([0.01, 0.5, np.nan], many), nan_to_null=True),
    }
    empty = pl.DataFrame(DRIFT.empty_table()).drop("run_id", "at")
    rows = pl.concat([empty, pl.DataFrame(drawn)], how="diagonal_relaxed")
    per_unit = pl.col("q_model").first().over("model", "version", "window")
    return numbered(rows).with_columns(per_unit)


@pytest.mark.parametrize("seed", range(len(STATUS)))
def test_the_telling_results_give_the_verdicts_of_all(seed):
    rows = results(seed)
    few = rows.filter(_telling())
    compared = ["model", "window", "status"]

    assert few.height < rows.height
    assert verdicts(few).equals(verdicts(rows), null_equal=True)
    assert set(few.select(compared).filter(pl.col("status").is_in(COMPARED)).rows()) == set(
        rows.select(compared).filter(pl.col("status").is_in(COMPARED)).rows()
    )


def test_results_without_a_unit_are_all_telling():
    rows = results(0).with_columns(unit=pl.lit(None, pl.Int32))

    assert rows.filter(_telling()).height == rows.height


def test_what_threads_found_stands_in_the_order_of_the_plan():
    """Whichever portion was made first."""
    failed = pl.DataFrame({"model": ["z"], "version": ["1"], "reason": ["lost"]})
    ending = Ending({}, failed, pl.DataFrame(), None)
    parts = [results(5).filter(model=name) for name in ("a", "b", "c")]
    for place in (2, 0, 1):
        ending._seen(place, parts[place], parts[place])

    assert ending.verdicts()["model"].unique(maintain_order=True).to_list() == ["a", "b", "c"]
    assert ending.noteworthy()["model"].rle().struct.field("value").to_list() == ["a", "b", "c"]


def test_no_more_than_a_few_portions_are_in_hand(tmp_path):
    """Memory is bounded by them, whatever the size of the fleet."""
    facts = Facts(Location(str(tmp_path / "fleet")))
    lock, now, most = threading.Lock(), [0], [0]

    def make(place):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1
        rows = pl.DataFrame({"run_id": ["r"], "place": [place]})
        return pl.concat([pl.DataFrame(FACTS["incidents"].empty_table()), rows], how="diagonal")

    portions = [Portion(1, lambda place=place: make(place)) for place in range(20)]
    facts.append("incidents", [portion.make for portion in portions], "r", 1)

    assert 1 <= most[0] <= _WRITERS
    assert facts.scan("incidents").collect()["place"].to_list() == list(range(20))
