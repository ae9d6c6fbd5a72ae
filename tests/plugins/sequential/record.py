"""Ask River what its ADWIN and Page-Hinkley say of some streams, and write `recorded.json`.

Run it in an environment with `river==0.26.1`. ADWIN looks at every value (`clock=1`), at every
place to cut (`max_buckets` beyond the stream, `min_window_length=1`); the smallest δ at which it
cuts anywhere is found by bisection. Page-Hinkley neither forgets nor tolerates anything.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

ROUNDS = 60


def streams() -> dict[str, list[float]]:
    generator = random.Random(20070426)
    gauss = generator.gauss
    return {
        "no change": [gauss(0, 1) for _ in range(40)],
        "step": [gauss(0, 1) for _ in range(30)] + [gauss(1.5, 1) for _ in range(20)],
        "fall": [gauss(3, 0.5) for _ in range(20)] + [gauss(1, 0.5) for _ in range(10)],
        "trend": [place / 20 + gauss(0, 0.3) for place in range(50)],
        "share": [float(generator.random() < (0.1 if place < 30 else 0.8)) for place in range(45)],
        "last value": [gauss(0, 0.1) for _ in range(20)] + [5.0],
    }


def cuts(stream: list[float], delta: float) -> bool:
    from river import drift

    detector = drift.ADWIN(
        delta=delta, clock=1, max_buckets=10_000, min_window_length=1, grace_period=1
    )
    for value in stream:
        detector.update(value)
        if detector.drift_detected:
            return True
    return False


def smallest_delta(stream: list[float]) -> float | None:
    """Return the δ at which it begins to cut, or None where it does at none below 1."""
    low, high = math.log(1e-60), 0.0
    if not cuts(stream, 1.0):
        return None
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        low, high = (low, middle) if cuts(stream, math.exp(middle)) else (middle, high)
    return math.exp(high)


def page_hinkley(stream: list[float]) -> list[float]:
    from river import drift

    detector = drift.PageHinkley(min_instances=1, delta=0, threshold=math.inf, alpha=1.0)
    highest = 0.0
    for value in stream:
        detector.update(value)
        highest = max(highest, detector._sum_decrease)
    rise = detector._sum_increase - detector._min_increase
    return [rise, highest - detector._sum_decrease]


if __name__ == "__main__":
    answers = {
        name: {
            "stream": stream,
            "adwin": smallest_delta(stream),
            "page_hinkley": page_hinkley(stream),
        }
        for name, stream in streams().items()
    }
    told = json.dumps({"river": "0.26.1", "answers": answers}, indent=1, ensure_ascii=False)
    Path(__file__).with_name("recorded.json").write_text(told + "\n", "utf-8")
