"""Recommenders: equal to their definitions, chosen with care, and never of what is retired."""

from datetime import datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import argosy
from argosy.errors import ArtifactError, BadInput
from argosy.testing.loaders import Artifact, LoaderSuite
from argosy.testing.trainers import TrainerSuite
from argosy_recommendations.recommenders.artifact import read, written
from argosy_recommendations.recommenders.ranker import load
from argosy_recommendations.recommenders.settings import from_params
from argosy_recommendations.recommenders.training import train

from .recommendations_plain import cosine, ease

LENGTH = 20


def trained(clients, params=None, seeds=None):
    """Train one recommender per client; `clients` are frames of purchases."""
    rows = pl.concat(clients, how="diagonal_relaxed") if clients else pl.DataFrame()
    lengths = np.array([each.height for each in clients])
    given = params if isinstance(params, list) else [params or {}] * len(clients)
    lessons = pa.table(
        {
            "model": [f"client{place}" for place in range(len(clients))],
            "version": ["1"] * len(clients),
            "params": pa.array(
                [list(each.items()) for each in given], pa.map_(pa.string(), pa.string())
            ),
            "seed": pa.array(seeds or [0] * len(clients), pa.int64()),
            "start": np.cumsum(lengths) - lengths,
            "length": lengths,
        }
    )
    return train(lessons, rows.to_arrow()).to_pylist()


def purchases(customers=60, items=24, tastes=4, each=8, loyal=0.9, seed=0):
    """Customers of a few tastes; `loyal` is how often they buy what their taste likes."""
    generator = np.random.default_rng(seed)
    found = {"customer": [], "item": [], "at": []}
    for customer in range(customers):
        own = [item for item in range(items) if item % tastes == customer % tastes]
        for step in range(each):
            often = generator.random() < loyal
            item = generator.choice(own) if often else generator.integers(items)
            found["customer"].append(f"c{customer}")
            found["item"].append(f"i{item}")
            found["at"].append(step)
    return pl.DataFrame(found)


def matrix(rows, items):
    """Who bought what, as a matrix of zeros and ones."""
    customers = rows["customer"].unique().sort().to_list()
    found = np.zeros((len(customers), len(items)))
    for customer, item in rows.select("customer", "item").iter_rows():
        found[customers.index(customer), items.index(item)] = 1
    return found


def weights_of(model):
    """Lay a model's weights out as a matrix."""
    n = len(model.items)
    found = np.zeros((n, n))
    for item in range(n):
        own = slice(model.starts[item], model.starts[item + 1])
        others = model.others[own] if len(model.others) else np.arange(own.stop - own.start)
        found[item, others] = model.weights[own]
    return found


SIZES = [(60, 24), (7, 5), (200, 61), (3, 9), (300, 400)]


@pytest.mark.parametrize(
    ("params", "plain"),
    [
        ({"candidates": "item_knn"}, lambda bought: cosine(bought, 100)),
        ({"candidates": "item_knn", "neighbours": "4"}, lambda bought: cosine(bought, 4)),
        ({"candidates": "ease", "lambda": "500"}, lambda bought: ease(bought, 500)),
        ({"candidates": "ease", "lambda": "0.5"}, lambda bought: ease(bought, 0.5)),
    ],
)
def test_weights_are_those_of_the_published_definitions(params, plain):
    """Of all clients of a chunk, whatever their sizes."""
    clients = [purchases(*size, seed=seed) for seed, size in enumerate(SIZES)]
    for rows, answer in zip(clients, trained(clients, params), strict=True):
        model = read(answer["content"])
        expected = plain(matrix(rows, model.items.to_pylist()))

        np.testing.assert_allclose(weights_of(model), expected, rtol=2e-5, atol=1e-7)


def test_items_stand_in_the_order_of_their_popularity():
    rows = pl.DataFrame({"customer": ["a", "b", "c", "a", "b", "a", "a"], "item": [*"zzzyyxb"]})
    model = read(trained([rows])[0]["content"])

    assert ["z", "y", "b", "x"] == model.items.to_pylist()
    assert [3, 2, 1, 1] == model.buyers.tolist()


