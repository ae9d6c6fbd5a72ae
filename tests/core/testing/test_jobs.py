"""The suite for jobs notices each fault, by the test that names it."""

from dataclasses import replace

import polars as pl
import pyarrow as pa
import pytest
from pydantic import Field, field_validator

from argosy.data.datasets import MODEL, read
from argosy.plugins import installed
from argosy.store.fact_tables import fact_tables
from argosy.testing.jobs import JobSuite
from argosy.types import FactTable, Job, JobKind
from argosy.types.request import Request, Role

from .faults import failed


class Sizes(Request):
    """Count the rows of models."""

    data: Role = Field("current", description="The role of the data.")
    least: int = Field(10, ge=1, description="Fewer rows are too few.")


class Undescribed(Sizes):
    """Have a field of which nobody knows what it is for."""

    odd: int = Field(1, ge=0)


class Moving(Sizes):
    """Have a field that is another one when it is read again."""

    @field_validator("least")
    @classmethod
    def _more(cls, least):
        return least + 1


NAMES = ("run_id", "model", "version", "status", "reason")
SIZES = FactTable(
    "suite_sizes",
    pa.schema(
        [
            ("at", pa.timestamp("us", "UTC")),
            ("rows", pa.int64()),
            *((name, pa.string()) for name in NAMES),
        ]
    ),
    "A row per model: how many rows it has.",
)


def counted(chunk):
    """Count soundly."""
    parts = []
    for data in read(pl.DataFrame(chunk.models), chunk.options["location"]):
        models = data.models.select("model", "version")
        rows = data.rows.group_by(pl.col(MODEL).alias("model")).agg(rows=pl.len().cast(pl.Int64))
        status = pl.lit("failed" if data.reason else "ok")
        told = models.join(rows, on="model", how="left").with_columns(status=status)
        parts.append(told.with_columns(reason=pl.lit(data.reason, pl.String)))
    return pl.concat(parts)


def sound(chunk):
    return {"suite_sizes": counted(chunk).to_arrow()}


def of_the_chunk(chunk):
    return {"suite_sizes": counted(chunk).with_columns(rows=pl.col("rows").sum()).to_arrow()}


def without_reason(chunk):
    return {"suite_sizes": counted(chunk).drop("reason").to_arrow()}


def without_version(chunk):
    rows = counted(chunk).with_columns(version=pl.lit(None, pl.String))
    return {"suite_sizes": rows.to_arrow()}


def never_failed(chunk):
    return {"suite_sizes": counted(chunk).with_columns(status=pl.lit("ok")).to_arrow()}


@pytest.fixture
def suite(monkeypatch):
    """Offer a job, and return the suite that is to judge it."""

    def made(**changes):
        own = {"name": "suite-sizes", "ray": False, **changes.pop("suite", {})}
        job = Job(**{"request": Sizes, "tables": (SIZES,), "perform": sound} | changes)
        kind = JobKind("suite-sizes", "Count rows.", lambda: job)
        monkeypatch.setitem(installed().jobs, "suite-sizes", kind)
        fact_tables.cache_clear()
        return type("Suite", (JobSuite,), own)

    yield made
    monkeypatch.undo()
    fact_tables.cache_clear()


@pytest.mark.parametrize(
    ("changes", "noticed"),
    [
        ({"perform": of_the_chunk}, "the_rows_are_the_same_however_the_models_are_cut"),
        ({"perform": of_the_chunk}, "a_run_that_was_stopped_is_carried_on"),
        ({"perform": without_reason}, "a_model_whose_data_is_missing_fails_alone"),
        ({"perform": never_failed}, "a_model_whose_data_is_missing_fails_alone"),
        ({"perform": without_version}, "its_rows_are_what_the_schema_says"),
        ({"request": Undescribed}, "its_command_has_an_option_for_each_parameter"),
        ({"request": Moving}, "what_is_asked_can_be_kept"),
        ({"tables": (replace(SIZES, summary=""),)}, "it_is_described"),
        ({"suite": {"refused": {"least": 7}}}, "what_cannot_be_asked_is_refused"),
        ({"suite": {"request": {"data": "nowhere"}}}, "a_run_leaves_its_rows"),
    ],
)
def test_a_faulty_job_is_noticed(changes, noticed, suite, tmp_path):
    assert failed(suite(**changes), tmp_path, noticed)


def test_a_sound_job_passes_but_for_work_that_other_processes_cannot_find(suite, tmp_path):
    """It stands in this file, which is no module of theirs; those of the guide are installed."""
    found = failed(suite(), tmp_path)

    # whether they find it depends on the folder that the tests are run from
    assert found <= {"a_model_that_takes_its_worker_down_is_in_quarantine"}
