"""What `fleet.experiments` offers: the parts of this package, for the tables of one fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_experiments.bandits import thompson
from argosy_experiments.bandits.job import arms
from argosy_experiments.clusters import CLUSTER, clustered
from argosy_experiments.exposures import log
from argosy_experiments.exposures.credit import credited
from argosy_experiments.exposures.customers import outcomes_of
from argosy_experiments.groups import EVEN, group, ratio_mismatch
from argosy_experiments.offpolicy.estimates import estimates
from argosy_experiments.offpolicy.expected_rewards import foretold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pyarrow as pa

    from argosy import Fleet
    from argosy.jobs.run import Run

FOLDER = "exposures"
"""The folder of a fleet in which its exposures are kept."""


class Experiments:
    """The experiments of one fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def group(
        self,
        experiment: str,
        shares: Mapping[str, float] = EVEN,
        unit: Sequence[str] = ("model", "customer"),
    ) -> pl.Expr:
        """Return the expression that gives every row its group, as `groups.group` says."""
        return group(experiment, shares, unit)

    def assigned(
        self,
        customers: pl.DataFrame | pa.Table,
        experiment: str,
        shares: Mapping[str, float] = EVEN,
    ) -> pl.DataFrame:
        """Return customers (`model`, `customer`) with the `group` that each is in."""
        rows = pl.DataFrame(customers)
        return rows.with_columns(group(experiment, shares).alias("group"))

    def mismatch(
        self,
        customers: pl.DataFrame,
        shares: Mapping[str, float] = EVEN,
        cluster: str | None = None,
    ) -> pl.DataFrame:
        """Test whether groups (`model`, `group`) are as large as they should be.

        Returns what `groups.ratio_mismatch` does: `model`, `n`, `p_value` and `q_value`; with the
        column of a `cluster`, such as the household, by the sums of each.
        """
        known, keys = customers.filter(pl.col("group").is_not_null()), ["model", "group"]
        if cluster is not None:
            known, keys = clustered(known, cluster, "customers"), [*keys, CLUSTER]
        return ratio_mismatch(known.group_by(keys).agg(n=pl.len()), shares)

    def record(self, exposures: pl.DataFrame | pa.Table) -> str:
        """Keep what was shown to whom beside the fleet, as `exposures.log.record` says."""
        return log.record(self._exposures, exposures, self._fleet.location.options)

    def recorded(self) -> pl.DataFrame:
        """Return everything that was shown."""
        return log.recorded(self._exposures, self._fleet.location.options)

    def followed(
        self,
        purchases: pl.DataFrame | pa.Table,
        window: str = "7d",
        until: date | str | None = None,
    ) -> pl.DataFrame:
        """Give every recorded exposure the purchases that followed it, as `credited` says."""
        return credited(self.recorded(), purchases, window, until)

    def outcomes(
        self,
        purchases: pl.DataFrame | pa.Table,
        experiment: str,
        window: str = "7d",
        until: date | str | None = None,
    ) -> pl.DataFrame:
        """Return a row per customer of an experiment, as `look` reads them where they are bound."""
        return outcomes_of(self.followed(purchases, window, until), experiment)

    def look(
        self,
        experiment: str,
        selection: str | None = None,
        executor: str = "local",
        **request: Any,  # noqa: ANN401
    ) -> Run:
        """Look at an A/B test: the job `ab_test`, whose rows are in `fleet.table("ab_tests")`.

        Args:
            experiment: its name.
            selection: which models; defaults to every model that is not retired.
            executor: where customers are counted.
            request: as `argosy experiment look --help` says.
        """
        return self._fleet.run("ab_test", selection, executor, experiment=experiment, **request)

    def revenue(
        self,
        experiment: str,
        selection: str | None = None,
        executor: str = "local",
        **request: Any,  # noqa: ANN401
    ) -> Run:
        """Compare what the customers of an A/B test are worth, in either group.

        The job `ab_revenue`, whose rows are in `fleet.table("ab_revenues")`.

        Args:
            experiment: its name.
            selection: which models; defaults to every model that is not retired.
            executor: where customers are added up.
            request: as `argosy experiment revenue --help` says.
        """
        return self._fleet.run("ab_revenue", selection, executor, experiment=experiment, **request)

    def bandits(
        self,
        experiment: str = "bandit",
        selection: str | None = None,
        executor: str = "local",
        **request: Any,  # noqa: ANN401
    ) -> Run:
        """Let a bandit per model learn from what its arms earned since the last time.

        The job `bandit`, whose rows are in `fleet.table("bandit_arms")`.

        Args:
            experiment: its name.
            selection: which models; defaults to every model that is not retired.
            executor: where the arms are read.
            request: as `argosy experiment bandits --help` says.
        """
        return self._fleet.run("bandit", selection, executor, experiment=experiment, **request)

    def chosen(
        self,
        requests: pl.DataFrame | pa.Table,
        seed: int,
        experiment: str = "bandit",
    ) -> pl.DataFrame:
        """Choose an arm for every request, by what the bandits of the fleet have learnt.

        Args:
            requests: one row per suggestion to be made, with `model`; other columns stay.
            seed: the same seed and requests give the same arms until the bandits learn more.
            experiment: the name of the bandits.

        Returns:
            The requests in their order, with `arm`, and `propensity`, the probability of it.

        Raises:
            UnknownName: if a model has no arms.
        """
        known = arms(self._fleet, experiment)
        state = known.select(
            "model", "arm", "plays", wins="remembered_wins", losses="remembered_losses"
        )
        wanted = pl.DataFrame(requests).drop("propensity", strict=False)
        return thompson.chosen(state, wanted, seed).join(
            known.select("model", "arm", "propensity"),
            on=["model", "arm"],
            how="left",
            maintain_order="left",
        )

    def replay(
        self,
        selection: str | None = None,
        executor: str = "local",
        **request: Any,  # noqa: ANN401
    ) -> Run:
        """Try a bandit on logs of random choices.

        The job `bandit_replay`, whose rows are in `fleet.table("bandit_replays")`.

        Args:
            selection: which models; defaults to every model that is not retired.
            executor: where logs are read.
            request: as `argosy experiment replay --help` says.
        """
        return self._fleet.run("bandit_replay", selection, executor, **request)

    def offpolicy(
        self,
        selection: str | None = None,
        executor: str = "local",
        **request: Any,  # noqa: ANN401
    ) -> Run:
        """Estimate what another policy would have earned, from the logs of the fleet.

        The job `offpolicy`, whose rows are in `fleet.table("offpolicy_estimates")`.

        Args:
            selection: which models; defaults to every model that is not retired.
            executor: where logs are read.
            request: as `argosy experiment offpolicy --help` says.
        """
        return self._fleet.run("offpolicy", selection, executor, **request)

    def estimates(
        self,
        rows: pl.DataFrame | pa.Table,
        policy: pl.DataFrame | pa.Table | None = None,
        clip: float | None = None,
        cluster: str | None = None,
    ) -> pl.DataFrame:
        """Estimate what another policy would have earned, from a log at hand.

        Args:
            rows: as `offpolicy.estimates.estimates` wants it; with a policy, what
                `offpolicy.expected_rewards.foretold` wants.
            policy: the choices of the other policy.
            clip: the largest weight, or None.
            cluster: the column whose rows hang together, or None.
        """
        log = rows if policy is None else foretold(rows, policy)
        return estimates(log, clip=clip, cluster=cluster)

    @property
    def _exposures(self) -> str:
        return f"{self._fleet.url}/{FOLDER}"
