"""The Arrow schema of every table a fleet keeps.

The *ledger* holds each change as the after-image of one entity; the tables of models, versions,
aliases, bindings and runs are folds of it. The *facts* are what runs append.

Modules: :mod:`argosy.tables.ledger`, :mod:`argosy.tables.facts`, :mod:`argosy.tables.answers`.
"""

from argosy.tables.answers import ANSWERS, DETAIL, FINDINGS, NOTICES, TRAINED
from argosy.tables.facts import (
    ALL_COLUMNS,
    COMPARISONS,
    DISTRIBUTIONS,
    DRIFT,
    ESTIMATES,
    EVALUATIONS,
    FACTS,
    FITS,
    GATES,
    INCIDENTS,
    PREDICTIONS,
    PROFILES,
    TRAININGS,
    VERDICTS,
)
from argosy.tables.ledger import (
    ALIAS,
    BINDING,
    COMMIT,
    FEATURES,
    KINDS,
    LEDGER,
    MODEL,
    POLICY,
    PROMOTION,
    QUARANTINE,
    RUN,
    TAGS,
    TEMPLATE,
    TIME,
    VERSION,
)

__all__ = [
    "ALIAS",
    "ALL_COLUMNS",
    "ANSWERS",
    "BINDING",
    "COMMIT",
    "COMPARISONS",
    "DETAIL",
    "DISTRIBUTIONS",
    "DRIFT",
    "ESTIMATES",
    "EVALUATIONS",
    "FACTS",
    "FEATURES",
    "FINDINGS",
    "FITS",
    "GATES",
    "INCIDENTS",
    "KINDS",
    "LEDGER",
    "MODEL",
    "NOTICES",
    "POLICY",
    "PREDICTIONS",
    "PROFILES",
    "PROMOTION",
    "QUARANTINE",
    "RUN",
    "TAGS",
    "TEMPLATE",
    "TIME",
    "TRAINED",
    "TRAININGS",
    "VERDICTS",
    "VERSION",
]
