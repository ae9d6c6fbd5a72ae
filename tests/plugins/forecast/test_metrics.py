"""Every metric agrees with a second definition, and depends on its own rows alone."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from argosy.errors import BadInput
from argosy_forecast.metrics import (
    blocks,
    horizon_days,
    local_times,
    naive_scale,
    owa,
    score,
)

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def drawn(series=4, methods=("one", "two"), origins=2, horizon=12, seed=3):
    """Forecasts with quantiles, a naive forecast and a scale; nothing is missing."""
    generator = np.random.default_rng(seed)
    keys = {
        "series": [f"s{place}" for place in range(series)],
        "method": list(methods),
        "origin": list(range(origins)),
        "horizon": list(range(1, horizon + 1)),
    }
    points = pl.DataFrame({"series": keys["series"]})
    for name in ("method", "origin", "horizon"):
        points = points.join(pl.DataFrame({name: keys[name]}), how="cross")
    size = points.height
    truth = generator.gamma(5, size=size).round(3)
    spread = np.sort(generator.normal(size=(size, len(LEVELS))), axis=1)
    value = truth + generator.normal(size=size)
    return points.with_columns(
        truth=truth,
        value=value,
        naive=truth + generator.normal(size=size) * 2,
        scale=pl.Series(generator.gamma(3, size=series)).gather(
            points["series"].rank("dense").cast(pl.Int64) - 1
        ),
        quantiles=pl.Series(value[:, None] + spread, dtype=pl.Array(pl.Float64, len(LEVELS))),
        time=pl.datetime(2024, 1, 1, time_zone="UTC")
        + pl.duration(hours=pl.col("origin") * horizon + pl.col("horizon") - 1),
    )


def figures(points, by=("series", "method"), levels=LEVELS):
    """The numbers by group, metric and level."""
    found = score(points, by, levels)
    return {(*row[: len(by) + 2],): row[len(by) + 2] for row in found.iter_rows()}


def plainly(rows):
    """The metrics of one group once more, one row at a time."""
    truth, value, scale = (rows[name].to_list() for name in ("truth", "value", "scale"))
    off = [said - seen for said, seen in zip(value, truth, strict=True)]
    size = [abs(each) for each in off]
    found = {
        ("mae", None): sum(size) / len(size),
        ("rmse", None): (sum(each**2 for each in off) / len(off)) ** 0.5,
        ("wape", None): sum(size) / sum(map(abs, truth)),
        ("smape", None): sum(
            200 * each / (abs(said) + abs(seen))
            for each, said, seen in zip(size, value, truth, strict=True)
        )
        / len(size),
        ("mase", None): sum(s / by for s, by in zip(size, scale, strict=True)) / len(size),
        ("bias", None): sum(off) / len(off),
    }
    losses = []
    for place, level in enumerate(LEVELS):
        each = [
            max(level * (seen - said[place]), (level - 1) * (seen - said[place]))
            for seen, said in zip(truth, rows["quantiles"].to_list(), strict=True)
        ]
        losses.append(sum(each) / len(each))
        found["pinball", level] = losses[-1]
    found["crps", None] = 2 * sum(losses) / len(losses)
    for low, high, share in ((0, 4, 0.9), (1, 3, 0.5)):
        ends = [
            (one[low], one[high], seen)
            for one, seen in zip(rows["quantiles"].to_list(), truth, strict=True)
        ]
        inside = [bottom <= seen <= top for bottom, top, seen in ends]
        scores = [
            top - bottom + 2 / (1 - share) * max(bottom - seen, seen - top, 0)
            for bottom, top, seen in ends
        ]
        found["coverage", share] = sum(inside) / len(inside)
        found["winkler", share] = sum(scores) / len(scores)
    return found


def test_every_metric_is_what_its_plain_definition_says():
    points = drawn()
    found = figures(points.drop("time"))

    for (series, method), rows in points.group_by("series", "method"):
        expected = plainly(rows)
        own = {key[2:]: number for key, number in found.items() if key[:2] == (series, method)}
        assert expected.keys() == own.keys()
        assert list(expected.values()) == pytest.approx([own[key] for key in expected])


def test_the_metrics_that_utilsforecast_has_are_equal_to_its():
    losses = pytest.importorskip("utilsforecast.losses", reason="utilsforecast is not installed")
    points, generator = drawn(methods=("one",)), np.random.default_rng(8)
    history = {f"s{place}": generator.gamma(4, size=40) for place in range(4)}
    scales = naive_scale(np.concatenate(list(history.values())), np.full(4, 40), 7)
    known = pl.DataFrame({"series": list(history), "scale": scales})
    points = points.drop("scale").join(known, on="series", maintain_order="left")
    found = figures(points.drop("time"))
    frame = points.select(
        unique_id="series", ds="time", y="truth", one="value", **{
            f"q{place}": pl.col("quantiles").arr.get(place) for place in range(len(LEVELS))
        }
    ).rename({"q0": "one-lo-90", "q4": "one-hi-90"}).to_pandas()  # fmt: skip
    train = pl.DataFrame(
        {"unique_id": np.repeat(list(history), 40), "y": np.concatenate(list(history.values()))}
    ).to_pandas()

    def theirs(name, models=("one",), **given):
        table = getattr(losses, name)(frame, list(models), **given)
        return table["one"].tolist()

    def ours(metric, level=None, factor=1.0):
        return pytest.approx([factor * found[s, "one", metric, level] for s in history], rel=1e-12)

    assert theirs("mae") == ours("mae")
    assert theirs("rmse") == ours("rmse")
    assert theirs("bias") == ours("bias")
    assert theirs("wape") == ours("wape")
    assert theirs("smape") == ours("smape", factor=0.005)  # theirs ends at 1
    assert theirs("mase", seasonality=7, train_df=train) == ours("mase")
    assert theirs("coverage", level=90) == ours("coverage", 0.9)
    assert theirs("winkler_score", level=90) == ours("winkler", 0.9)
    names = ["one-lo-90", "q1", "q2", "q3", "one-hi-90"]
    for name, level in zip(names, LEVELS, strict=True):
        pinball = losses.quantile_loss(frame, {"one": name}, q=level)["one"].tolist()
        assert pinball == ours("pinball", level)
    mean = losses.mqloss(frame, {"one": names}, quantiles=np.array(LEVELS))["one"].tolist()
    assert mean == ours("crps", factor=0.5)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_bit(random):
    points = horizon_days(drawn(), 6)
    order = list(range(points.height))
    random.shuffle(order)

    assert score(points, levels=LEVELS).equals(score(points[order], levels=LEVELS))


@given(st.sets(st.integers(0, 3), min_size=1))
def test_a_group_is_the_same_to_the_last_bit_in_any_company(kept):
    points = horizon_days(drawn(), 6)
    names = [f"s{place}" for place in kept]
    alone = score(points.filter(pl.col("series").is_in(names)), levels=LEVELS)

    assert alone.equals(score(points, levels=LEVELS).filter(pl.col("series").is_in(names)))


@given(st.integers(-20, 20))
def test_metrics_scale_with_the_data_or_do_not_change(power):
    """By powers of two, which round nothing."""
    points, factor = horizon_days(drawn(), 6), 2.0**power
    scaled = points.with_columns(
        *(pl.col(name) * factor for name in ("truth", "value", "naive", "scale")),
        quantiles=pl.Series(
            points["quantiles"].to_numpy() * factor, dtype=points.schema["quantiles"]
        ),
    )
    one, other = score(points, levels=LEVELS), score(scaled, levels=LEVELS)
    fixed = pl.col("metric").is_in(["wape", "smape", "mase", "coverage", "peak_time"])
    expected = pl.when(fixed).then("value").otherwise(pl.col("value") * factor)

    assert one.with_columns(value=expected)["value"].equals(other["value"])
    assert one["skill"].equals(other["skill"])


NASTY = st.one_of(
    st.none(), st.sampled_from([0.0, float("nan"), float("inf"), -1e308, 1e308, 1e-320, 3.0])
)


@given(st.lists(st.tuples(NASTY, NASTY, NASTY, NASTY), min_size=1, max_size=6), st.integers(1, 3))
def test_whatever_comes_a_row_has_a_finite_number_or_a_reason(rows, steps):
    truth, value, naive, scale = zip(*rows, strict=True)
    kind = pl.Float64
    points = pl.DataFrame(
        {
            "series": "s",
            "method": "m",
            "origin": 0,
            "horizon": range(1, len(rows) + 1),
            "truth": pl.Series(truth, dtype=kind),
            "value": pl.Series(value, dtype=kind),
            "naive": pl.Series(naive, dtype=kind),
            "scale": pl.Series(scale, dtype=kind),
            "quantiles": pl.Series([[one, two] for one, two, *_ in rows], dtype=pl.List(kind)),
        }
    )
    points = points.with_columns(
        time=pl.datetime(2024, 1, 1) + pl.duration(hours=pl.col("horizon"))
    )
    found = score(horizon_days(points, steps), ["series"], (0.25, 0.75))

    for number, why in (("value", "reason"), ("skill", "skill_reason")):
        assert (found[number].is_null() == found[why].is_not_null()).all()
        assert found[number].drop_nulls().is_finite().all()
    assert found["naive"].drop_nulls().is_finite().all()
    assert (found["n"] >= 0).all()
    assert (found["left_out"] >= 0).all()


def one_group(truth, value, **columns):
    many = len(truth)
    return pl.DataFrame(
        {
            "series": ["s"] * many,
            "method": "m",
            "origin": 0,
            "horizon": range(1, many + 1),
            "truth": pl.Series(truth, dtype=pl.Float64),
            "value": pl.Series(value, dtype=pl.Float64),
            **columns,
        }
    )


def reason(points, metric, levels=()):
    return score(points, levels=levels).filter(pl.col("metric") == metric)["reason"][0]


def test_a_series_that_is_retired_has_errors_but_no_shares():
    """All zero: the grid's node AEC, from September 2021 on."""
    found = score(one_group([0.0, 0.0], [0.0, 0.0], scale=[0.0, 0.0]))
    told = dict(zip(found["metric"], found["value"], strict=True))

    assert {"mae": 0.0, "rmse": 0.0, "smape": 0.0, "bias": 0.0, "wape": None, "mase": None} == told
    assert "zero throughout" in reason(one_group([0.0], [1.0]), "wape")
    assert "never changes" in reason(one_group([0.0], [1.0], scale=[0.0]), "mase")


