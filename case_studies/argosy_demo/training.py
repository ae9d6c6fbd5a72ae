"""The prototypes of the demo's models, and their training: by template, as anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import ArgosyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from argosy import Fleet
    from argosy_demo.datasets import Template

ALIAS = "champion"
"""Points at what was trained."""

_ABOUT = ("model", "team", "owner", "purpose", "tier", "tags")
_PREPARED = {"standardise": "true", "one_hot": "true"}


def prototypes(templates: Sequence[Template], crew: pl.DataFrame) -> pl.DataFrame:
    """Return the templates of the models: one for each data set and algorithm that is in use.

    Each names all features of its data set; a model is trained on those that its data has.

    Example:
        >>> from argosy_demo.datasets import load
        >>> from argosy_demo.roster import roster
        >>> crew = roster(load(), 8, seed=7)
        >>> prototypes(load(), crew)["template"].to_list()[:2]
        ['breast-cancer-tree', 'breast-cancer-forest']
    """
    known = {template.name: template for template in templates}
    used = crew.select("template", "dataset", "algorithm").unique(maintain_order=True)
    rows = [
        {
            "template": name,
            "trainer": "sklearn",
            "params": {**_PREPARED, **params(known[dataset].task, algorithm)},
            "data": "reference",
            "task": known[dataset].task,
            "features": features(known[dataset]),
        }
        for name, dataset, algorithm in used.rows()
    ]
    return pl.DataFrame(rows, schema_overrides={"params": pl.Map(pl.String, pl.String)})


def features(template: Template) -> list[dict[str, str]]:
    """Return all features of a data set, as registrations say it."""
    kinds = {**dict.fromkeys(template.numeric, "numeric"), template.category: "categorical"}
    return [{"name": name, "type": kind, "role": "feature"} for name, kind in kinds.items()]


def params(task: str, algorithm: str) -> dict[str, str]:
    """Return the params of the trainer `sklearn` for one task and algorithm."""
    regression = task == "regression"
    kind = "Regressor" if regression else "Classifier"
    match algorithm:
        case "linear":
            return {"estimator": "Ridge" if regression else "LogisticRegression"}
        case "tree":
            depth = "3" if regression else "5"
            told = {"max_depth": depth, "min_samples_leaf": "8"}
            return {"estimator": f"DecisionTree{kind}", **told}
        case "forest":
            return {"estimator": f"RandomForest{kind}", "n_estimators": "8", "max_depth": "6"}
        case _:
            rounds = "5" if task == "multiclass" else "15"  # each round grows one tree per class
            told = {"max_iter": rounds, "max_leaf_nodes": "8", "early_stopping": "false"}
            return {"estimator": f"HistGradientBoosting{kind}", **told}


def train(
    fleet: Fleet,
    templates: Sequence[Template],
    crew: pl.DataFrame,
    executor: str,
    progress: Callable[[int, int], None],
) -> pl.DataFrame:
    """Make every model on the roster from its template, and train all of them.

    Returns one row per model: `model`, `artifact` (path).

    Raises:
        ArgosyError: if a model could not be trained, so that there would be holes in the fleet.
    """
    fleet.define(prototypes(templates, crew))
    for (template,), models in crew.partition_by("template", as_dict=True).items():
        fleet.instantiate(str(template), models.select(_ABOUT))
    run: Any = fleet.run("train", executor=executor, alias=ALIAS, progress=progress)
    failures = run.failures()
    if failures.height:
        model, reason = failures.select("model", "reason").row(0)
        raise ArgosyError(f"training stopped at {model}: {reason}")
    return fleet.versions().select("model", "artifact").sort("model").collect()
