"""What looks at rates and at revenue have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import read
from argosy.registry.frames import refuse_bad_name
from argosy_experiments.ab_tests.customers import counted
from argosy_experiments.clusters import named
from argosy_experiments.groups import CONTROL, GROUPS, TREATMENT, adjusted, ratio_mismatch

if TYPE_CHECKING:
    from argosy.types import Chunk, FactTable, Printer, Tables
    from argosy_experiments.ab_tests.customers import Outcome

MISMATCH = 0.001
"""Groups whose sizes are this unlikely are told of."""


def experiment_name(text: str) -> str:
    """Return the name of an experiment.

    Raises:
        BadInput: if it cannot be used.
    """
    refuse_bad_name(text, "experiment")
    return text


def nothing(table: FactTable) -> pl.DataFrame:
    """Return an empty table of a job, with the columns that its work answers."""
    return pl.DataFrame(table.schema.empty_table()).drop("run_id", "at")


def count(chunk: Chunk, outcome: Outcome, table: FactTable) -> Tables:
    """Add up what came of the customers of all models of a chunk."""
    options: Any = chunk.options
    # outcomes have no features: nothing is read but what is asked for
    models = pl.DataFrame(chunk.models).with_columns(pl.col("features").list.head(0).fill_null([]))
    asked = options["request"]
    own = () if asked.cluster is None else (asked.cluster,)
    datasets = read(models, options["location"], (*outcome.columns, *own))
    parts = [
        counted(dataset, outcome, named(dataset.binding, asked.cluster), asked.share)
        for dataset in datasets
    ]
    return {table.name: pl.concat([nothing(table), *parts], how="diagonal_relaxed").to_arrow()}


def ratios(counts: pl.DataFrame, share: float) -> pl.DataFrame:
    """Test whether the groups of models are as large as they should be.

    Args:
        counts: `model`, `control_n`, `treatment_n` and `clusters`; of models that have clusters,
            the `ratio_p_value` is tested already.
        share: of the customers that should be in treatment.

    Returns:
        One row per model: `model`, `ratio_p_value` and `ratio_q_value`.
    """
    sizes = pl.concat(
        counts.select("model", group=pl.lit(group), n=f"{group}_n") for group in GROUPS
    )
    tested = ratio_mismatch(sizes, {CONTROL: 1 - share, TREATMENT: share}).join(
        counts.select("model", "clusters", "ratio_p_value"), on="model", how="left"
    )
    known = pl.when(pl.col("clusters").is_null()).then("p_value").otherwise("ratio_p_value")
    return adjusted(tested.select("model", p_value=known)).select(
        "model", ratio_p_value="p_value", ratio_q_value="q_value"
    )


def show_groups(printer: Printer, rows: pl.DataFrame) -> None:
    """Print where groups are not as large as they should be, and how many customers switched."""
    uneven = rows.filter(pl.col("ratio_q_value") < MISMATCH)
    if uneven.height:
        title = f"{uneven.height} models whose groups are not as large as they should be"
        printer.emit(uneven, ["model", "control_n", "treatment_n", "ratio_p_value"], title=title)
    many = int(rows["switched"].sum())
    if many:
        printer.say(f"{many:,} customers were seen in both groups, and count in neither")
