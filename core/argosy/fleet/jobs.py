"""Jobs over a selection of models, each kept as a run with its results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy.fleet.writable import Writable
from argosy.jobs.run import Run

if TYPE_CHECKING:
    import polars as pl

    from argosy.jobs.retry import Progress
    from argosy.views.selection import Selection


class Jobs(Writable):
    """Long-running verbs, by the name of their job."""

    def run(
        self,
        kind: str,
        selection: Selection | str | None = None,
        executor: str = "local",
        *,
        progress: Progress | None = None,
        reason: str | None = None,
        **request: Any,  # noqa: ANN401
    ) -> Run:
        """Carry out a job of any kind, a plugin's too; a model that fails is a row.

        Args:
            kind: the name of the job; `argosy plugins` lists them.
            selection: which models; defaults to every model that is not retired.
            executor: where the work runs.
            progress: called with the models done and the models in all.
            reason: kept with the run; policies may require it if the job changes the registry.
            request: what the job takes, as `argosy NAME --help` says.

        Raises:
            UnknownName: for a job, a parameter or an executor that does not exist.
            BadInput: if a parameter is invalid, or no model is selected.
        """
        summary = self.driver.begin(kind, selection, executor, progress, request, reason)
        return Run(self, summary)

    def explain(
        self,
        kind: str,
        selection: Selection | str | None = None,
        executor: str = "local",
        **request: Any,  # noqa: ANN401
    ) -> pl.DataFrame:
        """Return the chunks that a job would be cut into, without running them.

        One row per chunk: `chunk`, `models`, `seconds` (of one core, null without an earlier run to
        learn from), `bytes` (of rows, null likewise), `limit` (seconds after which it is stopped)
        and `cores` (how many chunks run at a time).

        Args:
            kind: the name of the job, such as `evaluate` or `drift`.
            selection: which models; defaults to every model that is not retired.
            executor: where the work would run.
            request: what the job takes.

        Raises:
            UnknownName: for a job, a parameter or an executor that does not exist.
            BadInput: if a parameter is invalid, or no model is selected.
        """
        return self.driver.plan(kind, selection, executor, request)
