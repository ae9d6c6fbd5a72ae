"""The rule of blame, without any process: who is at fault for what died."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.breadcrumbs import WORK, Step
from argosy.jobs.blame import Death, Evidence

DETECTOR, METRIC = Step("detectors", "bad"), Step("metrics", "bad")


def loading(model):
    return Step("loaders", "skops", model)


def predicting(model):
    return loading(model)._replace(act="predict")


def death(models, step, cause="crash"):
    return Death(frozenset(models.split()), step, "SIGSEGV", cause)


def judged(deaths, passed=(), all_tried=False):
    """Return the functions that are blocked, and the versions that are proven guilty."""
    evidence = Evidence()
    for one in deaths:
        evidence.died(one)
    for function, models in dict(passed).items():
        evidence.passed(function, models.split())
    named = {model for one in deaths for model in {*one.models, one.of} - {None}}
    blocked = set(evidence.culprits(all_tried))
    return blocked, {model for model in named if evidence.proven(model)}


LOADER = Step("loaders", "skops").function
TABLE = {
    "nothing happened": ([], {}, set(), set()),
    "once is no proof": ([death("a b", DETECTOR)], {}, set(), set()),
    "different models in one function": (
        [death("a b", DETECTOR), death("c", DETECTOR)], {}, {DETECTOR.function}, set(),
    ),
    "the same models again": (
        [death("a b c", DETECTOR), death("a b", DETECTOR), death("a", DETECTOR)], {}, set(), set(),
    ),
    "different models, though others got through": (
        [death("a", DETECTOR), death("c", DETECTOR)], {DETECTOR.function: "d e f g"},
        {DETECTOR.function}, set(),
    ),
    "one model in different functions": (
        [death("a", DETECTOR), death("a", METRIC)], {}, set(), {"a"},
    ),
    "different functions, but in company": (
        [death("a b", DETECTOR), death("a b", METRIC)], {}, set(), set(),
    ),
    "two plugins, each over different models": (
        [death("a", DETECTOR), death("b", DETECTOR), death("a", METRIC), death("b", METRIC)], {},
        {DETECTOR.function, METRIC.function}, set(),
    ),
    "its own code, where another got through": (
        [death("a b", loading("a")), death("a", loading("a"))], {LOADER: "a b"}, set(), {"a"},
    ),
    "its own code, where nobody else got through": (
        [death("a b", loading("a")), death("a", loading("a"))], {LOADER: "a"}, set(), set(),
    ),
    "its own code, once": ([death("a", loading("a"))], {LOADER: "b"}, set(), set()),
    "three in their own code, and nobody got through yet": (
        [death("a", loading("a")), death("b", loading("b")), death("c", loading("c"))], {},
        set(), set(),
    ),
    "many in their own code, and nobody got through": (
        [death(m, loading(m)) for m in "abcdefgh"], {}, {LOADER}, set(),
    ),
    "they were loaded, and die when they predict": (
        [one for m in "ab" for one in [death(m, predicting(m))] * 2], {LOADER: "a b"}, set(), set(),
    ),
    "once when it was loaded, once when it predicted": (
        [death("a", loading("a")), death("a", predicting("a"))], {}, set(), set(),
    ),
    "three in their own code, and one got through": (
        [one for m in "abc" for one in [death(m, loading(m))] * 2], {LOADER: "d"}, set(),
        {"a", "b", "c"},
    ),
    "half of many in their own code": (
        [death(m, loading(m)) for m in "abcdefgh"], {LOADER: "i j k l m n o"}, {LOADER}, set(),
    ),
    "the work itself, where others got through": (
        [death("a", WORK), death("a", WORK)], {WORK.function: "b"}, set(), {"a"},
    ),
    "the work itself over whatever it is given": (
        [death(m, WORK) for m in "abcdefgh"], {}, {WORK.function}, set(),
    ),
    "a hang counts as a crash does": (
        [death("a", DETECTOR, "time"), death("b", DETECTOR, "time")], {}, {DETECTOR.function},
        set(),
    ),
    "a hang may be a busy machine's, where it returned for others": (
        [death("a", DETECTOR, "time"), death("b", DETECTOR, "time")], {DETECTOR.function: "c"},
        set(), set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_who_is_to_blame(case):
    deaths, passed, blocked, proven = TABLE[case]

    for order in list(permutations(deaths))[:24]:
        assert judged(order, passed) == (blocked, proven)


def test_two_are_enough_once_nobody_is_left_who_might_get_through():
    deaths = [death("a", loading("a")), death("b", loading("b"))]

    assert judged(deaths) == (set(), set())
    assert judged(deaths, all_tried=True) == ({LOADER}, set())


MODELS = [f"m{number}" for number in range(12)]
GROUPS = st.lists(st.sampled_from(MODELS), min_size=1, unique=True).map(frozenset)


@given(st.lists(GROUPS, min_size=1), st.sampled_from([DETECTOR, METRIC]))
def test_no_model_is_to_blame_for_what_one_plugin_does(groups, step):
    """However its deaths fall on models, alone or together, again or not."""
    evidence = Evidence()
    for group in groups:
        evidence.died(Death(group, step, "SIGSEGV"))

    assert not any(evidence.proven(model) for model in MODELS)
    apart = any(not one & other for one in groups for other in groups)
    assert set(evidence.culprits()) == ({step.function} if apart else set())


@given(st.sampled_from(MODELS), st.lists(GROUPS, max_size=6))
def test_no_plugin_is_to_blame_for_what_one_model_does(model, groups):
    """It dies in whatever is called with it; all others get through everywhere."""
    evidence = Evidence()
    steps = [loading(model), DETECTOR, METRIC, WORK]
    for number, group in enumerate([*groups, frozenset()]):
        step = steps[number % len(steps)]
        evidence.died(Death(group | {model}, step, "SIGSEGV"))
    for step in steps:
        evidence.died(Death(frozenset({model}), step, "SIGSEGV"))
        evidence.passed(step.function, set(MODELS) - {model})

    assert not evidence.culprits(all_tried=True)
    assert [one for one in MODELS if evidence.proven(one)] == [model]
