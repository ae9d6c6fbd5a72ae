"""The verb `promote`: from its arguments to a promotion that is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import BadInput
from argosy.jobs.selected import selected
from argosy.registry.frames import as_frame, shaped
from argosy.views import entities
from argosy.views.selection import Selection
from argosy_promote.checks import chosen
from argosy_promote.plan import PromotionSpec
from argosy_promote.promotion import Promotion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy import Fleet
    from argosy_promote.checks import Wanted

_VERSIONS = pa.schema([("model", pa.string()), ("version", pa.string())])


class Promotions:
    """The promotions of one fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def promote(
        self,
        versions: Selection | str | object,
        alias: str = "champion",
        steps: Sequence[float] = (0.01, 0.1, 1.0),
        checks: Sequence[Wanted] = (),
        *,
        of: str | None = None,
        tolerated: float = 0.0,
        seed: int = 0,
        name: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Move an alias of many models in waves; `Fleet.promote` describes the verb as a whole.

        Args:
            versions: a selection or a SQL expression (each model's newest version, or that of
                `of`; retired models are left out), or a table of `model` and `version`.
            alias: the one that moves.
            steps: ascending shares of the models, up to 1.
            checks: their names (`argosy plugins` lists them), `Check`s, or functions such as
                theirs.
            of: the alias whose versions are promoted, such as `challenger`.
            tolerated: the share of the moved models that checks may find.
            seed: for the order of the models: another seed moves other models first.
            name: of the promotion; by default derived from what is asked for.
            reason: kept with every change.
            dry_run: write nothing; return which model would move in which step.
        """
        ledger, wanted = self._fleet.ledger, chosen(checks)
        what = _what(versions, of)
        spec = PromotionSpec(what, of, alias, tuple(steps), seed, tolerated, reason, name)
        promotion = Promotion(ledger, self._fleet.read_only(), spec, wanted)

        def table() -> pl.DataFrame:
            if isinstance(what, pl.DataFrame):
                return what
            selection = versions if isinstance(versions, Selection) else what
            models = selected(self._fleet, selection)
            ledger.refuse("promote", models["model"])
            return entities.subjects(ledger.state(), models, of).select("model", "version")

        if dry_run:
            rows = table()
            promotion.refuse(rows)
            return promotion.planned(rows)
        return promotion.carried_out(table)


def _what(versions: Selection | str | object, of: str | None) -> str | pl.DataFrame:
    """Return the expression of a selection, or a table of `model` and `version`."""
    if isinstance(versions, Selection):
        return versions.expression or ""
    if isinstance(versions, str):
        return versions
    if of is not None:
        raise BadInput(f"a table names the versions itself; leave out of={of!r}, or select models")
    return shaped(as_frame(versions, "promote"), _VERSIONS, _VERSIONS.names, "promotion")
