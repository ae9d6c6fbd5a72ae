"""Predictions beside truth, logged or asked of the models, and what metrics say of them.

Job kinds that look at predictions stand on it. In reading order:

- `tasks`: what models can predict, offered as anybody's tasks are: `regression`, `classes` (with
  `logged_classes`, `labels`, `vocabularies`, `class_codes`, `multiclass`: labels as codes) and
  `ranked` (with `item_lists`: lists as hits); `columns` and `constants` are what they share;
- `gather`: what versions predicted beside what came true; `late_labels` and `join_labels` say
  which rows count, `left_out` why others do not, `logged` takes logs, `from_models` asks models
  that predict here, and `readouts` asks their tasks; `task_kinds` says which those are;
- `predictions`: rows by group, as metrics are handed them; `row_digest`: which rows they were;
  `slices`: how they are cut;
- `measure` and `bootstrap`: metrics asked of all groups at once, and how sure they are;
- `unlabelled`: what models predict of rows that nobody has labelled yet;
- `trial`: one suspect by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import TaskKind

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_tasks() -> Iterator[TaskKind]:
    """Offer one of two classes, one of many, a number, and a list of items."""
    from argosy_scoring.tasks import TASKS

    yield from TASKS
