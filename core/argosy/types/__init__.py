"""Frozen values that cross the hooks: what a plugin offers, and what it is handed.

Every value is whole-table: a detector measures all columns of all models of a chunk at once,
a metric all groups of rows at once, an executor runs chunks of models, a
policy sees everything that a change touches.

Modules: :mod:`argosy.types.models` (data and artifacts), :mod:`argosy.types.measures`,
:mod:`argosy.types.training`, :mod:`argosy.types.work`, :mod:`argosy.types.lifecycle`,
:mod:`argosy.types.surfaces`.
"""

from argosy.types.lifecycle import Check, Happening, Listener, Policy, Sink, Verb
from argosy.types.measures import Comparison, Detector, Estimator, Kind, Metric
from argosy.types.models import Loader, Predictor, Source, Task
from argosy.types.surfaces import Case, Command, Exporter, Importer, Panel, Stage
from argosy.types.training import Trainer
from argosy.types.work import Cause, Chunk, Executor, Finished, Tables

__all__ = [
    "Case",
    "Cause",
    "Check",
    "Chunk",
    "Command",
    "Comparison",
    "Detector",
    "Estimator",
    "Executor",
    "Exporter",
    "Finished",
    "Happening",
    "Importer",
    "Kind",
    "Listener",
    "Loader",
    "Metric",
    "Panel",
    "Policy",
    "Predictor",
    "Sink",
    "Source",
    "Stage",
    "Tables",
    "Task",
    "Trainer",
    "Verb",
]
