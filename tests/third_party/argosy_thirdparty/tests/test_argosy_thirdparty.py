"""The suites that argosy ships for every plugin."""

import polars as pl
import pyarrow as pa

from argosy.tables import ALIAS
from argosy.testing.detectors import DetectorSuite
from argosy.testing.happenings import happening
from argosy.testing.loaders import Artifact, LoaderSuite
from argosy.testing.policies import PolicySuite


class TestEnergy(DetectorSuite):
    name = "energy"


class TestLogistic(LoaderSuite):
    name = "logistic-json"

    def artifacts(self):
        rows = pl.DataFrame({"x": [-3.0, 0.0, 0.75, 4.0]})
        content = b'{"classes": ["no", "yes"], "intercept": -1, "weights": {"x": 2}}'
        yield Artifact(content, rows, ["no", "no", "yes", "yes"])


class TestPurpose(PolicySuite):
    name = "purpose"

    def allowed(self):
        yield self.moved("champion", {"model": "a", "purpose": "scores loans"})
        yield self.moved("challenger", {"model": "a"})

    def refused(self):
        known, silent = {"model": "a", "purpose": "scores loans"}, {"model": "b", "purpose": " "}
        yield self.moved("champion", known, silent, {"model": "c"}), {"b", "c"}

    def moved(self, alias, *models):
        rows = [{"alias": alias, "model": row["model"], "version": "1"} for row in models]
        after = {"alias": pa.Table.from_pylist(rows, ALIAS)}
        return happening("set_alias", models, after=after)
