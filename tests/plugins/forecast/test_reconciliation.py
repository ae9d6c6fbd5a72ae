"""Reconciled forecasts add up, as the textbook has it, and are no worse on the grid."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import BadInput
from argosy_forecast.hierarchy import (
    METHODS,
    by_level,
    incoherence,
    losers,
    reconcile,
    reconcile_origins,
    summing,
)
from argosy_forecast.hierarchy.covariance import shrunk

EDGES = [("us", "east"), ("us", "west"), *(("east", f"e{k}") for k in range(5)), ("west", "w1"),
         ("west", "w2")]  # fmt: skip
TREE = summing(pl.DataFrame(EDGES, schema=["parent", "child"], orient="row"))
NODES = len(TREE.nodes)


def drawn(seed, origins=40, horizons=3, tree=TREE):
    """Forecasts that do not add up, and errors that hang together."""
    generator = np.random.default_rng(seed)
    nodes = len(tree.nodes)
    common = generator.normal(size=(1, origins, 1))
    errors = generator.normal(size=(nodes, origins, horizons)) + common
    errors *= generator.gamma(3, size=(nodes, 1, 1))
    return generator.gamma(9, size=(nodes, horizons)) * 10, errors


def textbook(tree, base, covariance):
    """S (S' W⁻¹ S)⁻¹ S' W⁻¹ y, all dense."""
    summed, inverse = tree.matrix.toarray(), np.linalg.inv(covariance)
    return summed @ np.linalg.solve(summed.T @ inverse @ summed, summed.T @ inverse @ base)


def covariance_of(errors):
    """Schäfer and Strimmer's estimate, pair by pair, the origin being the unit."""
    nodes, origins, _ = errors.shape
    z = errors / np.sqrt((errors**2).mean(axis=(1, 2), keepdims=True))
    w = np.einsum("ikh,jkh->ijk", z, z) / errors.shape[2]
    r = w.mean(axis=2)
    variance = ((w - r[..., None]) ** 2).sum(axis=2) / (origins * (origins - 1))
    apart = ~np.eye(nodes, dtype=bool)
    kept = 1 - min(variance[apart].sum() / (r[apart] ** 2).sum(), 1)
    root = np.sqrt((errors**2).mean(axis=(1, 2)))
    return np.where(apart, kept * r, 1) * np.outer(root, root)


@pytest.mark.parametrize("horizons", [1, 3])
def test_mint_is_the_textbooks_formula_with_shrunk_correlations(horizons):
    base, errors = drawn(1, horizons=horizons)
    found = reconcile(TREE, base, errors)

    assert ("mint",) * horizons == found.method
    assert {""} == set(found.reason)
    assert textbook(TREE, base, covariance_of(errors)) == pytest.approx(found.value)


def test_wls_is_the_textbooks_formula_with_variances():
    base, errors = drawn(2)
    variances = np.diag((errors**2).mean(axis=(1, 2)))

    assert textbook(TREE, base, variances) == pytest.approx(
        reconcile(TREE, base, errors, method="wls").value
    )


HIERARCHICALFORECAST = {
    "mint": """
        92.32869330381838 95.37231797755554 -3.043624673737156 35.215770230415664 41.80625518339709
        -11.936320893649565 54.4102421245394 -24.12362866714706 -36.83414984285359
        33.790525169116435""",
    "wls": """
        119.23683275302659 115.70718167306869 3.529651079957908 49.9154882549619 10.482693559270144
        -3.8716440877672644 69.7577409303752 -10.577096983771296 -52.73204769284567
        56.26169877280358""",
}
"""What its release 1.5.3 finds (`mint_shrink`, `wls_var`) for the errors below as residuals."""


@pytest.mark.parametrize(("method", "theirs"), HIERARCHICALFORECAST.items())
def test_hierarchicalforecast_finds_the_same(method, theirs):
    """It centres errors, and refuses those whose sum is zero: these have next to no mean."""
    base, errors = drawn(3, horizons=1)
    flat = errors[:, :, 0] - errors[:, :, 0].mean(axis=1, keepdims=True) + 1e-5

    found = reconcile(TREE, base, flat[:, :, None], method=method)

    assert found.value.ravel() == pytest.approx(np.array(theirs.split(), float), rel=1e-6)


def deep(leaves=60):
    """A hierarchy with more nodes above leaves than leaves."""
    ways = [(f"n{(place - 1) // 2}", f"n{place}") for place in range(1, 2 * leaves - 1)]
    return summing(pl.DataFrame(ways, schema=["parent", "child"], orient="row"))


@pytest.mark.parametrize("method", METHODS)
def test_a_sparse_matrix_finds_what_a_dense_one_does(method, monkeypatch):
    tree = deep()
    base, errors = drawn(4, tree=tree)
    dense = reconcile(tree, base, errors, method=method).value
    monkeypatch.setattr("argosy_forecast.hierarchy.minimum_trace._DENSE", 0)

    assert dense == pytest.approx(reconcile(tree, base, errors, method=method).value)


def test_forecasts_that_add_up_stay_as_they_are():
    base, errors = drawn(5)
    base = TREE.matrix @ base[TREE.aggregates :]

    for method in METHODS:
        assert base == pytest.approx(reconcile(TREE, base, errors, method=method).value)


@given(
    st.integers(0, 10**6),
    st.sampled_from(METHODS),
    st.booleans(),
    st.sets(st.integers(0, NODES - 1)),
    st.sampled_from([0.0, 1e-9, 1e9]),
)
def test_whatever_is_there_adds_up_and_the_rest_says_why_not(seed, method, clipped, gone, scale):
    """Series that never err, or are a milliard times the others, included."""
    base, errors = drawn(seed)
    base = (base - 80) * 1.0
    base[3] *= scale
    errors[3] *= scale
    base[list(gone)] = np.nan
    found = reconcile(TREE, base, errors, method=method, non_negative=clipped)
    there = np.isfinite(found.value).all(axis=1)
    lost = {TREE.nodes[place] for place in gone if place >= TREE.aggregates}
    reaches = TREE.matrix.toarray() > 0
    incomplete = (reaches & np.isin(TREE.leaves, sorted(lost))).any(axis=1)

    whole = np.where(incomplete[:, None], np.nan, found.value)
    upper = TREE.matrix.toarray()[: TREE.aggregates]
    fine = ~incomplete[: TREE.aggregates]
    leaves = np.nan_to_num(whole[TREE.aggregates :])
    apart = np.abs(whole[: TREE.aggregates][fine] - (upper @ leaves)[fine])
    assert (apart <= 1e-6 * np.abs(whole[: TREE.aggregates][fine]) + 1e-9).all()
    assert there[~incomplete].all()
    for node, why in enumerate(found.reason):
        assert bool(why) == (node in gone or bool(incomplete[node]))
    kept = incomplete & np.isfinite(base).all(axis=1)
    assert (found.value[kept] == base[kept]).all()
    if clipped:
        assert (whole[TREE.aggregates :][~incomplete[TREE.aggregates :]] >= 0).all()


def test_a_series_that_never_errs_keeps_its_forecast():
    """A retired node: zero, and always right about it."""
    base, errors = drawn(6)
    base[5], errors[5] = 0.0, 0.0
    for method in METHODS:
        assert pytest.approx(0.0, abs=1e-6) == reconcile(TREE, base, errors, method=method).value[5]


def test_few_origins_are_not_enough_for_correlations_and_none_for_anything():
    base, errors = drawn(7)
    errors[:, :10] = np.nan
    assert {"mint"} == set(reconcile(TREE, base, errors).method)
    errors[:, 10] = np.nan
    assert {"wls"} == set(reconcile(TREE, base, errors).method)
    errors[:] = np.nan
    nothing = reconcile(TREE, base, errors)
    assert {"bottom_up"} == set(nothing.method)
    assert (base[TREE.aggregates :] == nothing.value[TREE.aggregates :]).all()


def test_a_node_without_errors_of_its_own_says_what_it_is_weighed_as():
    base, errors = drawn(8)
    errors[4] = np.nan
    found = reconcile(TREE, base, errors, method="wls")

    assert ["it has no errors yet: it is weighed as its level is"] == list(
        filter(None, found.reason)
    )


def test_each_block_of_horizons_has_its_own_covariance():
    base, errors = drawn(9, horizons=4)
    errors[2:6, :, 2:] *= 9
    blocks = np.array([0, 0, 1, 1])
    both = reconcile(TREE, base, errors, blocks)

    for block in (0, 1):
        columns = blocks == block
        alone = reconcile(TREE, base[:, columns], errors[:, :, columns])
        assert (both.value[:, columns] == alone.value).all()


def test_an_origin_knows_only_errors_whose_truth_was_known_by_then():
    """Whatever changes later, or is not known yet, moves nothing: the first origins overlap."""
    _, errors = drawn(10, origins=44, horizons=2)
    truth = np.random.default_rng(1).gamma(9, size=errors.shape)
    origins = np.arange(44) * 10
    known = origins[:, None] + np.array([5, 25])
    found = reconcile_origins(TREE, truth + errors, truth, origins, known, np.array([0, 1]))
    changed = truth.copy()
    late = known[None] > origins[40]
    changed[:, late[0]] += 1e6
    again = reconcile_origins(TREE, truth + errors, changed, origins, known, np.array([0, 1]))

    assert ("mint", "mint") == found[40].method
    assert (found[40].value == again[40].value).all()
    assert (found[43].value != again[43].value).any()
    assert [("wls", "wls"), ("mint", "wls"), ("mint", "mint")] == [
        found[place].method for place in (29, 30, 32)
    ]


def test_what_does_not_fit_is_refused():
    base, errors = drawn(11)
    with pytest.raises(BadInput, match="called 'erm'; there are bottom_up, wls, mint"):
        reconcile(TREE, base, errors, method="erm")
    with pytest.raises(BadInput, match=r"10 nodes .* \(9, 3\)"):
        reconcile(TREE, base[1:], errors)
    with pytest.raises(BadInput, match="2 horizons are in blocks, of 3"):
        reconcile(TREE, base, errors, np.array([0, 1]))
    with pytest.raises(BadInput, match="ascend"):
        reconcile_origins(TREE, errors, errors, np.zeros(40), np.ones((40, 3)))
    with pytest.raises(BadInput, match="known at its origin"):
        reconcile_origins(TREE, errors, errors, np.arange(40), np.arange(40)[:, None] * np.ones(3))


def test_levels_say_what_was_won_and_losers_who_paid():
    truth = np.ones((NODES, 4))
    base, better = truth + 1, truth + 0.5
    better[-1] = 3.0
    better[:, 0] = np.nan
    found = by_level(TREE, base, better, truth)

    assert [1, 2, 7] == found["nodes"].to_list()
    assert [0.5, 0.5] == found["ratio"].to_list()[:2]
    assert [0, 0, 1] == found["losers"].to_list()
    assert [3, 6, 21] == found["points"].to_list()
    assert [1, 2, 7] == found["left_out"].to_list()
    assert [("w2", 2.0)] == losers(TREE, base, better, truth).select("node", "ratio").rows()
    nothing = by_level(TREE, base, better, truth * 0)
    assert {"the truth is zero throughout"} == set(nothing["reason"])


def test_shrinkage_knows_noise_from_what_hangs_together():
    generator = np.random.default_rng(3)
    noise = generator.normal(size=(30, 60, 1))
    level = np.zeros(30, np.int64)

    assert shrunk(noise, level).shrinkage > 0.8
    assert shrunk(noise + 2 * generator.normal(size=(1, 60, 1)), level).shrinkage < 0.1


@pytest.fixture(scope="module")
def grid(data):
    """Days of 118 nodes of the US grid and all above, and a regression on past days for each."""
    paths = [data / f"load_eia_{name}.parquet" for name in ("hierarchy", "nodes")]
    if not all(path.is_file() for path in paths):
        pytest.skip(f"no load_eia in {data}: name its folder in ARGOSY_DATA")
    own = pl.read_parquet(paths[0]).filter(pl.col("node") != "AEC")
    pairs = [("region", "node"), ("interconnect", "region")]
    edges = [own.select(parent=parent, child=child).unique() for parent, child in pairs]
    edges.append(own.select(parent=pl.lit("us"), child="interconnect").unique())
    tree = summing(pl.concat(edges))
    rows = pl.read_parquet(paths[1], columns=["node", "ts", "cleaned_mw"])
    rows = rows.filter(pl.col("node") != "AEC").sort("node", "ts")
    leaves = rows["cleaned_mw"].cast(pl.Float64).to_numpy().reshape(len(tree.leaves), -1)
    days = (tree.matrix @ leaves).reshape(len(tree.nodes), -1, 24)
    return tree, days


def regressed(days, origins, learned):
    """Forecast days by four earlier ones and the last change of the week, node by node."""
    scale = days.mean(axis=(1, 2))[:, None, None] + 1.0

    def seen(day):
        change = (days[:, day - 1, -1:] - days[:, day - 8, -1:]).repeat(24, axis=1)
        lags = [days[:, day - lag] for lag in (1, 2, 7, 14)]
        return np.stack([*lags, change], axis=-1) / scale

    inputs = np.concatenate([seen(day) for day in learned], axis=1)
    truth = np.concatenate([days[:, day] for day in learned], axis=1) / scale[:, 0]
    fits = [np.linalg.lstsq(one, y, rcond=None)[0] for one, y in zip(inputs, truth, strict=True)]
    said = [(seen(day) * np.array(fits)[:, None]).sum(axis=2) * scale[:, 0] for day in origins]
    return np.stack(said, axis=1)


@pytest.mark.parametrize("blocks", [1, 4])
def test_no_level_of_the_grid_is_worse_and_together_they_are_better(grid, blocks):
    """2024, a week and a day apart; the year before is what errors are known of."""
    tree, days = grid
    first = 366 + 3 * 365
    origins = np.arange(first - 46 * 8, first + 366, 8)
    base = regressed(days, origins, range(first - 3 * 365, first - 2 * 365))
    truth = days[:, origins]
    known = origins[:, None] * 24 + 1 + np.arange(24)
    parts = np.repeat(np.arange(blocks), 24 // blocks)
    found = reconcile_origins(tree, base, truth, origins * 24, known, parts)
    value = np.stack([one.value for one in found], axis=1)
    later = origins >= first
    told = by_level(tree, base[:, later], value[:, later], truth[:, later])

    assert max(incoherence(tree, one.value) for one in found) <= 1e-6
    assert {"mint"} == {found[place].method[0] for place in np.flatnonzero(later)}
    assert (told["ratio"] <= 1.005).all(), told
    assert told["ratio"].mean() < 1
    assert (
        told["losers"].sum()
        == losers(tree, base[:, later], value[:, later], truth[:, later]).height
    )
