"""Claim: a day ahead, a ridge per node makes 0.40 of the naive's errors, 0.57 with 14 hours late.

The load of 118 nodes of the US grid, 24 hours of a UTC day, for 51 origins of 2024 a week apart,
whose weekday moves on: what was known until 00:00, and until 10:00 of the day before. All is fitted
to readings before 2024, as they were published; hours that the publisher's screening calls OKAY are
scored. The naive is the same hour of a week before. No weather is used; for Victoria and Tetouan
the temperature that came true is, in a row of its own: an upper bound, since nobody knows it.
"""

import time

import numpy as np
from _day_ahead_data import DATA, Floats, Load, Score, grid, score, tetouan, victoria
from _measure import asked, options
from numpy.typing import NDArray

from argosy.errors import ArgosyError
from argosy_forecast.forecasters import FORECASTERS

SEED = 20261130
NAIVE = "seasonal_naive"


def main() -> None:
    given = asked(
        options(__doc__, nodes=(118, 4), origins=(51, 4), trees=(250, 20), rows=(600_000, 20_000)),
        compares=False,
    )
    if not DATA.is_dir():
        print(f"seed {SEED}")
        print(f"not measured: the load is not in {DATA}")
        print("ARGOSY_DATA names the folder that has load_eia_nodes.parquet")
        return
    load = grid(given.nodes)
    print(f"{len(load.names)} nodes of the US grid, {given.origins} origins, seed {SEED}")
    settings = {"trees": str(given.trees), "rows": str(given.rows), "seed": str(SEED % 2**31)}
    for told, back in (("00:00", 0), ("10:00 of the day before", 14)):
        print(f"\nknown until {told}; errors over load, and over the naive's")
        measured(load, np.datetime64("2024-01-01"), given.origins, back, settings)
    for name, other, first in (
        ("Victoria, half-hourly", victoria(), np.datetime64("2014-01-01")),
        ("Tetouan, hourly, three zones", tetouan(), np.datetime64("2017-10-01")),
    ):
        print(f"\n{name}, known until 00:00")
        few = min(given.origins, 51 if other.names == ["victoria"] else 12)
        own = settings | {"rows": str(given.rows // 4)}
        measured(other, first, few, 0, own, weather=True)


def measured(
    load: Load,
    first: np.datetime64,
    origins: int,
    back: int,
    settings: dict[str, str],
    weather: bool = False,
) -> None:
    """Fit every forecaster once, forecast all origins, and print how it fared."""
    step = load.times[1] - load.times[0]
    day = int(np.timedelta64(1, "D") / step)
    late = back * day // 24
    starts = [
        int((first + np.timedelta64(7 * each + each % 7, "D") - load.times[0]) / step)
        for each in range(origins)
    ]
    rows = np.array(starts)[:, None] + np.arange(day)
    true, sound = load.values[:, rows], load.sound[:, rows]
    leads = {"first": str(late + 1), "horizon": str(late + day)}
    print(f"{'':<24}{'median':>8}{'ratio':>7}{'sum':>8}{'ratio':>7}{'fit':>9}{'origin':>9}")
    said: dict[str, Floats] = {}
    spent: dict[str, tuple[float, float]] = {}
    runs = [
        (NAIVE, NAIVE, {}, False),
        ("climatology", "climatology", {}, False),
        ("theta", "theta", {"held": "0"}, False),
        ("ridge", "ridge", leads, False),
        ("lightgbm", "lightgbm", leads | settings, False),
    ]
    if weather:
        runs.append(("ridge, real temperature", "ridge", leads | {"ahead": "temperature"}, True))
    base = None
    for label, name, own, warm in runs:
        try:
            said[label], spent[label] = forecasts(load, name, own, starts, late, rows, warm)
        except ArgosyError as error:
            print(f"{label:<24}not measured: {error}")
            continue
        found = score(said[label], true, sound)
        base = base or found
        line(label, found, base, *spent[label])
    pair = [name for name in ("ridge", "lightgbm") if name in said]
    if len(pair) == 2:
        both = (said["ridge"] + said["lightgbm"]) / 2
        seconds = np.sum([spent[name] for name in pair], axis=0).tolist()
        line("mean of ridge, lightgbm", score(both, true, sound), base, *seconds)


def line(label: str, found: Score, base: Score, fit: float, each: float) -> None:
    """Print how a forecaster fared, against the naive, and its seconds."""
    print(
        f"{label:<24}{found.median:8.2%}{found.median / base.median:7.3f}{found.total:8.2%}"
        f"{found.total / base.total:7.3f}{fit:8.1f}s{each:8.2f}s",
        flush=True,
    )


def forecasts(
    load: Load,
    name: str,
    own: dict[str, str],
    starts: list[int],
    late: int,
    rows: NDArray[np.int64],
    warm: bool,
) -> tuple[Floats, tuple[float, float]]:
    """Return forecasts, shape (S, O, H), the seconds of the fit and those of an origin."""
    forecaster, series = FORECASTERS[name], load.series()
    history = load.history(0, starts[0] - late, warm)
    begun = time.perf_counter()
    content = forecaster.fit(series, history, own)
    fit = time.perf_counter() - begun
    day = int(np.timedelta64(1, "D") / (load.times[1] - load.times[0]))
    memory = int(forecaster.memory(content).removesuffix("d")) * day
    found = np.empty((len(load.names), *rows.shape))
    begun = time.perf_counter()
    for place, start in enumerate(starts):
        end = start - late
        past = load.history(max(0, end - memory), end, warm)
        answer = forecaster.forecast(content, series, past, load.asked(rows[place], end, warm), ())
        found[:, place] = answer["value"].to_numpy().reshape(len(load.names), -1)
    return found, (fit, (time.perf_counter() - begun) / len(starts))


if __name__ == "__main__":
    main()
