"""The suite for exporters notices each fault, by the test that names it."""

import json
from contextlib import suppress
from html import escape
from pathlib import Path

import polars as pl
import pytest

from argosy.testing.exporters import ExporterSuite
from argosy.testing.readings import reading
from argosy.types import (
    Exporter,
)

from .faults import failed


def pages(tables):
    return "".join(f"{json.dumps(name)}\n" for name in tables["models"]["model"].to_pylist())


def publish(tables, url, options):
    """A sound exporter: one name per line."""
    Path(url).write_text(pages(tables))


def appended(tables, url, options):
    with Path(url).open("a") as file:
        file.write(pages(tables))


def littered(tables, url, options):
    publish(tables, url, options)
    Path(f"{url}.bak").touch()


def silent(tables, url, options):
    with suppress(OSError):
        publish(tables, url, options)


def meddling(tables, url, options):
    reading("checked").set_owner(pl.DataFrame({"model": ["m0"], "owner": [url]}))
    publish(tables, url, options)


def exporting(write, wanted=("models",)):
    class Suite(ExporterSuite):
        name = "wiki"
        exporter = Exporter("wiki", "Our wiki.", wanted, write)

        def models(self, path):
            return [json.loads(line) for line in path.read_text().splitlines()]

    return Suite


@pytest.mark.parametrize(
    ("write", "wanted", "noticed"),
    [
        (publish, ("models", "modls"), "it_is_described"),
        (
            lambda tables, url, options: publish({"models": tables["models"][:100]}, url, options),
            ("models",),
            "every_model_is_in_it_once",
        ),
        (
            lambda tables, url, options: Path(url).write_text(escape(pages(tables), quote=False)),
            ("models",),
            "every_model_is_in_it_once",
        ),
        (
            lambda tables, url, options: tables["models"]["model"][0] and publish(tables, url, {}),
            ("models",),
            "every_fleet_can_be_exported",
        ),
        (appended, ("models",), "an_older_export_is_replaced"),
        (littered, ("models",), "it_writes_where_it_was_told_and_nowhere_else"),
        (silent, ("models",), "an_export_that_cannot_be_written_raises"),
    ],
)
def test_a_faulty_exporter_is_noticed(write, wanted, noticed, tmp_path):
    assert failed(exporting(write, wanted), tmp_path, noticed)


def test_an_exporter_that_changes_the_fleet_is_noticed(tmp_path, own_readings):
    assert failed(exporting(meddling), tmp_path, "exporting_changes_nothing")


def test_a_sound_exporter_passes(tmp_path):
    assert set() == failed(exporting(publish), tmp_path)
