"""Claim: 4,000 recommenders are fitted and chosen in half a minute of one core.

Clients differ as their sizes do: the median has 1,000 purchases of 50 items, the largest 100,000.
Measured is CPU time: of the trainer (three kinds of model on held-out purchases, and the chosen
one again on all), beside a loop over clients that does the same with SciPy, NumPy and polars, but
writes nothing; of a loaded model that ranks a hundred customers; and of all ranking metrics of
all clients, beside scikit-learn's `ndcg_score` alone in a loop. `--clients` sets another size.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from _machine import describe
from scipy import sparse
from sklearn.metrics import ndcg_score
from threadpoolctl import threadpool_limits

from argosy.jobs.ragged import lists
from argosy_recommendations.ranking.metrics import METRICS, measure
from argosy_recommendations.recommenders.ranker import load
from argosy_recommendations.recommenders.training import train

SEED, FEW, CUSTOMERS = 7, 200, 100


def spent(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Return the least CPU time of some rounds, and what the last one answered."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        answer = work()
        best = min(best, time.process_time() - started)
    return best, answer


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
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=4000)
    clients = parser.parse_args().clients
    print(describe())
    lessons, rows = purchases(clients)
    print(f"{clients} clients, {rows.num_rows:,} purchases, seed {SEED}")
    train(*purchases(3))
    took, answer = spent(lambda: train(lessons, rows))
    chosen = Counter(dict(each)["chosen"] for each in answer["params"].to_pylist())
    print(f"fitted, chosen, written: {took:.1f} s, {took / clients * 1000:.1f} ms per client")
    print(f"  chosen: {dict(chosen)}")
    few = min(FEW, clients - 1)
    part = lessons.slice(1, few)  # without the largest, which no loop is slow at
    own, _ = spent(lambda: train(part, rows))
    with threadpool_limits(1):
        loop, _ = spent(lambda: loop_fit(part, rows))
    print(f"of {few}: {own:.2f} s; the same in a loop over clients: {loop:.2f} s,"
          f" {loop / own:.1f} times")  # fmt: skip
    content = answer["content"][1].as_py()
    asked = pl.DataFrame({"history": [[str(at % 8), str(at % 5)] for at in range(CUSTOMERS)]})
    load(content).predict(asked)
    loading, model = spent(lambda: load(content))
    ranking, _ = spent(lambda: [model.predict(asked) for _ in range(50)])
    print(f"one model: loaded in {loading * 1000:.2f} ms, {CUSTOMERS} customers ranked in"
          f" {ranking / 50 * 1000:.2f} ms")  # fmt: skip
    table, names = ranked(clients), [metric.name for metric in METRICS]
    measure(table.slice(0, 2), names)
    took, _ = spent(lambda: measure(table, names))
    hits = table["hits"].combine_chunks().values.to_numpy().reshape(-1, 20)[: few * CUSTOMERS]
    score = np.tile(np.arange(20.0, 0, -1), (CUSTOMERS, 1))
    loop, _ = spent(
        lambda: [
            ndcg_score(hits[at : at + CUSTOMERS], score, k=10)
            for at in range(0, len(hits), CUSTOMERS)
        ]
    )
    print(f"{len(names)} metrics of {clients} models: {took:.2f} s; ndcg_score in a loop:"
          f" {loop / few * clients:.1f} s, {loop / few * clients / took:.0f} times")  # fmt: skip


if __name__ == "__main__":
    main()
