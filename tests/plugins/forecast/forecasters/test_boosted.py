"""LightGBM learns from many series what their ridges leave over, and says what it lacks."""

import builtins
import json

import numpy as np
import polars as pl
import pytest

from argosy.errors import ArgosyError
from argosy_forecast.forecasters import FORECASTERS

from .drawn_load import asked, load, rows, series_table, told

BOOSTED = FORECASTERS["lightgbm"]
FEW = {"trees": "30", "rows": "40000"}


@pytest.fixture
def _installed():
    pytest.importorskip("lightgbm", reason="LightGBM is not installed")


def bent_load(days):
    """Draw load whose days follow from the day before by a parabola, which no line tells."""
    course = np.empty((4, days))
    course[:, 0] = 0.1, 0.3, 0.5, 0.7
    for day in range(1, days):
        course[:, day] = 1 - 2 * course[:, day - 1] ** 2
    return load(4, days, noise=0.005) * (1 + 0.2 * np.repeat(course, 24, axis=1))


@pytest.mark.usefixtures("_installed")
def test_it_corrects_what_a_line_cannot_tell():
    values = bent_load(330)
    errors = {}
    contents = {
        name: FORECASTERS[name].fit(series_table(4), rows(values[:, : 24 * 300]), own)
        for name, own in (("ridge", {}), ("lightgbm", FEW))
    }
    for name, content in contents.items():
        found = []
        for day in range(300, 330):
            end = 24 * day
            past, start = values[:, end - 24 * 52 : end], end - 24 * 52
            wanted = asked(4, end, range(1, 25))
            answer = FORECASTERS[name].forecast(
                content, series_table(4), rows(past, start), wanted, ()
            )
            found.append(np.abs(told(answer, 4) / values[:, end : end + 24] - 1))
        errors[name] = np.mean(found)

    assert errors["lightgbm"] < 0.9 * errors["ridge"]


@pytest.mark.usefixtures("_installed")
def test_its_artifact_is_text_that_runs_nothing():
    content = BOOSTED.fit(series_table(2), rows(load(2, 90)), FEW)

    kept = json.loads(content)

    assert "lightgbm" == kept["argosy_forecaster"]
    assert kept["booster"].startswith("tree\n")


@pytest.mark.usefixtures("_installed")
def test_its_intervals_are_of_origins_that_no_tree_has_seen():
    values = load(4, 200, noise=0.03)
    content = BOOSTED.fit(series_table(4), rows(values[:, : 24 * 170]), FEW)
    inside = []
    for day in range(170, 199):
        end = 24 * day
        past = rows(values[:, end - 24 * 52 : end], end - 24 * 52)
        wanted = asked(4, end, range(1, 25))
        found = BOOSTED.forecast(content, series_table(4), past, wanted, (0.1, 0.9))
        low, high = np.array(found["quantiles"].to_pylist()).reshape(4, 24, 2).transpose(2, 0, 1)
        inside.append((low < values[:, end : end + 24]) & (values[:, end : end + 24] < high))

    assert 0.72 < np.mean(inside) < 0.9


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            ModuleNotFoundError("No module named 'lightgbm'", name="lightgbm"),
            "needs lightgbm, which is not installed; install argosy with the extra `forecast`",
        ),
        (
            OSError("libgomp.so.1: cannot open shared object file"),
            r"libgomp\.so\.1, which the system's package libgomp1 \(Debian\)",
        ),
    ],
)
def test_what_is_missing_is_named(monkeypatch, error, message):
    real = builtins.__import__

    def without(name, *rest):
        if name == "lightgbm":
            raise error
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ArgosyError, match=message):
        BOOSTED.fit(series_table(2), rows(load(2, 90)), FEW)


@pytest.mark.usefixtures("_installed")
def test_its_answers_are_numbers_for_all_series_it_learnt():
    values = load(3, 100)
    content = BOOSTED.fit(series_table(2), rows(values[:2]), FEW)
    wanted = asked(3, values.shape[1], range(1, 25))

    found = pl.DataFrame(BOOSTED.forecast(content, series_table(3), rows(values), wanted, ()))

    assert [0, 0, 24] == [found["value"][24 * s : 24 * s + 24].null_count() for s in range(3)]
