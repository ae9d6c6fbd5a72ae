"""Which model suits a client: the one that finds purchases again that were held out of it.

Of every customer with two items or more, the newest fifth is held out (one at least; without a
time, one at random by the seed). The candidates learn from the rest, and the mean NDCG@20 over
these customers decides, by the rule of one standard error (Breiman, Friedman, Olshen and Stone,
"Classification and regression trees", 1984): a model that is not better than popularity by one
standard error of the paired difference is not worth its complexity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import across, sums
from argosy_recommendations.recommenders.ranking import found_again, ranked
from argosy_recommendations.recommenders.weights import counted, lay, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.recommenders.interactions import Interactions
    from argosy_recommendations.recommenders.settings import Candidate, Settings
    from argosy_recommendations.recommenders.weights import Counts

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

HELD_OUT = 0.2
"""The share of a customer's items."""
CUT = 20
_TIE = 1e-9
"""How much popularity counts where scores are equal."""


class Choice(NamedTuple):
    """What was chosen for every client."""

    of: Ints
    """The number of the candidate."""
    why: list[str]
    values: Floats
    """The mean NDCG@20 of every candidate, shape (candidates, clients); NaN where not known."""
    judged: Ints
    """How many customers decided."""


def chosen(given: Interactions, choices: list[Candidate], settings: Settings) -> Choice:
    """Choose a model for every client."""
    clients = len(given.customers)
    if len(choices) == 1:
        why = [f"{choices[0].kind} is the only candidate"] * clients
        nothing = np.full((1, clients), np.nan)
        return Choice(np.zeros(clients, np.int64), why, nothing, np.zeros(clients, np.int64))
    rest, wanted, sizes = parted(given)
    counts, judge = counted(rest), sizes > 0
    people = np.repeat(np.arange(clients), given.customers)
    judged = np.bincount(people[judge], minlength=clients)
    gains = [_gains(rest, wanted, sizes, counts, each, settings)[judge] for each in choices]
    values = np.stack([_means(gain, judged) for gain in gains])
    best = np.where(judged > 0, np.nan_to_num(values).argmax(axis=0), 0)
    leads = np.take_along_axis(np.stack(gains), best[people[judge]][None], axis=0)[0] - gains[0]
    lead = _means(leads, judged)
    squares = sums((leads - lead[people[judge]]) ** 2, judged)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(squares / judged / np.maximum(judged - 1, 1))
    of, why = best.copy(), []
    for client in range(clients):
        name = choices[best[client]].kind
        if judged[client] < settings.least:
            of[client] = 0
            told = f"purchases of {judged[client]} customers could be held out, of"
            why.append(f"{told} {settings.least} at least is needed: {choices[0].kind}")
        elif best[client] and not lead[client] > error[client]:
            of[client] = 0
            told = f"{name} leads by {lead[client]:.4f}, no more than its error"
            why.append(f"{told} {error[client]:.4f}: {choices[0].kind}")
        else:
            value = values[best[client], client]
            why.append(f"{name} has the best NDCG@{CUT}, {value:.4f} of {judged[client]} customers")
    return Choice(of, why, values, judged)


def parted(given: Interactions) -> tuple[Interactions, Ints, Ints]:
    """Hold purchases out.

    Returns:
        What is left, with the same items and customers; what is held out, customer after
        customer, without what is retired; and how much that is of each.
    """
    size = np.where(
        given.baskets > 1, np.maximum(1, (given.baskets * HELD_OUT).astype(np.int64)), 0
    )
    place = np.arange(len(given.codes)) - np.repeat(
        np.cumsum(given.baskets) - given.baskets, given.baskets
    )
    out = place >= np.repeat(given.baskets - size, given.baskets)
    rest = replace(given, codes=given.codes[~out], baskets=given.baskets - size)
    owner = np.repeat(np.arange(len(given.baskets)), given.baskets)
    retired = given.retired[given.first_items[given.clients_of_pairs] + given.codes]
    kept = out & ~retired
    return rest, given.codes[kept], np.bincount(owner[kept], minlength=len(given.baskets))


def _gains(
    rest: Interactions,
    wanted: Ints,
    sizes: Ints,
    counts: Counts,
    candidate: Candidate,
    settings: Settings,
) -> Floats:
    """Return the NDCG@20 of every customer; nonsense where nothing is wanted."""
    buyers = counts.buyers
    learnt = weights(counts, candidate, settings.neighbours)
    starts = lay(rest.catalogue)
    popular = candidate.kind == "popularity"
    none = np.zeros(0, np.int64)
    lists = ranked(
        learnt,
        none,
        np.zeros_like(starts) if popular else starts,
        buyers * (1.0 if popular else _TIE),
        ~rest.retired,
        rest.catalogue,
        rest.customers,
        rest.codes,
        rest.baskets,
        none,
        np.zeros_like(rest.baskets),
        CUT,
    )
    hits = found_again(lists, wanted, sizes)
    discount = 1 / np.log2(np.arange(CUT) + 2)
    found: Floats = across(hits.reshape(-1, CUT) * discount)
    best: Floats = np.cumsum(discount)[np.clip(sizes, 1, CUT) - 1]
    return found / best


def _means(gains: Floats, judged: Ints) -> Floats:
    """Return the mean of every client's customers; NaN where nobody was judged."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = sums(gains, judged) / judged
    return found