@pytest.mark.parametrize("candidate", ["popularity", "item_knn", "ease"])
def test_lists_are_those_of_the_scores(candidate):
    rows = purchases(customers=40, items=30, seed=3)
    answer = trained([rows], {"candidates": candidate, "lambda": "20"})[0]
    model = read(answer["content"])
    items = model.items.to_pylist()
    histories = [["i1", "i5"], ["i2", "i2", "unheard of"], [], None]
    found = load(answer["content"]).predict(pl.DataFrame({"history": histories}))
    for history, listed in zip(histories, found["prediction"].to_list(), strict=True):
        bought = [items.index(item) for item in dict.fromkeys(history or []) if item in items]
        scores = weights_of(model)[bought].sum(axis=0)
        scores[bought] = -np.inf
        expected = np.argsort(-scores, kind="stable")[: min(LENGTH, len(items) - len(bought))]
        assert [items[code] for code in expected] == listed


def test_an_unknown_customer_is_shown_what_is_popular():
    answer = trained([purchases()], {"candidates": "ease"})[0]
    found = load(answer["content"]).predict(pl.DataFrame({"history": [[], None, ["never sold"]]},
                                            schema={"history": pl.List(pl.String)}))  # fmt: skip
    popular = read(answer["content"]).items.to_pylist()[:LENGTH]

    assert [popular] * 3 == found["prediction"].to_list()


def test_novelty_is_the_information_of_an_items_share():
    rows = pl.DataFrame({"customer": [*"abcdabe"], "item": [*"xxxxyyz"]})
    answer = trained([rows])[0]
    found = load(answer["content"]).predict(pl.DataFrame({"history": [["x"]]}))

    assert [["y", "z"]] == found["prediction"].to_list()
    assert np.log2([5 / 2, 5]) == pytest.approx(found["novelty"].to_list()[0])


# The catalogue guard


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["popularity", "item_knn", "ease", "popularity,item_knn,ease"]),
    st.sets(st.integers(0, 15), max_size=12),
    st.sets(st.integers(0, 15), max_size=12),
)
def test_feature_29_retired_items_never_appear(seed, candidates, gone, gone_since):
    """Neither what had left the catalogue at the training, nor what has left it since."""
    dropped, dropped_since = ({f"i{item}" for item in each} for each in (gone, gone_since))
    rows = purchases(customers=30, items=16, seed=seed).with_columns(
        retired=pl.col("item").is_in(list(dropped))
    )
    answer = trained([rows], {"candidates": candidates, "least": "5"})[0]
    histories = rows.group_by("customer").agg(history="item")
    asked = histories.with_columns(retired=pl.lit(sorted(dropped_since), dtype=pl.List(pl.String)))
    found = load(answer["content"]).predict(asked)
    sold = set(rows["item"]) - dropped - dropped_since
    for listed, history in zip(found["prediction"].to_list(), asked["history"], strict=True):
        assert set(listed) <= sold
        assert not set(listed) & set(history)
        assert len(set(listed)) == len(listed) == min(LENGTH, len(sold - set(history)))


def test_an_item_is_retired_where_any_row_says_so():
    rows = pl.DataFrame(
        {"customer": [*"abcab"], "item": [*"xxxyy"], "retired": [None, False, True, None, False]}
    )
    found = load(trained([rows])[0]["content"]).predict(pl.DataFrame({"history": [["z"]]}))

    assert [["y"]] == found["prediction"].to_list()


def test_what_is_retired_still_tells_of_taste():
    rows = purchases(loyal=1.0).with_columns(retired=pl.col("item") == "i0")
    answer = trained([rows], {"candidates": "item_knn"})[0]
    found = load(answer["content"]).predict(pl.DataFrame({"history": [["i0"]]}))

    assert {"i4", "i8", "i12", "i16", "i20"} == set(found["prediction"].to_list()[0][:5])


