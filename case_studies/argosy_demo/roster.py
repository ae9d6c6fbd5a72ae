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

    Returns one row per model: what `Fleet.register` wants to know (`model`, `version`,
    `template`, `team`, `owner`, `purpose`, `tier`, `tags`, `features`) and what training
    needs besides (`task`, `algorithm`, `seed`), in the order of the templates.

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
    """Draw one model: its features, its owner, its tier, its seed."""
    least, most = FEATURES
    size = rng.integers(least, min(most, len(template.numeric)), endpoint=True)
    chosen = sorted(rng.choice(len(template.numeric), size, replace=False))
    numeric = [{"name": template.numeric[at], "type": "numeric"} for at in chosen]
    features = [*numeric, {"name": template.category, "type": "categorical"}]
    algorithm = ALGORITHMS[number % len(ALGORITHMS)]
    return {
        "model": f"{template.name}-{number:04}",
        "version": "1",
        "template": template.name,
        "team": template.team,
        "owner": f"{template.team}-on-call",
        "purpose": template.purpose,
        "tier": int(rng.integers(1, 4, endpoint=True)),
        "tags": {"region": REGIONS[rng.integers(len(REGIONS))], "algorithm": algorithm},
        "features": [feature | {"role": "feature"} for feature in features],
        "task": template.task,
        "algorithm": algorithm,
        "seed": int(rng.integers(2**31)),
    }
