"""A champion is followed only by what is surely better, however origins depend on each other."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from argosy.errors import BadInput
from argosy.kernels.multiplicity import adjusted
from argosy_forecast.champions import choose, learn_or_not, moved_switch, origin_losses
from argosy_forecast.champions.origins import known


def waves(generator, phi, shape):
    """Autoregressions along the last axis, of variance 1."""
    found = generator.normal(size=shape)
    for place in range(1, shape[-1]):
        found[..., place] *= np.sqrt(1 - phi**2)
        found[..., place] += phi * found[..., place - 1]
    return found


def drawn(seed, series, methods, origins, phi=0.0, settled=0):
    """Losses of equal methods on series of any size; `settled` series do not depend on the past."""
    generator = np.random.default_rng(seed)
    size = generator.gamma(3, size=(series, 1, 1))
    shared = np.exp(0.3 * waves(generator, phi, (series, 1, origins)))
    own = waves(generator, phi, (series, methods, origins))
    own[:settled] = generator.normal(size=own[:settled].shape)
    return size * shared * np.exp(0.3 * own)


def table(losses):
    """Losses of shape (series, methods, origins) as rows; the first method holds all series."""
    series, methods, origins = losses.shape
    return pl.DataFrame(
        {
            "series": np.repeat([f"s{place:04d}" for place in range(series)], methods * origins),
            "method": np.tile(np.repeat([f"m{k}" for k in range(methods)], origins), series),
            "origin": np.tile(np.arange(origins), series * methods),
            "loss": losses.ravel(),
        }
    )


def held(losses):
    return {f"s{place:04d}": "m0" for place in range(len(losses))}


def independent(losses, level=0.05):
    """Which series switch if origins are taken for independent."""
    off = (losses[:, :1] - losses[:, 1:]).reshape(-1, losses.shape[2])
    p_value = stats.ttest_1samp(off, 0, axis=1, alternative="greater").pvalue
    q_value = adjusted(p_value, np.zeros(len(p_value), np.int64))
    return (q_value.reshape(len(losses), -1) < level).any(axis=1)


def switched(losses, **given):
    return choose(table(losses), held(losses), **given)[0]["switched"]


@pytest.mark.parametrize(
    ("phi", "settled", "most"), [(0, 0, 0.002), (0.6, 0, 0.002), (0.9, 0, 0.002), (0.8, 400, 0.005)]
)
@pytest.mark.parametrize("origins", [20, 51])
def test_equal_candidates_hardly_ever_take_over(phi, settled, most, origins, seeds):
    """Also where four of five series are independent, so that the rest hide among them."""
    shares = [
        switched(drawn(seed, 500, 4, origins, phi, settled)).mean() for seed in seeds(1, 2, 3, 4)
    ]

    assert np.mean(shares) <= most


def test_taking_dependent_origins_for_independent_would_switch_every_sixth(seeds):
    """What is widened, and that it is needed."""
    dependent = drawn(1, 500, 4, 51, 0.6)

    assert independent(dependent).mean() > 0.15
    assert 0 == switched(dependent).sum()


def test_widening_costs_nothing_where_origins_are_independent():
    losses = drawn(2, 500, 4, 51)
    losses[:100, 1] *= 0.8
    found = switched(losses)

    assert found.head(100).mean() > 0.45
    assert found.head(100).mean() == pytest.approx(independent(losses)[:100].mean(), abs=0.05)


@pytest.mark.parametrize(("origins", "phi"), [(20, 0.0), (51, 0.0), (51, 0.6)])
def test_half_the_errors_are_found_and_few_others_are_named(origins, phi, seeds):
    recalls, wrong = [], []
    for seed in seeds(1, 2, 3):
        losses = drawn(seed, 400, 4, origins, phi)
        losses[:40, 1] *= 0.5
        champions = choose(table(losses), held(losses))[0]
        recalls.append((champions["champion"].head(40) == "m1").mean())
        wrong.append(champions["switched"].tail(360).sum() / max(champions["switched"].sum(), 1))

    assert np.mean(recalls) >= 0.85
    assert np.mean(wrong) <= 0.07


def test_p_values_are_students_where_origins_are_independent():
    """Over many series the correlation is next to nothing, so origins are worth themselves."""
    losses = drawn(3, 400, 2, 30)
    tests = choose(table(losses), held(losses))[1]
    off = losses[:, 0] - losses[:, 1]
    expected = stats.ttest_1samp(off, 0, axis=1, alternative="greater").pvalue

    assert 0.9 < tests["worth"].mean() / 30 <= 1.05
    assert np.abs(tests["p_value"].to_numpy() - expected).max() < 0.02
    assert adjusted(tests["p_value"].to_numpy(), np.zeros(400, np.int64)) == pytest.approx(
        tests["q_value"].to_numpy()
    )


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_origins_are_worth_what_their_dependence_leaves(phi):
    rows = waves(np.random.default_rng(4), phi, (2_000, 100))
    found = known(rows)

    assert found.worth.mean() == pytest.approx(100 * (1 - phi) / (1 + phi), rel=0.1)
    far = np.abs(found.mean) > stats.t.ppf(0.975, found.freedom) * found.error
    assert far.mean() == pytest.approx(0.05, abs=0.012)


def test_the_margin_is_won_as_well():
    losses = drawn(5, 50, 2, 51)
    losses[:, 1] *= 0.7

    assert switched(losses).mean() > 0.9
    assert 0 == switched(losses, margin=0.6).sum()
    reasons = choose(table(losses), held(losses), margin=0.6)[0]["reason"].unique().to_list()
    assert ["no candidate is surely better by more than 60.0%"] == reasons


def test_of_several_that_are_better_the_best_takes_over():
    losses = drawn(6, 20, 4, 51)
    losses[:, 2] *= 0.5
    losses[:, 3] *= 0.3

    assert {"m3"} == set(choose(table(losses), held(losses))[0]["champion"])


def test_without_an_incumbent_the_best_of_the_group_starts_everywhere():
    """One series says too little, and a large one no more than a small one."""
    losses = drawn(7, 30, 3, 8)
    losses[1:, 1] *= 0.5
    losses[0, 1] *= 1e6
    rows = table(losses).with_columns(team=pl.lit("north"))
    south = table(drawn(8, 5, 3, 8) * [[[1.0], [1.0], [0.2]]]).with_columns(
        team=pl.lit("south"), series="south-" + pl.col("series")
    )
    champions, tests = choose(pl.concat([rows, south]), group="team")

    southern = pl.col("series").str.starts_with("south")
    assert {"m1"} == set(champions.filter(~southern)["champion"])
    assert {"m2"} == set(champions.filter(southern)["champion"])
    assert {"best of its group, as there was none"} == set(champions["reason"])
    assert tests.is_empty()


def test_what_cannot_be_tested_says_why_and_the_incumbent_stays():
    rows = table(drawn(9, 3, 2, 12))
    short = rows.filter((pl.col("series") != "s0001") | (pl.col("origin") < 2))
    apart = short.filter(
        (pl.col("series") != "s0002") | ((pl.col("method") == "m0") == (pl.col("origin") < 4))
    )
    champions, tests = choose(apart, {"s0000": "m0", "s0001": "m0", "s0002": "m0"})

    assert [12, 2, 0] == tests["origins"].to_list()
    assert [None, "origins are worth less than 2", "no origin has losses of both"] == tests[
        "reason"
    ].to_list()
    assert ["m0"] * 3 == champions["champion"].to_list()
    assert ["no candidate could be tested"] * 2 == champions["reason"].to_list()[1:]


def test_nothing_to_choose_from_is_nothing_chosen():
    champions, tests = choose(table(drawn(9, 1, 1, 1)).clear(), {})

    assert (0, 0) == (champions.height, tests.height)
    assert 0 == learn_or_not(horizons(1, [0.5]).clear()).height


def test_a_candidate_that_always_ties_does_not_take_over():
    losses = drawn(10, 4, 2, 10)
    losses[:, 1] = losses[:, 0]

    assert not switched(losses).any()


@pytest.mark.parametrize("wrong", [None, float("nan"), float("inf"), -1.0])
def test_a_loss_that_is_none_is_refused(wrong):
    rows = table(drawn(11, 2, 2, 3))
    odd = rows.with_columns(loss=pl.when(pl.int_range(pl.len()) != 4).then("loss").otherwise(wrong))

    with pytest.raises(BadInput, match="the loss of m1 on s0000 at 1 is no number"):
        choose(odd)
    with pytest.raises(BadInput, match="stands twice"):
        choose(pl.concat([rows, rows.head(1)]))


def test_losses_are_of_points_that_all_methods_have():
    points = pl.DataFrame(
        {
            "series": "a",
            "method": ["x", "x", "y", "y", "x"],
            "origin": [0, 0, 0, 0, 1],
            "horizon": [1, 2, 1, 2, 1],
            "truth": [0.0, 0.0, 0.0, 0.0, 5.0],
            "value": [1.0, 9.0, 3.0, float("nan"), 7.0],
        }
    )

    assert [("x", 0, 1.0), ("x", 1, 2.0), ("y", 0, 3.0)] == origin_losses(points).select(
        "method", "origin", "loss"
    ).rows()


def horizons(seed, gains, origins=51, phi=0.0):
    """Losses of a learned model and climatology in blocks of horizons, with the true gains."""
    generator = np.random.default_rng(seed)
    blocks = len(gains)
    shared = np.exp(0.2 * waves(generator, phi, (1, origins)))
    theirs = shared * np.exp(0.2 * waves(generator, phi, (blocks, origins)))
    ours = shared * np.exp(0.2 * waves(generator, phi, (blocks, origins)))
    ours *= 1 - np.array(gains)[:, None]
    return pl.DataFrame(
        {
            "group": f"g{seed:03d}",
            "block": np.repeat(np.arange(1, blocks + 1) * 24, origins),
            "origin": np.tile(np.arange(origins), blocks),
            "learned": ours.ravel(),
            "climatology": theirs.ravel(),
        }
    )


@pytest.mark.parametrize("phi", [0.0, 0.6])
def test_the_switch_is_where_the_gain_ends_and_luck_beyond_it_counts_for_nothing(phi, seeds):
    """Of twenty blocks without a gain one exceeds its limit: the last such would be too late."""
    gains = [0.5, 0.5, 0.4, 0.4, *([0.0] * 20)]
    groups = pl.concat(horizons(seed, gains, phi=phi) for seed in range(60))
    found = learn_or_not(groups)
    switch = found.unique("group")["switch"]
    by_luck = found.filter((pl.col("lower") > 0) & (pl.col("block") > 96))

    assert (switch == 96).mean() >= 0.85
    assert (switch > 96).mean() <= 0.12
    assert by_luck["group"].n_unique() / 60 > 0.4


@pytest.mark.parametrize("phi", [0.0, 0.6])
def test_a_model_without_a_gain_is_not_learned(phi):
    groups = pl.concat(horizons(seed, [0.0] * 4, phi=phi) for seed in range(200))
    found = learn_or_not(groups).unique("group")

    assert found["switch"].is_not_null().mean() <= 0.09


def test_the_limit_is_held_against_the_margin():
    rows = horizons(1, [0.5, 0.3, 0.1])

    assert [72, 48, 24, None] == [
        learn_or_not(rows, margin)["switch"][0] for margin in (0.0, 0.15, 0.4, 0.9)
    ]


def test_a_block_that_cannot_be_judged_is_not_learned_and_nor_is_what_follows():
    rows = horizons(2, [0.5, 0.5, 0.5])
    few = rows.filter((pl.col("block") != 48) | (pl.col("origin") < 2))
    found = learn_or_not(few)

    assert [True, False, False] == found["learned"].to_list()
    assert [None, "origins are worth less than 2", None] == found["reason"].to_list()
    perfect = learn_or_not(rows.with_columns(climatology=0.0))
    assert {"climatology never errs"} == set(perfect["reason"])


@pytest.mark.parametrize(
    ("standing", "last", "newest", "expected"),
    [
        (24, 48, 24, 24),
        (24, 48, 48, 48),
        (24, 48, 96, 48),
        (48, 24, None, 24),
        (48, None, None, None),
        (None, 24, 24, 24),
        (None, None, 24, None),
    ],
)
def test_a_switch_moves_when_two_backtests_agree(standing, last, newest, expected):
    assert expected == moved_switch(standing, last, newest)
