"""The suites that argosy ships for every plugin."""

import polars as pl
import pyarrow as pa

from argosy.tables import ALIAS
from argosy.testing.detectors import DetectorSuite
from argosy.testing.events import event
from argosy.testing.jobs import JobSuite
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


class TestConstants(JobSuite):
    name = "constants"
    request = {"least": 10, "columns": ["size", "colour"], "missing": "count"}

    def fleet(self, folder):
        """Make one in which the colour of two models never changes."""
        fleet = super().fleet(folder)
        path = folder / "current.parquet"
        grey = pl.col("client").is_in(["m0", "m3"])
        colour = pl.when(grey).then(pl.lit("grey")).otherwise("colour").alias("colour")
        pl.read_parquet(path).with_columns(colour).write_parquet(path)
        return fleet

    def test_the_right_columns_are_found(self, tmp_path):
        fleet = self.fleet(tmp_path)
        run = self.run(fleet)
        found = fleet.table("constant_columns").filter(run_id=run.id).sort("model").collect()

        assert found.select("model", "column", "value").rows() == [
            ("m0", "colour", "grey"),
            ("m3", "colour", "grey"),
        ]
        assert run.results()["constant"].to_list() == [1, 0, 0, 1, 0, 0]


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
        return event("set_alias", models, after=after)
