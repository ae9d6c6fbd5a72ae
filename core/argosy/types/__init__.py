"""Frozen values that cross the hooks: what a plugin offers, and what it is handed.

Every value is whole-table: a detector measures all columns of all models of a chunk at once,
a metric all groups of rows at once, an executor runs chunks of models, a
policy sees everything that a change touches.

Modules: :mod:`argosy.types.models` (data and artifacts), :mod:`argosy.types.measures`,
:mod:`argosy.types.training`, :mod:`argosy.types.work`, :mod:`argosy.types.jobs`,
:mod:`argosy.types.request`, :mod:`argosy.types.lifecycle`, :mod:`argosy.types.entities`,
:mod:`argosy.types.surfaces`, :mod:`argosy.types.view`.
"""

from argosy.types.entities import EntityKind
from argosy.types.jobs import (
    Answers,
    Conclusion,
    FactTable,
    Found,
    Job,
    JobKind,
    Portion,
    Printer,
    Ran,
    Scope,
    Suspects,
    Units,
)
from argosy.types.lifecycle import CHANGES, ChangeEvent, Check, Listener, Policy, Sink, TriageCause
from argosy.types.measures import Comparison, Detector, Estimator, Gate, Kind, Metric
from argosy.types.models import Loader, Predictor, Source, Task
from argosy.types.surfaces import Accessor, Case, Command, Exporter, Importer, Panel, Stage
from argosy.types.training import Trainer
from argosy.types.view import Chosen, FleetState, FleetView
from argosy.types.work import Cause, Chunk, Executor, Finished, Tables

__all__ = [
    "CHANGES",
    "Accessor",
    "Answers",
    "Case",
    "Cause",
    "ChangeEvent",
    "Check",
    "Chosen",
    "Chunk",
    "Command",
    "Comparison",
    "Conclusion",
    "Detector",
    "EntityKind",
    "Estimator",
    "Executor",
    "Exporter",
    "FactTable",
    "Finished",
    "FleetState",
    "FleetView",
    "Found",
    "Gate",
    "Importer",
    "Job",
    "JobKind",
    "Kind",
    "Listener",
    "Loader",
    "Metric",
    "Panel",
    "Policy",
    "Portion",
    "Predictor",
    "Printer",
    "Ran",
    "Scope",
    "Sink",
    "Source",
    "Stage",
    "Suspects",
    "Tables",
    "Task",
    "Trainer",
    "TriageCause",
    "Units",
]
