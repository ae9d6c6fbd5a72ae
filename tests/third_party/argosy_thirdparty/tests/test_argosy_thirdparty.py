"""The suites that argosy ships for every plugin."""

import polars as pl

from argosy.testing.detectors import DetectorSuite
from argosy.testing.loaders import Artifact, LoaderSuite


class TestEnergy(DetectorSuite):
    name = "energy"


class TestLogistic(LoaderSuite):
    name = "logistic-json"

    def artifacts(self):
        rows = pl.DataFrame({"x": [-3.0, 0.0, 0.75, 4.0]})
        content = b'{"classes": ["no", "yes"], "intercept": -1, "weights": {"x": 2}}'
        yield Artifact(content, rows, ["no", "no", "yes", "yes"])
