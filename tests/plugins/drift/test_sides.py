"""Gather one side of a comparison."""

import polars as pl
import pytest

from argosy.data.datasets import MODEL, Dataset
from argosy.registry.bindings import COLUMN_FIELDS
from argosy.tables import VERSION
from argosy_drift import sides
from argosy_drift.features import features

PLAIN = pl.DataFrame.schema
FEATURES = pl.DataFrame(VERSION.empty_table()).schema["features"]


def dataset(columns):
    values = {f"c{n}": [1.0, 2.0, 3.0] if n % 2 else ["a", "b", "b"] for n in range(columns)}
    binding = {"url": "a table", "segments": None, **dict.fromkeys(COLUMN_FIELDS)}
    undeclared = pl.Series("features", [None], dtype=FEATURES)
    models = pl.DataFrame([pl.Series("model", ["m"]), undeclared, pl.Series("binding", [binding])])
    return Dataset(models, binding, pl.DataFrame({MODEL: ["m"] * 3, **values}))


@pytest.fixture
def looks(monkeypatch):
    """Count how often somebody asks a table of many columns for all of its types."""
    counted = []

    def schema(frame):
        if frame.width > 20:
            counted.append(frame.width)
        return PLAIN.fget(frame)

    monkeypatch.setattr(pl.DataFrame, "schema", property(schema))
    return counted


def test_the_types_of_a_table_are_asked_for_as_often_however_many_columns_it_has(looks):
    """The engine makes them anew each time, from all columns: per column it would be quadratic."""
    asked = []
    for columns in (40, 400):
        data = dataset(columns)
        found = sides.side([data], features([data]), "current")
        asked.append(len(looks))
        looks.clear()

        assert found.numeric["column"].n_unique() == columns // 2
        assert found.counts["column"].n_unique() == columns // 2
    assert 0 < asked[0] == asked[1] < 40
