"""What may change in a fleet, and how aliases move in waves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.fleet.writable import Writable
from argosy.plugins import installed
from argosy.registry import policies as _policies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl
    import pyarrow as pa

    from argosy.types import Check, FleetView
    from argosy.views.selection import Selection

    Wanted = str | Check | Callable[[FleetView, pa.Table], pa.Table]
    """A check: its name, itself, or its function."""


class Releases(Writable):
    """Everything that decides what goes into use."""

    def require(
        self, policies: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Require policies: from then on every change by anybody must keep them.

        Args:
            policies: a table of `policy`, and where wanted `where` (a SQL expression over the
                columns of models: only those that match are bound by it) and `options` (a JSON
                object as text).
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            UnknownName: for a policy that no plugin offers.
            BadInput: for options that it does not take, or a `where` that is no condition.
        """
        return _policies.require(self.ledger, policies, reason, dry_run)

    def unrequire(
        self, policies: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Require policies (a table of `policy`) no longer.

        Raises:
            UnknownName: for a policy that the fleet does not require.
        """
        return _policies.unrequire(self.ledger, policies, reason, dry_run)

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
        """Move an alias of many models in waves, and move all back if they are not well.

        Each step is a change of its own, and moves the models of a larger share, which a hash of
        their names chooses. After it every check looks at the models that were moved so far.
        Where they find more of them than is tolerated, or cannot look, all that the promotion
        moved is put back in one change, but for what somebody else moved since.

        Whoever asks for the same again after its driver died carries it on from what the ledger
        shows: the models are those chosen at first, and no step is made twice.

        Args:
            versions: a selection or a SQL expression (each model's newest version, or that of
                `of`; not those that are retired), or a table of `model` and `version`.
            alias: that moves.
            steps: ascending shares of the models, up to 1.
            checks: their names (`argosy plugins` lists them), `Check`s, or functions such as
                theirs.
            of: the alias whose versions are promoted, such as `challenger`.
            tolerated: the share of the moved models that checks may find.
            seed: of the order of the models: another one tries others first.
            name: of the promotion; defaults to one that is made from what is asked for.
            reason: kept with every change.
            dry_run: write nothing; say which model would move in which step.

        Returns:
            One row per model: `model`, `version`, `previous`, `step` (null where it belongs to
            none), `outcome` (`promoted`, `unchanged`, `not moved` or `reverted`) and `reason`.

        Raises:
            RowsRefused: for versions that do not exist, before any step.
            UnknownName: for an alias or a check that does not exist.
            BadInput: for steps that do not ascend, or if it is under way otherwise.
        """
        promotion = installed().accessors["promotion"].make(self)
        outcomes: pl.DataFrame = promotion.promote(
            versions,
            alias,
            steps,
            checks,
            of=of,
            tolerated=tolerated,
            seed=seed,
            name=name,
            reason=reason,
            dry_run=dry_run,
        )
        return outcomes
