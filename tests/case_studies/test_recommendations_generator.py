"""The clients that are drawn are as uneven, restless and well kept apart as they are said to be."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.data.beside import Folder
from argosy.store.location import Location
from argosy_recommendations.generator.faults import broken, scrambled
from argosy_recommendations.generator.feeds import (
    ANYBODY,
    FEEDS,
    Night,
    feed_file,
    retired,
    write_feeds,
)
from argosy_recommendations.generator.market import HELD, TRAINED, WINDOW, Market
from argosy_recommendations.generator.purchases import purchases
from argosy_recommendations.generator.tastes import segments, tastes

SEED = 7


def feeds(folder, night=0, clients=40, seed=SEED):
    beside = Folder(Location(str(folder)), "feeds")
    write_feeds(Night(Market(clients, seed), night), beside, lambda done, total: None)
    return {name: beside.scan(feed_file(name)).collect() for name in FEEDS}


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    return feeds(tmp_path_factory.mktemp("feeds"))


def test_clients_are_of_very_different_sizes():
    sizes = Market(4_000, SEED).sizes

    assert (10, 100_000) == (sizes.min(), sizes.max())
    assert 1_000 == pytest.approx(np.median(sizes), rel=0.01)


def test_a_client_has_the_purchases_that_its_size_says():
    """Days are rounded at random, or small clients would buy nothing."""
    market = Market(300, SEED)
    bought = purchases(market, slice(0, 300), 0, WINDOW)
    counted = np.bincount(bought.client, minlength=300)

    assert market.sizes == pytest.approx(counted, abs=4 * np.sqrt(WINDOW) / 2 + 1)


def test_purchases_follow_the_tastes_they_are_drawn_from():
    """Chi-squared of one large client's purchases against the probabilities of its days."""
    from scipy.stats import chisquare

    market = Market(30, SEED)
    number = int(np.argmax(market.sizes))
    bought = purchases(market, slice(number, number + 1), 0, WINDOW)
    likes = tastes(market, slice(number, number + 1), np.arange(WINDOW))[0]
    segment = segments(market, bought.client, bought.customer)
    expected = likes[bought.day, segment].sum(0)
    observed = np.bincount(bought.slot, minlength=expected.size)
    possible = expected > 0

    assert 0 == observed[~possible].sum()
    assert chisquare(observed[possible], expected[possible]).pvalue > 0.001


@settings(max_examples=20, deadline=None)
@given(
    clients=st.integers(1, 30), seed=st.integers(0, 2**40), first=st.integers(0, 100),
    start=st.integers(0, 29), days=st.integers(1, 12),
)  # fmt: skip
def test_a_draw_does_not_depend_on_what_is_drawn_with_it(clients, seed, first, start, days):
    """Or a night would come out otherwise after a kill, or in other pieces."""
    market, start = Market(clients, seed), start % clients
    whole = purchases(market, slice(0, clients), first, days + 3)
    part = purchases(market, slice(start, start + 1), first + 1, days)
    chosen = (whole.client == start) & (whole.day > first) & (whole.day <= first + days)

    for name in ("day", "customer", "slot", "second"):
        assert np.array_equal(getattr(whole, name)[chosen], getattr(part, name))


def test_tastes_drift():
    """What sells best this week is not what sells best two months later."""
    market = Market(50, SEED)
    likes = tastes(market, slice(0, 50), np.array([0, 60]))
    best = likes.argmax(-1)

    assert 0.2 < (best[:, 0] != best[:, 1]).mean() < 0.95


def test_items_retire_come_and_have_seasons():
    market = Market(200, SEED)
    days = np.stack([market.sold(day) for day in range(91)])
    launch, last = market.life

    assert (days[0] & ~days[45]).sum() > 0  # gone
    assert (~days[0] & days[45] & (launch > 0)).sum() > 0  # new
    assert (days[0] & ~days[45] & days[90] & (last > 1_000)).sum() > 0  # a season
    assert days.sum(-1).min() >= 10


def test_customers_come_every_day():
    market = Market(40, SEED)
    first, later = market.customers(WINDOW)[:, 0], market.customers(WINDOW + 7)[:, 0]

    assert (later >= first).all()
    assert 1.06 > later.sum() / first.sum() > 1.04


def test_a_night_is_the_same_when_it_is_drawn_again(night, tmp_path):
    again = feeds(tmp_path)

    assert all(night[name].equals(again[name]) for name in FEEDS)


def test_seeds_and_nights_differ(night, tmp_path):
    assert not night["training"].equals(feeds(tmp_path / "a", night=1)["training"])
    assert not night["training"].equals(feeds(tmp_path / "b", seed=SEED + 1)["training"])


