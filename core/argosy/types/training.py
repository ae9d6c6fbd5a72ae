"""How versions are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    import pydantic


@dataclass(frozen=True, slots=True)
class Trainer:
    """Makes a version of every model that it is handed, all at once.

    `train` is handed two tables. `lessons` has one row per model: `model`, `version` (which is to
    be made), `template`, `task` (null where the template says none), `params` (a map of strings),
    `features` (a list of names: the columns to learn from, in the order of the rows' columns),
    `seed` (int64, the same whenever that version of that model is made), `start` and `length`
    (int64: which of the rows are the model's), and under the names of the fields of a binding
    (`id`, `timestamp`, `truth`, `weight`, `prediction`, `score` ...) the names of the columns, null
    where the data has none. `rows` are the rows of all these models, model after model in the
    order of the lessons, each one's in the order of its data; `argosy_model` says whose a row is.

    It answers one row per lesson, in order, as `argosy.tables.TRAINED`: `content` (the artifact),
    `format` (a loader's, which reads that content), `task`, `params` (those that it used; the
    lesson's where null), `metrics` (what it measured itself, may be null) and `reason`, null
    unless the model cannot be trained; then the rest is null. It may answer `features` (a list of
    names) too: what the version reads when it predicts, where that is not every column that no
    binding names otherwise.

    Where it raises for several models it is called again for halves of them, until the culprit
    stands alone.
    """

    name: str
    """What users type; lowercase."""
    train: Callable[[pa.Table, pa.Table], pa.Table]
    """Train all models of a table of lessons on their rows."""
    summary: str = ""
    """One line on what it makes."""
    params: type[pydantic.BaseModel] | None = None
    """The params that it takes, against which a template is checked; any, if None."""
