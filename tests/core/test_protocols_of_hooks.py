"""Functions that values of hooks take: each has a protocol that authors can name."""

import dataclasses
import inspect
import re

import pytest

import argosy.types
from argosy.types import (
    aspects,
    detectors,
    entities,
    estimators,
    jobs,
    lifecycle,
    measures,
    models,
    runs,
    surfaces,
    tasks,
    training,
    work,
)

MODULES = [
    *(aspects, detectors, entities, estimators, jobs, lifecycle, measures),
    *(models, runs, surfaces, tasks, training, work),
]
CLASSES = {
    name: kind
    for module in MODULES
    for name, kind in inspect.getmembers(module, inspect.isclass)
    if kind.__module__ == module.__name__
}
PROTOCOLS = {name: kind for name, kind in CLASSES.items() if "__call__" in vars(kind)}
HANDED = {"Stage"}
"""Values that plugins are handed rather than offer."""
VALUES = sorted(
    name for name, kind in CLASSES.items() if dataclasses.is_dataclass(kind) and name not in HANDED
)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_can_be_imported_and_says_what_is_returned(name):
    call = PROTOCOLS[name].__call__
    given = list(inspect.signature(call).parameters.values())[1:]

    assert name in argosy.types.__all__
    assert inspect.getdoc(call)
    assert {each.kind for each in given} <= {inspect.Parameter.POSITIONAL_ONLY}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_plugins_offer_describes_each_function_with_arguments(name):
    """A bare `Callable[[pa.Table], pa.Table]` does not say what is in the tables."""
    bare = [
        field.name
        for field in dataclasses.fields(CLASSES[name])
        if re.search(r"Callable\[\[[^\]]", str(field.type))
    ]

    assert bare == []
