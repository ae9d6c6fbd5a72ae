"""A fleet of many events and facts, and its verification: steps as in `_registry_steps`."""

from _family import peak
from _measure import once
from _registry_steps import Measured, report, timed
from _scale_steps import drift, named

import argosy

__all__ = ["drift"]


def tagged(url: str, models: int, tables: str) -> Measured:
    """Register every model, and change all of them by tables of tags."""
    fleet = argosy.open(url, create=True, actor="bench")
    frame = named(models)
    seconds = timed(lambda: fleet.register(frame))
    names = frame["model"].to_list()
    for number in range(int(tables)):
        rows = {"model": names, "tags": [{"turn": str(number)}] * models}
        seconds += timed(lambda rows=rows: fleet.tag(rows))
    return {
        "seconds": seconds,
        "events": fleet.events().collect().height,
        "changes": int(tables) + 1,
    }


def verify(url: str, models: int) -> Measured:
    """Verify the whole fleet."""
    fleet, before = argosy.open(url), peak()
    spent = once(fleet.verify)
    assert spent.answer.intact, spent.answer
    return {"seconds": spent.elapsed, "cpu": spent.median, "before_mb": 1_000 * before}


if __name__ == "__main__":
    report(globals())
