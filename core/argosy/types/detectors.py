"""Drift detectors: what they look at, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["numeric", "categorical", "joint", "course"]
"""What a detector looks at.

A column by its ordered values (`numeric`) or by the counts of its categories (`categorical`); all
columns of a model together, row by row (`joint`); a column through the windows of a run (`course`).
"""


Dependence = Literal["scale", "rate", "blocks", "none"]
"""How a detector's p-values take rows that depend on each other, of which `tau` count as one.

Those of `scale` compare a statistic with its distribution as if either side had so many times
fewer rows; of `rate`, they count so many times fewer; of `blocks`, which see columns jointly, they
deal or leave out the blocks of rows they are told of in place of single ones; a detector of columns
by themselves that has no p-values says `blocks` to be given them by parts of time. Those of `none`
know nothing of it.
"""


class MeasureDrift(Protocol):
    """Compare reference with current rows, for many models and columns at once."""

    def __call__(self, pairs: pa.Table, /) -> pa.Table:
        """Return one row per row of the table, in the same order.

        Its columns are `statistic`, `effect`, `p_value` (float64, null if undefined), `p_method`
        and `reason` (string; null unless undefined). If `p_value` is never null, it decides whether
        an effect is beyond chance; a detector without one is compared with what it answers for
        parts of the reference. One that sees columns jointly or through windows must return a
        p-value, or nothing is judged. A column `detail` (string) may say more of an alert, such as
        the window in which it began.

        Numbers are finite, an effect is not negative, a p-value lies in [0, 1], and where there is
        a reason there is no number; a row that breaks this fails.

        Args:
            pairs: one row per (model, column), all of one kind. Every row has `model`, `version`,
                `column`, `n_ref`, `n_cur` (rows, missing ones included) and `null_ref`, `null_cur`
                (missing rows: null and NaN). `tau` (float64, at least 1) is how many rows count as
                one, because they follow each other in time or belong to one cluster; it is null
                where rows are taken for independent. A column that is looked at by itself also has
                `tau_nulls`, the same of where values are missing.

                `numeric`: `reference` and `current`, lists of float64, sorted, without missing
                values.

                `categorical`: `categories` (list of strings, sorted) and `ref_counts`, `cur_counts`
                (lists of int64).

                `joint`: one row per model, for all columns that both sides have; its `column` is
                `*`. It has `columns` and `kinds` (lists of strings: the names, and numeric or
                categorical), and `reference` and `current`: lists of float64, a sample of at most
                1,000 rows of either side, row after row, each with one number per column. Missing
                is NaN; a category is its rank (0, 1, ...) among those of both samples, the most
                common of the reference first. `n_ref` and `n_cur` count all rows; `null_ref` and
                `null_cur` are null. Where the binding names a timestamp or a cluster, rows are in
                the order of time, and those of a cluster together. `block_ref` and `block_cur`
                (int64, at least 1) are how many rows of either sample make a block: 1 where rows
                stand by themselves, else as many as span 2 tau of all rows at least, so that a
                block is worth two independent rows. `tau` is the greatest of any column, missing
                values included.

                `course`: one row per column for all its windows, oldest first; there are such rows
                only if there are windows. It has `kind` and lists with one element per window:
                `windows` (the names), `n` (rows, missing ones included), `nulls`. A numeric column
                adds `mean`, `sd` (population), `least` and `greatest`, null if a window has no
                values, and the same of the reference as `mean_ref`, `sd_ref`, `least_ref` and
                `greatest_ref`. A categorical column adds `categories` (the most common of the
                reference, most common first, at most eight), `ref_counts`, and `counts`, window
                after window. `n_cur` and `null_cur` are of all windows together.
        """
        ...


@dataclass(frozen=True, slots=True)
class Detector:
    """A drift detector."""

    name: str
    """What users type; lowercase."""
    kinds: frozenset[Kind]
    """The kinds of column it can measure; one table of one kind is handed over per call."""
    measure: MeasureDrift
    """Compare reference with current rows."""
    floor: float
    """The smallest effect worth an alert: below it, significance alone is not drift."""
    effect: str
    """What the effect is, in a word or two: it stands before the value in a sentence."""
    default: bool = True
    """Whether it takes part where nobody names any: of what comes with argosy. What is installed
    besides waits until the option `plugins.defaults` names it."""
    weight: float = 1.0
    """How much of a column's evidence is expected of it, next to the others; positive."""
    dependence: Dependence = "none"
    """How its p-values take rows that depend on each other.

    The answer of one that says nothing is unknown where more than 1.2 rows count as one. So is that
    of `blocks` where no blocks can be cut: where a side names neither a timestamp nor a cluster;
    and where it names both, and clusters overlap in time. A p-value from parts of the reference,
    which a detector gets that has none of its own, is judged there if `blocks` is declared: then
    the parts are stretches of time, or whole clusters; else they are random rows, and it is
    unknown. A p-value of its own that such a detector gives of a column by itself is unknown, since
    values are handed out without their order.
    """
    of: Literal["values", "missing"] = "values"
    """What it looks at: `missing` if it only counts where values are missing, which has a
    dependence of its own, `tau_nulls`."""
