"""F4, F13 and upkeep beside writers: many at once, on a folder and in a bucket."""

import time

import pytest

from .buckets import stand_in
from .sizes import variants

CHANGES = ["register", "tag", "alias", "tag"]


@pytest.fixture(scope="module")
def bucket():
    pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs")
    with stand_in() as made:
        yield made


@pytest.fixture(params=variants(["folder", "bucket"], short={"folder"}))
def store(request, made, template):
    """The fleet of two models, and the options of its store."""
    if request.param == "folder":
        return {"url": str(made()), "options": {}}
    bucket = request.getfixturevalue("bucket")
    url = bucket.url()
    bucket.filesystem().put(str(template), url.removeprefix("s3://"), recursive=True)
    return {"url": url, "options": bucket.options}


@pytest.fixture
def play(nursery, tmp_path, fault):
    """Start players with notes, wait for all, and check what they were told."""

    def played(store, *players, seconds=0):
        notes = [str(tmp_path / f"notes-{number}") for number in range(len(players))]
        begun = [
            nursery.start(
                **store, **player, **({"notes": path} if _notes(player["function"]) else {})
            )
            for path, player in zip(notes, players, strict=True)
        ]
        answers = [one.wait(600) for one in begun]
        fault.add(nursery.ask("check", **store, notes=notes))
        fault.wrong += nursery.ask("torn", **store)
        return answers

    return played


def _notes(function):
    return function in {"work", "follow"}


def writers(many, verbs, **besides):
    return [
        {"function": "work", "name": f"w{number}", "verbs": verbs, "seed": number, **besides}
        for number in range(many)
    ]


@pytest.mark.fault("F4 six writers at once", "changes")
def test_six_writers_lose_nothing(store, play, fault, size):
    """One of them wins each number; the others decide again."""
    turns = size(2, 50) if store["url"].startswith("/") else size(1, 8)
    answers = play(store, *writers(6, CHANGES, turns=turns))
    fault.played = sum(answers)

    fault.holds()
    assert answers == [turns] * 6


@pytest.mark.slow
@pytest.mark.fault("F13 readers beside writers and upkeep", "reads")
def test_a_reader_sees_whole_changes_and_never_goes_back(made, play, fault, size):
    """What it is pinned to stays readable while files are gathered and removed."""
    store, seconds = {"url": str(made()), "options": {}}, size(5, 60)
    reads = size(20, 500)
    answers = play(
        store,
        *writers(2, CHANGES, seconds=seconds),
        {"function": "tidy", "seconds": seconds, "pause": 0.5},
        *[{"function": "read", "reads": reads}] * 2,
    )
    for answer in answers[-2:]:
        fault.played += answer["reads"]
        fault.wrong += answer["wrong"]

    fault.holds()


@pytest.mark.fault("D1 runs of three beside upkeep every second", "runs")
def test_runs_beside_upkeep_stand_once(made, play, fault, size):
    """What runs found is gathered while others add to it."""
    seconds = size(6, 60)
    answers = play(
        {"url": str(made()), "options": {}},
        *writers(3, ["evaluate", "drift"], seconds=seconds),
        {"function": "tidy", "seconds": seconds, "pause": 1.0},
    )
    fault.played = sum(answers[:3])

    fault.holds()


@pytest.mark.fault("D2 maintain --keep-hours 0 beside twenty writers", "changes")
def test_upkeep_that_keeps_nothing_removes_nothing_of_writers(made, play, fault, size):
    """A file that is written and about to be named looks like one that nobody names."""
    seconds = size(5, 60)
    answers = play(
        {"url": str(made()), "options": {}},
        *writers(size(6, 20), CHANGES, seconds=seconds),
        {"function": "tidy", "seconds": seconds, "pause": 0.2, "keep_hours": 0},
    )
    fault.played = sum(answers[:-1])

    fault.holds()
    assert answers[-1]["done"] or answers[-1]["refused"]


@pytest.mark.fault("D2 upkeep by a clock 8 days off beside writers", "changes")
@pytest.mark.parametrize("days", variants([8, -8], short=set()))
def test_a_clock_that_is_off_removes_nothing_of_writers(
    made, nursery, platter, tmp_path, fault, size, days
):
    url, seconds, notes = str(made()), size(5, 40), [str(tmp_path / f"n{n}") for n in range(3)]
    at_work = [
        nursery.start(
            "work",
            url=url,
            notes=path,
            name=f"w{n}",
            verbs=[*CHANGES, "evaluate"],
            seed=n,
            seconds=seconds,
        )
        for n, path in enumerate(notes)
    ]
    tidy = nursery.start(
        "tidy",
        url=url,
        seconds=seconds,
        pause=0.2,
        platter={"watch": url, "clock": days * 86_400},
    )
    fault.played = sum(one.wait() for one in at_work)
    fault.wrong += tidy.wait()["refused"]
    fault.add(nursery.ask("check", url=url, notes=notes))

    fault.holds()


@pytest.mark.fault("D1 two upkeeps at once", "rounds")
@pytest.mark.parametrize("handles", variants([1, 2], short={1}))
@pytest.mark.parametrize("guard", ["engine", "none"])
def test_two_upkeeps_at_once_store_nothing_twice(
    store, nursery, tmp_path, fault, size, handles, guard
):
    """Of the ledger and of results; also where the engine lets both commit (deltalake 1.6.6)."""
    notes = tmp_path / "notes"
    for number in range(size(1, 6)):
        verbs = ["tag"] * 6 + ["evaluate"] * 2
        nursery.ask("follow", **store, notes=str(notes), name=f"w{number}", verbs=verbs, seed=0)
        moment = time.time() + 1.5
        both = [
            nursery.start("tidy_at", **store, moment=moment, handles=handles, blind=guard == "none")
            for _ in range(3 - handles)
        ]
        for one in both:
            one.wait()
        fault.played += 1
    fault.add(nursery.ask("check", **store, notes=[str(notes)]))

    fault.holds()