@pytest.mark.parametrize(
    ("truth", "value", "told"),
    [
        ([None, None], [1.0, 2.0], "no truth is known yet"),
        ([1.0, 2.0], [None, float("inf")], "there is no forecast"),
        ([1.0, None], [None, 2.0], "no row has both a truth and a forecast"),
        ([1e308], [-1e308], "it is larger than a number can be"),
    ],
)
def test_what_cannot_be_measured_says_why(truth, value, told):
    assert told == reason(one_group(truth, value), "mae")


def test_points_that_are_left_out_are_counted():
    found = score(one_group([1.0, None, 3.0], [1.0, 2.0, None]))

    assert [(1, 2)] * 5 == found.filter(pl.col("metric") != "mase").select("n", "left_out").rows()


def test_skill_compares_the_points_that_both_have():
    """Otherwise a naive forecast that misses the hard hours would look better."""
    points = one_group([1.0, 1.0, 1.0], [2.0, 2.0, 9.0], naive=[3.0, 3.0, None])
    value, naive, skill = score(points).row(0)[4:7]

    assert (10 / 3, 2.0, 0.5) == (value, naive, skill)


def test_the_crps_of_the_naive_forecast_is_its_absolute_error():
    points = drawn()
    found = score(points, levels=LEVELS)
    expected, crps = (
        found.filter(pl.col("metric") == name)["naive"].to_list() for name in ("mae", "crps")
    )

    assert pytest.approx(expected) == crps
    assert {5} == set(found.filter(pl.col("metric") == "crps")["quantiles"])