# Choosing


def test_a_small_client_gets_popularity_and_is_told_why():
    answer = trained([purchases(customers=12)])[0]
    params = dict(answer["params"])

    assert "popularity" == params["chosen"] == read(answer["content"]).kind
    assert "purchases of 12 customers could be held out, of 20 at least is needed" in params["why"]


def test_tastes_are_worth_a_model_and_chance_is_not():
    answers = trained([purchases(customers=150, loyal=0.95), purchases(customers=150, tastes=1)])
    chosen = [dict(each["params"])["chosen"] for each in answers]

    assert "popularity" != chosen[0]
    assert "popularity" == chosen[1]


def test_what_was_chosen_was_the_best_on_purchases_held_out():
    answer = trained([purchases(customers=150)])[0]
    metrics = {name: value for name, value in answer["metrics"] if name.startswith("ndcg")}
    params = dict(answer["params"])
    name = params["chosen"] + (f"_{params['penalty']}" if "penalty" in params else "")

    assert {"ndcg_at_20.popularity", "ndcg_at_20.item_knn", "ndcg_at_20.ease_50"} < set(metrics)
    assert max(metrics.values()) == metrics[f"ndcg_at_20.{name}"]


def test_what_is_held_out_is_the_newest():
    """A taste that changed a week ago counts: the past does not tell it, so popularity wins."""
    from argosy_recommendations.recommenders.choice import parted
    from argosy_recommendations.recommenders.interactions import interactions

    rows = pl.DataFrame(
        {"customer": ["a"] * 5 + ["b"], "item": [*"vwxyzv"], "at": [5, 1, 2, 3, 4, 1]}
    )
    none = np.zeros(6, np.int64)
    laid = interactions(rows, none, 1, none[:1], from_params({"timestamp": "at"}))
    rest, wanted, sizes = parted(laid)

    assert ["v"] == laid.items[wanted].to_list()
    assert [1, 0] == sizes.tolist()
    assert [4, 1] == rest.baskets.tolist()


def test_without_a_time_the_seed_decides_what_is_held_out():
    rows = purchases(customers=100).drop("at")
    one, same, other = (trained([rows], seeds=[seed])[0]["metrics"] for seed in (1, 1, 2))

    assert one == same
    assert one != other


# Many clients


def shuffled(rows, seed):
    return rows.sample(fraction=1.0, shuffle=True, seed=seed)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_no_row_crosses_clients(seed, sizes):
    """A client's model has the same bytes whoever shares its chunk, and whatever its rows' order.

    Clients use the same names of items and customers on purpose.
    """
    clients = [
        purchases(customers=size, items=5 + size % 20, seed=seed + place)
        for place, size in enumerate(sizes)
    ]
    together = trained(clients, {"timestamp": "at", "least": "5"})
    mixed = [shuffled(rows, seed) for rows in clients]
    backwards = trained(mixed[::-1], {"timestamp": "at", "least": "5"})[::-1]
    for place, rows in enumerate(clients):
        alone = trained([rows], {"timestamp": "at", "least": "5"})[0]
        assert alone == together[place] == backwards[place]
        known = set(read(alone["content"]).items.to_pylist())
        assert set(rows["item"]) == known


def test_clients_with_settings_of_their_own_share_a_call():
    rows = purchases()
    params = [{"candidates": "popularity"}, {"candidates": "ease"}, {"length": "3"}]
    answers = trained([rows] * 3, params)

    assert ["popularity", "ease"] == [dict(each["params"])["chosen"] for each in answers[:2]]
    assert 3 == read(answers[2]["content"]).length


def test_one_bad_lesson_is_a_row_with_its_reason():
    rows = purchases()
    nobody = rows.with_columns(customer=pl.lit(None, pl.String))
    params = [{}, {"neighbors": "5"}, {"lambda": "-1"}, {"item": "sku"}, {}, {}]
    answers = trained([rows, rows, rows, rows, nobody, rows.clear()], params)
    reasons = [each["reason"] for each in answers]

    assert reasons[0] is None
    assert "'neighbors'" in reasons[1]
    assert "neighbours" in reasons[1]
    assert "'lambda'" in reasons[2]
    assert "no column 'sku'" in reasons[3]
    assert ["no row names a customer and an item"] * 2 == reasons[4:]
    assert all((each["content"] is None) == (each["reason"] is not None) for each in answers)


