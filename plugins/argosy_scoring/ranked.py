"""Ranked lists beside the items that turned out relevant, for all models of a dataset at once.

What is kept of a row are three lists, as long as its list of items: `items` (the code of each),
`hits` (1.0 where it is relevant), and `novelty` where models tell it; and two numbers: how many
items are relevant (`truth`) and how many were ranked (`prediction`). Every metric of a ranking is
a function of these.

Items are compared as text, as class labels are. Those that are relevant are a set: neither their
order nor repetition matters, and nulls are none. An item that a list repeats keeps its rank, and
is a hit the first time only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.flat_lists import lists
from argosy.errors import BadInput
from argosy.kernels import sums
from argosy.kernels.hashing import text_hash
from argosy_scoring.class_codes import as_text
from argosy_scoring.columns import latency, weights
from argosy_scoring.item_lists import among, flat, numbered, of_sets
from argosy_scoring.join_labels import PLACE
from argosy_scoring.logged import finished, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from argosy.types import Predictor
    from argosy_scoring.columns import Reasons
    from argosy_scoring.join_labels import Labelled, Mask
    from argosy_scoring.predictions import Predictions

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Hashes = NDArray[np.uint64]

RANKING = "ranking"


def are_rankings(found: Labelled) -> Mask:
    """Say which models of a log rank: those that say so, else all where the truth is a list."""
    nested = isinstance(_truth(found).dtype, pl.List | pl.Array)
    task = found.dataset.models["task"]
    mask: Mask = ((task == RANKING) | (task.is_null() & nested)).fill_null(False).to_numpy()
    return mask


def logged_lists(found: Labelled, cuts: Mapping[str, pl.Expr]) -> tuple[list[Predictions], Reasons]:
    """Take ranked lists from the data's own columns; a model's items are those that occur.

    Raises:
        BadInput: if the binding names no prediction, or a column holds no lists.
    """
    require(found.dataset.rows, found.dataset.binding)
    name = found.dataset.binding["prediction"]
    if not name:
        raise BadInput("a ranking needs its lists, and its binding names only a score")
    guess = found.dataset.rows[name]
    part, reasons = _together(found, guess, None, {}, _nothing(found, guess), cuts, None)
    return [part], reasons


def scored_lists(
    found: Labelled,
    answers: Sequence[tuple[Predictor, pl.DataFrame, Any]],
    cuts: Mapping[str, pl.Expr],
    features: Hashes | None,
) -> tuple[Predictions, Reasons]:
    """Put together what models ranked here.

    Args:
        found: their rows.
        answers: of every model that has rows, in the order in which these lie: the model, the
            columns that it answered, and something that is not looked at.
        cuts: expressions that rows are cut by.
        features: the hashes of every row's features where rows have no id.
    """
    places = found.groups[PLACE].unique(maintain_order=True).to_list()
    classes: list[pl.Series] = [pl.Series(dtype=pl.String)] * found.dataset.models.height
    for place, (predictor, _, _) in zip(places, answers, strict=True):
        classes[place] = as_text(pl.Series(list(predictor.classes)))
    told = pl.concat([answer for _, answer, _ in answers], how="diagonal")
    guess = told["prediction"]
    extra = {"novelty": told["novelty"]} if "novelty" in told.columns else {}
    reasons = _nothing(found, guess)
    return _together(found, guess, classes, extra, reasons, cuts, features)


def _truth(found: Labelled) -> pl.Series:
    truth: pl.Series = found.dataset.rows[found.dataset.binding["truth"]]
    return truth


def _nothing(found: Labelled, guess: pl.Series) -> Reasons:
    """Say which models give no list for a row, or lists that hold a null."""
    listed = flat(guess, "prediction")
    wrong = guess.is_null().to_numpy()
    if listed.items.null_count():
        wrong = wrong | (sums(listed.items.is_null().to_numpy(), listed.lengths) > 0)
    return _counted(found, wrong, "lists are null or hold a null")


def _counted(found: Labelled, wrong: Mask, told: str) -> Reasons:
    if not wrong.any():
        return {}
    models = found.dataset.models.height
    counts = np.bincount(found.places, wrong, models).astype(int)
    totals = np.bincount(found.places, minlength=models)
    return {
        int(place): f"{counts[place]} of {totals[place]} {told}" for place in np.flatnonzero(counts)
    }


def _together(
    found: Labelled,
    guess: pl.Series,
    classes: Sequence[pl.Series] | None,
    extra: Mapping[str, Any],
    reasons: Reasons,
    cuts: Mapping[str, pl.Expr],
    features: Hashes | None,
) -> tuple[Predictions, Reasons]:
    relevant, ranked = flat(_truth(found), "truth"), flat(guess, "prediction")
    known = [] if classes is None else list(classes)
    ids, words = numbered([relevant.items, ranked.items, *known])
    width = len(words) + 1  # one more: the place of what is null
    true = np.unique((relevant.rows * width + ids[0])[ids[0] >= 0])
    keys = ranked.rows * width + ids[1]
    hits = among(keys, true) & pl.Series(keys).is_first_distinct().to_numpy()
    owners = found.places
    of_models = owners[ranked.rows] * width + ids[1]
    if classes is None:
        catalogue = np.unique(
            np.concatenate([owners[true // width] * width + true % width, of_models[ids[1] >= 0]])
        )
    else:
        sizes = np.array([len(each) for each in known])
        own = np.concatenate(ids[2:])
        catalogue = np.unique((np.repeat(np.arange(len(sizes)), sizes) * width + own)[own >= 0])
    strange = np.zeros(len(owners), np.bool_)
    strange[ranked.rows[~among(of_models, catalogue)]] = True
    told = "lists hold an item that the model does not say it knows"
    reasons = {**_counted(found, strange, told), **reasons}
    first = np.searchsorted(catalogue // width, np.arange(found.dataset.models.height + 1))
    codes = np.searchsorted(catalogue, of_models) - first[owners[ranked.rows]]
    many = np.bincount(true // width, minlength=len(owners))
    weight, light = weights(found)
    columns: dict[str, Any] = {
        "truth": many.astype(np.float64),
        "prediction": ranked.lengths.astype(np.float64),
        "weight": weight,
        **latency(found),
        "items": pl.Series(lists(codes.astype(np.float64), ranked.lengths)),
        "hits": pl.Series(lists(hits.astype(np.float64), ranked.lengths)),
        **extra,
    }
    identity = of_sets(text_hash(words)[true % width] if len(true) else true, many)
    reasons = {**reasons, **light}
    labels = None  # a catalogue is too large to be told, and nothing is decided by it
    made, reasons = finished(found, RANKING, labels, columns, identity, reasons, cuts, features)
    return _with_catalogue(made, found, np.diff(first)), reasons


def _with_catalogue(made: Predictions, found: Labelled, sizes: Ints) -> Predictions:
    """Say of every group how many items its model knows."""
    told = found.dataset.models.select("model", "version", classes=pl.Series(sizes, dtype=pl.Int64))
    groups = made.groups.drop("classes").join(
        told, on=["model", "version"], how="left", maintain_order="left"
    )
    return replace(made, groups=groups)
