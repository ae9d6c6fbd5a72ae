"""Which rows each model is trained on, judged on and watched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_demo.datasets import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from argosy_demo.datasets import Template

    Windows = Mapping[str, Mapping[str, pl.DataFrame]]


def deal(templates: Sequence[Template], roster: pl.DataFrame, seed: int) -> Windows:
    """Deal every model its own reference, holdout and current rows.

    Each model shuffles the distinct rows of its data set and cuts the deck in three. Because
    rows are dealt without replacement and no cut is special, the three windows of a model are
    exchangeable: whatever a drift test finds between them is chance. (Rows drawn with
    replacement would repeat within a window but not across windows, which a test mistakes for
    drift.)

    Returns one table per data set and role: `model`, `row`, every feature of the data set,
    `target`; a model's rows stand together, and a feature that it does not use is null in them.

    Example:
        >>> from argosy_demo.datasets import load
        >>> from argosy_demo.roster import roster
        >>> wine = load()[1:2]
        >>> dealt = deal(wine, roster(wine, 2, seed=7), seed=7)["wine"]
        >>> {role: table.height for role, table in dealt.items()}
        {'reference': 144, 'holdout': 106, 'current': 106}
    """
    rng = np.random.default_rng((seed, 1))
    return {
        template.name: _deal(
            template,
            roster.filter(pl.col("dataset") == template.name),
            rng,
        )
        for template in templates
    }


def _deal(
    template: Template, crew: pl.DataFrame, rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """Shuffle one data set for each of its models, and cut."""
    models = crew.get_column("model")
    deck = np.tile(np.arange(template.rows.height), (len(models), 1))
    cuts = np.cumsum([template.windows[role] for role in ROLES])
    hands = np.split(rng.permuted(deck, axis=1), cuts, axis=1)
    used = crew.select("model", used=pl.col("features").list.eval(pl.element().struct["name"]))
    return {
        role: template.rows[hand.ravel()]
        .select(
            pl.Series("model", np.repeat(models.to_numpy(), hand.shape[1]), pl.String), pl.all()
        )
        .pipe(_measured, used, template)
        for role, hand in zip(ROLES, hands, strict=False)  # what is left of the deck is unused
    }


def _measured(rows: pl.DataFrame, used: pl.DataFrame, template: Template) -> pl.DataFrame:
    """Leave each model the features that it uses (`model`, `used`)."""
    whole = rows.join(used, on="model", how="left", maintain_order="left")
    names = [*template.numeric, template.category]
    return whole.with_columns(
        pl.when(pl.col("used").list.contains(name)).then(name).alias(name) for name in names
    ).drop("used")


def save(windows: Windows, roster: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Write each table to `folder/<data set>/<role>.parquet`; return the rows that bind them."""
    files = []
    for dataset, tables in windows.items():
        (folder / dataset).mkdir(parents=True, exist_ok=True)
        for role, table in tables.items():
            path = folder / dataset / f"{role}.parquet"
            table.write_parquet(path)
            files.append({"dataset": dataset, "role": role, "url": str(path)})
    templates = roster.select("template", "dataset").unique(maintain_order=True)
    bindings = templates.join(pl.DataFrame(files), on="dataset", maintain_order="left_right")
    return bindings.drop("dataset").with_columns(
        key=pl.lit("model"), id=pl.lit("row"), truth=pl.lit("target")
    )
