"""Seeded changes and runs, whole, as policies and listeners are handed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.plugins import installed
from argosy.tables import (
    ALIAS,
    COMPARISONS,
    DRIFT,
    EVALUATIONS,
    GATES,
    KINDS,
    MODEL,
    PREDICTIONS,
    TRAININGS,
    VERDICTS,
)
from argosy.types import CHANGES, ChangeEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


ODD = ("ünï-çødé", "船", "<script>alert(1)</script>", "a b", "'; DROP TABLE models", "m" * 200)


_ALIASES = ("set_alias", "rollback", "promote", "train")
"""Verbs that may point an alias at another version."""


def verbs() -> tuple[str, ...]:
    """Return all that can happen to models: changes, and the jobs that are installed."""
    return (*CHANGES, *installed().jobs)


def event(
    verb: str = "register",
    models: Sequence[Mapping[str, Any]] | pa.Table = ({"model": "m0"},),
    reason: str | None = "because",
    **kept: Any,  # noqa: ANN401
) -> ChangeEvent:
    """Return one that touches some models; columns of `tables.MODEL` that are not given are null.

    >>> event("retire", [{"model": "a", "owner": "bea"}]).models["owner"].to_pylist()
    ['bea']
    """
    table = models if isinstance(models, pa.Table) else pa.Table.from_pylist(list(models), MODEL)
    untouched = {kind: schema.empty_table() for kind, schema in KINDS.items() if kind != "run"}
    before = untouched | kept.pop("before", {})
    after = untouched | kept.pop("after", {"model": table})
    return ChangeEvent(verb, "/fleets/test", "bea", reason, table, before, after, **kept)


def fleet_of(count: int) -> pa.Table:
    """Return many models, of every tier, with and without an owner."""
    numbers = range(count)
    return (
        pa.table(
            {
                "model": [f"m{number}" for number in numbers],
                "owner": [None if number % 7 == 3 else f"owner{number % 5}" for number in numbers],
                "team": ["risk" if number % 2 else "web" for number in numbers],
                "tier": [None if number % 11 == 0 else 1 + number % 4 for number in numbers],
            }
        )
        .select(["model", "owner", "team", "tier"])
        .cast(
            pa.schema(
                [(name, MODEL.field(name).type) for name in ("model", "owner", "team", "tier")]
            )
        )
    )


def every() -> Iterator[ChangeEvent]:
    """Yield every verb over no model, one, odd ones and many; runs with what they found."""
    tables = [
        MODEL.empty_table(),
        whole([{"model": "m0"}]),
        whole([{"model": name, "owner": name} for name in ODD]),
        whole(fleet_of(500).to_pylist()),
    ]
    for verb in verbs():
        for table in tables:
            alias = pa.Table.from_pylist(
                [
                    {"alias": "champion", "model": name, "version": "1"}
                    for name in table["model"].to_pylist()
                ],
                ALIAS,
            )
            yield event(
                verb,
                table,
                None if table.num_rows == 1 else "because",
                after={"model": table, "alias": alias} if verb in _ALIASES else {"model": table},
                touches=frozenset({"alias", "alias:champion"} if verb in _ALIASES else {"model"}),
                facts=_facts(verb, table),
                seq=7,
            )


def whole(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return models with every column."""
    return pa.Table.from_pylist(list(rows), MODEL)


def _facts(verb: str, models: pa.Table) -> dict[str, pa.Table]:
    named = pl.DataFrame(models).select("model", version=pl.lit("1"))
    place = pl.int_range(pl.len())
    lost = named.filter(place % 5 == 1).with_columns(
        status=pl.lit("failed"), reason=pl.lit("it was lost")
    )
    if verb == "drift":
        judged = named.with_columns(
            drifted=place % 5 == 2, reason=pl.when(place % 5 == 2).then(pl.lit("it moved"))
        )
        return {"drift": _as(lost, DRIFT), "verdicts": _as(judged, VERDICTS)}
    if verb == "gate":
        shut = pl.when(place % 5 == 2).then(pl.lit("it is no better than a constant"))
        judged = named.with_columns(
            gate=pl.lit("baseline:naive"), passed=place % 5 != 2, status=pl.lit("ok"), reason=shut
        )
        return {"gates": _as(judged, GATES)}
    if verb == "predict":
        return {"predictions": _as(lost, PREDICTIONS)}
    if verb == "compare":
        pairs = lost.rename({"version": "challenger_version"})
        return {"comparisons": _as(pairs, COMPARISONS)}
    if verb == "train":
        return {"trainings": _as(lost, TRAININGS)}
    return {"evaluations": _as(lost, EVALUATIONS)} if verb == "evaluate" else {}


def _as(rows: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    empty = pl.DataFrame(schema.empty_table())
    return pl.concat([empty, rows], how="diagonal_relaxed").to_arrow().cast(schema)
