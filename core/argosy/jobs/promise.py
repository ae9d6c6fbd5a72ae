"""What the work of a job must return: Arrow tables with its own names and columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.plugins.guarded_call import origin

if TYPE_CHECKING:
    from argosy.types import FactTable, Job

PROMISE = "promise"
"""The option of a chunk that holds the promise."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What one job must return."""

    job: str
    tables: tuple[FactTable, ...]
    """Tables that are written as they are returned; none if the job has a `conclude`."""

    @classmethod
    def of(cls, kind: str, job: Job[Any]) -> Promise:
        """Return what a job must return."""
        return cls(kind, () if job.conclude else job.tables)

    def broken(self, answer: object) -> str | None:
        """Return what is wrong with an answer, by the name of the job, or None if nothing is."""
        reason = self._wrong(answer)
        return f"{origin('jobs', self.job)} answered {reason}" if reason else None

    def _wrong(self, answer: object) -> str | None:
        if not isinstance(answer, dict):
            return f"with a {type(answer).__name__}, not with a dict of tables by name"
        for name, table in answer.items():
            if not isinstance(table, pa.Table):
                hint = ": return frame.to_arrow()" if isinstance(table, pl.DataFrame) else ""
                return f"with a {type(table).__name__} as {name!r}, not with an Arrow table{hint}"
        return self._strange(answer) if self.tables else None

    def _strange(self, answer: dict[str, pa.Table]) -> str | None:
        own = {table.name: table for table in self.tables}
        first = self.tables[0]
        for name, table in answer.items():
            if name not in own:
                return f"with a table {name!r}; it has {', '.join(own)}"
            needed = {"model", first.version, "status"} if name == first.name else set()
            schema = pl.DataFrame(own[name].schema.empty_table()).schema
            absent = sorted(needed - set(table.column_names))
            if absent:
                return f"with a table {name!r} without the column {absent[0]!r}"
            more = [column for column in table.column_names if column not in schema]
            if more:
                return f"with a table {name!r} that has a column {more[0]!r}, unlike its schema"
            try:
                pl.DataFrame(table).cast({column: schema[column] for column in table.column_names})
            except pl.exceptions.PolarsError as error:
                told = str(error).splitlines()[0]
                return f"with a table {name!r} whose types are not those of its schema: {told}"
        return None
