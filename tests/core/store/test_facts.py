"""Facts are written a few portions at a time."""

import threading
import time

import polars as pl

from argosy.store.facts import _WRITERS, Facts
from argosy.store.location import Location
from argosy.tables import INCIDENTS
from argosy.types import Portion


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
        empty = pl.DataFrame(INCIDENTS.empty_table())
        return pl.concat([empty, rows], how="diagonal")

    portions = [Portion(1, lambda place=place: make(place)) for place in range(20)]
    facts.append("incidents", [portion.make for portion in portions], "r", 1)

    assert 1 <= most[0] <= _WRITERS
    assert facts.scan("incidents").collect()["place"].to_list() == list(range(20))
