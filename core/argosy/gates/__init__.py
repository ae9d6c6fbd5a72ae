"""Gates before a promotion: plain functions from a whole table of evaluations to who may pass.

`beside` lays evaluations out, one row per model and dataset; `baseline`, `suspiciously_perfect` and
`suite` each answer one row per model and gate, `passing` says who passed all. `job` gathers what
they need of a whole fleet.
"""

from argosy.gates.rules import baseline, passing, suite, suspiciously_perfect
from argosy.gates.table import beside

__all__ = ["baseline", "beside", "passing", "suite", "suspiciously_perfect"]
