"""The faults the demo plants, to see whether they are found.

Drift is planted in the current window of 3 % of the models, in one feature each, of five kinds:

* `mean_shift`: 1.5 reference standard deviations are added;
* `scale`: distances from the reference mean are multiplied by 5;
* `category_swap`: the most and the least frequent category change names;
* `category_collapse`: every row gets the least frequent category, as from a wrong default;
* `nulls`: 35 % of the values go missing.

Where a window is too small, or its categories too even, for a kind to show, its neighbour is
planted: `mean_shift` for `scale`, `category_collapse` for `category_swap`. The sizes are chosen
to be found at these windows: the demo shows that planted drift surfaces and that nothing else
does, not how small a drift can be found.

Three artifacts are damaged besides: one byte flipped, one cut short, one deleted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy_demo.windows import Windows

SHARE = 0.03
"""The share of models that drift."""

SMALL = 100
"""Rows below which a change of spread, or of names, can pass for chance."""

EVEN = 0.2
"""A difference of shares below which exchanging two categories changes little."""


def plant(windows: Windows, roster: pl.DataFrame, seed: int) -> tuple[Windows, pl.DataFrame]:
    """Plant drift in some models' current windows.

    Returns the windows with the changed columns, and one row per drifted model: `model`,
    `column`, `kind`, `how` (in words).

    Example:
        >>> from argosy_demo.datasets import load
        >>> from argosy_demo.roster import roster
        >>> from argosy_demo.windows import deal
        >>> crew = roster(load(), 100, seed=7)
        >>> _, planted = plant(deal(load(), crew, seed=7), crew, seed=7)
        >>> planted.columns, planted.height
        (['model', 'column', 'kind', 'how'], 3)
    """
    rng = np.random.default_rng((seed, 2))
    count = max(1, round(SHARE * roster.height))
    changed = {template: dict(tables) for template, tables in windows.items()}
    planted = []
    for turn, at in enumerate(rng.choice(roster.height, count, replace=False)):
        model = roster.row(int(at), named=True)
        tables = changed[model["dataset"]]
        mine = pl.col("model") == model["model"]
        wanted = list(_CHANGES)[turn % len(_CHANGES)]
        of_type = "categorical" if wanted.startswith("category") else "numeric"
        columns = [each["name"] for each in model["features"] if each["type"] == of_type]
        column = columns[rng.integers(len(columns))]
        before = tables["reference"].filter(mine).get_column(column)
        rows = tables["current"].filter(mine).get_column("row")
        kind = _that_shows(wanted, before, rows)
        new, how = _CHANGES[kind](before, rows, rng)
        tables["current"] = tables["current"].with_columns(
            pl.when(mine).then(new).otherwise(column).alias(column)
        )
        planted.append({"model": model["model"], "column": column, "kind": kind, "how": how})
    return changed, pl.DataFrame(planted).sort("model")


def _that_shows(kind: str, before: pl.Series, rows: pl.Series) -> str:
    """Return the kind itself, or its neighbour if it could pass for chance."""
    if kind == "scale" and len(rows) < SMALL:
        return "mean_shift"
    if kind == "category_swap":
        shares = _by_frequency(before).get_column("proportion")
        gap = shares.item(0) - shares.item(-1)
        return kind if len(rows) >= SMALL and gap >= EVEN else "category_collapse"
    return kind


def _mean_shift(
    before: pl.Series, rows: pl.Series, rng: np.random.Generator
) -> tuple[pl.Expr, str]:
    step = 1.5 * np.std(before.to_numpy())
    return pl.col(before.name) + step, f"{step:.4g} added: 1.5 reference standard deviations"


def _scale(before: pl.Series, rows: pl.Series, rng: np.random.Generator) -> tuple[pl.Expr, str]:
    mean = np.mean(before.to_numpy())
    return mean + 5 * (pl.col(before.name) - mean), f"distances from {mean:.4g} multiplied by 5"


def _category_swap(
    before: pl.Series, rows: pl.Series, rng: np.random.Generator
) -> tuple[pl.Expr, str]:
    most, *_, least = _by_frequency(before).get_column(before.name)
    return pl.col(before.name).replace({most: least, least: most}), f"{most} and {least} exchanged"


def _category_collapse(
    before: pl.Series, rows: pl.Series, rng: np.random.Generator
) -> tuple[pl.Expr, str]:
    *_, least = _by_frequency(before).get_column(before.name)
    return pl.lit(least), f"every row is {least}"


def _nulls(before: pl.Series, rows: pl.Series, rng: np.random.Generator) -> tuple[pl.Expr, str]:
    lost = rng.choice(rows.to_numpy(), round(0.35 * len(rows)), replace=False)
    kept = ~pl.col("row").is_in(lost.tolist())
    return pl.when(kept).then(before.name), f"{len(lost)} of {len(rows)} values missing"


_CHANGES: dict[str, Callable[[pl.Series, pl.Series, np.random.Generator], tuple[pl.Expr, str]]] = {
    "mean_shift": _mean_shift,
    "scale": _scale,
    "category_swap": _category_swap,
    "category_collapse": _category_collapse,
    "nulls": _nulls,
}


def _by_frequency(categories: pl.Series) -> pl.DataFrame:
    """Count the categories, most frequent first; of equals, the first by name."""
    shares = categories.value_counts(normalize=True)
    return shares.sort(["proportion", categories.name], descending=[True, False])


def corrupt(artifacts: pl.DataFrame, spared: pl.Series, seed: int) -> pl.DataFrame:
    """Damage three artifacts where they lie, one in ten at most.

    `artifacts` has the columns `model` and `artifact` (path); the models `spared` are left whole,
    so that each fault stands alone.

    Returns one row per damaged artifact: `model`, `how`.
    """
    rng = np.random.default_rng((seed, 3))
    count = min(len(_DAMAGES), artifacts.height // 10)
    whole = artifacts.filter(~pl.col("model").is_in(spared.to_list()))
    chosen = whole[rng.choice(whole.height, count, replace=False)].with_columns(
        how=pl.Series(list(_DAMAGES)[:count], dtype=pl.String)
    )
    for artifact, how in chosen.select("artifact", "how").iter_rows():
        _DAMAGES[how](Path(artifact))
    return chosen.select("model", "how")


def _flip(artifact: Path) -> None:
    content = bytearray(artifact.read_bytes())
    content[len(content) // 2] ^= 0xFF
    artifact.write_bytes(content)


def _cut(artifact: Path) -> None:
    content = artifact.read_bytes()
    artifact.write_bytes(content[: len(content) // 2])


_DAMAGES: dict[str, Callable[[Path], None]] = {
    "one byte flipped": _flip,
    "cut short": _cut,
    "deleted": Path.unlink,
}
