"""The steps of a promotion are cumulative shares of a stable order."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import BadInput
from argosy_promote.steps import placed, reached, said, shares


@given(
    many=st.integers(1, 300),
    steps=st.lists(st.floats(0.001, 1.0), min_size=1, max_size=5, unique=True).map(sorted),
    seed=st.integers(-(2**70), 2**70),
)
def test_steps_are_cumulative_shares_of_a_stable_order(many, steps, seed):
    """Every step has its share, the first one a model at least, in whatever order rows lie."""
    models = pl.DataFrame({"model": [f"m{number}" for number in range(many)]})

    found = placed(models, steps, seed)

    sizes = [found.filter(pl.col("step") <= number + 1).height for number in range(len(steps))]
    assert sizes == reached(many, steps)
    for place, (before, size, share) in enumerate(zip([0, *sizes], sizes, steps, strict=False), 1):
        wanted = int(np.ceil(share * many - 1e-9))
        assert before <= size <= max(wanted, before + 1)
        assert size > before or many <= len(steps), "each step moves a model"
        assert size < many or share == 1 or many == 1, "only a share of 1 moves all"
        assert size >= min(wanted, many - 1 - len(steps) + place), "its share is reached"
    again = placed(models.reverse(), steps, seed)
    assert found.equals(again.reverse())


def test_s1_6_a_small_fleet_is_not_promoted_whole_in_its_first_step():
    assert [1, 2, 17] == reached(17, (0.01, 0.1, 1.0))
    assert [1, 2, 3] == reached(3, (0.5, 0.9, 1.0))
    assert [9, 10] == reached(10, (0.95, 1.0))
    assert [1] == reached(1, (1.0,))


def test_another_seed_tries_other_models_first():
    models = pl.DataFrame({"model": [f"m{number}" for number in range(1000)]})

    first = [set(placed(models, (0.1, 1), seed).filter(step=1)["model"]) for seed in (0, 1)]

    assert len(first[0] & first[1]) < 30


@pytest.mark.parametrize("steps", [(), (0,), (1.5,), (0.5, 0.1), (0.5, 0.5), (float("nan"),)])
def test_steps_that_do_not_ascend_to_one_are_refused(steps):
    with pytest.raises(BadInput, match="share|ascend"):
        shares(steps)


def test_a_step_is_said_in_words():
    assert "step 1 of 2 (0.5 %)" == said(1, (0.005, 1))
