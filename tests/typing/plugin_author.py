"""What the guide tells plugin authors to write, held by the type checker; never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

import argosy
from argosy import hookimpl
from argosy.types import (
    Accessor,
    Aspect,
    Check,
    Comparison,
    Conclusion,
    Detector,
    EntityKind,
    Estimator,
    Executor,
    Exporter,
    FactTable,
    Finished,
    Found,
    Gate,
    Importer,
    Job,
    JobKind,
    Listener,
    Loader,
    Metric,
    Panel,
    Policy,
    Readout,
    SameColumns,
    Scope,
    Section,
    Sink,
    Source,
    TaskColumn,
    TaskKind,
    Trainer,
    TriageCause,
    Units,
)
from argosy.types.request import Request, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableSequence, Sequence

    from argosy import Fleet
    from argosy.types import (
        Answered,
        ChangeEvent,
        Chunk,
        FleetView,
        PerformChunk,
        Predictor,
        Printer,
        Tables,
        TaskRows,
    )


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


def refuse(rows: pa.Table, fleet: FleetView) -> pa.Table:
    return rows if fleet.past else rows.slice(0, 0)


def measure(pairs: pa.Table) -> pa.Table:
    return pairs


def measure_metrics(groups: pa.Table, names: Sequence[str]) -> pa.Table:
    return groups.select(names)


def look(fleet: FleetView, moved: pa.Table) -> pa.Table:
    return moved.slice(0, fleet.seq)


def hear(event: ChangeEvent) -> pa.Table:
    return event.models


def send(notices: pa.Table) -> None:
    assert notices.num_rows


def scan(url: str, storage_options: Mapping[str, str]) -> pl.LazyFrame:
    return pl.scan_parquet(url, storage_options=dict(storage_options))


def scan_files(
    urls: Sequence[str], storage_options: Mapping[str, str], url_column: str
) -> list[SameColumns]:
    options = dict(storage_options)
    rows = pl.scan_parquet(list(urls), storage_options=options, include_file_paths=url_column)
    return [SameColumns(tuple(urls), rows)]


def load_model(content: bytes) -> Predictor:
    raise ValueError(content)


def load_text(content: bytes) -> str:
    return content.decode()


def train(lessons: pa.Table, rows: pa.Table) -> pa.Table:
    return lessons if rows.num_rows else lessons.slice(0, 0)


def run(chunks: MutableSequence[Chunk], perform: PerformChunk) -> Iterator[Finished | None]:
    for chunk in chunks:
        yield Finished(chunk.id, perform(chunk))


def read(url: str, storage_options: Mapping[str, str]) -> pa.Table:
    return pa.table({"url": [url], "region": [storage_options["region"]]})


def write(tables: Mapping[str, pa.Table], url: str, storage_options: Mapping[str, str]) -> None:
    assert storage_options
    assert tables[url]


def render(fleet: FleetView) -> str | None:
    return fleet.url if fleet.past else None


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    yield JobKind("sizes", "Count rows.", load)


@hookimpl
def argosy_kinds() -> Iterator[EntityKind]:
    schema = pa.schema([("model", pa.string())])
    yield EntityKind("approval", "approvals", schema, ("model",), "", refuse, refuse)
    yield EntityKind("x", "xs", schema, ("model",), "", measure)  # type: ignore[arg-type]


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    yield TriageCause("stale", "Old models.", "argosy train", find)
    yield TriageCause("stale", "Old models.", "argosy train", look)  # type: ignore[arg-type]


@hookimpl
def argosy_policies() -> Iterator[Policy]:
    yield Policy("calm", "No change.", frozenset(), check, touches=frozenset({"alias:champion"}))
    yield Policy("calm", "No change.", frozenset(), hear)  # type: ignore[arg-type]


@hookimpl
def argosy_gates() -> Iterator[Gate]:
    yield Gate("rows", "Enough rows.", judge)
    yield Gate("rows", "Enough rows.", measure)  # type: ignore[arg-type]


def read_notes(fleet: FleetView, model: str, _: str | None) -> pl.DataFrame:
    return fleet.table("notes").filter(model=model).collect()


def show_notes(printer: Printer, fleet: FleetView, model: str, version: str | None) -> None:
    printer.emit(read_notes(fleet, model, version), title=None if printer.json else "notes")


@hookimpl
def argosy_aspects() -> Iterator[Aspect]:
    notes = Section("notes", 40, read_notes, ("topic", "text"))
    yield Aspect("notes", "Only its notes.", show_notes, notes)


@hookimpl
def argosy_accessors() -> Iterator[Accessor]:
    yield Accessor("greetings", "Say hello.", lambda fleet: fleet)
    yield Accessor("greetings", "Say hello.", lambda: 1)  # type: ignore[arg-type]


@hookimpl
def argosy_detectors() -> Iterator[Detector]:
    yield Detector("d", frozenset({"numeric"}), measure, 0.1, "effect")
    yield Detector("d", frozenset({"numeric"}), measure_metrics, 0.1, "effect")  # type: ignore[arg-type]


@hookimpl
def argosy_metrics() -> Iterator[Metric]:
    yield Metric("m", frozenset({"binary"}), measure_metrics, True, (0.0, 1.0))
    yield Metric("m", frozenset({"binary"}), measure, True, (0.0, 1.0))  # type: ignore[arg-type]


@hookimpl
def argosy_comparisons() -> Iterator[Comparison]:
    yield Comparison("c", frozenset({"binary"}), None, measure_metrics)
    yield Comparison("c", frozenset({"binary"}), None, measure)  # type: ignore[arg-type]


@hookimpl
def argosy_estimators() -> Iterator[Estimator]:
    yield Estimator("e", frozenset({"binary"}), ("auc",), measure, measure)
    yield Estimator("e", frozenset({"binary"}), ("auc",), train, measure)  # type: ignore[arg-type]
    yield Estimator("e", frozenset({"binary"}), ("auc",), measure, train)  # type: ignore[arg-type]


@hookimpl
def argosy_checks() -> Iterator[Check]:
    yield Check("c", "Look.", look)
    yield Check("c", "Look.", find)  # type: ignore[arg-type]


@hookimpl
def argosy_listeners() -> Iterator[Listener]:
    yield Listener("l", None, hear)
    yield Listener("l", None, check)  # type: ignore[arg-type]


@hookimpl
def argosy_sinks() -> Iterator[Sink]:
    yield Sink("s", send)
    yield Sink("s", train)  # type: ignore[arg-type]


@hookimpl
def argosy_sources() -> Iterator[Source]:
    yield Source("avro", (".avro",), scan, scan_files)
    yield Source("avro", (".avro",), scan_files)  # type: ignore[arg-type]
    yield Source("avro", (".avro",), scan, scan)  # type: ignore[arg-type]
    yield Source("avro", (".avro",), scan, None, scan_files)  # type: ignore[arg-type]


def read_log(handed: TaskRows) -> Readout:
    return Readout(handed.rows.select(truth=handed.binding["truth"], prediction="p"))


def read_answers(handed: TaskRows, answers: Sequence[Answered]) -> Readout:
    return Readout(pl.concat([one.rows for one in answers]), {answers[0].place: "no"})


@hookimpl
def argosy_tasks() -> Iterator[TaskKind]:
    columns = (TaskColumn("event", of="truth"), TaskColumn("q", "prediction", "list"))
    yield TaskKind("t", "A task.", read_log, read_answers, columns)
    yield TaskKind("t", "A task.", read_answers, read_answers)  # type: ignore[arg-type]
    yield TaskKind("t", "A task.", read_log, read_log)  # type: ignore[arg-type]
    yield TaskKind("t", "A task.", read_log, read_answers, sound=read_log)  # type: ignore[arg-type]


@hookimpl
def argosy_loaders() -> Iterator[Loader]:
    yield Loader("f", load_model)
    yield Loader("f", load_text)  # type: ignore[arg-type]


@hookimpl
def argosy_trainers() -> Iterator[Trainer]:
    yield Trainer("t", train)
    yield Trainer("t", measure)  # type: ignore[arg-type]


@hookimpl
def argosy_executors() -> Iterator[Executor]:
    yield Executor("e", run)
    yield Executor("e", perform)  # type: ignore[arg-type]


@hookimpl
def argosy_importers() -> Iterator[Importer]:
    yield Importer("i", "Read.", read)
    yield Importer("i", "Read.", measure)  # type: ignore[arg-type]


@hookimpl
def argosy_exporters() -> Iterator[Exporter]:
    yield Exporter("e", "Write.", ("models",), write)
    yield Exporter("e", "Write.", ("models",), read)  # type: ignore[arg-type]


@hookimpl
def argosy_panels() -> Iterator[Panel]:
    yield Panel("p", "Title", 5, render)
    yield Panel("p", "Title", 5, look)  # type: ignore[arg-type]


def wrong_jobs() -> None:
    """Hand a job functions of other shapes."""
    table = FactTable("sizes", pa.schema([]))
    Job(Sizes, (table,), units)  # type: ignore[arg-type]
    Job(Sizes, (table,), perform, units=conclude)  # type: ignore[arg-type]
    Job(Sizes, (table,), perform, conclude=units)  # type: ignore[arg-type]
    Job(Sizes, (table,), perform, resolve=units)  # type: ignore[arg-type]
    Job(Sizes, (table,), perform, effects=conclude)  # type: ignore[arg-type]
    Job(Sizes, (table,), perform, show=perform)  # type: ignore[arg-type]


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
