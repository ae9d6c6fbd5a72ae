"""What gates measure: the versions that are judged, their suites, and the baselines beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.registration import EXTERNAL
from argosy.views import entities
from argosy_gate.table import NAIVE, SUBJECT
from argosy_scoring.bound import with_labels
from argosy_scoring.trial import SUSPECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.types import FleetState

ODDITY, RECENT = "oddity:", "recent"
"""What the roles of a suite's cases are called, or begin with."""


def cases(
    state: FleetState,
    subjects: pl.DataFrame,
    baselines: Sequence[str],
    data: str,
    truth: str | None,
) -> pl.DataFrame:
    """Return a row for everything that is measured: `who` on which `dataset`, with its binding.

    Raises:
        UnknownName: for a role that nothing is bound to, or a baseline that does not exist.
        BadInput: for a baseline that cannot predict the rows of other models.
    """
    roles = state["binding"]["role"].unique().sort().to_list()
    suite_roles = [role for role in roles if role.startswith(ODDITY) or role == RECENT]
    placed = with_labels(state, subjects, data, truth)
    nobody = {name: pl.lit(None, pl.String) for name in ("owner", "owner_version")}
    placed = placed.with_columns(**nobody)
    parts = [placed.with_columns(who=pl.lit(SUBJECT), dataset=pl.lit(data))]
    for role in suite_roles:
        if role != data:
            case = with_labels(state, subjects, role, truth).filter(pl.col("binding").is_not_null())
            parts.append(case.with_columns(who=pl.lit(SUBJECT), dataset=pl.lit(role)))
    parts += [
        _of_baseline(state, placed, name).with_columns(who=pl.lit(name), dataset=pl.lit(data))
        for name in baselines
        if name != NAIVE
    ]
    every = pl.concat(parts, how="diagonal_relaxed")
    return every.with_columns(
        pl.coalesce("owner", "model").alias("owner"),
        pl.coalesce("owner_version", "version").alias("owner_version"),
    )


def out_of_quarantine(
    cases: pl.DataFrame, quarantined: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out baselines in quarantine; return what is left, and a failed row of each of them.

    Subjects in quarantine are left to the driver, as in every job.
    """
    of = ["owner", "owner_version"]
    barred = quarantined.rename({"model": "owner", "version": "owner_version"})
    refused = (
        cases.filter(pl.col("who") != SUBJECT)
        .join(barred, on=of)
        .select(*("model", "version", "dataset", "who", "reason"), status=pl.lit("failed"))
    )
    usable = (pl.col("who") == SUBJECT) | pl.col("reason").is_null()
    left = cases.join(barred, on=of, how="left", maintain_order="left").filter(usable)
    return left.drop("reason"), refused


def suspects(ready: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Return every version and data that is worked on, to be tried by itself if need be."""
    bound = cases.filter(pl.col("binding").is_not_null())
    return bound.join(ready.select("model"), on="model", how="semi").select(SUSPECT)


def _of_baseline(state: FleetState, placed: pl.DataFrame, name: str) -> pl.DataFrame:
    """Put the version of an alias, or the newest of a named model, in the place of each version."""
    frame = placed.drop(entities.SUBJECT)
    if name in state["alias"]["alias"].unique().to_list():
        return frame.join(
            entities.pointed(state, name).select("model", *entities.SUBJECT),
            on="model",
            how="inner",
        )
    other = entities.newest(state).filter(model=name)
    if other.is_empty():
        known = [NAIVE, *state["alias"]["alias"].unique(), *state["model"]["model"]]
        raise UnknownName.among("baseline", name, known, "It is naive, an alias or a model")
    if other["format"].item() == EXTERNAL:
        raise BadInput(
            f"the model {name!r} is scored elsewhere, so it cannot predict the rows of others;"
            " name one that argosy loads, or an alias"
        )
    # its own name, so that it is not taken for a version of the model whose rows it predicts
    newest = other.select(*entities.SUBJECT, owner="model", owner_version="version").with_columns(
        version=pl.format("{}@{}", pl.lit(name), "version")
    )
    return frame.drop("owner", "owner_version").join(newest, how="cross")
