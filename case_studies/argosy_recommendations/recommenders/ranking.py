"""The loop that makes ranked lists, the same for choosing a model and for asking one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


@compiled
def ranked(
    weights: Singles,
    others: Ints,
    starts: Ints,
    base: Floats,
    sold: Bools,
    catalogue: Ints,
    customers: Ints,
    history: Ints,
    baskets: Ints,
    barred: Ints,
    bars: Ints,
    length: int,
) -> Ints:
    """Rank the items of every customer's client by what the customer has bought.

    The score of an item is `base` and, for each item bought, its weight. What was bought, is not
    sold any more or is barred is left out; of equal scores the item with the lower code is first.

    Args:
        weights: of every item of every client, what having bought it says of others; end to end.
        others: the codes of these others; empty where all items of the client have one, in order.
        starts: where the weights of every item begin, and where the last end.
        base: of every item of every client.
        sold: whether each item may be recommended.
        catalogue: how many items each client has.
        customers: how many customers each client has.
        history: the codes of what each customer bought, end to end.
        baskets: how many each customer bought.
        barred: the codes of what each customer must not see besides, end to end.
        bars: how many these are.
        length: how many items a list holds at most.

    Returns:
        Shape (customers, length): codes, best first, and -1 where nothing is left.
    """
    people = len(baskets)
    found = np.full((people, length), -1)
    most = 0
    for n in catalogue:
        most = max(most, n)
    score, out, best = np.empty(most), np.full(most, -1), np.empty(length)
    first, person, at, bar = 0, 0, 0, 0
    for client in range(len(customers)):
        n = catalogue[client]
        for _ in range(customers[client]):
            for i in range(n):
                score[i] = base[first + i]
            for place in range(at, at + baskets[person]):
                bought = history[place]
                if out[bought] == person:  # a history may name an item again
                    continue
                out[bought] = person
                begin, end = starts[first + bought], starts[first + bought + 1]
                if len(others) > 0:
                    for k in range(begin, end):
                        score[others[k]] += weights[k]
                else:
                    for k in range(begin, end):
                        score[k - begin] += weights[k]
            for place in range(bar, bar + bars[person]):
                out[barred[place]] = person
            held = 0
            for i in range(n):
                if out[i] == person or not sold[first + i]:
                    continue
                if held == length and not score[i] > best[length - 1]:
                    continue
                place = min(held, length - 1)
                while place > 0 and score[i] > best[place - 1]:
                    best[place] = best[place - 1]
                    found[person, place] = found[person, place - 1]
                    place -= 1
                best[place] = score[i]
                found[person, place] = i
                held = min(held + 1, length)
            at += baskets[person]
            bar += bars[person]
            person += 1
        first += n
    return found


@compiled
def found_again(lists: Ints, wanted: Ints, sizes: Ints) -> Floats:
    """Say which items of every list are wanted.

    Args:
        lists: shape (rows, length), -1 where there is none.
        wanted: codes, row after row.
        sizes: how many are wanted by each row.

    Returns:
        1.0 or 0.0; shape (rows * length,).
    """
    rows, length = lists.shape
    hits = np.zeros(rows * length)
    start = 0
    for row in range(rows):
        for rank in range(length):
            for place in range(start, start + sizes[row]):
                if lists[row, rank] == wanted[place]:
                    hits[row * length + rank] = 1.0
        start += sizes[row]
    return hits
