"""F1: writers are killed -9 in the middle of whatever they do."""

import random
import time

import pytest

CHANGES = ["register", "register", "tag", "tag", "alias", "rollback"]
RUNS = ["evaluate", "drift", "maintain", "tag"]
SIDE_BY_SIDE = 4


@pytest.mark.fault("F1 kill -9 at a random moment", "kills")
def test_writers_killed_at_random_moments_lose_nothing(made, nursery, fault, seed, size, tmp_path):
    """Four at a time on one fleet, three with changes and one with runs and upkeep."""
    kills, per_fleet, per_look = size(12, 800), 100, size(12, 20)
    chance = random.Random(seed)
    while fault.played < kills:
        number = fault.played // per_fleet
        url, notes = str(made(f"fleet-{number}")), []
        until = min(kills, fault.played + per_fleet)
        while fault.played < until:
            _killed(
                nursery, chance, url, notes, tmp_path, min(per_look, until - fault.played), fault
            )
            found = nursery.ask("check", url=url, notes=[str(path) for path in notes])
            found["acknowledged"] = 0  # counted once, when the fleet is done
            fault.add(found)
            fault.wrong += nursery.ask("torn", url=url)
        fault.acknowledged += sum(
            path.read_text().count("ack\t") for path in notes if path.exists()
        )

    fault.holds()
    assert fault.acknowledged >= kills / 2


def _killed(nursery, chance, url, notes, folder, kills, fault):
    """Keep writers at work until so many were killed, each some changes after it began."""
    at_work = []
    while kills:
        while len(at_work) < min(SIDE_BY_SIDE, kills):
            number = len(notes)
            notes.append(folder / f"notes-{fault.played}-{number}")
            runs = number % SIDE_BY_SIDE == 0
            writer = nursery.start(
                "work",
                url=url,
                notes=str(notes[-1]),
                name=f"w{number}",
                verbs=RUNS if runs else CHANGES,
                seed=number,
            )
            at_work.append((writer, notes[-1], chance.randrange(1, 3 if runs else 7)))
        ripe = [one for one in at_work if _lines(one[1]) >= one[2] or not one[0].running()]
        time.sleep(chance.uniform(0, 0.1))
        for one in ripe[:kills]:
            writer = one[0]
            writer.kill()
            fault.wrong += [told["raised"]] if (told := writer.outcome()) else []
            fault.played += 1
            kills -= 1
            at_work.remove(one)


def _lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.fault("F1 kill -9 at the Nth call of the file system", "kills")
@pytest.mark.parametrize("verb", ["register", "tag", "alias", "evaluate", "drift", "maintain"])
def test_a_writer_killed_at_a_call_leaves_the_old_or_the_new(call_by_call, fault, size, verb):
    """Evenly many of all calls: before it there is nothing, or after it everything."""

    def look(told, *_):
        fault.played += told is None
        fault.wrong += [told["raised"]] if told and "raised" in told else []

    def calls(many):
        return range(1, many + 1, max(1, many // size(3, 40)))

    call_by_call(verb, calls, lambda _: [{"kills": True}], look)

    fault.holds()
