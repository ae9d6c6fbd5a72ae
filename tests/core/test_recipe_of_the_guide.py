"""The guide's recipe for metrics passes the suite that the guide tells its readers to run."""

import re
from pathlib import Path

import numpy as np

from argosy.testing.metrics import MetricSuite

GUIDE = Path(__file__).parents[2] / "plugins/README.md"
SECTION = GUIDE.read_text(encoding="utf-8").split("## argosy_metrics()")[1]
RECIPE: dict = {}
exec(re.search(r"```python\n(.*?)```", SECTION, re.DOTALL)[1], RECIPE)  # noqa: S102


class TestWorst(MetricSuite):
    name = "worst_error"
    metric = RECIPE["WORST"]

    def reference(self, truth, prediction, score, weight):
        return np.abs(prediction - truth).max()


class TestMean(MetricSuite):
    name = "mean_error"
    metric = RECIPE["MEAN"]

    def reference(self, truth, prediction, score, weight):
        return np.average(np.abs(prediction - truth), weights=weight)
