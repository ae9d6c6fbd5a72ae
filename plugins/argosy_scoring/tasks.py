"""The tasks that come with argosy: what each declares, and the functions that read it."""

from __future__ import annotations

from argosy.types import TaskColumn, TaskKind
from argosy_scoring import (
    classes,
    constants,
    item_lists,
    logged_classes,
    number_or_class,
    ranked,
    regression,
)

BINARY = TaskKind(
    "binary",
    "One of two classes, and if it likes the probability of class 1.",
    logged_classes.from_log,
    classes.from_models,
    sound=classes.sound,
    recognises=logged_classes.recognises,
    naive=constants.likely_of_two,
    metrics=("auc", "average_precision", "log_loss", "brier", "accuracy"),
    labels_fixed=True,
    settles=number_or_class.settled,
)
MULTICLASS = TaskKind(
    "multiclass",
    "One of many classes, and if it likes the probability of each.",
    logged_classes.from_log,
    classes.from_models,
    (TaskColumn("probabilities", "prediction", "elements"),),
    sound=classes.sound,
    naive=constants.likely,
    metrics=("f1_macro", "balanced_accuracy", "log_loss", "accuracy"),
)
RANKING = TaskKind(
    "ranking",
    "A list of items, best first, for each row.",
    ranked.from_log,
    ranked.from_models,
    tuple(TaskColumn(name, "prediction", "elements") for name in ("items", "hits", "novelty")),
    sound=item_lists.sound,
    recognises=ranked.recognises,
    naive=constants.no_item,
    metrics=("ndcg_at_10", "ndcg_at_20"),
)
REGRESSION = TaskKind(
    "regression",
    "A number.",
    regression.from_log,
    regression.from_models,
    sound=regression.sound,
    recognises=regression.recognises,
    naive=constants.mean,
    metrics=("r2", "mape", "rmse", "mae"),
    settles=number_or_class.settled,
)
TASKS = (BINARY, MULTICLASS, RANKING, REGRESSION)
