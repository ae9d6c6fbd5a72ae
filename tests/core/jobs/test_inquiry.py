"""What becomes of a run over whose chunks processes die, played without any process."""

import warnings
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.breadcrumbs import WORK, Step
from argosy.errors import ArgosyWarning, PluginError
from argosy.jobs.alone import Died
from argosy.jobs.inquiry import named
from argosy.jobs.retry import run
from argosy.jobs.traced import TRACE, as_tables, trace_of, traced
from argosy.plugins import installed, trail
from argosy.types import Chunk, Finished

PSI, KS = Step("detectors", "psi"), Step("detectors", "ks")
LOADING = Step("loaders", "skops").function
HEARD = pytest.mark.filterwarnings("always::argosy.errors.ArgosyWarning")


class World:
    """An executor, and plugins that end its processes over some models."""

    def __init__(
        self, *deadly, loading=(), predicting=(), sick=False, outside=0, ending="crash", ahead=1
    ):
        self.deadly, self.loading, self.sick = deadly, set(loading), sick
        self.predicting = set(predicting)
        self.outside, self.ending = outside, ending
        self.ahead, self.tried, self.alone = ahead, Counter(), Counter()
        self.rows = {}

    def steps(self, models):
        """Return what is called for models, in order."""
        own = [Step("loaders", "skops", model) for model in sorted(models)]
        return [*own, *(step._replace(act="predict") for step in own), PSI, KS]

    def dies(self, chunk):
        """Return where the process of a chunk dies; None if it does not."""
        blocked = trace_of(chunk).blocked
        for step in self.steps(named(chunk)):
            if step.function in blocked:
                continue
            if step.model in (self.predicting if step.act else self.loading):
                return step
            if any(step == deadly and victims & named(chunk) for deadly, victims in self.deadly):
                return step
        return None

    def run(self, chunks, perform):
        place, taken = 0, []
        while place < len(chunks) or taken:
            while place < len(chunks) and len(taken) < self.ahead:
                taken.append(chunks[place])
                place += 1
            yield self.performed(taken.pop(0))

    def performed(self, chunk):
        trace = trace_of(chunk)
        crash = Finished(chunk.id, error="the process that ran it died", cause="crash")
        if self.sick:
            return crash
        if trace.idle:
            return Finished(chunk.id, tables={})
        self.tried[chunk.id] += 1
        self.alone[chunk.id] += trace.alone
        if self.outside:
            self.outside -= 1
            died = Died("killed", "SIGKILL", PSI, frozenset())
            return Finished(chunk.id, tables=as_tables(died)) if trace.alone else crash
        step = self.dies(chunk)
        if step is None:
            for model in named(chunk):
                self.rows[model] = set(trace.blocked)
            here = replace(trace, alone=False)
            survives = replace(chunk, options={**chunk.options, TRACE: here})
            return Finished(chunk.id, tables=traced(survives))
        if not trace.alone:
            return crash
        before = []
        for one in self.steps(named(chunk)):
            if one == step:
                break
            before.append(one)
        died = Died(self.ending, "SIGSEGV", step, frozenset(before))
        return Finished(chunk.id, tables=as_tables(died))

    def perform(self, chunk):
        """Note all calls, of which each returned."""
        blocked = trail.current().blocked
        steps = [step for step in self.steps(named(chunk)) if step.function not in blocked]
        trail.current().returned.update(steps)
        return {"rows": pa.table({})}

    def ended(self, many=24, size=6):
        """Play a run; return how each chunk that was lost ended, by its models."""
        chunks = []
        for start in range(0, many, size):
            names = [f"m{number}" for number in range(start, min(start + size, many))]
            table = pa.table({"model": names, "version": ["1"] * len(names)})
            chunks.append(Chunk(str(start), table))
        executor = replace(installed().executors["local"], run=self.run)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            ended = list(run(executor, chunks, self.perform))
        self.told = [str(one.message) for one in told if one.category is ArgosyWarning]
        return {named(chunk): one for chunk, one in ended if one.tables is None}


def every(*numbers, many=24):
    return {f"m{number}@1" for number in numbers or range(many)}


