"""How versions are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa
    import pydantic


class TrainModels(Protocol):
    """Train a version of every model, all at once."""

    def __call__(self, lessons: pa.Table, rows: pa.Table, /) -> pa.Table:
        """Return one row per lesson, in order, as `argosy.tables.TRAINED`.

        These are `content` (the artifact), `format` (of a loader that reads that content), `task`,
        `params` (those that it used; null: the lesson's), `metrics` (what it measured itself, may
        be null) and `reason`, null unless the model cannot be trained; then the rest is null. It
        may return `features` (a list of names) too: what the version reads when it predicts, if
        that is not every column that the binding leaves unnamed.

        If it raises for several models, it is called again for each half of them, until the culprit
        stands alone.

        Args:
            lessons: one row per model: `model`, `version` (the one to be made), `template`, `task`
                (null if the template states none), `params` (a map of strings), `features` (a list
                of names: the columns to learn from, in the order of the rows' columns), `seed`
                (int64, the same whenever that version of that model is made), `start` and `length`
                (int64: which of the rows are the model's), and under the names of the fields of a
                binding (`id`, `timestamp`, `truth`, `weight`, `prediction`, `score` ...) the names
                of the columns, null if the data has none; and as the binding says them `zone`,
                `frequency` and `available_at`.
            rows: the rows of all these models, model after model in the order of the lessons, each
                in the order of its data; `argosy_model` names the model of a row.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trainer:
    """A way to make versions of models."""

    name: str
    """What users type; lowercase."""
    train: TrainModels
    """Train all models of a chunk."""
    summary: str = ""
    """One line on what it makes."""
    params: type[pydantic.BaseModel] | None = None
    """The params that it takes, against which a template is checked; None: any."""
