"""Claim: 4,000 recommenders are fitted and chosen in half a minute of one core.

Clients differ as their sizes do: the median has 1,000 purchases of 50 items, the largest 100,000.
Measured is the trainer (three kinds of model on held-out purchases, and the chosen one again on
all), in turns with a loop over clients that does the same with SciPy, NumPy and polars, but writes
nothing; a loaded model that ranks a hundred customers; and all ranking metrics of all clients, in
turns with scikit-learn's `ndcg_score` alone in a loop.
"""

from collections import Counter

import numpy as np
import polars as pl
import pyarrow as pa
from _measure import alternating, asked, options, ratio
from scipy import sparse
from sklearn.metrics import ndcg_score
from threadpoolctl import threadpool_limits

from argosy_ranking.metrics import METRICS, measure
from argosy_recommendations.recommenders.ranker import load
from argosy_recommendations.recommenders.training import train
from argosy_rows.flat_lists import lists

SEED, FEW, CUSTOMERS, REPEATED = 7, 200, 100, 50


def purchases(clients: int) -> tuple[pa.Table, pa.Table]:
    """Draw clients whose customers have one of four tastes."""
    generator = np.random.default_rng(SEED)
    sizes = np.clip(np.exp(generator.normal(np.log(1000), 1.0, clients)), 10, 100_000).astype(int)
    sizes[0] = 100_000
    many = sizes.sum()
    items = np.clip((50 * np.sqrt(sizes / 1000)).astype(int), 8, 500)
    people = np.maximum(3, sizes // 10)
    customer = (generator.random(many) * np.repeat(people, sizes)).astype(int)
    item = (generator.random(many) ** 2 * np.repeat(items, sizes)).astype(int)
    loyal = generator.random(many) < 0.6
    item = np.where(loyal, item // 4 * 4 + customer % 4, item)
    rows = pa.table(
        {
            "customer": pa.array(customer).cast(pa.string()),
            "item": pa.array(item).cast(pa.string()),
            "at": generator.integers(0, 10**6, many),
        }
    )
    lessons = pa.table(
        {
            "params": pa.array([[]] * clients, pa.map_(pa.string(), pa.string())),
            "timestamp": ["at"] * clients,
            "seed": [SEED] * clients,
            "start": np.cumsum(sizes) - sizes,
            "length": sizes,
        }
    )
    return lessons, rows


def loop_fit(lessons: pa.Table, rows: pa.Table) -> None:
    """Do the same client by client: hold out, fit, rank, measure, choose, fit again."""
    gain = 1 / np.log2(np.arange(2, 22))
    spans = zip(*(lessons[name].to_pylist() for name in ("start", "length")), strict=True)
    for start, length in spans:
        own = (
            pl.DataFrame(rows.slice(start, length))
            .group_by("customer", "item")
            .agg(pl.col("at").max())
        )
        own = own.sort("customer", "at").with_columns(
            person=pl.col("customer").rank("dense") - 1, code=pl.col("item").rank("dense") - 1
        )
        place, size = pl.int_range(pl.len()).over("person"), pl.len().over("person")
        out = own.select(place >= size - pl.max_horizontal(1, (size * 0.2).floor())).to_series()
        out &= own.select(size > 1).to_series()
        shape = int(own["person"].max()) + 1, int(own["code"].max()) + 1
        sides = []
        for part in (own.filter(~out), own.filter(out), own):
            cells = part["person"].to_numpy(), part["code"].to_numpy()
            sides.append(sparse.csr_matrix((np.ones(part.height), cells), shape))
        rest, wanted, every = sides
        judged = np.flatnonzero(np.asarray(wanted.sum(axis=1)).ravel())
        values = []
        for kind, penalty in KINDS:
            weights = plain_weights(rest, kind, penalty)
            score = (rest @ weights)[judged]
            score[rest[judged].toarray() > 0] = -np.inf
            best = np.argsort(-score, axis=1, kind="stable")[:, :20]
            hits = np.take_along_axis(wanted[judged].toarray(), best, axis=1)
            many = np.minimum(np.asarray(wanted[judged].sum(axis=1)).ravel().astype(int), 20)
            values.append((hits @ gain[: hits.shape[1]] / np.cumsum(gain)[many - 1]).mean())
        plain_weights(every, *KINDS[int(np.argmax(values))])


KINDS = (("popularity", 0.0), ("item_knn", 0.0), ("ease", 50.0), ("ease", 500.0))


def plain_weights(bought: sparse.csr_matrix, kind: str, penalty: float) -> np.ndarray:
    """Return what each item says of others, of one client."""
    counts = (bought.T @ bought).toarray()
    buyers = counts.diagonal().copy()
    if kind == "popularity":
        return np.tile(buyers / len(buyers), (len(buyers), 1))
    if kind == "item_knn":
        with np.errstate(invalid="ignore", divide="ignore"):
            alike = np.nan_to_num(counts / np.sqrt(np.outer(buyers, buyers)))
        np.fill_diagonal(alike, 0)
        if len(buyers) > 100:
            np.put_along_axis(alike, np.argsort(-alike, axis=1)[:, 100:], 0, axis=1)
        return alike.T
    inverse = np.linalg.inv(counts + penalty * np.eye(len(buyers)))
    weights = inverse / -inverse.diagonal()
    np.fill_diagonal(weights, 0)
    return weights


def ranked(clients: int) -> pa.Table:
    """Lay out a hundred lists of twenty per client, as a metric is handed them."""
    generator = np.random.default_rng(SEED)
    rows = clients * CUSTOMERS
    each = np.full(clients, CUSTOMERS)
    flat = {
        "truth": generator.integers(1, 6, rows).astype(float),
        "prediction": np.full(rows, 20.0),
        "weight": np.ones(rows),
    }
    deep = {
        "items": np.tile(np.arange(20.0), rows),
        "hits": (generator.random(rows * 20) < 0.02).astype(float),
        "novelty": generator.random(rows * 20) * 8,
    }
    columns = {name: lists(values, each) for name, values in flat.items()}
    columns |= {name: lists(values, each * 20) for name, values in deep.items()}
    return pa.table({"classes": np.full(clients, 50), **columns})


def main() -> None:
    """Measure, and print what was found."""
    given = asked(options(__doc__, clients=(4_000, 40)))
    clients = given.clients
    lessons, rows = purchases(clients)
    print(f"{clients:,} clients, {rows.num_rows:,} purchases, seed {SEED}")
    train(*purchases(3))
    few = min(FEW, clients - 1)
    answer = fitted(lessons, rows, few, given.rounds)
    one(answer["content"][1].as_py(), given.rounds)
    measured(clients, few, given.rounds)


def fitted(lessons: pa.Table, rows: pa.Table, few: int, rounds: int) -> pa.Table:
    part, clients = lessons.slice(1, few), lessons.num_rows
    with threadpool_limits(1):
        found = alternating(
            {
                "all": lambda: train(lessons, rows),
                "few": lambda: train(part, rows),  # without the largest, which no loop is slow at
                "loop": lambda: loop_fit(part, rows),
            },
            rounds,
        )
    took, answer = found["all"].median, found["all"].answer
    chosen = Counter(dict(each)["chosen"] for each in answer["params"].to_pylist())
    print(f"fitted, chosen, written: {took:.1f} s, {took / clients * 1000:.1f} ms per client")
    print(f"  chosen: {dict(chosen)}")
    own, loop = found["few"], found["loop"]
    print(
        f"of {few}: {own.median:.2f} s; the same in a loop over clients: {loop.median:.2f} s,"
        f" {ratio(own, loop)}"
    )
    return answer


def one(content: bytes, rounds: int) -> None:
    history = pl.DataFrame({"history": [[str(at % 8), str(at % 5)] for at in range(CUSTOMERS)]})
    model = load(content)
    model.predict(history)
    works = {
        "load": lambda: [load(content) for _ in range(REPEATED)],
        "rank": lambda: [model.predict(history) for _ in range(REPEATED)],
    }
    found = alternating(works, rounds)
    loading, ranking = (1000 * spent.median / REPEATED for spent in found.values())
    print(
        f"one model: loaded in {loading:.2f} ms, {CUSTOMERS} customers ranked in {ranking:.2f} ms"
    )


def measured(clients: int, few: int, rounds: int) -> None:
    table, names = ranked(clients), [metric.name for metric in METRICS]
    measure(table.slice(0, 2), names)
    hits = table["hits"].combine_chunks().values.to_numpy().reshape(-1, 20)[: few * CUSTOMERS]
    score = np.tile(np.arange(20.0, 0, -1), (CUSTOMERS, 1))
    starts = range(0, len(hits), CUSTOMERS)
    found = alternating(
        {
            "all": lambda: measure(table, names),
            "loop": lambda: [ndcg_score(hits[at : at + CUSTOMERS], score, k=10) for at in starts],
        },
        rounds,
    )
    ours, loop = found["all"], found["loop"] / few * clients
    print(
        f"{len(names)} metrics of {clients:,} models: {ours.median:.2f} s; ndcg_score in a loop:"
        f" {loop.median:.1f} s, {ratio(ours, loop)}"
    )


if __name__ == "__main__":
    main()
