"""Frozen values that cross the hooks: what a plugin offers, and what it is handed.

Every value works on whole tables: a detector measures all columns of all models of a chunk at once,
a metric all groups of rows at once; an executor runs chunks of models; a policy sees everything
that a change touches.

The function in a field such as `Detector.measure` is described by a protocol of its own, such as
:class:`MeasureDrift`: what it is called with, and what it must return. Write a plain function of
that shape; a type checker compares the two.

Modules: :mod:`argosy.types.models` (data and artifacts), :mod:`argosy.types.tasks` (what models
predict), :mod:`argosy.types.measures` (metrics, comparisons, gates), :mod:`argosy.types.detectors`,
:mod:`argosy.types.estimators`, :mod:`argosy.types.training`, :mod:`argosy.types.work` (chunks and
executors), :mod:`argosy.types.jobs`, :mod:`argosy.types.runs` (what a job's functions are handed
and return), :mod:`argosy.types.printing`, :mod:`argosy.types.request`,
:mod:`argosy.types.lifecycle`, :mod:`argosy.types.entities`, :mod:`argosy.types.surfaces`,
:mod:`argosy.types.aspects` (what `argosy show` says of a model),
:mod:`argosy.types.view`.
"""

from argosy.types.aspects import Aspect, ReadAspect, Section, ShowAspect, WordRows
from argosy.types.detectors import Detector, Kind, MeasureDrift
from argosy.types.entities import EntityKind, RefuseRows
from argosy.types.estimators import EstimateMetrics, Estimator, FitEstimator
from argosy.types.jobs import (
    CheckRequest,
    Conclude,
    DeclareEffects,
    Job,
    JobKind,
    PlanUnits,
    ResolveRequest,
    ShowRun,
)
from argosy.types.lifecycle import (
    CHANGES,
    ChangeEvent,
    Check,
    CheckChange,
    FindTroubles,
    HearChange,
    Listener,
    LookAtModels,
    Policy,
    RefuseLifting,
    SendNotices,
    Sink,
    TriageCause,
)
from argosy.types.measures import (
    ComparePairs,
    Comparison,
    Gate,
    JudgeVersions,
    MeasureMetrics,
    Metric,
)
from argosy.types.models import (
    FindSpans,
    Loader,
    LoadModel,
    Predictor,
    ScanFiles,
    ScanTable,
    Source,
)
from argosy.types.printing import Printer, Ran
from argosy.types.runs import (
    Answers,
    Conclusion,
    DecideChanges,
    FactTable,
    Found,
    Portion,
    Scope,
    Suspects,
    Units,
)
from argosy.types.surfaces import (
    Accessor,
    Case,
    Command,
    Exporter,
    Importer,
    MakeAccessor,
    Panel,
    ReadModels,
    RenderPanel,
    Stage,
    WriteTables,
)
from argosy.types.tasks import (
    Alike,
    Answered,
    HoldAnswer,
    PredictConstant,
    ReadAnswers,
    ReadLog,
    Readout,
    RecogniseLog,
    TaskColumn,
    TaskKind,
    TaskRows,
)
from argosy.types.training import Trainer, TrainModels
from argosy.types.view import Chosen, FleetState, FleetView
from argosy.types.work import Cause, Chunk, Executor, Finished, PerformChunk, RunChunks, Tables

__all__ = [
    "CHANGES",
    "Accessor",
    "Alike",
    "Answered",
    "Answers",
    "Aspect",
    "Case",
    "Cause",
    "ChangeEvent",
    "Check",
    "CheckChange",
    "CheckRequest",
    "Chosen",
    "Chunk",
    "Command",
    "ComparePairs",
    "Comparison",
    "Conclude",
    "Conclusion",
    "DecideChanges",
    "DeclareEffects",
    "Detector",
    "EntityKind",
    "EstimateMetrics",
    "Estimator",
    "Executor",
    "Exporter",
    "FactTable",
    "FindSpans",
    "FindTroubles",
    "Finished",
    "FitEstimator",
    "FleetState",
    "FleetView",
    "Found",
    "Gate",
    "HearChange",
    "HoldAnswer",
    "Importer",
    "Job",
    "JobKind",
    "JudgeVersions",
    "Kind",
    "Listener",
    "LoadModel",
    "Loader",
    "LookAtModels",
    "MakeAccessor",
    "MeasureDrift",
    "MeasureMetrics",
    "Metric",
    "Panel",
    "PerformChunk",
    "PlanUnits",
    "Policy",
    "Portion",
    "PredictConstant",
    "Predictor",
    "Printer",
    "Ran",
    "ReadAnswers",
    "ReadAspect",
    "ReadLog",
    "ReadModels",
    "Readout",
    "RecogniseLog",
    "RefuseLifting",
    "RefuseRows",
    "RenderPanel",
    "ResolveRequest",
    "RunChunks",
    "ScanFiles",
    "ScanTable",
    "Scope",
    "Section",
    "SendNotices",
    "ShowAspect",
    "ShowRun",
    "Sink",
    "Source",
    "Stage",
    "Suspects",
    "Tables",
    "TaskColumn",
    "TaskKind",
    "TaskRows",
    "TrainModels",
    "Trainer",
    "TriageCause",
    "Units",
    "WordRows",
    "WriteTables",
]
