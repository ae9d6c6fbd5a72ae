"""The fleet before a promotion: is a challenger better, and may it pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.comparison.job import compare
from argosy.comparison.verdict import LEVEL
from argosy.gates.job import Bars, gate
from argosy.gates.rules import PERFECT, TOLERANCE
from argosy.gates.table import NAIVE
from argosy.jobs.run import Run
from argosy.resuming import resumable
from argosy.working import Working

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.views.selection import Selection


class Judging(Working):
    """Everything that is asked before an alias moves."""

    @resumable("compare")
    def compare(
        self,
        selection: Selection | str | None = None,
        champion: str = "champion",
        challengers: Sequence[str] = ("challenger",),
        data: str = "holdout",
        comparisons: Sequence[str] | None = None,
        executor: str = "local",
        *,
        metrics: Sequence[str] | None = None,
        truth: str | None = None,
        level: float = LEVEL,
        progress: Progress | None = None,
    ) -> Run:
        """Test, for each selected model that has a challenger, whether it beats the champion.

        Both versions predict the same rows, or logged them: where the digests of the rows differ
        there is a row with the reason and no test. Which differences are told is decided over
        all models and challengers of the run, so that luck seldom promotes anybody.

        Args:
            selection: which models; all that are not retired unless given.
            champion: the alias of the version to beat.
            challengers: the aliases of those that try.
            data: the role of the data.
            comparisons: names of tests; all that take part by default unless given.
            executor: where the work runs.
            metrics: names; all that the tests have unless given.
            truth: the role of a table of labels, as for `evaluate`.
            level: the share of false differences that is tolerated on average.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for an alias, role, test, metric or executor that does not exist.
            BadInput: if no model is selected, or none of them has a challenger.
        """
        ledger, units = self._writable(), self._units(selection, "compare")
        summary = compare(
            ledger,
            self._facts,
            ledger.state(),
            units,
            champion,
            (challengers,) if isinstance(challengers, str) else tuple(challengers),
            data,
            truth=truth,
            comparisons=comparisons,
            metrics=metrics,
            level=level,
            executor=executor,
            progress=progress,
        )
        return Run(self, summary)

    @resumable("gate")
    def gate(
        self,
        selection: Selection | str | None = None,
        alias: str | None = None,
        data: str = "holdout",
        baselines: Sequence[str] = (NAIVE,),
        metrics: Sequence[str] | None = None,
        executor: str = "local",
        *,
        margin: float = 0.0,
        perfect: float = PERFECT,
        tolerance: float = TOLERANCE,
        truth: str | None = None,
        progress: Progress | None = None,
    ) -> Run:
        """Hold each selected model to the gates before a promotion, each reported by its name.

        The gates are `base case` (it can be measured), `baseline:NAME` (it is not worse than that,
        and surely better than a constant),
        `suspiciously perfect` (it is not), and one for each case of the model's suite: every role
        that begins with `oddity:`, and `recent`. What cannot be judged is not passed.

        Args:
            selection: which models; all that are not retired unless given.
            alias: of the versions to judge; each model's newest unless given.
            data: the role of the base case.
            baselines: `naive` (the majority class, or the mean), an alias such as `champion`, or
                the name of a model that argosy loads; they are measured on the same rows.
            metrics: what is looked at, in order of preference; `auc`, `balanced_accuracy` and
                `rmse` unless given. Each model is judged by the first that it has.
            executor: where the work runs.
            margin: by how much of the metric's unit a model must be better than a baseline.
            perfect: the share of the way from the best constant to a perfect model, from which on
                a model is suspicious.
            tolerance: the share of that way that a model may lose on a case of its suite.
            truth: the role of a table of labels, as for `evaluate`.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for an alias, role, baseline, metric or executor that does not exist.
            BadInput: if no model is selected, or a bar cannot be meant.
        """
        ledger, units = self._writable(), self._units(selection, "gate")
        summary = gate(
            ledger,
            self._facts,
            ledger.state(),
            units,
            alias=alias,
            data=data,
            baselines=(baselines,) if isinstance(baselines, str) else tuple(baselines),
            metrics=metrics,
            truth=truth,
            bars=Bars(margin, perfect, tolerance),
            executor=executor,
            progress=progress,
        )
        return Run(self, summary)
