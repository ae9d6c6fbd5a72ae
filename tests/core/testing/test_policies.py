"""The suite for policies notices each fault, by the test that names it."""

import polars as pl
import pytest

from argosy.plugins import installed
from argosy.testing.events import event
from argosy.testing.policies import PolicySuite
from argosy.types import Policy

from .faults import failed


class OwnerSuite(PolicySuite):
    name = "odd"

    def allowed(self):
        yield event("register", [{"model": "a", "owner": "bea"}])

    def refused(self):
        yield event("register", [{"model": "a", "owner": "bea"}, {"model": "b"}]), {"b"}


def objections(models):
    return models.filter(pl.col("owner").is_null()).select("model", reason=pl.lit("no owner"))


def objecting(change):
    return lambda event, _: change(objections(pl.DataFrame(event.models))).to_arrow()


@pytest.mark.parametrize(
    ("check", "noticed"),
    [
        (objecting(lambda found: found.clear()), "what_is_refused_is_refused_for_the_right_models"),
        (
            lambda event, _: event.models.select(["model"]).append_column(
                "reason", [["no"] * event.models.num_rows]
            ),
            "what_is_allowed_passes",
        ),
        (objecting(lambda found: found.drop("reason")), "every_change_gets_an_answer"),
        (
            objecting(lambda found: found.with_columns(reason=pl.lit(" "))),
            "every_change_gets_an_answer",
        ),
        (
            objecting(lambda found: found.with_columns(model=pl.lit("another"))),
            "every_change_gets_an_answer",
        ),
        (lambda event, _: [], "a_change_of_nothing_is_allowed"),
    ],
)
def test_a_faulty_policy_is_noticed(check, noticed, tmp_path, monkeypatch):
    policy = Policy("odd", "A summary.", frozenset({"register"}), check)
    monkeypatch.setitem(installed().policies, "odd", policy)

    assert failed(OwnerSuite, tmp_path, noticed)


def test_a_sound_policy_passes(tmp_path, monkeypatch):
    sound = Policy("odd", "A summary.", frozenset({"register"}), objecting(lambda found: found))
    monkeypatch.setitem(installed().policies, "odd", sound)

    assert failed(OwnerSuite, tmp_path) == set()