def test_items_and_customers_may_be_numbers():
    rows = pl.DataFrame({"customer": [1, 1, 2], "item": [85123, 22, 22], "at": [1, 2, 3]})
    found = load(trained([rows])[0]["content"]).predict(pl.DataFrame({"history": [[22]]}))

    assert [["85123"]] == found["prediction"].to_list()


def test_rare_items_are_not_known_where_the_template_says_so():
    rows = pl.DataFrame({"customer": [*"abcab"], "item": [*"xxxyz"]})
    answers = trained([rows, rows], [{"least_customers": "2"}, {"least_customers": "9"}])

    assert ["x"] == read(answers[0]["content"]).items.to_pylist()
    assert "no item has 9 customers" in answers[1]["reason"]


def test_only_the_most_popular_items_are_known_where_there_are_too_many():
    rows = purchases(items=30)
    model = read(trained([rows], {"most_items": "10"})[0]["content"])

    assert 10 == len(model.items)
    assert model.buyers.min() >= 1


# Artifacts


class TestRecommender(LoaderSuite):
    name = "recommender"

    def artifacts(self):
        rows = pl.DataFrame({"history": [["i1"], ["i2", "i6"], []]})
        for candidate in ("popularity", "item_knn", "ease"):
            content = trained([purchases()], {"candidates": candidate})[0]["content"]
            items = read(content).items.to_pylist()
            expected = load(content).predict(rows)["prediction"].to_list()
            assert items[:LENGTH] == expected[2]
            yield Artifact(content, rows, expected)


@pytest.mark.parametrize(
    "change",
    [
        {"retired": np.array([True])},
        {"weights": np.full(4, np.nan, np.float32)},
        {"kind": "oracle"},
        {"items": pa.array(["x", "x"], pa.large_string())},
        {"starts": np.array([0, 1, 4])},
        {"length": -1},
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(change):
    rows = pl.DataFrame({"customer": [*"abab"], "item": [*"xxyy"]})
    model = read(trained([rows], {"candidates": "ease"})[0]["content"])
    with pytest.raises((ArtifactError, ValueError)):
        read(written(model._replace(**change)))


def test_a_neighbour_that_does_not_exist_is_refused():
    """A code beyond the items would write outside of the scores."""
    rows = pl.DataFrame({"customer": [*"abab"], "item": [*"xxyy"]})
    model = read(trained([rows], {"candidates": "item_knn"})[0]["content"])
    for code in (2, -1):
        with pytest.raises(ArtifactError, match="do not fit together"):
            read(written(model._replace(others=np.full_like(model.others, code))))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"bought": [["i1"]]}, "needs the column 'history'"),
        ({"history": ["i1"]}, "must hold lists"),
    ],
)
def test_rows_without_a_history_are_refused(rows, told):
    model = load(trained([purchases()])[0]["content"])
    with pytest.raises(BadInput, match=told):
        model.predict(pl.DataFrame(rows))


