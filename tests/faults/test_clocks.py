"""F12: clocks go back, jump over an hour, or stand on a day that most years lack."""

import time
from datetime import UTC, datetime

import polars as pl
import pytest

import argosy

MOMENTS = {
    "back 3 days": [0, -3 * 86_400],
    "back an hour, as at the end of summer time": [0, -3_600],
    "on an hour, as at its beginning": [0, 3_600],
    "on to a leap day and past it": ["2028-02-28T23:59:58", "2028-02-29T12:00", "2028-03-01T00:01"],
    "on 70 years and back": [0, 70 * 365 * 86_400, 0],
}


@pytest.mark.fault("F12 clocks that jump", "changes")
@pytest.mark.parametrize("name", MOMENTS)
def test_order_comes_from_the_number_and_not_from_the_clock(
    made, nursery, platter, fault, tmp_path, size, name
):
    """Each process has a clock of its own, beside those of the others."""
    url, notes, numbers = str(made()), [], []
    for turn, moment in enumerate(MOMENTS[name]):
        notes.append(str(tmp_path / f"notes-{turn}"))
        writer = nursery.start(
            "follow",
            url=url,
            notes=notes[-1],
            name=f"w{turn}",
            verbs=["register", "tag", "alias", "evaluate"],
            seed=turn,
            turns=size(1, 3),
            platter={"watch": url, "clock": shift(moment)},
        )
        fault.wrong += [error for error in writer.wait() if error]
        events = argosy.open(url).events().select("seq", "at", "reason").collect()
        numbers.append(events["seq"].max())
        fault.wrong += [] if events.sort("seq")["at"].is_sorted() else ["times run backwards"]
        own = events.filter(pl.col("reason").str.starts_with(f"w{turn}."))["seq"]
        fault.wrong += [] if turn == 0 or own.min() > numbers[-2] else ["order from the clock"]
        fault.played += len(own.unique())
    fault.add(nursery.ask("check", url=url, notes=notes))

    fault.holds()


def shift(moment):
    """Return how many seconds a clock is off that says what it is told."""
    if isinstance(moment, str):
        return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() - time.time()
    return moment
