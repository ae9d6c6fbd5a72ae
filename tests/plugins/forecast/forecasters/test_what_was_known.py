"""No forecaster moves by what was not known, or by its neighbours, not even in the last bit."""

import numpy as np
import polars as pl
import pytest

from argosy_forecast.forecasters import FORECASTERS
from argosy_forecast.forecasters.call import read
from argosy_forecast.forecasters.members import MEMBERS
from argosy_forecast.forecasters.settings import settled

from .drawn_load import asked, load, rows, series_table, told

SERIES, DAYS = 4, 130
OWN = {
    "lightgbm": {"trees": "8", "rows": "20000"},
    "mean": {"members": "ridge,climatology,seasonal_naive"},
}


@pytest.fixture(scope="module")
def values():
    found = load(SERIES, DAYS)
    found[1, 2_000:2_009] = np.nan
    found[2, 2_500] = 1e7
    found[3, :400] = np.nan
    return found


@pytest.fixture(scope="module", params=sorted(FORECASTERS))
def fitted(request, values):
    """Each forecaster, fitted to a history of which the last nine hours are not known."""
    if request.param == "lightgbm":
        pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    forecaster = FORECASTERS[request.param]
    past = values.copy()
    past[:, -9:] = np.nan
    own = OWN.get(request.param, {})
    content = forecaster.fit(series_table(SERIES), rows(past), own)
    return forecaster, content


def answer(fitted, values, chosen=None, ahead=24):
    """Forecast from the end of the values, of which the last nine hours are not known."""
    forecaster, content = fitted
    count, end = values.shape
    past = values.copy()
    past[:, -9:] = np.nan
    series, history, wanted = (
        series_table(count),
        rows(past),
        asked(count, end, range(1, ahead + 1)),
    )
    if chosen is not None:
        keep = [f"node {place}" for place in chosen]
        order = {name: place for place, name in enumerate(keep)}
        series, history, wanted = (
            pl.DataFrame(table)
            .filter(pl.col("series").is_in(keep))
            .sort(pl.col("series").replace_strict(order, default=None), maintain_order=True)
            .to_arrow()
            for table in (series, history, wanted)
        )
    return forecaster.forecast(content, series, history, wanted, (0.1, 0.9))


def test_every_row_has_a_number_and_quantiles_about_it(fitted, values):
    found = pl.DataFrame(answer(fitted, values))

    assert 24 * SERIES == found.height
    assert found["value"].is_finite().all()
    assert 0 == found["value"].null_count() == found["reason"].count()
    assert (found["quantiles"].arr.get(0) < found["quantiles"].arr.get(1)).all()


def test_a_forecast_is_close_to_what_came(fitted, values):
    """The load of the last day is forecast from what was known the day before."""
    name = fitted[0].name
    found = told(answer(fitted, values[:, :-24]), SERIES)
    true = values[:, -24:]

    assert (np.abs(found - true).sum(axis=1) / true.sum(axis=1)).max() < (
        0.2 if name in {"climatology", "theta"} else 0.08
    )


def test_the_same_tables_give_the_same_artifact(fitted, values):
    forecaster, content = fitted
    past = values.copy()
    past[:, -9:] = np.nan
    again = forecaster.fit(series_table(SERIES), rows(past), OWN.get(forecaster.name, {}))

    assert content == again


@pytest.mark.parametrize("chosen", [(0,), (2,), (3, 1), (2, 0, 3)])
def test_the_answer_of_a_series_is_the_same_beside_any_other(fitted, values, chosen):
    together, alone = answer(fitted, values), answer(fitted, values, chosen)

    for column in ("value", "quantiles"):
        whole = np.array(together[column].to_pylist()).reshape(SERIES, 24, -1)
        part = np.array(alone[column].to_pylist()).reshape(len(chosen), 24, -1)
        assert np.array_equal(whole[list(chosen)], part)


@pytest.mark.parametrize("name", ["ridge", "lightgbm", "theta"])
def test_rows_that_are_not_known_yet_by_its_delay_are_not_looked_at(name, values):
    """They stand in the tables, since the caller knows them by now."""
    if name == "lightgbm":
        pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    forecaster = FORECASTERS[name]
    settings = {"delay": "9", **OWN.get(name, {})}
    content = forecaster.fit(series_table(SERIES), rows(values), settings)
    later = values.copy()
    later[:, -9:] *= np.random.default_rng(5).uniform(0.5, 2.0, (SERIES, 9))
    wanted = asked(SERIES, values.shape[1], range(1, 25))

    one, two = (
        forecaster.forecast(content, series_table(SERIES), rows(each), wanted, ())["value"]
        for each in (values, later)
    )

    assert one.to_pylist() == two.to_pylist()


@pytest.mark.parametrize("name", ["ridge", "lightgbm", "theta", "climatology", "seasonal_naive"])
def test_the_first_held_out_origin_is_forecast_by_what_came_before_it(name, values):
    if name == "lightgbm":
        pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    member = MEMBERS[name]
    params = settled(name, member.params, {"held": "20", **OWN.get(name, {})})
    before = member.learn(read(series_table(SERIES), rows(values)), params).held
    first = int(before.ends[0])
    later = values.copy()
    later[:, first:] *= np.random.default_rng(6).uniform(0.7, 1.4, later[:, first:].shape)

    after = member.learn(read(series_table(SERIES), rows(later)), params).held

    assert np.isfinite(before.forecasts[:, 0]).all()
    np.testing.assert_allclose(before.forecasts[:, 0], after.forecasts[:, 0], rtol=1e-9)
