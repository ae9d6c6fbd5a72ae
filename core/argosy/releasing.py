"""The fleet in use: predictions in batches, rows of them by model and id, promotions in waves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import BadInput
from argosy.jobs.run import Run
from argosy.judging import Judging
from argosy.prediction.job import predict
from argosy.prediction.lookup import Lookup
from argosy.reading import Reading
from argosy.registry.frames import as_frame, shaped
from argosy.resuming import resumable
from argosy.views import entities
from argosy.views.selection import Selection
from argosy.waves.health import chosen
from argosy.waves.plan import Asked
from argosy.waves.promotion import Promotion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.waves.health import Wanted

_VERSIONS = pa.schema([("model", pa.string()), ("version", pa.string())])


class Releasing(Judging):
    """Everything that brings what models know to those who ask them."""

    @resumable("predict")
    def predict(
        self,
        selection: Selection | str | None = None,
        data: str = "current",
        executor: str = "local",
        *,
        alias: str | None = None,
        role: str | None = None,
        progress: Progress | None = None,
    ) -> Run:
        """Let each selected model predict the rows of a role, and keep what it says in files.

        The files are Parquet, beside the fleet. Of each row they have `model`, `version`, the
        binding's id column, `prediction`, and `probabilities` where the model gives some. A model
        that fails is a row with its reason, and the others are not held up.

        Args:
            selection: which models; all that are not retired unless given.
            data: the role of the rows to predict.
            executor: where the work runs.
            alias: predict with the version that it points at, for models that have it; with
                each model's newest unless given.
            role: bind the predictions to this role, in the same change as the run, each model's
                to the model. Who fails or is not selected keeps what it has there, and a rollback
                of the change brings back what all had.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for an alias, role or executor that does not exist.
            BadInput: if no model is selected, or the predictions cannot be bound to the role.
        """
        ledger, units = self._writable(), self._units(selection, "predict")
        summary = predict(
            ledger,
            self._facts,
            ledger.state(),
            units,
            data,
            alias=alias,
            role=role,
            executor=executor,
            progress=progress,
        )
        return Run(self, summary)

    def lookup(self, role: str) -> Lookup:
        """Return a handle that finds single rows of a role, by model and id, in milliseconds.

        It keeps footers and bindings from one question to the next, so hold it; after a change of
        the fleet, `refresh` it.

        Args:
            role: what `predict` was asked to bind, or any role of Parquet files with an `id`.

        Raises:
            UnknownName: if nothing is bound to the role.
        """
        return Lookup(self._facts.location, self._ledger.state, role)

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
            name: of the promotion; made from what is asked for unless given.
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
        ledger, wanted = self._writable(), chosen(checks)
        what = _what(versions, of)
        asked = Asked(what, of, alias, tuple(steps), seed, tolerated, reason, name)
        look = Reading(self.url, self._ledger, self._facts)
        promotion = Promotion(ledger, look, asked, wanted)

        def table() -> pl.DataFrame:
            if isinstance(what, pl.DataFrame):
                return what
            selection = versions if isinstance(versions, Selection) else what
            units = self._units(selection, "promote")
            return entities.subjects(ledger.state(), units, of).select("model", "version")

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
