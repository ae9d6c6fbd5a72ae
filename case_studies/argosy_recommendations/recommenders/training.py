"""Train recommenders of many clients in one call."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.errors import ArgosyError
from argosy.tables import TRAINED
from argosy_recommendations.recommenders.artifact import FORMAT, Recommender, written
from argosy_recommendations.recommenders.choice import CUT, chosen
from argosy_recommendations.recommenders.interactions import interactions
from argosy_recommendations.recommenders.settings import from_params
from argosy_recommendations.recommenders.weights import counted, weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from argosy_recommendations.recommenders.choice import Choice
    from argosy_recommendations.recommenders.interactions import Interactions
    from argosy_recommendations.recommenders.settings import Candidate, Settings

    Ints = NDArray[np.int64]
    Answer = dict[str, Any]

_AT_ONCE = 1 << 25
"""Numbers of the matrices that are held at a time, where they are of several clients."""


def train(lessons: pa.Table, rows: pa.Table) -> pa.Table:
    """Fit the candidates of every client, keep the one that suits it, and write it down.

    Args:
        lessons: one row per client: `params` (map of texts, as `settings.Settings` lists them),
            `seed`, `start` and `length`, its slice of `rows`; and `timestamp`, the column of the
            time, where the data names one.
        rows: one row per purchase, whatever it is called: the columns `customer` and `item`
            unless params name others.

    Returns:
        One row per lesson, as `argosy.tables.TRAINED`: `params` are the lesson's, `chosen`, `why`,
        and of EASE its `penalty`; `metrics` are `customers`, `items`, `held_out` (how many
        customers decided) and the NDCG@20 of every candidate on what was held out of them.
    """
    frame = pl.DataFrame(rows)
    told = [list(params or ()) for params in lessons["params"].to_pylist()]
    found: list[Answer | None] = [None] * lessons.num_rows
    for places, settings in _alike(lessons, found):
        table = lessons.take(pa.array(places))
        starts, lengths = (table[name].to_numpy().astype(np.int64) for name in ("start", "length"))
        picked = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
        picked += np.arange(lengths.sum())
        seeds = table["seed"].fill_null(0).to_numpy().astype(np.int64)
        clients = np.repeat(np.arange(len(places)), lengths)
        try:
            given = interactions(frame[picked], clients, len(places), seeds, settings)
        except ArgosyError as error:
            for place in places:
                found[place] = {"reason": str(error)}
            continue
        for first, last in _blocks(given):
            answers = _fitted(given.only(first, last), settings)
            for place, answer in zip(places[first:last], answers, strict=True):
                if "reason" not in answer:
                    answer["params"] = [*told[place], *answer["params"]]
                found[place] = answer
    return pa.Table.from_pylist([each or {} for each in found], TRAINED)


def _alike(lessons: pa.Table, found: list[Answer | None]) -> Iterator[tuple[list[int], Settings]]:
    """Yield lessons with equal settings together; one whose settings are invalid has a reason."""
    timed = "timestamp" in lessons.column_names
    times = lessons["timestamp"].to_pylist() if timed else [None] * lessons.num_rows
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for place, (params, time) in enumerate(zip(lessons["params"].to_pylist(), times, strict=True)):
        told = dict(params or ())
        if time is not None:
            told.setdefault("timestamp", time)
        groups.setdefault(tuple(sorted(told.items())), []).append(place)
    for params_of, places in groups.items():
        try:
            settings = from_params(dict(params_of))
        except ArgosyError as error:
            for place in places:
                found[place] = {"reason": str(error)}
        else:
            yield places, settings


def _blocks(given: Interactions) -> list[tuple[int, int]]:
    """Cut clients where their matrices would not fit into memory together."""
    found, first, total = [], 0, 0
    for client, size in enumerate((given.catalogue**2).tolist()):
        if total and total + size > _AT_ONCE:
            found.append((first, client))
            first, total = client, 0
        total += size
    return [*found, (first, len(given.catalogue))]


def _fitted(given: Interactions, settings: Settings) -> list[Answer]:
    choices = settings.choices()
    choice = chosen(given, choices, settings)
    counts = counted(given)
    learnt = {
        number: weights(counts, choices[number], settings.neighbours)
        for number in np.unique(choice.of).tolist()
    }
    items = given.items.to_arrow().cast(pa.large_string())
    return [
        _answer(given, items, client, choices, choice, learnt, counts.starts, settings)
        for client in range(len(given.catalogue))
    ]


def _answer(
    given: Interactions,
    items: pa.LargeStringArray,
    client: int,
    choices: list[Candidate],
    choice: Choice,
    learnt: dict[int, Any],
    starts: Ints,
    settings: Settings,
) -> Answer:
    first, n = given.first_items[client], int(given.catalogue[client])
    if not n:
        least = settings.least_customers
        told = "no row names a customer and an item"
        return {"reason": told if least == 1 else f"no item has {least} customers, or {told}"}
    number = int(choice.of[client])
    candidate = choices[number]
    own = slice(first, first + n)
    model = Recommender(
        candidate.kind,
        items.take(pa.array(np.arange(first, first + n))),
        given.buyers[own],
        given.retired[own],
        int(given.customers[client]),
        settings.length,
        *_parts(candidate.kind, learnt[number][starts[client] : starts[client + 1]], n),
    )
    metrics = {"customers": float(model.customers), "items": float(n)}
    metrics["held_out"] = float(choice.judged[client])
    for each, value in zip(choices, choice.values[:, client].tolist(), strict=True):
        if isfinite(value):  # a single candidate is not measured
            metrics[f"ndcg_at_{CUT}.{_named(each)}"] = value
    params = {"chosen": candidate.kind, "why": choice.why[client]}
    if candidate.kind == "ease":
        params["penalty"] = f"{candidate.penalty:g}"
    return {
        "content": written(model),
        "format": FORMAT,
        "task": "ranking",
        "params": list(params.items()),
        "metrics": list(metrics.items()),
    }


def _named(candidate: Candidate) -> str:
    return f"ease_{candidate.penalty:g}" if candidate.kind == "ease" else candidate.kind


def _parts(kind: str, matrix: Any, n: int) -> tuple[Any, Ints, Ints]:  # noqa: ANN401
    """Return a client's weights, whose they are, and where those of every item begin."""
    if kind == "popularity":
        return matrix, np.zeros(0, np.int64), np.zeros(n + 1, np.int64)
    if kind == "ease":
        return matrix, np.zeros(0, np.int64), np.arange(n + 1) * n
    square = matrix.reshape(n, n)
    row, others = np.nonzero(square)
    starts = np.append(0, np.cumsum(np.bincount(row, minlength=n)))
    return square[row, others], others.astype(np.int64), starts
