"""A fleet without models, rows or news is an empty table everywhere, and no error."""

from __future__ import annotations

import polars as pl
import pytest

from argosy.errors import BadInput
from argosy_experiments.ab_tests import means, rates
from argosy_experiments.bandits import replay, thompson
from argosy_experiments.exposures.credit import credited, outcomes
from argosy_experiments.exposures.customers import by_customer, switched
from argosy_experiments.groups import group, ratio_mismatch
from argosy_experiments.guardrails import guarded
from argosy_experiments.offpolicy.estimates import estimates
from argosy_experiments.offpolicy.expected_rewards import foretold

TEXT, NUMBER = pl.String, pl.Float64


def nothing(**columns):
    return pl.DataFrame(schema={"model": TEXT, **columns})


CHOICES = nothing(context=TEXT, action=TEXT, reward=NUMBER, propensity=NUMBER, probability=NUMBER)
COUNTS = nothing(group=TEXT, n=NUMBER, successes=NUMBER, total=NUMBER, squares=NUMBER)
ARMS = nothing(arm=TEXT, plays=NUMBER, wins=NUMBER, win=NUMBER)
LISTS = nothing(customer=TEXT, items=pl.List(TEXT), scores=pl.List(NUMBER))
SHOWN = nothing(
    version=TEXT, customer=TEXT, at=pl.Datetime("us", "UTC"), items=pl.List(TEXT), item=TEXT
)
ASKED = {
    "estimates": lambda: estimates(foretold(CHOICES, CHOICES).to_arrow()),
    "looked": lambda: rates.looked(rates.begun(COUNTS), COUNTS),
    "compared": lambda: means.compared(COUNTS),
    "ratio_mismatch": lambda: ratio_mismatch(COUNTS),
    "group": lambda: LISTS.with_columns(group("lists")),
    "learnt": lambda: thompson.learnt(thompson.begun(ARMS), ARMS),
    "propensities": lambda: thompson.propensities(thompson.begun(ARMS)),
    "chosen": lambda: thompson.chosen(thompson.begun(ARMS), LISTS, seed=0),
    "replayed": lambda: replay.replayed(ARMS, seed=0)[0],
    "guarded": lambda: guarded(LISTS, COUNTS, LISTS)[0],
    "outcomes": lambda: outcomes(credited(SHOWN, SHOWN)),
    "by_customer": lambda: by_customer(credited(SHOWN, SHOWN), "lists"),
    "switched": lambda: switched(credited(SHOWN, SHOWN)),
}


@pytest.mark.parametrize("name", ASKED)
def test_nothing_in_is_nothing_out(name):
    assert ASKED[name]().is_empty()


def test_no_news_leave_a_test_as_it_is():
    state = rates.begun(pl.DataFrame({"model": ["shop"], "base": [0.1]}))

    assert rates.looked(state, COUNTS).equals(state)


def test_a_column_of_another_type_is_refused():
    words = pl.DataFrame({"model": ["m"], "reward": ["x"], "propensity": [0.5], "target": [0.5]})

    with pytest.raises(BadInput, match="the logged rows cannot be used"):
        estimates(words)
