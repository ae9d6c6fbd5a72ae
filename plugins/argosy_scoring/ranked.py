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

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels import sums
from argosy.kernels.hashing import text_hash
from argosy.types import Readout
from argosy_rows.flat_lists import lists
from argosy_scoring.columns import require
from argosy_scoring.item_lists import among, flat, numbered, of_sets
from argosy_scoring.labels import as_text
from argosy_scoring.vocabularies import nothing_shared, strangers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy.types import Answered, TaskRows
    from argosy_scoring.columns import Reasons
    from argosy_scoring.join_labels import Ints, Mask


def recognises(binding: Mapping[str, Any], schema: Mapping[str, pl.DataType]) -> bool:
    """Say whether the truth is a list."""
    return isinstance(schema[binding["truth"]], pl.List | pl.Array)


def from_log(handed: TaskRows) -> Readout:
    """Read the ranked lists that a log has; a model's items are those that occur.

    Raises:
        BadInput: if the binding names no prediction, or a column holds no lists.
    """
    require(handed.rows, handed.binding)
    name = handed.binding["prediction"]
    if not name:
        raise BadInput("a ranking needs its lists, and its binding names only a score")
    guess = handed.rows[name]
    return _together(handed, guess, None, {}, _nothing(handed, guess))


def from_models(handed: TaskRows, answers: Sequence[Answered]) -> Readout:
    """Read what models ranked here; a model's items are those that it says it knows."""
    classes: list[pl.Series] = [pl.Series(dtype=pl.String)] * handed.models.height
    for place, model, _ in answers:
        classes[place] = as_text(pl.Series(list(model.classes)))
    told = pl.concat([each.rows for each in answers], how="diagonal")
    guess = told["prediction"]
    extra = {"novelty": told["novelty"]} if "novelty" in told.columns else {}
    return _together(handed, guess, classes, extra, _nothing(handed, guess))


def _nothing(handed: TaskRows, guess: pl.Series) -> Reasons:
    """Say which models give no list for a row, or lists that hold a null."""
    listed = flat(guess, "prediction")
    wrong = guess.is_null().to_numpy()
    if listed.items.null_count():
        wrong = wrong | (sums(listed.items.is_null().to_numpy(), listed.lengths) > 0)
    return _counted(handed, wrong, "lists are null or hold a null")


def _counted(handed: TaskRows, wrong: Mask, told: str) -> Reasons:
    if not wrong.any():
        return {}
    models = handed.models.height
    counts = np.bincount(handed.place, wrong, models).astype(int)
    totals = np.bincount(handed.place, minlength=models)
    return {
        int(place): f"{counts[place]} of {totals[place]} {told}" for place in np.flatnonzero(counts)
    }


def _together(
    handed: TaskRows,
    guess: pl.Series,
    classes: Sequence[pl.Series] | None,
    extra: Mapping[str, Any],
    reasons: Reasons,
) -> Readout:
    relevant, ranked = (
        flat(handed.rows[handed.binding["truth"]], "truth"),
        flat(guess, "prediction"),
    )
    known = [] if classes is None else list(classes)
    ids, words = numbered([relevant.items, ranked.items, *known])
    width = len(words) + 1  # one more: the place of what is null
    true = np.unique((relevant.rows * width + ids[0])[ids[0] >= 0])
    keys = ranked.rows * width + ids[1]
    hits = among(keys, true) & pl.Series(keys).is_first_distinct().to_numpy()
    owners = handed.place
    of_models = owners[ranked.rows] * width + ids[1]
    of_truth = np.unique(owners[true // width] * width + true % width)
    if classes is None:
        listed = np.unique(of_models[ids[1] >= 0])
        catalogue, what = np.union1d(of_truth, listed), "in its lists"
    else:
        sizes = np.array([len(each) for each in known])
        own = np.concatenate(ids[2:])
        listed = np.unique((np.repeat(np.arange(len(sizes)), sizes) * width + own)[own >= 0])
        catalogue, what = listed, "one that it says it knows"
    strange = np.zeros(len(owners), np.bool_)
    strange[ranked.rows[~among(of_models, catalogue)]] = True
    told = "lists hold an item that the model does not say it knows"
    apart = _apart(of_truth, listed, words, handed.models.height, what)
    reasons = {**_counted(handed, strange, told), **apart, **reasons}
    first = np.searchsorted(catalogue // width, np.arange(handed.models.height + 1))
    codes = np.searchsorted(catalogue, of_models) - first[owners[ranked.rows]]
    many = np.bincount(true // width, minlength=len(owners))
    columns: dict[str, Any] = {
        "truth": many.astype(np.float64),
        "prediction": ranked.lengths.astype(np.float64),
        "items": pl.Series(lists(codes.astype(np.float64), ranked.lengths)),
        "hits": pl.Series(lists(hits.astype(np.float64), ranked.lengths)),
        **extra,
    }
    identity = of_sets(text_hash(words)[true % width] if len(true) else true, many)
    # a catalogue is too large to be told as labels, and nothing is decided by it
    return Readout(pl.DataFrame(columns), reasons, classes=np.diff(first).tolist(), truth=identity)


def _apart(truth: Ints, listed: Ints, words: pl.Series, models: int, what: str) -> Reasons:
    """Say of which models no item that is relevant can be among those that they rank."""
    width, found = len(words) + 1, {}
    for model in strangers(truth, listed, width, models):
        sides = (words[keys[keys // width == model] % width].to_list() for keys in (truth, listed))
        found[model] = nothing_shared(f"no item of its truth is {what}", *sides)
    return found