class TestTrainer(TrainerSuite):
    name = "recommender"
    binding = {"timestamp": "at"}
    params = {"least": "5"}

    def data(self, rows, seed):
        """Purchases, and beside each a history that somebody might ask with."""
        found = purchases(customers=-(-rows // 8), seed=seed).head(rows)
        return found.with_columns(history=pl.concat_list("item"))


# A fleet


def test_a_fleet_of_recommenders_is_registered_evaluated_and_compared(tmp_path):
    clients = [purchases(customers=80, seed=seed) for seed in range(3)]
    fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
    table, held = [], []
    for candidate, version in (("popularity", "1"), ("item_knn", "2")):
        answers = trained([rows.filter(pl.col("at") < 6) for rows in clients],
                          {"candidates": candidate})  # fmt: skip
        for place, answer in enumerate(answers):
            path = tmp_path / f"{place}-{version}.arrow"
            path.write_bytes(answer["content"])
            table.append({"model": f"m{place}", "version": version, "format": answer["format"],
                          "artifact": str(path), "task": "ranking"})  # fmt: skip
    for place, rows in enumerate(clients):
        before = rows.filter(pl.col("at") < 6).group_by("customer").agg(history="item")
        after = rows.filter(pl.col("at") >= 6).group_by("customer").agg(bought="item")
        joined = before.join(after, on="customer").with_columns(
            bought=pl.col("bought").list.set_difference("history"), client=pl.lit(f"m{place}")
        )
        held.append(joined)
    pl.concat(held).sort("client", "customer").write_parquet(tmp_path / "held.parquet")
    fleet.register(table)
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "held.parquet"), "key": "client",
                 "id": "customer", "truth": "bought"}])  # fmt: skip
    for version, alias in (("1", "champion"), ("2", "challenger")):
        fleet.set_alias({"model": ["m0", "m1", "m2"], "version": [version] * 3}, alias)
    measured = fleet.evaluate()
    compared = fleet.compare(metrics=["ndcg_at_20"]).results()

    assert 0 == measured.failures().height
    assert {"ndcg_at_20", "novelty_at_10", "coverage_at_10"} <= set(measured.results()["metric"])
    assert ["better"] * 3 == compared["verdict"].to_list()
    assert {"paired_ranking"} == set(compared["comparison"])


