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

    Returns one table per template and role: `model`, `row`, every feature of the template,
    `target`; a model's rows stand together.

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
            roster.filter(pl.col("template") == template.name).get_column("model"),
            rng,
        )
        for template in templates
    }


def _deal(
    template: Template, models: pl.Series, rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """Shuffle one data set for each of its models, and cut."""
    deck = np.tile(np.arange(template.rows.height), (len(models), 1))
    cuts = np.cumsum([template.windows[role] for role in ROLES])
    hands = np.split(rng.permuted(deck, axis=1), cuts, axis=1)
    return {
        role: template.rows[hand.ravel()].select(
            pl.Series("model", np.repeat(models.to_numpy(), hand.shape[1]), pl.String), pl.all()
        )
        for role, hand in zip(ROLES, hands, strict=False)  # what is left of the deck is unused
    }


def save(windows: Windows, folder: Path) -> pl.DataFrame:
    """Write each table to `folder/<template>/<role>.parquet`; return the rows that bind them."""
    bindings = []
    for template, tables in windows.items():
        (folder / template).mkdir(parents=True, exist_ok=True)
        for role, table in tables.items():
            path = folder / template / f"{role}.parquet"
            table.write_parquet(path)
            bindings.append({"template": template, "role": role, "url": str(path)})
    return pl.DataFrame(bindings).with_columns(
        key=pl.lit("model"), id=pl.lit("row"), truth=pl.lit("target")
    )
