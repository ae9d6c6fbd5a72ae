"""Load of made-up series as a forecaster is handed it: days, weeks, noise, faults."""

import numpy as np
import polars as pl

HOUR = 3_600_000_000
FIRST = np.datetime64("2023-01-02T00:00", "us").astype(np.int64)
ZONES = ("America/New_York", "UTC", "Europe/Berlin", "America/Phoenix")


def load(series=3, days=120, step=HOUR, seed=1, noise=0.02):
    """Draw values, shape (series, times); each series has its own level, peak and noise."""
    generator = np.random.default_rng(seed)
    day = 24 * HOUR // step
    place = np.arange(days * day)
    level = 100.0 * (1 + np.arange(series))[:, None]
    shift = generator.uniform(0, 1, (series, 1))
    shape = 0.2 * np.sin(2 * np.pi * (place / day - shift))
    week = np.where(place // day % 7 >= 5, -0.15, 0.0)
    slow = np.cumsum(generator.normal(0, 0.002, (series, len(place))), axis=1)
    noisy = generator.normal(0, noise, (series, len(place)))
    return level * (1 + shape + week + slow + noisy)


def names(count):
    return [f"node {place}" for place in range(count)]


def series_table(count=3, **columns):
    zones = [ZONES[place % len(ZONES)] for place in range(count)]
    return pl.DataFrame({"series": names(count), "zone": zones, **columns}).to_arrow()


def rows(values, first=0, step=HOUR, **columns):
    """Return the table of a history; `first` is the place of its first time."""
    count, width = values.shape
    times = FIRST + (first + np.arange(width)) * step
    frame = {
        "series": np.repeat(names(count), width),
        "time": pl.Series(np.tile(times, count)).cast(pl.Datetime("us", "UTC")),
        "value": pl.Series(values.reshape(-1)).fill_nan(None),
        **{name: each.reshape(-1) for name, each in columns.items()},
    }
    return pl.DataFrame(frame).to_arrow()


def asked(count, end, leads, step=HOUR, **columns):
    """Ask for leads after a history whose times end before the place `end`."""
    leads = np.asarray(leads)
    times = FIRST + (end - 1 + leads) * step
    frame = {
        "series": np.repeat(names(count), len(leads)),
        "time": pl.Series(np.tile(times, count)).cast(pl.Datetime("us", "UTC")),
        "horizon": np.tile(leads, count).astype(np.int32),
        **{name: each.reshape(-1) for name, each in columns.items()},
    }
    return pl.DataFrame(frame).to_arrow()


def told(table, count, column="value"):
    """Return a column of an answer, shape (series, leads)."""
    return pl.Series(table[column]).to_numpy().reshape(count, -1)
