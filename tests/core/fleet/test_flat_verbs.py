"""The flat verbs are the jobs' requests once more: same parameters, same defaults, described."""

import inspect

import pytest

from argosy import Fleet
from argosy.fleet.flat_verbs import FlatVerbs
from argosy.plugins import installed

KINDS = {"check_drift": "drift"}
"""The kinds of jobs whose flat verb has another name."""
VERBS = sorted(name for name in vars(FlatVerbs) if not name.startswith("_"))
OURS = {"self", "selection", "executor", "progress", "reason"}


def request_of(verb):
    return installed().jobs[KINDS.get(verb, verb)].load().request


def parameters(verb):
    given = inspect.signature(getattr(Fleet, verb)).parameters
    return {name: value for name, value in given.items() if name not in OURS}


def test_every_job_that_comes_with_argosy_and_has_a_verb_is_a_line_here():
    assert {"check_drift", "compare", "estimate", "evaluate", "gate", "predict", "train"} == set(
        VERBS
    )


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_the_parameters_of_its_request(verb):
    assert set(request_of(verb).model_fields) == set(parameters(verb))


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_the_defaults_of_its_request(verb):
    request = request_of(verb)
    defaults = {name: value.default for name, value in parameters(verb).items()}

    assert request() == request.model_validate(defaults)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_describes_each_parameter(verb):
    told = inspect.getdoc(getattr(Fleet, verb))
    lacking = [name for name in parameters(verb) if f"\n    {name}: " not in told]

    assert lacking == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_field_of_a_request_has_a_line_of_help(verb):
    fields = request_of(verb).model_fields
    lacking = [name for name, field in fields.items() if not field.description]

    assert lacking == []
