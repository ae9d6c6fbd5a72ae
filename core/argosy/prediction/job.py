"""The predictions of a selection: made on an executor, kept in files, bound where that is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.prediction.work import ROW, perform
from argosy.registry.binding import bound, of_models
from argosy.registry.frames import bad_names
from argosy.registry.registration import EXTERNAL
from argosy.store.facts import PREDICTED_FOLDER
from argosy.views import entities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location
    from argosy.store.state import Change, State

_UNIT = ("model", "version", "format", "artifact", "digest", "features", "binding")
_WHO = ("model", "version")


def predict(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    data: str,
    *,
    alias: str | None,
    role: str | None,
    executor: str,
    progress: Progress | None,
) -> dict[str, Any]:
    """Let versions predict the rows of a role, commit, and return the summary."""
    _refuse(data, role)
    found = installed()
    faults = [*found.loaders.faults, *found.sources.faults]
    job = Job("predict", executor, {"data": data, "alias": alias, "role": role}, faults=faults)
    subjects = entities.subjects(state, units, alias)
    url = pl.col("binding").struct.field("url")
    placed = bound(state, subjects, data).sort(url, "model", nulls_last=True)
    external, bare = pl.col("format") == EXTERNAL, pl.col("binding").is_null()
    elsewhere = pl.lit("it is scored elsewhere, so it cannot predict here")
    homeless = pl.lit(f"no data is bound to its role {data!r}")
    idle = placed.filter(external | bare).select(
        *_WHO, reason=pl.when(external).then(elsewhere).otherwise(homeless)
    )
    ready = placed.filter(~external & ~bare).select(_UNIT)
    done, lost = job.carry_out(ledger.location, ready, perform, True, progress)
    failed = pl.concat([lost, idle]).with_columns(
        status=pl.lit("failed"), n=pl.lit(0, pl.Int64), id=pl.lit(None, pl.String)
    )
    none = pl.DataFrame(schema=ROW)
    rows = pl.concat([none, *done.parts("predictions"), failed], how="diagonal_relaxed")
    kept = rows.filter(status="ok")
    told = rows.drop("id").with_columns(dataset=pl.lit(data), role=pl.lit(role, pl.String))

    def lists(now: State) -> Sequence[Change]:
        """Bind the files, but for models that were deleted meanwhile."""
        if role is None:
            return ()
        live = kept.join(now["model"].select("model"), on="model", how="semi")
        return [of_models(_bindings(live, role, ledger.location, job.run_id))]

    counts = {"models": rows.height, "ok": kept.height, "failed": rows.height - kept.height}
    return job.commit(
        ledger, facts, {"predictions": told}, counts, subjects["model"], changes=lists
    )


def _bindings(kept: pl.DataFrame, role: str, location: Location, run_id: str) -> pl.DataFrame:
    folder = location.child(PREDICTED_FOLDER, run_id)
    return kept.select(
        "model",
        "id",
        role=pl.lit(role),
        url=pl.concat_str(pl.lit(folder), "file", separator="/"),
        format=pl.lit("parquet"),
        key=pl.lit("model"),
        version=pl.lit("version"),
        prediction=pl.lit("prediction"),
    )


def _refuse(data: str, role: str | None) -> None:
    if role is None:
        return
    fault = pl.DataFrame({"role": [role]}).select(bad_names("role")).item()
    if fault:
        raise BadInput(fault)
    if role == data:
        raise BadInput(
            f"predictions cannot be bound to the role {role!r}, whose rows are predicted;"
            " name another"
        )
