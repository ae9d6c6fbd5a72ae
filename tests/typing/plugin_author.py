"""What the guide tells plugin authors to write, held by the type checker; never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

import argosy
from argosy import hookimpl
from argosy.types import (
    Accessor,
    Conclusion,
    EntityKind,
    FactTable,
    Found,
    Gate,
    Job,
    JobKind,
    Policy,
    Scope,
    TriageCause,
    Units,
)
from argosy.types.request import Request, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy import Fleet
    from argosy.types import ChangeEvent, Chunk, FleetView, Tables


class Sizes(Request):
    """Count rows."""

    data: Role = "current"


def perform(chunk: Chunk) -> Tables:
    return {"sizes": chunk.models.select(["model", "version"])}


def units(request: Sizes, scope: Scope) -> Units:
    ready = scope.models.select("model", "version")
    return Units(ready, ready.clear().with_columns(reason=pl.lit(request.data)), reads=())


def conclude(request: Sizes, found: Found) -> Conclusion:
    rows = pl.concat(found.answers.parts("sizes"))
    return Conclusion({"sizes": rows}, failed=0, changes=lambda state: {"note": state["model"]})


def load() -> Job[Sizes]:
    return Job(Sizes, (FactTable("sizes", pa.schema([])),), perform, units, conclude)


def find(view: FleetView) -> pa.Table:
    return view.models().select("model").collect().to_arrow()


def check(event: ChangeEvent, _: object) -> pa.Table:
    assert event.view is not None
    return event.view.aliases().collect().to_arrow()


def judge(rows: pa.Table, _: pa.Table, __: object) -> pa.Table:
    return rows


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    yield JobKind("sizes", "Count rows.", load)


@hookimpl
def argosy_kinds() -> Iterator[EntityKind]:
    yield EntityKind("approval", "approvals", pa.schema([("model", pa.string())]), ("model",))


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    yield TriageCause("stale", "Old models.", "argosy train", find)


@hookimpl
def argosy_policies() -> Iterator[Policy]:
    yield Policy("calm", "No change.", frozenset(), check, touches=frozenset({"alias:champion"}))


@hookimpl
def argosy_gates() -> Iterator[Gate]:
    yield Gate("rows", "Enough rows.", judge)


@hookimpl
def argosy_accessors() -> Iterator[Accessor]:
    yield Accessor("greetings", "Say hello.", lambda fleet: fleet)


def use(fleet: Fleet) -> pl.DataFrame:
    """Use it as its users do."""
    fleet.put("approval", {"model": ["m"]})
    return fleet.run("sizes", "team = 'risk'", data="holdout").results()


def look_back(fleet: Fleet) -> None:
    """Read the past; that it cannot be changed is what the checker says here."""
    past = fleet.as_of("2026-11-01")
    past.models()
    past.register({"model": ["m"]})  # type: ignore[attr-defined]
    past.evaluate()  # type: ignore[attr-defined]
    argosy.open("fleet").evaluate(metrics=3)  # type: ignore[arg-type]
