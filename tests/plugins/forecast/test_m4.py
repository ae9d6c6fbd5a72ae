"""The figures that the organisers of M4 published come out again."""

import numpy as np
import polars as pl
import pytest

from argosy.errors import BadInput
from argosy_forecast.metrics import M4_SETS, m4, naive2


@pytest.fixture(scope="module")
def weekly(data):
    tables = [data / f"series_m4_weekly{part}.parquet" for part in ("", "_official_forecasts")]
    if not all(path.is_file() for path in tables):
        pytest.skip(f"no series_m4_weekly in {data}: name its folder in ARGOSY_DATA")
    return tuple(pl.read_parquet(path) for path in tables)


def test_the_published_figures_of_the_weekly_set(weekly):
    series, forecasts = weekly
    theirs = forecasts.with_columns(
        method=pl.col("method").str.replace("Naive2", "official naive2")
    )
    found = m4(series, theirs, "weekly").rows_by_key("method", named=True, unique=True)

    assert (359, 0) == (found["SES"]["series"], found["SES"]["left_out"])
    for method in ("Naive", "sNaive", "official naive2", "naive2"):
        assert (9.161, 2.777) == (round(found[method]["smape"], 3), round(found[method]["mase"], 3))
    assert (9.012, 2.685) == (round(found["SES"]["smape"], 3), round(found["SES"]["mase"], 3))
    assert 0.975 == round(found["SES"]["owa"], 3)


def test_a_forecast_that_lacks_a_step_takes_its_series_out(weekly):
    series, forecasts = weekly
    broken = forecasts.filter(~((pl.col("series") == "W7") & (pl.col("step") == 13)))
    found = m4(series, broken.filter(pl.col("method") == "SES"), "weekly")

    assert [(358, 1)] * 2 == found.select("series", "left_out").rows()


def invented(name, series=3):
    season, horizon = M4_SETS[name]
    generator = np.random.default_rng(5)
    many = 5 * season + 5
    return pl.concat(
        pl.DataFrame(
            {
                "series": f"X{place}",
                "part": ["train"] * many + ["test"] * horizon,
                "step": [*range(1, many + 1), *range(1, horizon + 1)],
                "y": generator.gamma(9.0, size=many + horizon),
            }
        )
        for place in range(series)
    )


@pytest.mark.parametrize("name", M4_SETS)
def test_every_set_is_scored_by_its_season_and_horizon(name):
    season, horizon = M4_SETS[name]
    series = invented(name)
    last = (
        series.filter(pl.col("part") == "train")
        .group_by("series")
        .agg(pl.col("y").last(), scale=(pl.col("y") - pl.col("y").shift(season)).abs().mean())
    )
    test = series.filter(pl.col("part") == "test").join(last, on="series", suffix="_last")
    forecasts = test.select("series", "step", forecast="y_last", method=pl.lit("naive"))
    found = m4(series, forecasts, name).row(0, named=True)

    off = ((pl.col("y_last") - pl.col("y")).abs() / pl.col("scale")).mean()
    assert found["mase"] == pytest.approx(test.select(off).item())
    assert horizon * 3 == forecasts.height


def test_wrong_sets_are_told():
    series = invented("weekly")
    none = pl.DataFrame(schema={"method": str, "series": str, "step": int, "forecast": float})
    stray = pl.DataFrame({"method": "m", "series": "Z", "step": 1, "forecast": 1.0})

    with pytest.raises(BadInput, match="M4 has no set 'minutely'"):
        m4(series, none, "minutely")
    with pytest.raises(BadInput, match="3 series lack a history or the 14 steps"):
        m4(series, none, "daily")
    with pytest.raises(BadInput, match="no step of the set weekly, such as Z, step 1"):
        m4(series, stray, "weekly")


def plain_naive2(values, season, horizon):
    """The R code of the organisers once more, with NumPy."""
    n = len(values)
    factor = np.ones(season)
    if season > 1 and n >= 3 * season:
        off = values - values.mean()
        correlation = np.array([(off[lag:] * off[: n - lag]).sum() for lag in range(1, season + 1)])
        correlation /= (off**2).sum()
        limit = 1.645 / np.sqrt(n) * np.sqrt(1 + 2 * (correlation[:-1] ** 2).sum())
        if abs(correlation[-1]) > limit:
            weights = np.ones(season) if season % 2 else np.array([0.5, *[1] * (season - 1), 0.5])
            trend = np.convolve(values, weights / season, "valid")
            half = season // 2
            ratio = values[half : half + len(trend)] / trend
            phase = np.arange(half, half + len(trend)) % season
            factor = np.array([ratio[phase == each].mean() for each in range(season)])
            factor /= factor.mean()
    level = values[-1] / factor[(n - 1) % season]
    return level * factor[(n + np.arange(horizon)) % season]


@pytest.mark.parametrize("season", [1, 4, 7, 12, 24])
@pytest.mark.parametrize("strength", [0.0, 0.1, 0.6])
def test_naive2_is_that_of_the_organisers(season, strength):
    generator = np.random.default_rng([season, int(strength * 10)])
    lengths = np.array([season * 2, season * 3, season * 6 + 1, season * 11 + 3])
    each = [
        (1 + strength * np.sin(np.arange(n) * 2 * np.pi / season)) * generator.gamma(50, size=n)
        for n in lengths
    ]
    found = naive2(np.concatenate(each), lengths, season, 30)

    for ours, values in zip(found, each, strict=True):
        assert plain_naive2(values, season, 30) == pytest.approx(ours)


def test_naive2_stays_with_the_last_value_where_a_season_cannot_be_divided_out():
    values = np.tile([0.0, 0.0, 1.0, 5.0], 6)

    assert [[5.0, 5.0]] == naive2(values, np.array([24]), 4, 2).tolist()
    assert np.isnan(naive2(np.array([1.0, np.nan]), np.array([2]), 1, 2)).all()