def day(values):
    return [*values, *([0.0] * (24 - len(values)))]


def of_day(truth, value):
    points = one_group(truth, value).with_columns(
        time=pl.datetime(2024, 1, 1) + pl.duration(hours=pl.col("horizon"))
    )
    found = score(horizon_days(points, 24))
    return dict(found.filter(pl.col("metric").is_in(PEAKS)).select("metric", "value").rows())


PEAKS = ["peak", "peak_hour", "peak_time", "ramp"]


def test_a_days_peak_its_hour_and_its_ramp():
    found = of_day(day([0, 0, 9, 3]), day([0, 4, 2, 1]))

    assert {"peak": 5.0, "peak_hour": 7.0, "peak_time": 1.0, "ramp": (4 + 11 + 5 + 2) / 23} == found


def test_the_peak_of_a_flat_truth_is_wherever_the_forecast_has_it():
    assert 0.0 == of_day(day([]), day([0, 1]))["peak_time"]


def test_a_day_that_lacks_an_hour_is_not_whole_and_says_so():
    """Its peak may have been then."""
    points = one_group(day([3, 9]), [*day([2, 8])[:23], None]).with_columns(
        time=pl.datetime(2024, 1, 1) + pl.duration(hours=pl.col("horizon"))
    )
    found = score(horizon_days(points, 24)).filter(pl.col("metric").is_in(PEAKS))

    assert [(None, 0, 1, "no day is whole")] * 4 == found.select(
        "value", "n", "left_out", "reason"
    ).rows()