def test_a_detector_that_dies_over_all_is_blocked_after_a_few_tries():
    world = World((PSI, every()))

    assert world.ended() == {}
    assert set(world.rows) == every()
    assert all(blocked == {PSI.function} for blocked in world.rows.values())
    assert sum(world.tried.values()) <= 2 * 4 + 4
    [told] = world.told
    assert "the detector 'psi' (plugin 'detectors' of argosy" in told
    assert "is blocked for the rest of this run" in told


def test_chunks_that_were_taken_before_a_detector_was_blocked_are_not_looked_at_closer():
    """Each closer look starts a process, and has all that follow start theirs."""
    world = World((PSI, every()), ahead=4)

    assert world.ended(size=1) == {}
    assert world.alone.total() <= 2 * 4


def test_two_bad_detectors_are_both_blocked():
    world = World((PSI, every()), (KS, every()))

    assert world.ended() == {}
    assert all(blocked == {PSI.function, KS.function} for blocked in world.rows.values())


def test_one_model_over_which_a_detector_dies_loses_that_answer_alone():
    world = World((PSI, every(9)))

    assert world.ended() == {}
    assert world.rows.pop("m9@1") == {PSI.function}
    assert set(world.rows) == every() - every(9)
    assert set(map(frozenset, world.rows.values())) == {frozenset()}
    assert world.told == []


def test_one_model_that_dies_in_whatever_is_called_is_to_blame():
    world = World((PSI, every(9)), (KS, every(9)))
    [(models, finished)] = world.ended().items()

    assert models == every(9)
    assert finished.cause == "crash"
    assert set(world.rows) == every() - every(9)


def test_a_model_that_cannot_be_loaded_is_to_blame_where_others_can():
    world = World(loading=every(3, 20))
    lost = world.ended()

    assert set(lost) == {frozenset(every(3)), frozenset(every(20))}
    assert {one.cause for one in lost.values()} == {"crash"}
    assert all("in the model format 'skops'" in one.error for one in lost.values())


def test_a_loader_that_loads_nothing_is_to_blame_and_no_model():
    world = World(loading=every())

    assert world.ended() == {}
    assert all(blocked == {LOADING} for blocked in world.rows.values())


@pytest.mark.parametrize("many", [2, 3, 24])
def test_models_that_can_all_be_loaded_and_none_predicts_are_not_to_blame(many):
    """That another one was loaded is no proof: it dies in the same code, a moment later."""
    world = World(predicting=every(many=many))
    lost = world.ended(many=many)

    assert {one.cause for one in lost.values()} <= {"error"}
    assert many == 2 or lost == {}


@pytest.mark.parametrize("many", [1, 2])
def test_too_few_to_tell_are_no_proof_against_a_model(many):
    lost = World(loading=every(many=many)).ended(many=many)

    assert all(one.cause == "error" for one in lost.values())
    assert all("no proof" in one.error for one in lost.values())


@pytest.mark.parametrize("times", [1, 3])
def test_what_is_killed_from_outside_blames_nobody_and_is_done_in_the_end(times):
    world = World(outside=times)

    assert world.ended() == {}
    assert set(world.rows) == every()
    assert world.told == []


def test_what_is_killed_from_outside_again_and_again_is_given_up_and_nobody_is_to_blame():
    lost = World(outside=10**6).ended()

    assert {one.cause for one in lost.values()} == {"node"}


def test_workers_that_cannot_work_stop_the_run():
    with pytest.raises(PluginError, match="cannot work: an empty chunk was lost 3 times too"):
        World(sick=True).ended()


def test_what_eats_the_memory_of_any_chunk_is_blocked():
    world = World((PSI, every()), ending="memory")

    assert world.ended() == {}
    assert all(blocked == {PSI.function} for blocked in world.rows.values())


@settings(max_examples=60)
@given(
    bad=st.sets(st.sampled_from([PSI, KS])),
    own=st.sets(st.integers(0, 23), max_size=3),
    size=st.integers(1, 24),
)
def test_whatever_is_bad_the_innocent_have_all_their_answers(bad, own, size):
    """Of plugins that die over all models and models that die when loaded, each has what it did."""
    guilty = every(*own) if own else set()
    world = World(*((step, every()) for step in bad), loading=guilty)
    lost = world.ended(size=size)

    assert {model for models in lost for model in models} == guilty
    assert set(world.rows) == every() - guilty
    blocked = {step.function for step in bad}
    assert all(mine <= blocked for mine in world.rows.values())
    assert not {WORK.function, LOADING} & {one for mine in world.rows.values() for one in mine}
