"""Load of the US grid, of Victoria and of Tetouan as calls of forecasters; how to score them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]
DATA = Path(os.environ.get("ARGOSY_DATA", Path(__file__).parents[2] / "shared/data"))
ZONES = {
    "Pacific": "America/Los_Angeles",
    "Arizona": "America/Phoenix",
    "Mountain": "America/Denver",
    "Central": "America/Chicago",
    "Eastern": "America/New_York",
}


class Load(NamedTuple):
    """Readings of series over the same times."""

    names: list[str]
    zones: list[str]
    holidays: list[str]
    times: Times
    values: Floats
    """As they were published; NaN is missing; shape (S, T)."""
    sound: NDArray[np.bool_]
    """Which of them are scored."""
    weather: Floats | None = None
    """Temperature, shape (S, T)."""

    def series(self) -> pa.Table:
        return pa.table({"series": self.names, "zone": self.zones, "holidays": self.holidays})

    def history(self, start: int, end: int, weather: bool = False) -> pa.Table:
        table = self._times(start + np.arange(end - start))
        flat = np.ascontiguousarray(self.values[:, start:end]).reshape(-1)
        table["value"] = pa.array(flat, from_pandas=True)
        return pa.table(table | self._weather(np.arange(start, end), weather))

    def asked(self, rows: NDArray[np.int64], end: int, weather: bool = False) -> pa.Table:
        table = self._times(rows)
        table["horizon"] = pa.array(np.tile(rows - end + 1, len(self.names)).astype(np.int32))
        return pa.table(table | self._weather(rows, weather))

    def _times(self, rows: NDArray[np.int64]) -> dict[str, pa.Array]:
        index = np.repeat(np.arange(len(self.names), dtype=np.int32), len(rows))
        times = np.tile(self.times[rows].astype("M8[us]"), len(self.names))
        return {
            "series": pa.DictionaryArray.from_arrays(index, self.names).cast(pa.string()),
            "time": pa.array(times, pa.timestamp("us")).cast(pa.timestamp("us", "UTC")),
        }

    def _weather(self, rows: NDArray[np.int64], wanted: bool) -> dict[str, pa.Array]:
        if not wanted or self.weather is None:
            return {}
        return {"temperature": pa.array(self.weather[:, rows].reshape(-1))}


def grid(nodes: int) -> Load:
    """Return hourly load of the US grid; AEC, which is retired, is left out."""
    order = pl.read_parquet(DATA / "load_eia_hierarchy.parquet").filter(pl.col("node") != "AEC")
    chosen = order.sort("node").head(nodes)
    rows = pl.read_parquet(DATA / "load_eia_nodes.parquet")
    rows = rows.join(chosen.select("node"), on="node", how="semi").sort("node", "ts")
    names = chosen["node"].to_list()

    def laid(column: pl.Series) -> Floats:
        return column.to_numpy().reshape(len(names), -1)

    values = laid(rows["raw_mw"].cast(pl.Float64).fill_null(float("nan")))
    return Load(
        names,
        [ZONES[zone] for zone in chosen["tz"]],
        ["US"] * len(names),
        rows["ts"].dt.replace_time_zone(None).to_numpy()[: values.shape[1]],
        values,
        laid(rows["category"] == "OKAY") & np.isfinite(values),
    )


def victoria() -> Load:
    """Return half-hourly load of Victoria, with the temperature in Melbourne."""
    rows = pl.read_parquet(DATA / "load_victoria.parquet").sort("ts")
    values = rows["demand_mwh"].to_numpy()[None]
    return Load(
        ["victoria"],
        ["Australia/Melbourne"],
        ["AU-VIC"],
        rows["ts"].dt.replace_time_zone(None).to_numpy(),
        values,
        np.isfinite(values),
        rows["temperature_c"].to_numpy()[None],
    )


def tetouan() -> Load:
    """Return hourly load of the three zones of Tetouan; its clock is taken as it is written."""
    rows = pl.read_parquet(DATA / "load_tetouan.parquet").sort("ts_local")
    names = [f"zone{each}_kw" for each in (1, 2, 3)]
    hourly = rows.group_by_dynamic("ts_local", every="1h").agg(
        pl.col(*names, "temperature_c").mean()
    )
    values = hourly.select(names).to_numpy().T
    weather = np.broadcast_to(hourly["temperature_c"].to_numpy(), values.shape)
    return Load(
        names,
        ["UTC"] * 3,
        ["MA"] * 3,
        hourly["ts_local"].to_numpy(),
        values,
        np.isfinite(values),
        np.ascontiguousarray(weather),
    )


class Score(NamedTuple):
    """Sums of errors over sums of load."""

    median: float
    """Of the series' own."""
    total: float
    """Of the sum of all series."""


def score(said: Floats, true: Floats, sound: NDArray[np.bool_]) -> Score:
    """Score forecasts; what has no forecast is an error as large as the load.

    Args:
        said: shape (S, O, H).
        true: likewise.
        sound: which of them count.
    """
    said = np.where(np.isnan(said), 0.0, said)
    size = np.where(sound, np.abs(true), 0.0).sum(axis=(1, 2))
    each = np.where(sound, np.abs(said - true), 0.0).sum(axis=(1, 2)) / size
    gap = np.where(sound, said - true, 0.0).sum(axis=0)
    whole = np.where(sound, true, 0.0).sum(axis=0)
    return Score(float(np.median(each)), float(np.abs(gap).sum() / whole.sum()))
