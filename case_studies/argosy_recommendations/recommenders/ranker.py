"""A loaded recommender: from what customers bought to the items they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from argosy.errors import BadInput
from argosy.kernels.values import spelt
from argosy_recommendations.recommenders.artifact import read
from argosy_recommendations.recommenders.ranking import ranked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.recommenders.artifact import Recommender

    Ints = NDArray[np.int64]

HISTORY, RETIRED = "history", "retired"
"""The columns of rows: what a customer has bought, and what has left the catalogue since."""


class Ranker:
    """Ranks the items of one client.

    Rows have the column `history`, a list of items; one that is null or empty is an unknown
    customer's, who is shown what is most popular. They may have the column `retired`, a list of
    items that are no longer sold: a catalogue changes between two trainings, and what left it is
    few, while what is in it would be a copy of the catalogue in every row. What was bought, what
    had been retired when the model was trained and what `retired` names is never in a list, nor
    is an item that the model has not seen.
    """

    task: str = "ranking"

    def __init__(self, model: Recommender) -> None:
        self._model = model
        self.classes: tuple[object, ...] = tuple(model.items.to_pylist())
        with np.errstate(divide="ignore"):
            share = model.buyers / max(model.customers, 1)
            self._novelty = -np.log2(share)

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rank every row's items: `prediction` (list of text), and `novelty` (bits of each).

        Raises:
            BadInput: if there is no history, or it is not a list.
        """
        model = self._model
        if HISTORY not in rows.columns:
            raise BadInput(f"a recommender needs the column {HISTORY!r}, a list of items")
        history, baskets = self._codes(rows[HISTORY])
        barred, bars = np.zeros(0, np.int64), np.zeros(rows.height, np.int64)
        if RETIRED in rows.columns:
            barred, bars = self._codes(rows[RETIRED])
        n = len(model.items)
        lists = ranked(
            model.weights,
            model.others,
            model.starts,
            np.zeros(n),
            ~model.retired,
            np.array([n]),
            np.array([rows.height]),
            history,
            baskets,
            barred,
            bars,
            model.length,
        )
        there = lists >= 0
        codes = lists[there]
        offsets = pa.array(np.append(0, np.cumsum(np.count_nonzero(there, axis=1))), pa.int64())
        columns = {
            "prediction": pa.LargeListArray.from_arrays(offsets, model.items.take(pa.array(codes))),
            "novelty": pa.LargeListArray.from_arrays(offsets, pa.array(self._novelty[codes])),
        }
        return pl.DataFrame(pa.table(columns))

    def _codes(self, column: pl.Series) -> tuple[Ints, Ints]:
        """Return the codes of the items of every row that the model knows, and how many."""
        if not isinstance(column.dtype, pl.List):
            raise BadInput(f"the column {column.name!r} must hold lists, not {column.dtype}")
        lengths = column.list.len().fill_null(0).to_numpy().astype(np.int64)
        flat = spelt(column.explode(empty_as_null=False, keep_nulls=False))
        found = pc.index_in(flat.to_arrow().cast(pa.large_string()), value_set=self._model.items)
        codes = pc.fill_null(found, -1).to_numpy().astype(np.int64)
        if not len(codes):
            return codes, lengths
        owners = np.repeat(np.arange(len(lengths)), lengths)
        known = codes >= 0
        return codes[known], np.bincount(owners[known], minlength=len(lengths))


def load(content: bytes) -> Ranker:
    """Parse verified content.

    Raises:
        ArtifactError: if it is no recommender.
    """
    return Ranker(read(content))
