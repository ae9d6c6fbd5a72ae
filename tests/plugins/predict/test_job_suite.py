"""The predictions do what every job must do."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression

from argosy.testing.fleets import logged_fleet
from argosy.testing.jobs import JobSuite

sio = pytest.importorskip("skops.io")


class TestPredict(JobSuite):
    name = "predict"
    request = {"role": "lists"}
    refused = {"role": "current"}
    moving = ("file", "sha256")  # a file has the models of a chunk

    def fleet(self, folder):
        """Make one whose models have a second version, which argosy can load."""
        fleet = logged_fleet(folder, self.models)
        places = np.arange(20.0)
        line = LinearRegression().fit(places[:, None], 2 * places)
        (folder / "line.skops").write_bytes(sio.dumps(line))
        models = [f"m{number}" for number in range(self.models)]
        fleet.register(
            {
                "model": models,
                "version": ["2"] * self.models,
                "format": ["skops"] * self.models,
                "artifact": [str(folder / "line.skops")] * self.models,
                "features": [["size"]] * self.models,
            }
        )
        return fleet

    def tables(self, fleet, run_id):
        """What was predicted must be the same too, in the files that the run names."""
        folder = Path(fleet.url, "predicted", run_id)
        named = fleet.predictions().filter(run_id=run_id).select("file").collect()["file"]
        files = [folder / name for name in named.drop_nulls().unique().sort()]
        rows = pl.read_parquet(files).sort("model", "prediction")
        return {**super().tables(fleet, run_id), "predicted": rows}
