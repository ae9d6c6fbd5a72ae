"""The suite for importers notices each fault, by the test that names it."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from argosy.testing.importers import ImporterSuite
from argosy.types import Importer

from .faults import failed


def lists(url, options):
    """A sound importer: a CSV, all of it text."""
    return pl.read_csv(url, infer_schema=False)


def edited(change):
    return lambda url, options: change(lists(url, options)).to_arrow()


def optimist(url, options):
    return lists(url, options).to_arrow() if Path(url).is_file() else pa.table({"model": []})


def scribbler(url, options):
    with Path(url).open("a") as file:
        file.write("read,1,,\n")
    return lists(url, options).to_arrow()


def importing(read):
    class Suite(ImporterSuite):
        name, suffix = "wiki", ".csv"
        importer = Importer("wiki", "Our wiki.", read)

        def write(self, listed, path):
            listed.write_csv(path)

    return Suite


@pytest.mark.parametrize(
    ("read", "noticed"),
    [
        (lists, "every_model_comes_in_as_it_is_listed"),
        (edited(lambda rows: rows.fill_null("")), "every_model_comes_in_as_it_is_listed"),
        (
            edited(lambda rows: rows.with_columns(pl.col("version").str.strip_prefix("0"))),
            "every_model_comes_in_as_it_is_listed",
        ),
        (
            edited(lambda rows: rows.with_columns(contact="owner")),
            "what_it_brings_can_be_registered",
        ),
        (edited(lambda rows: rows.head(1_000)), "thousands_of_models_come_in_at_once"),
        (
            edited(lambda rows: rows.vstack(rows[[0]] if rows.height else rows[0])),
            "a_list_without_models_brings_none",
        ),
        (optimist, "what_is_missing_or_no_list_raises"),
        (scribbler, "reading_leaves_the_list_as_it_was"),
    ],
)
def test_a_faulty_importer_is_noticed(read, noticed, tmp_path):
    assert failed(importing(read), tmp_path, noticed)


def test_a_sound_importer_passes(tmp_path):
    assert set() == failed(importing(edited(lambda rows: rows)), tmp_path)
