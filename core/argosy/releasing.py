"""The fleet in use: predictions in batches, and rows of them by model and id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.jobs.run import Run
from argosy.judging import Judging
from argosy.prediction.job import predict
from argosy.prediction.lookup import Lookup
from argosy.resuming import resumable

if TYPE_CHECKING:
    from argosy.jobs.running import Progress
    from argosy.registry.selection import Selection


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
