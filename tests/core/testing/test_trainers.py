"""The suite for trainers notices each fault, by the test that names it."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from argosy.plugins import installed
from argosy.testing.trainers import TrainerSuite

from .faults import failed


def training(lessons=lambda table: {}, rows=lambda frame: frame, answer=lambda table: table):
    """Our own trainer, with a fault in what it heeds or in what it answers."""
    own = installed().trainers["sklearn"]

    def train(told, data):
        frame = pl.DataFrame(told)
        return answer(own.train(frame.with_columns(**lessons(frame)).to_arrow(), rows(data)))

    class Suite(TrainerSuite):
        name = "sklearn"
        params = {"estimator": "RandomForestClassifier", "n_estimators": "3"}
        trainer = replace(own, train=train)

    return Suite


def answered(name, value):
    def change(table):
        place = table.schema.get_field_index(name)
        told = pa.array([value] * table.num_rows, table.schema.field(name).type)
        return table.set_column(place, table.schema.field(name), told)

    return change


COMPANY = "the_order_and_the_company_of_models_change_nothing"


@pytest.mark.parametrize(
    ("faults", "noticed"),
    [
        ({"lessons": lambda frame: {"start": pl.lit(0)}}, COMPANY),
        ({"lessons": lambda frame: {"length": pl.col("length") + 5}}, COMPANY),
        ({"lessons": lambda frame: {"length": pl.lit(10_000)}}, COMPANY),
        ({"rows": lambda data: data.slice(1)}, COMPANY),
        (
            {"lessons": lambda frame: {"seed": np.random.default_rng().integers(9**9, size=1)[0]}},
            "the_same_lesson_makes_the_same_model",
        ),
        ({"lessons": lambda frame: {"truth": pl.lit("size")}}, "every_model_is_trained"),
        ({"answer": lambda table: table.slice(1)}, "every_model_is_trained"),
        ({"answer": lambda table: table.drop_columns("format")}, "every_model_is_trained"),
        ({"answer": answered("format", "pickle")}, "every_model_is_trained"),
        ({"answer": answered("task", "regression")}, "every_model_is_trained"),
        ({"answer": answered("metrics", [("auc", math.nan)])}, "every_model_is_trained"),
        ({"answer": answered("metrics", [("auc", 2.0)])}, "every_model_is_trained"),
        ({"answer": answered("reason", "no")}, "every_model_is_trained"),
        ({"answer": answered("reason", None)}, "what_cannot_be_trained_has_a_reason"),
    ],
)
def test_a_faulty_trainer_is_noticed(faults, noticed, tmp_path):
    assert failed(training(**faults), tmp_path, noticed)


def test_a_sound_trainer_passes(tmp_path):
    assert set() == failed(training(), tmp_path)


def test_a_trainer_that_learns_nothing_is_noticed(tmp_path):
    class Suite(training()):
        params = {"estimator": "DummyRegressor", "strategy": "constant", "constant": "1"}

    assert {"other_rows_make_another_model"} == failed(Suite, tmp_path)