def test_a_night_moves_on_by_a_day(night, tmp_path):
    """The windows of two nights share all days but two."""
    healthy = ~pl.col("client").is_in(troubled(0) | troubled(1))
    before = night["training"].filter(healthy).drop("retired")
    after = feeds(tmp_path, night=1)["training"].filter(healthy).drop("retired")
    shared = after["at"].min().replace(hour=0, minute=0, second=0)

    assert after.filter(pl.col("at") <= before["at"].max()).equals(
        before.filter(pl.col("at") >= shared)
    )


def troubled(number, clients=40):
    market = Market(clients, SEED)
    chosen = np.flatnonzero(broken(market, number) | scrambled(market, number))
    return {market.names[each] for each in chosen}


def test_feeds_are_sorted_by_client_and_complete(night):
    for name in FEEDS:
        assert night[name]["client"].is_sorted(), name
    for name in ("training", "customers", "catalogue"):
        assert 40 == night[name]["client"].n_unique(), name


def test_training_ends_where_judging_begins(night):
    days = night["training"]["at"].dt.date()

    assert TRAINED == (days.max() - days.min()).days + 1
    assert HELD == (Night(Market(40, SEED), 0).date - days.max()).days - 1


def test_truth_is_new_and_sold(night):
    """Nobody can be recommended what is not sold, nor should be what they have."""
    rows = night["holdout"]

    assert rows.height > 1_000
    assert (
        0 == rows.select(pl.col("truth").list.set_intersection("history").list.len().sum()).item()
    )
    assert (
        0 == rows.select(pl.col("truth").list.set_intersection("retired").list.len().sum()).item()
    )
    assert rows["truth"].list.len().min() >= 1


def test_every_client_ranks_for_nobody_in_particular(night):
    nobody = night["customers"].filter(customer=ANYBODY)

    assert 40 == nobody.height
    assert 0 == nobody["history"].list.len().sum()


def test_no_item_of_another_client_is_seen(night):
    number = pl.col("client").str.slice(7)
    for name, column in [("holdout", "history"), ("holdout", "truth"), ("customers", "history")]:
        rows = night[name].explode(column).drop_nulls(column)
        assert rows.select((pl.col(column).str.slice(0, 4) == number).all()).item(), name
    rows = night["customers"].explode("retired").drop_nulls("retired")
    assert rows.select((pl.col("retired").str.slice(0, 4) == number).all()).item()
    rows = night["training"].drop_nulls("item")
    assert rows.select((pl.col("item").str.slice(0, 4) == number).all()).item()


def test_history_is_what_was_bought(night):
    """The lists agree with a plain grouping of the purchases."""
    wrong = troubled(0)
    plain = (
        night["training"]
        .filter(~pl.col("client").is_in(wrong))
        .group_by("client", "customer")
        .agg(pl.col("item").unique().sort())
    )
    rows = night["holdout"].filter(~pl.col("client").is_in(wrong))
    found = rows.filter(pl.col("history").list.len() > 0).join(plain, on=["client", "customer"])

    assert found.height > 1_000
    assert (found["history"].list.sort() == found["item"]).all()


def test_faults_are_few_and_change_from_night_to_night():
    market = Market(4_000, SEED)
    first, second = scrambled(market, 0), scrambled(market, 1)

    assert 0.04 < first.mean() < 0.06
    assert (first & second).sum() < 30
    assert 0.005 < broken(market, 0).mean() < 0.015
    assert not (broken(market, 0) & first).any()


def test_a_broken_feed_names_no_items(tmp_path):
    market = Market(300, SEED)
    found = feeds(tmp_path, clients=300)["training"]
    lost = found.group_by("client").agg(pl.col("item").is_null().all()).sort("client")

    assert broken(market, 0).tolist() == lost["item"].to_list()


def test_retired_items_are_told_for_any_day():
    market = Market(20, SEED)
    told = retired(market, 50, slice(3, 5))

    assert ["client-0003", "client-0004"] == told["client"].to_list()
    gone = (np.arange(60) < market.items[3]) & ~market.sold(50)[3]
    assert [f"0003-p{slot:02}" for slot in np.flatnonzero(gone)] == told["retired"][0].to_list()


def test_every_feed_says_alike_what_is_sold_no_longer(night):
    """A model that is not told offers what nobody can buy."""
    told = night["catalogue"].select("client", pl.col("retired").list.sort().alias("known"))
    for name in ("holdout", "customers"):
        rows = night[name].join(told, on="client")
        assert rows.select((pl.col("retired").list.sort() == pl.col("known")).all()).item(), name
    bought = night["training"].drop_nulls("item").join(told, on="client")
    gone = pl.col("item").is_in(pl.col("known"))

    assert 0 < bought["retired"].sum() < bought.height
    assert bought.select((gone == pl.col("retired")).all()).item()