def test_a_group_that_cuts_days_apart_has_none():
    points = horizon_days(drawn(), 6)
    found = score(points, ["method", "horizon"]).filter(pl.col("metric").is_in(PEAKS))

    assert {"no day is whole"} == set(found["reason"])


def test_days_and_seasons_are_those_of_the_zone():
    """The clock of Melbourne goes back on 7 April 2024, so that day has 25 hours."""
    begins = datetime(2024, 4, 6, 13, tzinfo=UTC)
    points = one_group([1.0] * 49, [1.0] * 49).with_columns(
        time=pl.lit(begins) + pl.duration(hours=pl.col("horizon") - 1)
    )
    zones = pl.DataFrame({"series": "s", "zone": "Australia/Melbourne"})
    found = local_times(points, zones, timedelta(hours=1))

    assert [25, 24] == found["day_steps"].unique(maintain_order=True).to_list()
    assert {"Mar-May"} == set(found["season"])
    assert [0, 1, 2, 2, 3] == found["hour"].head(5).to_list()
    assert {2} == set(score(found).filter(pl.col("metric").is_in(PEAKS))["n"])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda points: points.drop("truth"), "no column 'truth'"),
        (lambda points: pl.concat([points, points.head(1)]), "two forecasts of series s0"),
        (lambda points: points.with_columns(origin=None), "'origin' cannot be null"),
        (
            lambda points: points.with_columns(pl.col("quantiles").arr.to_list().list.head(2)),
            "have 2 quantiles, and 5 levels",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_forecasts_is_refused(wrong, told):
    with pytest.raises(BadInput, match=told):
        score(wrong(drawn()), levels=LEVELS)


@pytest.mark.parametrize("levels", [(0.9, 0.1, 0.2, 0.3, 0.4), (0.0, 0.1, 0.2, 0.3, 0.4)])
def test_levels_that_do_not_ascend_are_refused(levels):
    with pytest.raises(BadInput, match="ascend between 0 and 1"):
        score(drawn(), levels=levels)


def test_groups_are_not_called_as_scores_are():
    with pytest.raises(BadInput, match="'level': scores have columns of that name"):
        score(drawn().with_columns(level=1), ["level", "method"])


def test_no_column_makes_one_group_and_no_row_makes_none():
    points = horizon_days(drawn(), 6)
    whole = score(points, [], LEVELS)

    assert whole.columns[0] == "metric"
    assert (points["value"] - points["truth"]).abs().mean() == pytest.approx(whole["value"][0])
    assert 0 == score(points.clear(), levels=LEVELS).height


def test_blocks_hold_every_horizon_or_say_so():
    with pytest.raises(BadInput, match="no block holds the horizon 12"):
        blocks(drawn(), [3, 6])
    with pytest.raises(BadInput, match="ascending"):
        blocks(drawn(), [6, 3])


def test_a_zone_that_there_is_not_is_named():
    zones = pl.DataFrame({"series": [f"s{place}" for place in range(4)], "zone": "Mars/Olympus"})

    with pytest.raises(BadInput, match="'Mars/Olympus' of s0"):
        local_times(drawn(), zones, timedelta(hours=1))
    with pytest.raises(BadInput, match="3 series have no zone, such as s1"):
        local_times(drawn(), zones.head(1).with_columns(zone=pl.lit("UTC")), timedelta(hours=1))


@given(arrays(np.float64, st.integers(0, 30), elements=st.floats(-1e6, 1e6)), st.integers(1, 8))
def test_the_scale_is_the_mean_change_over_a_season(values, season):
    changes = [abs(values[place] - values[place - season]) for place in range(season, len(values))]
    (found,) = naive_scale(values, np.array([len(values)]), season)

    assert np.isnan(found) if not changes else found == pytest.approx(np.mean(changes))


def test_owa_averages_over_the_series_that_all_methods_have():
    points = drawn(methods=("naive2", "theta"))
    broken = points.with_columns(
        value=pl.when((pl.col("series") != "s0") | (pl.col("method") != "theta")).then("value")
    )
    found = owa(score(broken))

    expected = owa(score(points.filter(pl.col("series") != "s0")))
    assert expected.drop("left_out").equals(found.drop("left_out"))
    assert [1, 1] == found["left_out"].to_list()
    with pytest.raises(BadInput, match="no method is called 'snaive'; scored are naive2, theta"):
        owa(score(points), "snaive")


def test_a_planted_degradation_is_found_where_it_is_and_nowhere_else():
    """One node, beyond six hours ahead, in summer: the worst skill is that cell's."""
    generator = np.random.default_rng(4)
    points = pl.DataFrame({"series": [f"node{place}" for place in range(20)]})
    days = pl.DataFrame({"origin": range(0, 360, 3)})
    points = points.join(days, how="cross").join(
        pl.DataFrame({"horizon": range(1, 25)}), how="cross"
    )
    begins = pl.datetime(2023, 12, 1, time_zone="UTC")
    size = points.height
    truth = 100 + generator.gamma(5, size=size)
    points = points.with_columns(
        method=pl.lit("ridge"),
        time=begins + pl.duration(days="origin", hours=pl.col("horizon") - 1),
        truth=truth,
        value=truth + generator.normal(size=size),
        naive=truth + 2 * generator.normal(size=size),
    )
    zones = points.select("series").unique().with_columns(zone=pl.lit("America/Chicago"))
    points = local_times(blocks(points, [6, 24]), zones, timedelta(hours=1))
    hurt = (pl.col("series") == "node7") & (pl.col("season") == "Jun-Aug") & (pl.col("block") == 24)
    points = points.with_columns(value=pl.when(hurt).then(pl.col("value") + 1.5).otherwise("value"))
    found = score(points, ["series", "season", "block"])
    found = found.filter(pl.col("metric") == "mae").sort("skill")

    assert ("node7", "Jun-Aug", 24) == found.row(0)[:3]
    assert found["skill"][0] < 0.25
    assert found["skill"][1] > 0.35
    assert 160 == found.height
