"""What a forecast is beside what came true: numbers, as those of a regression."""

from __future__ import annotations

from argosy.types import TaskKind
from argosy_scoring import constants, regression

TASK_KIND = TaskKind(
    "forecast",
    "Numbers of times ahead.",
    regression.from_log,
    regression.from_models,
    sound=regression.sound,
    naive=constants.mean,
    metrics=("mae",),
)
