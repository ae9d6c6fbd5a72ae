"""Choose models by a SQL expression over all that is known of them.

The expression sees every column of the models and of their newest version, tags as `tags.region`,
aliases as `aliases.champion`, the last evaluation as `metrics.accuracy`, and the last drift check
as `drifted`, `q_model` and `worst_column`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from argosy.registry.expression import both, filtered, names_in

if TYPE_CHECKING:
    import polars as pl

    from argosy.types import FleetView


@dataclass(frozen=True)
class Selection:
    """Models chosen from a fleet; looked up anew each time."""

    fleet: FleetView
    expression: str | None = None

    def where(self, expression: str) -> Selection:
        """Choose among them."""
        told = expression if self.expression is None else both(self.expression, expression)
        return Selection(self.fleet, told)

    def frame(self) -> pl.DataFrame:
        """Return one row per chosen model, with all that the expression can see.

        Raises:
            UnknownName: for a column, tag or alias that does not exist.
            BadInput: for an expression that is no SQL.
        """
        everything = self.fleet.overview(names_in(self.expression))
        if self.expression is None:
            return everything
        return filtered(everything, self.expression)

    def names(self, *columns: str) -> pl.DataFrame:
        """Return some columns of the chosen models, without making the others.

        Raises:
            UnknownName: for a column, tag or alias that does not exist.
            BadInput: for an expression that is no SQL.
        """
        named = (names_in(self.expression) or set()) | set(columns)
        chosen = self.fleet.overview(named, aliases=False)
        if self.expression is not None:
            chosen = filtered(chosen, self.expression)
        return chosen.select(columns).sort(columns[0])

    def __len__(self) -> int:
        return self.frame().height
