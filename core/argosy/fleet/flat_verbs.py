"""The most used jobs as methods with named parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy.fleet.jobs import Jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from argosy.jobs.retry import Progress
    from argosy.jobs.run import Run
    from argosy.views.selection import Selection


class FlatVerbs(Jobs):
    """The most used jobs as methods; a test holds their parameters equal to the jobs' requests."""

    def evaluate(
        self,
        selection: Selection | str | None = None,
        data: str = "holdout",
        metrics: Sequence[str] | None = None,
        executor: str = "local",
        *,
        truth: str | None = None,
        window: str | None = None,
        at: date | str | None = None,
        slices: Sequence[str] = (),
        depth: int = 1,
        least: int = 30,
        segments: bool = False,
        fresh: bool = False,
        bootstrap: int = 0,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Run:
        """Evaluate the newest version of each selected model; a failing model is a row.

        Args:
            selection: which models; defaults to every model that is not retired.
            data: the role of the data.
            metrics: names; defaults to all that apply and take part by default.
            executor: where the work runs.
            truth: the role of a table of labels that are joined by id to data without a truth
                of its own; defaults to `truth` if anything is bound to it.
            window: how rows are cut: `1d`, `1w`, `1mo` (by the binding's timestamp), `1000 rows`,
                or `by COLUMN`; defaults to all rows together.
            at: the current time, for the binding's `label_delay`, as `as_of` takes it; defaults to
                the newest timestamp of each model's rows.
            slices: SQL expressions; each of their values is measured as a slice, besides all rows.
            depth: slices combine up to this many of the expressions.
            least: a slice with fewer rows is not measured.
            segments: also cut by the segments of each model's binding.
            fresh: measure every window again; by default windows whose rows and labels have not
                changed since an earlier run of the same measurement are skipped.
            bootstrap: take errors and intervals from this many resamples of the rows; by default
                each metric's own are taken. 200 are enough for an error, 1,000 for an interval.
            seed: of the resamples.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role, metric or executor that does not exist.
            BadInput: if no model is selected, or a window, slice or time is invalid.
        """
        return self.run(
            "evaluate",
            selection,
            executor,
            progress=progress,
            data=data,
            metrics=metrics,
            truth=truth,
            window=window,
            at=at,
            slices=slices,
            depth=depth,
            least=least,
            segments=segments,
            fresh=fresh,
            bootstrap=bootstrap,
            seed=seed,
        )

    def estimate(
        self,
        selection: Selection | str | None = None,
        reference: str = "holdout",
        current: str = "current",
        estimators: Sequence[str] | None = None,
        executor: str = "local",
        *,
        window: str | None = None,
        fresh_reference: bool = False,
        progress: Progress | None = None,
    ) -> Run:
        """Estimate how each selected model does on rows whose truth is not known yet.

        Args:
            selection: which models; defaults to every model that is not retired.
            reference: the role of rows with ground truth that the model was not trained on.
            current: the role of the rows to estimate for.
            estimators: names; defaults to all that apply and take part by default.
            executor: where the work runs.
            window: how current rows are cut, as for `evaluate`; defaults to all rows together.
            fresh_reference: fit again on the reference rows, for example after they were replaced
                at the same URL; by default what was learnt is kept per version and reference.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role, estimator or executor that does not exist.
            BadInput: if no model is selected.
        """
        return self.run(
            "estimate",
            selection,
            executor,
            progress=progress,
            reference=reference,
            current=current,
            estimators=estimators,
            window=window,
            fresh_reference=fresh_reference,
        )

    def check_drift(
        self,
        selection: Selection | str | None = None,
        reference: str = "reference",
        current: str = "current",
        detectors: Sequence[str] | None = None,
        executor: str = "local",
        *,
        window: str | None = None,
        against: str = "fixed",
        segments: Sequence[str] = (),
        rules: Sequence[Mapping[str, Any]] | None = None,
        at: date | str | None = None,
        fresh_reference: bool = False,
        progress: Progress | None = None,
    ) -> Run:
        """Compare two roles' data for each selected model, with fleet-wide false-alarm control.

        Args:
            selection: which models; defaults to every model that is not retired.
            reference: the role of the rows to compare with.
            current: the role of the rows that arrive now.
            detectors: names; defaults to all that take part by default.
            executor: where the work runs.
            window: how current rows are cut: `1d`, `1w`, `1mo` (by the binding's timestamp),
                `1000 rows`, or `by COLUMN`; defaults to all rows together.
            against: what each window is compared with: `fixed` (the reference), `rolling 4` (the
                four windows before it) or `seasonal 12mo` (all earlier ones of its season, of
                both roles: Marches with Marches).
            segments: SQL expressions; each of their values is compared by itself, besides all rows.
            rules: what models are held to, as the option `core.drift` holds it, which is the
                default: `where`, `level`, `floors`, `min_rows`, `agree`.
            at: when it is, as `as_of` takes it; windows that end later are not judged. By default
                those that end after the last row of their file are not.
            fresh_reference: read the reference rows again, for example after they were replaced at
                the same URL; by default a version's profile is made once per binding.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role, detector or executor that does not exist.
            BadInput: if no model is selected, or a window, segment or rule is invalid.
        """
        return self.run(
            "drift",
            selection,
            executor,
            progress=progress,
            reference=reference,
            current=current,
            detectors=detectors,
            window=window,
            against=against,
            segments=segments,
            rules=rules,
            at=at,
            fresh_reference=fresh_reference,
        )

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
        level: float = 0.05,
        progress: Progress | None = None,
    ) -> Run:
        """Test, for each selected model that has a challenger, whether it beats the champion.

        Both versions predict, or have logged, the same rows; if the digests of the rows differ,
        there is a row with the reason and no test. Which differences are significant is decided
        over all models and challengers of the run, so that luck seldom promotes a challenger.

        Args:
            selection: which models; defaults to every model that is not retired.
            champion: the alias of the version to beat.
            challengers: the aliases of the versions that may replace it.
            data: the role of the data.
            comparisons: names of tests; defaults to all that take part by default.
            executor: where the work runs.
            metrics: names; defaults to all that the tests have.
            truth: the role of a table of labels, as for `evaluate`.
            level: the share of false differences that is tolerated on average.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for an alias, role, test, metric or executor that does not exist.
            BadInput: if no model is selected, or none of them has a challenger.
        """
        return self.run(
            "compare",
            selection,
            executor,
            progress=progress,
            champion=champion,
            challengers=challengers,
            data=data,
            comparisons=comparisons,
            metrics=metrics,
            truth=truth,
            level=level,
        )

    def gate(
        self,
        selection: Selection | str | None = None,
        alias: str | None = None,
        data: str = "holdout",
        baselines: Sequence[str] = ("naive",),
        metrics: Sequence[str] | None = None,
        executor: str = "local",
        *,
        margin: float = 0.0,
        perfect: float = 0.99,
        tolerance: float = 0.1,
        truth: str | None = None,
        progress: Progress | None = None,
    ) -> Run:
        """Hold each selected model to the gates before a promotion, each reported by its name.

        The gates are `base case` (it can be measured), `baseline:NAME` (it is not worse than the
        baseline, and clearly better than a constant), `suspiciously perfect` (it is not), and one
        for each case of the model's suite: every role that begins with `oddity:`, and `recent`.
        What cannot be judged is not passed.

        Args:
            selection: which models; defaults to every model that is not retired.
            alias: of the versions to judge; defaults to each model's newest.
            data: the role of the base case.
            baselines: `naive` (the majority class, or the mean), an alias such as `champion`, or
                the name of a model that argosy loads; they are measured on the same rows.
            metrics: names, in order of preference; `auc`, `balanced_accuracy` and `rmse` by
                default. Each model is judged by the first that it has.
            executor: where the work runs.
            margin: how much better than a baseline a model must be, in the metric's unit.
            perfect: the share of the way from the best constant to a perfect model beyond which a
                model is suspicious.
            tolerance: the share of that way that a model may fall short on a case of its suite.
            truth: the role of a table of labels, as for `evaluate`.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for an alias, role, baseline, metric or executor that does not exist.
            BadInput: if no model is selected, or a threshold is invalid.
        """
        return self.run(
            "gate",
            selection,
            executor,
            progress=progress,
            alias=alias,
            data=data,
            baselines=baselines,
            metrics=metrics,
            margin=margin,
            perfect=perfect,
            tolerance=tolerance,
            truth=truth,
        )

    def predict(
        self,
        selection: Selection | str | None = None,
        data: str = "current",
        executor: str = "local",
        *,
        alias: str | None = None,
        role: str | None = None,
        progress: Progress | None = None,
        reason: str | None = None,
    ) -> Run:
        """Predict the rows of a role with each selected model, and keep the predictions in files.

        The files are Parquet, beside the fleet. Each row has `model`, `version`, the binding's id
        column, `prediction`, and `probabilities` if the model gives them. A model that fails is a
        row with its reason; the others go on.

        Args:
            selection: which models; defaults to every model that is not retired.
            data: the role of the rows to predict.
            executor: where the work runs.
            alias: of the versions that predict, for models that have it; defaults to each model's
                newest.
            role: bind each model's predictions to this role, in the same change as the run. Models
                that fail or are not selected keep their binding, and a rollback of the change
                restores all bindings.
            progress: called with the models done and the models in all.
            reason: kept with the run and what it changes.

        Raises:
            UnknownName: for an alias, role or executor that does not exist.
            BadInput: if no model is selected, or the predictions cannot be bound to the role.
        """
        return self.run(
            "predict",
            selection,
            executor,
            progress=progress,
            reason=reason,
            data=data,
            alias=alias,
            role=role,
        )

    def train(
        self,
        selection: Selection | str | None = None,
        executor: str = "local",
        *,
        version: str | None = None,
        alias: str | None = "challenger",
        data: str | None = None,
        progress: Progress | None = None,
        reason: str | None = None,
    ) -> Run:
        """Train a new version of each selected model, as its template says.

        All versions, the alias and the run are one change. A model that fails is a row with its
        reason, and keeps the versions it has.

        Args:
            selection: which models; defaults to every model of a template that is not retired.
            executor: where the work runs.
            version: the name of every new version; defaults to each model's newest number plus 1.
            alias: the alias that points at the new versions afterwards; None: no alias moves.
            data: the role of the rows to train on; defaults to that of each template.
            progress: called with the models done and the models in all.
            reason: kept with the run and what it changes.

        Raises:
            UnknownName: for a role or executor that does not exist.
            BadInput: if no model is selected, or none is of a template.
        """
        return self.run(
            "train",
            selection,
            executor,
            progress=progress,
            reason=reason,
            version=version,
            alias=alias,
            data=data,
        )
