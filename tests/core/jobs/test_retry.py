"""Running chunks: a lost chunk is split until the culprit stands alone."""

import pyarrow as pa
import pytest

from argosy.jobs.chunking import Costs, chunks, cuts, halves
from argosy.jobs.retry import run
from argosy.plugins import installed
from argosy.testing.executors import double
from argosy.types import Chunk


def outcome(numbers, isolate=True):
    whole = Chunk("0", pa.table({"number": numbers}), {}, isolate)
    found, lost = [], []
    for chunk, finished in run(installed().executors["local"], [whole], double):
        if finished.tables is None:
            lost += chunk.models["number"].to_pylist()
        else:
            found += finished.tables["doubled"]["number"].to_pylist()
    return sorted(found), lost


def test_a_model_that_kills_its_process_loses_nobody_else():
    found, lost = outcome([1, 2, 3, 0, 4, 5, 6, 7])

    assert lost == [0]
    assert found == [2, 4, 6, 8, 10, 12, 14]


def test_two_culprits_are_both_found():
    found, lost = outcome([0, 1, 2, -1, 3])

    assert sorted(lost) == [-1, 0]
    assert found == [2, 4, 6]


def test_work_that_raises_is_split_in_process_too():
    assert outcome([1, -1, 2], isolate=False) == ([2, 4], [-1])


@pytest.mark.parametrize("models", [1, 7, 100, 5000])
@pytest.mark.parametrize("isolate", [True, False])
def test_a_plan_holds_every_model_once(models, isolate):
    import polars as pl

    units = pl.DataFrame({"model": [str(number) for number in range(models)]})
    starts = cuts(units, Costs(), 2, isolate)
    planned = chunks(units, starts, {}, isolate, Costs(), 60)

    planned.sort(key=lambda chunk: int(chunk.id))
    held = [model for chunk in planned for model in chunk.models["model"].to_pylist()]
    assert held == units["model"].to_list()
    assert len({chunk.id for chunk in planned}) == len(planned)


def test_halves_hold_what_the_whole_held():
    whole = Chunk("3", pa.table({"number": [1, 2, 3]}), {"a": 1}, True)
    left, right = halves(whole)

    assert left.models["number"].to_pylist() + right.models["number"].to_pylist() == [1, 2, 3]
    assert (left.id, right.id, right.options, right.isolate) == ("3.0", "3.1", {"a": 1}, True)
