"""Which test group a customer is in: fixed by its name, so nobody ever switches.

The name is hashed together with that of the experiment, byte by byte (FNV-1a, then the finaliser
of MurmurHash3), and the share of the range that the hash falls into is the group. It asks no
table and no clock, and is the same on every machine and in every version of every library.
Another experiment hashes otherwise, so its groups cut across those of this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.errors import BadInput
from argosy.kernels import compiled
from argosy.kernels.values import spelt
from argosy_experiments.clusters import CLUSTER
from argosy_experiments.group_sizes import score_tested
from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

CONTROL, TREATMENT = GROUPS = ("control", "treatment")
EVEN: Mapping[str, float] = {CONTROL: 0.5, TREATMENT: 0.5}


def group(
    experiment: str,
    shares: Mapping[str, float] = EVEN,
    unit: Sequence[str] = ("model", "customer"),
) -> pl.Expr:
    """Return the expression that gives every row its group, over tables of any size.

    Args:
        experiment: its name is the salt.
        shares: of each group, above 0, adding up to 1 at most; whoever is in none has a null.
            Groups stand in this order on the range, so when the last one grows into the rest,
            nobody leaves a group.
        unit: the columns of text that together name who is assigned.

    Raises:
        BadInput: if shares are not above 0, or add up to more than 1; when the expression is
            evaluated, if a name is null.

    Source: Fowler, Noll and Vo, "The FNV non-cryptographic hash algorithm" (1991); Appleby,
    MurmurHash3 (2011); Kohavi, Tang and Xu, "Trustworthy online controlled experiments" (2020)
    for the design.

    Example:
        >>> customers = pl.DataFrame({"model": "shop", "customer": ["ann", "bob", "fay", "gus"]})
        >>> customers.select(group("new lists")).to_series().to_list()
        ['control', 'control', 'treatment', 'treatment']
    """
    sizes = np.array(list(shares.values()), float)
    if not experiment or not len(sizes) or not (sizes > 0).all() or sizes.sum() > 1 + 1e-9:
        raise BadInput(
            f"the experiment {experiment!r} cannot have the shares {dict(shares)}; it needs a"
            " name, and shares above 0 that add up to 1 at most"
        )
    edges, names = np.cumsum(sizes), pl.Series([*shares, None], dtype=pl.String)
    edges[np.isclose(edges, 1)] = np.inf

    def assigned(columns: Sequence[pl.Series]) -> pl.Series:
        place = (hashed(columns, experiment) >> np.uint64(11)) * 2.0**-53
        return names.gather(np.searchsorted(edges, place, side="right"))

    return pl.map_batches(
        [pl.col(name) for name in unit], assigned, return_dtype=pl.String, is_elementwise=True
    ).alias("group")


def ratio_mismatch(
    counts: pl.DataFrame | pa.Table, shares: Mapping[str, float] = EVEN
) -> pl.DataFrame:
    """Test whether the groups of each model are as large as they should be.

    Where they are not, something let customers in or out of one group, and nothing that is
    compared between them can be believed.

    Args:
        counts: one row per `model` and `group`: `n` customers. Where customers were dealt into
            groups together, one per `cluster` too.
        shares: as for `group`.

    Returns:
        One row per model: `n`, `p_value` (chi-squared; null without customers, or of fewer than
        10 clusters), and `q_value` (Benjamini-Hochberg over all models). With clusters it is the
        score test on their sums: of clusters of one size that were each dealt as a whole, the
        test that counts clusters.

    Source: Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments",
    KDD (2019); Boos, The American Statistician 46 (1992), for the score test.

    Example:
        >>> counts = pl.DataFrame({"model": "m", "group": ["control", "treatment"],
        ...                        "n": [500, 600]})
        >>> ratio_mismatch(counts)["p_value"].round(5).to_list()
        [0.00257]
    """
    from scipy.special import chdtrc

    kinds = {"model": pl.String, "group": pl.String, "n": pl.Float64}
    if CLUSTER in pl.DataFrame(counts).columns:
        return adjusted(score_tested(counts, shares))
    given = refuse_duplicates(validated(counts, kinds, "counts"), ["model", "group"], "counts")
    expected = pl.DataFrame({"group": [*shares], "share": [*shares.values()]})
    whole = (
        given.select("model")
        .unique()
        .join(expected.with_columns(pl.col("share") / pl.col("share").sum()), how="cross")
    )
    seen = whole.join(given, on=["model", "group"], how="left").with_columns(
        pl.col("n").fill_null(0.0)
    )
    due = pl.col("share") * pl.col("n").sum()
    found = (
        seen.group_by("model")
        .agg(pl.col("n").sum(), statistic=((pl.col("n") - due) ** 2 / due).sum())
        .sort("model")
    )
    tail = pl.Series("p_value", chdtrc(len(shares) - 1, found["statistic"].to_numpy()))
    found = found.with_columns(p_value=pl.when(pl.col("n") > 0).then(tail)).drop("statistic")
    return adjusted(found)


def adjusted(found: pl.DataFrame) -> pl.DataFrame:
    """Add the `q_value` of each model that has a `p_value` (Benjamini-Hochberg over all of them).

    Example:
        >>> adjusted(pl.DataFrame({"model": ["a", "b"], "p_value": [0.01, None]})).rows()
        [('a', 0.01, 0.01), ('b', None, None)]
    """
    from scipy.stats import false_discovery_control

    tested = found.filter(pl.col("p_value").is_not_null())
    values = false_discovery_control(tested["p_value"].to_numpy()) if tested.height else []
    known = tested.select("model", q_value=pl.Series(values, dtype=pl.Float64))
    return found.join(known, on="model", how="left", maintain_order="left")


def hashed(columns: Sequence[pl.Series], salt: str) -> Hashes:
    """Hash rows of text together with a salt.

    Args:
        columns: of equal length.
        salt: rows are hashed otherwise with another.

    Returns:
        64 bits per row.

    Raises:
        BadInput: if a value is null.

    Example:
        >>> [hex(value) for value in hashed([pl.Series(["ann", "bob"])], "salt")]
        ['0x7626c8e5b0264469', '0xbabaa6a0ca24b7a']
    """
    begin = np.full(1, 0xCBF29CE484222325, np.uint64)
    found = np.repeat(_mixed(pl.Series([salt]), begin), len(columns[0]))
    for column in columns:
        if column.null_count():
            raise BadInput(f"{column.null_count()} rows have no {column.name}; leave them out")
        found = _mixed(column, found)
    return found


def _mixed(column: pl.Series, state: Hashes) -> Hashes:
    text = pa.array(spelt(column).to_arrow(), pa.large_binary())
    _, offsets, content = text.buffers()
    places = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
    letters = np.frombuffer(content, np.uint8) if content else np.zeros(0, np.uint8)
    return spread(letters, places, state)


@compiled
def spread(letters: NDArray[np.uint8], places: NDArray[np.int64], state: Hashes) -> Hashes:
    """Hash the bytes of every text, each from a state of its own.

    Args:
        letters: the bytes of all texts, end to end.
        places: where each text begins, and the last one ends.
        state: where each hash begins.

    Example:
        >>> letters, places = np.frombuffer(b"a", np.uint8), np.array([0, 1])
        >>> hex(spread(letters, places, np.zeros(1, np.uint64))[0])
        '0x590466522989a7ad'
    """
    found = np.empty(len(state), np.uint64)
    for row in range(len(state)):
        value = state[row]
        for place in range(places[row], places[row + 1]):
            value = (value ^ np.uint64(letters[place])) * np.uint64(0x100000001B3)
        value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
        found[row] = value ^ (value >> np.uint64(33))
    return found
