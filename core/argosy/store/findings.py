"""What a verification found: changes, rows and files that are not as the ledger says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

What = Literal["ledger", "state", "table", "file"]
Kind = Literal["altered", "stored twice", "missing", "added", "unreadable"]


class Finding(NamedTuple):
    """One thing that is not as it should be."""

    what: What
    finding: Kind
    detail: str
    """In words."""
    way_out: str
    """What to do about it."""
    seq: int | None = None
    """The change, or the run's."""
    run_id: str | None = None
    table: str | None = None
    """The fact table, also of the row that cites a file."""


_SCHEMA = {
    "what": pl.String,
    "finding": pl.String,
    "detail": pl.String,
    "way_out": pl.String,
    "seq": pl.Int64,
    "run_id": pl.String,
    "table": pl.String,
}


def as_table(findings: Iterable[Finding] = ()) -> pl.DataFrame:
    """Return findings as a table with a column per field."""
    return pl.DataFrame(list(findings), schema=_SCHEMA, orient="row")


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification of a fleet found."""

    changes: int
    """How many changes the ledger holds."""
    head: str
    """The last change's `seq:hash`, to be kept elsewhere."""
    broken_at: int | None
    """The first change of the ledger that is not as it was written, if any."""
    rows: int = 0
    """How many rows of fact tables were compared with what runs cite."""
    files: int = 0
    """How many files that those rows name were compared with their SHA-256."""
    findings: pl.DataFrame = field(default_factory=as_table, compare=False)
    """All that was found: `what`, `finding`, `detail`, `way_out`, `seq`, `run_id`, `table`."""

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.broken_at is None and self.findings.is_empty()

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as an object for JSON."""
        told = {name: getattr(self, name) for name in self.__slots__ if name != "findings"}
        return {"intact": self.intact, **told, "findings": self.findings.to_dicts()}
