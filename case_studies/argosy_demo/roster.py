"""Who the demo's models are: names, teams, tiers, and what each is trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_demo.datasets import Template

ALGORITHMS = ("linear", "tree", "forest", "boosting")
"""What is trained; `argosy_demo.training` says how."""

REGIONS = ("emea", "apac", "amer")
"""Where the imagined sites stand."""

FEATURES = (7, 15)
"""The least and the most numeric features of a model, where its data set has that many."""

_FEATURE = pl.Struct({"name": pl.String, "type": pl.String, "role": pl.String})


def roster(templates: Sequence[Template], models: int, seed: int) -> pl.DataFrame:
    """Name the models, in turns from every template.

    Returns one row per model: what `Fleet.instantiate` wants to know (`model`, `template`,
    `team`, `owner`, `purpose`, `tier`, `tags`) and what the demo makes of it (`dataset`,
    `algorithm`, `features`), in the order of the data sets.

    Example:
        >>> from argosy_demo.datasets import load
        >>> roster(load(), 8, seed=7).get_column("model").to_list()[:3]
        ['breast-cancer-0001', 'breast-cancer-0002', 'wine-0001']
    """
    rng = np.random.default_rng((seed, 0))
    turns = [range(start, models, len(templates)) for start in range(len(templates))]
    people = [
        _person(template, number, rng)
        for template, turn in zip(templates, turns, strict=True)
        for number, _ in enumerate(turn, start=1)
    ]
    return pl.DataFrame(people, schema_overrides={"features": pl.List(_FEATURE)})


def _person(template: Template, number: int, rng: np.random.Generator) -> dict[str, object]:
    """Draw one model: its features, its tier, its region."""
    least, most = FEATURES
    size = rng.integers(least, min(most, len(template.numeric)), endpoint=True)
    chosen = sorted(rng.choice(len(template.numeric), size, replace=False))
    numeric = [{"name": template.numeric[at], "type": "numeric"} for at in chosen]
    features = [*numeric, {"name": template.category, "type": "categorical"}]
    algorithm = ALGORITHMS[number % len(ALGORITHMS)]
    tier, region = int(rng.integers(1, 4, endpoint=True)), REGIONS[rng.integers(len(REGIONS))]
    rng.integers(2**31)  # once a seed; whoever is drawn next stays as they were
    return {
        "model": f"{template.name}-{number:04}",
        "template": f"{template.name}-{algorithm}",
        "dataset": template.name,
        "team": template.team,
        "owner": f"{template.team}-on-call",
        "purpose": template.purpose,
        "tier": tier,
        "tags": {"region": region, "algorithm": algorithm},
        "features": [feature | {"role": "feature"} for feature in features],
        "algorithm": algorithm,
    }