def test_a_template_of_recommenders_is_trained_measured_and_asked_for_lists(tmp_path):
    """The hooks meet: define, instantiate, train, evaluate, predict, look up."""
    clients = [
        purchases(customers=20 + 60 * place, seed=place).with_columns(client=pl.lit(f"m{place}"))
        for place in range(3)
    ]
    rows = pl.concat(clients)
    rows.filter(pl.col("at") < 6).write_parquet(tmp_path / "train.parquet")
    keys = ["client", "customer"]
    asked = rows.filter(pl.col("at") < 6).group_by(keys).agg(history="item").sort(keys)
    after = rows.filter(pl.col("at") >= 6).group_by(keys).agg(bought="item")
    asked.join(after, on=keys).write_parquet(tmp_path / "held.parquet")
    asked.with_columns(retired=["i3"]).write_parquet(tmp_path / "current.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
    fleet.define([{"template": "shop", "trainer": "recommender", "params": {"length": "5"}}])
    fleet.instantiate("shop", {"model": ["m0", "m1", "m2"]})
    of = {"template": "shop", "key": "client", "id": "customer"}
    fleet.bind([
        {"role": "training", "url": str(tmp_path / "train.parquet"), **of, "id": None,
         "timestamp": "at"},
        {"role": "holdout", "url": str(tmp_path / "held.parquet"), **of, "truth": "bought"},
        {"role": "current", "url": str(tmp_path / "current.parquet"), **of},
    ])  # fmt: skip
    run = fleet.train()
    versions = fleet.versions().collect()
    measured = fleet.evaluate(metrics=["ndcg_at_10", "novelty_at_10"])
    listed = fleet.predict(role="lists")

    assert 0 == run.failures().height
    assert {("recommender", "1")} == set(versions.select("format", "version").rows())
    why = {row["model"]: row["params"]["why"] for row in versions.iter_rows(named=True)}
    assert all(why.values())
    assert 0 == measured.failures().height
    assert 6 == measured.results().height
    assert 0 == listed.failures().height
    found = fleet.lookup("lists").get("m1", "c3")
    assert 5 == len(found["prediction"])
    assert "i3" not in found["prediction"]


# Real data


@pytest.fixture(scope="module")
def retail(data):
    """Purchases of Online Retail before November, and what customers bought first from then on."""
    path = data / "reco_online_retail.parquet"
    if not path.exists():
        pytest.skip(f"no Online Retail at {path}")
    rows = pl.read_parquet(path).filter(
        pl.col("customer_id").is_not_null(),
        pl.col("quantity") > 0,
        pl.col("unit_price") > 0,
        pl.col("stock_code").str.contains(r"^\d{5}"),
    )
    rows = rows.select(
        customer="customer_id", item="stock_code", at="invoice_ts", country="country"
    )
    november = pl.lit(datetime(2011, 11, 1))
    train_rows = rows.filter(pl.col("at") < november)
    known = train_rows.select("customer", "item").unique()
    codes = known.group_by("item").len().filter(pl.col("len") >= 5)
    history = (
        known.join(codes, on="item", how="semi")
        .group_by("customer")
        .agg(history="item")
        .filter(pl.col("history").list.len() >= 5)
    )
    later = rows.filter(pl.col("at") >= november).join(codes, on="item", how="semi")
    new = later.join(known, on=["customer", "item"], how="anti")
    bought = new.group_by("customer").agg(
        bought=pl.col("item").unique(), country=pl.col("country").first()
    )
    return train_rows, history.join(bought, on="customer").sort("customer")


def of_retail(folder, rows, content):
    """Evaluate one model on the held-out purchases, in all and by country."""
    (folder / "model.arrow").write_bytes(content)
    rows.write_parquet(folder / "held.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    fleet.register([{"model": "shop", "version": "1", "format": "recommender",
                     "artifact": str(folder / "model.arrow"), "task": "ranking"}])  # fmt: skip
    fleet.bind([{"role": "holdout", "url": str(folder / "held.parquet"), "id": "customer",
                 "truth": "bought"}])  # fmt: skip
    run = fleet.evaluate(
        metrics=["recall_at_20", "ndcg_at_20"], slices=["country"], least=5
    ).results()
    return {(row["slice"], row["metric"]): row["value"] for row in run.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("candidate", "recall", "ndcg", "markets"),
    [
        (
            "popularity",
            0.0507,
            0.0429,
            {"Germany": 0.028, "France": 0.059, "United Kingdom": 0.051},
        ),
        ("item_knn", 0.1024, 0.0919, {}),
        ("ease", 0.1206, 0.1062, {"Germany": 0.087, "France": 0.132, "United Kingdom": 0.122}),
    ],
)
def test_the_figures_of_online_retail_are_reproduced(
    retail, tmp_path, candidate, recall, ndcg, markets
):
    purchases_before, held = retail
    params = {"candidates": candidate, "lambda": "500", "least_customers": "5"}
    found = of_retail(tmp_path, held, trained([purchases_before], params)[0]["content"])
    countries = {key.split("'")[1] if "'" in key else key.rpartition("=")[2].strip(): value
                 for (key, metric), value in found.items() if metric == "recall_at_20"}  # fmt: skip

    assert (1414, 32_191) == (held.height, held["bought"].list.len().sum())
    assert recall == pytest.approx(found["all", "recall_at_20"], abs=0.002)
    assert ndcg == pytest.approx(found["all", "ndcg_at_20"], abs=0.002)
    for country, value in markets.items():
        assert value == pytest.approx(countries[country], abs=0.002), country


def test_small_markets_of_online_retail_shrink_to_popularity_and_say_so(retail):
    purchases_before, _ = retail
    sizes = purchases_before.group_by("country").agg(pl.col("customer").n_unique()).sort("country")
    clients = [purchases_before.filter(country=country) for country in sizes["country"]]
    answers = trained(clients, {"timestamp": "at", "lambda": "500"})
    for (country, customers), answer in zip(sizes.iter_rows(), answers, strict=True):
        params = dict(answer["params"])
        if customers < 20:
            assert "popularity" == params["chosen"], country
            assert "20 at least is needed" in params["why"], country
    chosen = dict(
        zip(sizes["country"], [dict(a["params"])["chosen"] for a in answers], strict=True)
    )

    assert "popularity" != chosen["United Kingdom"]
